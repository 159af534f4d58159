"""Makes a static site that shows the notebooks with their saved runs, in JupyterLab, without a kernel and without a server.

    pip install ".[docs]" && python gallery/build.py site/gallery

Any web server can serve it. JupyterLab asks for a kernel there and finds none: "No Kernel" is the answer.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LARGEST = 40_000_000
"""Bytes that the site may take."""


def build(out: Path) -> int:
    """Makes the site in `out`, which is replaced; returns its size in bytes."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for file in sorted(NOTEBOOKS.glob("*.ipynb")):
            notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
            # Texts in one piece: JupyterLite would put commas between the lines that nbformat writes.
            (folder / file.name).write_text(json.dumps(notebook), encoding="utf-8")
        options = ["--apps", "lab", "--apps", "notebooks", "--no-sourcemaps", "--no-unused-shared-packages"]
        command = [
            sys.executable,
            "-m",
            "jupyter",
            "lite",
            "build",
            "--contents",
            str(folder),
            "--output-dir",
            str(out),
        ]
        shutil.rmtree(out, ignore_errors=True)
        with tempfile.TemporaryDirectory() as empty:
            subprocess.run([*command, *options], cwd=empty, check=True, stdout=subprocess.DEVNULL)
    extensions = list(out.glob("extensions/vnb-labextension/static/remoteEntry.*"))
    assert extensions, "vnb's part for JupyterLab is not installed: pip install ."
    return sum(file.stat().st_size for file in out.rglob("*") if file.is_file())


if __name__ == "__main__":
    target = Path(sys.argv[1]).absolute()
    size = build(target)
    print(f"{target}: {size / 1e6:.0f} MB")
    sys.exit(size > LARGEST)
