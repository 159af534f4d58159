"""The safetensors of vnb-tiny as EXL2 weights. Needs a CUDA GPU and exllamav2.

python -m train.quantize_exl2 --bits 4.0 --out train/runs/exl2
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from .tokenizer import HOME


def command(source: Path, out: Path, work: Path, bits: float) -> list[str]:
    """The converter's command line; it is run as a process of its own, since it takes over SIGINT and exits hard."""
    converter = [sys.executable, "-m", "exllamav2.conversion.convert_exl2"]
    return [*converter, "-i", str(source), "-o", str(work), "-cf", str(out), "-b", str(bits), "-l", "512", "-ml", "512"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, default=HOME.parent, help="folder with model.safetensors")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bits", type=float, default=4.0, help="mean bits a weight")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(command(args.source, args.out, Path(work), args.bits), check=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
