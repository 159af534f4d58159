"""Pins what Binder installs: `python binder/lock.py` writes constraints.txt beside it.

pip resolves what pyproject.toml asks for, for the Python of environment.yml and nothing but wheels, without installing it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import tomllib

HERE = Path(__file__).parent
PLATFORM = "manylinux_2_28_x86_64"
BUILD = ("jupyter-builder>=1.3,<2",)  # what _backend asks for to build the front end, where Node.js is there already


def asked() -> list[str]:
    """The requirements of vnb, of its extra `lab`, and of its build."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    said = project["project"]
    return [*said["dependencies"], *said["optional-dependencies"]["lab"], *project["build-system"]["requires"], *BUILD]


def python() -> str:
    """The Python of environment.yml, as in 3.12."""
    found = re.search(r"python=([\d.]+)", (HERE / "environment.yml").read_text(encoding="utf-8"))
    assert found is not None
    return found.group(1)


def resolved() -> list[str]:
    """`name==version` of everything that is needed."""
    fixed = ["--python-version", python(), "--implementation", "cp", "--only-binary=:all:"]
    fixed += ["--platform", PLATFORM, "--platform", "manylinux2014_x86_64", "--platform", "linux_x86_64"]
    command = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--ignore-installed", "--report", "-"]
    done = subprocess.run(
        [*command, *fixed, "--target", "none", *asked()], stdout=subprocess.PIPE, text=True, check=True
    )
    found = [one["metadata"] for one in json.loads(done.stdout)["install"]]
    return sorted(f"{one['name'].lower()}=={one['version']}" for one in found)


if __name__ == "__main__":
    lines = [f"# Made by binder/lock.py for Python {python()} on Linux x86-64.", *resolved()]
    (HERE / "constraints.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
