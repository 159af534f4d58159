"""Measures vnb on this machine's CPU and writes what came out, as Markdown and as JSON.

    python -m benchmarks                       # everything; leave the machine alone meanwhile
    python -m benchmarks prefill rerun         # some parts
    python -m benchmarks --quick               # whether everything runs; the figures mean nothing, nothing is written

Each part runs in a process of its own. What a peer needs is in benchmarks/requirements.txt; a peer that is not installed is
said to be absent. The exit status is 1 if something that must hold does not, or a part failed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from .machine import machine, versions
from .tables import Scale, Table

RESULTS = Path(__file__).parent / "results"
PARTS = ("overhead", "parallel", "prefill", "rerun", "loading", "stopping", "storing", "sizes", "peers")
"""The modules that measure; each has `measure(scale)`, which gives tables."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=10, help="interleaved repetitions (default 10)")
    parser.add_argument("--threads", type=int, help="that engines compute with (default: the cores there are)")
    parser.add_argument("--quick", action="store_true", help="sizes that only show whether everything runs")
    parser.add_argument(
        "--out", type=Path, help=f"folder (default {RESULTS.parent.name}/{RESULTS.name}, none if quick)"
    )
    parser.add_argument("--raw", action="store_true", help=argparse.SUPPRESS)  # one part, its tables as JSON
    said = parser.parse_args()
    for part in said.parts:
        if part not in PARTS:
            parser.error(f"there is no part {part!r}: {', '.join(PARTS)}")
    scale = Scale(2 if said.quick else said.rounds, said.quick, said.threads)
    if said.raw:
        print(json.dumps([table.record() for table in tables(said.parts[0], scale)]))
        return
    sys.exit(report(said.parts or list(PARTS), scale, said.out or (None if said.quick else RESULTS)))


def tables(part: str, scale: Scale) -> list[Table]:
    """What a part measures."""
    found: list[Table] = importlib.import_module(f"{__package__}.{part}").measure(scale)
    return found


def report(parts: list[str], scale: Scale, out: Path | None) -> int:
    """Measures, prints, writes; returns the exit status."""
    found: dict[str, list[Table]] = {}
    seconds: dict[str, float] = {}
    failed = False
    for part in parts:
        begun = time.perf_counter()
        done = _apart(part, scale)
        seconds[part] = round(time.perf_counter() - begun, 1)
        if done.returncode:
            failed = True
            words = done.stderr.strip().splitlines()[-1:] or ["no word"]
            found[part] = [Table(part.capitalize(), ("",), [], [f"Failed: `{words[0]}`"])]
        else:
            found[part] = [Table.read(record) for record in json.loads(done.stdout.splitlines()[-1])]
        print("\n".join(table.markdown() for table in found[part]), f"({part}: {seconds[part]} s)\n", flush=True)
    claims = [claim for tables in found.values() for table in tables for claim in table.claims]
    words = [word for at, word in enumerate(sys.argv[1:]) if "--out" not in (word, sys.argv[at])]  # no path is told
    command = " ".join(["python -m benchmarks", *words])
    if out is not None:
        whole = "cpu" if parts == list(PARTS) else "-".join(parts)
        _write(out / f"{whole}-{date.today()}", command, found, seconds)
    return int(failed or not all(claim.holds for claim in claims))


def _apart(part: str, scale: Scale) -> subprocess.CompletedProcess[str]:
    """Runs a part in a process and a store of its own."""
    command = [sys.executable, "-m", "benchmarks", part, "--raw", "--rounds", str(scale.rounds)]
    command += ["--quick"] if scale.quick else []
    command += ["--threads", str(scale.threads)] if scale.threads else []
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "VNB_HOME": home}
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=RESULTS.parents[1], env=env)
    if done.returncode:
        sys.stderr.write(done.stderr)
    return done


def _write(stem: Path, command: str, found: dict[str, list[Table]], seconds: dict[str, float]) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    about = f"`{command}`, {date.today()}; {sum(seconds.values()) / 60:.0f} minutes.\n\n{machine()}; {versions()}.\n\n"
    about += (
        "Medians, quartiles in brackets. Ways of doing one thing were measured in turn: what disturbs one disturbs all."
    )
    parts = [table.markdown() for tables in found.values() for table in tables]
    stem.with_suffix(".md").write_text(f"# Measurements on a CPU\n\n{about}\n\n" + "\n".join(parts), encoding="utf-8")
    record = {
        "command": command,
        "date": str(date.today()),
        "machine": machine(),
        "versions": versions(),
        "seconds": seconds,
        "parts": {part: [table.record() for table in tables] for part, tables in found.items()},
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    stem.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
