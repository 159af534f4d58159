"""Asks real models the same tasks in several ways, and compares what comes out.

    python -m benchmarks.planning model.gguf --n 8                  # a look
    python -m benchmarks.planning a.gguf b.gguf --side held --n 48 --out results --save
    python -m benchmarks.planning --out results --show parts/en/dev/0/3

What was measured stays in the folder of `--out`: the same command goes on where it ended. Keep a folder for each state of
the code.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from pathlib import Path

from ..langgraph_peer import ABSENT, is_here
from . import grade, report
from .families import FAMILIES, tasks
from .items import LANGUAGES, SIDES, Item
from .records import Record, Records
from .ways import SLOTS, USUAL, WAYS, Model, Outcome, Way, code


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.planning",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL.gguf")
    parser.add_argument("--family", nargs="+", choices=FAMILIES, default=list(FAMILIES))
    parser.add_argument("--language", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--n", type=int, default=48, help="tasks of each family and language (default 48)")
    parser.add_argument("--side", choices=SIDES, default="dev", help="dev is for work on vnb, held for its figures")
    parser.add_argument("--seed", type=int, default=0, help="of the tasks; the models are greedy (default 0)")
    parser.add_argument(
        "--ways",
        type=_ways,
        default=list(USUAL),
        help=f"in this order, of {','.join(WAYS)} (default {','.join(USUAL)})",
    )
    parser.add_argument("--max-tokens", type=int, default=1024, help="the most that one call decodes (default 1024)")
    parser.add_argument("--at-once", type=int, default=SLOTS, help=f"tasks under way at once (default {SLOTS})")
    parser.add_argument("--budget-seconds", type=float, help="begin nothing more after so long")
    parser.add_argument("--out", type=Path, default=Path("planning-bench"), help="folder of records and runs")
    parser.add_argument("--save", action="store_true", help=f"write the tables to {report.RESULTS.name}/")
    parser.add_argument("--show", metavar="ITEM", help="print a task's whole runs, such as word/en/dev/0/3")
    return parser.parse_args(words)


def _ways(text: str) -> list[Way]:
    found: list[Way] = [way for word in text.split(",") for way in WAYS if way == word]
    if len(found) != len(text.split(",")):
        raise argparse.ArgumentTypeError(f"{text!r} is not some of {','.join(WAYS)}")
    return found


def main(words: list[str] | None = None) -> int:
    said = arguments(words)
    os.environ["VNB_HOME"] = str((said.out / "store").resolve())
    records = Records(said.out)
    if said.show:
        from .show import show

        return show(records, said.show)
    missing = [str(path) for path in said.models if not path.is_file()]
    if missing:
        print(f"There is no {', '.join(missing)}.", file=sys.stderr)
        return 2
    if "langgraph" in said.ways and not is_here():
        print(ABSENT, file=sys.stderr)
        return 2
    items = chosen(said)
    measure(said, items, records)
    names, ids = [path.stem for path in said.models], {item.id for item in items}
    found = [one for one in records if one["item"] in ids and (not names or one["model"] in names)]
    tables = report.tables(found)
    print("\n".join(table.markdown() for table in tables))
    if said.save:
        print(f"Written: {report.save(tables, found, words if words is not None else sys.argv[1:])}")
    return 0


def chosen(said: argparse.Namespace) -> list[Item]:
    """The tasks in the order in which they are asked: of every family and language the first, then the second, …"""
    columns = [
        tasks(family, language, said.side, said.seed, said.n) for family in said.family for language in said.language
    ]
    return [item for row in zip(*columns) for item in row]


def measure(said: argparse.Namespace, items: list[Item], records: Records) -> None:
    """Measures what is not there yet: a few tasks in all ways, then the next few, so that the ways can be compared."""
    end = math.inf if said.budget_seconds is None else time.monotonic() + said.budget_seconds
    state, few = code(), 2 * said.at_once
    for path in said.models:
        model = Model(path.resolve(), said.max_tokens, said.at_once)
        for start in range(0, len(items), few):
            for way in said.ways:
                some = [item for item in items[start : start + few] if not records.has(path.stem, item.id, way)]
                for item, outcome in model.outcomes(way, some, end) if some else ():
                    record = judged(item, outcome) | {"model": path.stem, "way": way, "code": state}
                    records.add(record | {"max_tokens": said.max_tokens, "at_once": said.at_once})
                    print(line(record), flush=True)
                if some and time.monotonic() >= end:
                    print("The time is up; the same command goes on from here.", flush=True)
                    model.close()
                    return
        model.close()


def judged(item: Item, outcome: Outcome) -> Record:
    """The record of what a way made of a task."""
    given = grade.grade(item, outcome["result"])
    about = {"item": item.id, "family": item.family, "language": item.language, "side": item.side, "seed": item.seed}
    graded = {"right": given.right, "score": given.score, "details": given.details}
    languages = {"language_found": given.language, "language_wanted": given.wanted, "in_language": given.in_language}
    kept = {**outcome, "seconds": round(outcome["seconds"], 2)}
    return {**about, "task": item.text, "expected": item.expected, **graded, **languages, **kept}


def line(record: Record) -> str:
    """A record in a line."""
    about = f"{record['model']} {record['item']} {record['way']}"
    more = [f"{record.get('tokens_out', 0)} tokens", f"{record['seconds']:.0f} s", *record.get("faults", ())]
    return f"{'right' if record['right'] else 'wrong'}  {about}: {', '.join(more)}"


if __name__ == "__main__":
    sys.exit(main())
