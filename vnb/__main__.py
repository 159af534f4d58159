"""The command `vnb`: `vnb doctor`, also as `python -m vnb doctor`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import vnb

from .locale import say

USAGE = """usage: vnb doctor | help | --version

  doctor     looks at Python, Jupyter, the engines, the store, memory and disk, and says what mends what is amiss;
             ends with status 1 if something fails
  help       prints this

Everything else is typed in a notebook: %load_ext vnb, then %%vtask. The tutorial: notebooks/01_quickstart.ipynb"""


def main(typed: Sequence[str] | None = None) -> int:
    """Does what was typed; returns the exit status."""
    words = list(sys.argv[1:] if typed is None else typed)
    if words == ["doctor"]:
        report = vnb.doctor()
        _print(repr(report))
        return 0 if report.ok else 1
    if words == ["--version"]:
        _print(f"vnb {vnb.__version__}")
        return 0
    if words in ([], ["help"], ["--help"], ["-h"]):
        _print(say(USAGE))
        return 0
    print(f"{say(f'vnb: {chr(32).join(words)!r} is no command of it')}\n\n{say(USAGE)}", file=sys.stderr)
    return 2


def _print(text: str) -> None:
    """Prints also where the terminal's encoding lacks a sign (Windows)."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


if __name__ == "__main__":
    sys.exit(main())
