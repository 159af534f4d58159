"""The tables of the bench, and what must hold."""

from __future__ import annotations

import json
import statistics as stdlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from ..machine import machine, versions
from ..tables import Cell, Claim, Table
from .records import Record
from .statistics import mcnemar, wilson
from .ways import WAYS, WITHOUT_VNB

RESULTS = Path(__file__).parents[1] / "results"


def tables(records: Sequence[Record]) -> list[Table]:
    """For each model: what was right, what it cost, how planned runs were, and what must hold."""
    found: list[Table] = []
    for model in dict.fromkeys(record["model"] for record in records):
        some = [record for record in records if record["model"] == model]
        found += [right(model, some), cost(model, some), soundness(model, some), must_hold(model, some)]
    return found


def right(model: str, records: list[Record]) -> Table:
    ways = _ways(records)
    pairs = [(way, "raw") for way in ways if way != "raw"]
    pairs += [(way, "langgraph") for way in ways if way not in WITHOUT_VNB and "langgraph" in ways]
    table = Table(
        f"{model}: right answers",
        ("family", "language", *ways, *(f"p, {way} : {other}" for way, other in pairs)),
        notes=["Right / asked, with the 95 % interval of the share (Wilson); p of exact McNemar tests over the pairs."],
    )
    for family, language, some in _groups(records):
        shares = [_share(_of(some, way)) for way in ways]
        table.add(family, language, *shares, *(_p(some, way, other) for way, other in pairs))
    return table


def cost(model: str, records: list[Record]) -> Table:
    names = _ways(records)
    table = Table(
        f"{model}: cost",
        ("family", "language", *(f"tokens, {way}" for way in names), *(f"s, {way}" for way in names)),
        notes=[
            "Medians of a task: tokens read (cached ones, too) and written, and seconds while tasks share the machine."
        ],
    )
    for family, language, some in _groups(records):
        ways = [_of(some, way) for way in names]
        tokens = [_median([one.get("tokens_in", 0) + one.get("tokens_out", 0) for one in way]) for way in ways]
        table.add(family, language, *tokens, *(_median([one["seconds"] for one in way]) for way in ways))
    return table


def soundness(model: str, records: list[Record]) -> Table:
    heads = ("family", "language", "way", "parts or limits", "met or flagged", "own language", "with warnings")
    table = Table(
        f"{model}: what runs delivered, and how they ended",
        (*heads, "plain with a fault", "steps", "width", "depth"),
        notes=[
            (
                "Parts or limits: the share of demanded parts that are there, or of constraints that are met. Met or flagged: "
                "constraints that are met, or missed by a run that is not plainly finished. Plain with a fault: runs that are, "
                "though an output in them is cut, empty or a loop. Steps, width (most steps at one depth) and depth: medians."
            )
        ],
    )
    for family, language, some in _groups(records, both=False):
        for way in _ways(records):
            one_way = _of(some, way)
            if one_way:
                sizes = [_median([one[name] for one in one_way if name in one]) for name in ("steps", "width", "depth")]
                share = f"{_part_share(one_way):.0%}" if family in ("parts", "limits") else None
                plain = _count(len([one for one in one_way if plain_with_fault(one)]), len(one_way))
                warned = _count(len([one for one in one_way if not is_plain(one)]), len(one_way))
                row: list[Cell] = [family, language, way, share, _met_or_flagged(one_way), _in_language(one_way)]
                table.add(*row, warned if way != "raw" else None, plain, *sizes)
    return table


def must_hold(model: str, records: list[Record]) -> Table:
    """What is wanted of vnb's runs, as far as these records can tell."""
    table = Table(f"{model}: what must hold", ("",))
    for way in ("auto", "plan"):
        table.claims += _claims(way, records)
    by_vnb = [one for one in records if one["way"] not in WITHOUT_VNB]
    if by_vnb:
        plain = sum(map(plain_with_fault, by_vnb))
        table.claims.append(Claim("plain runs with a loop, a cut or an empty answer", plain, 0))
    codes = sorted({one["code"] for one in by_vnb})
    if len(codes) > 1:
        table.notes.append(
            f"These runs are of {len(codes)} states of the code, and not one measurement: {', '.join(codes)}."
        )
    return table


def _claims(way: str, records: list[Record]) -> list[Claim]:
    """What is wanted of the runs of one way."""
    ours = _of(records, way)
    found: list[Claim] = []
    for family in _families(ours):
        won, lost, n = _pairs([one for one in records if one["family"] == family], way)
        if n:
            worse = int(lost > won and mcnemar(won, lost) < 0.05)
            found.append(Claim(f"{family}: {way} is significantly worse than raw ({n} pairs)", worse, 0))
        if n and family == "parts":
            found.append(Claim(f"parts: {way} is not better than raw (+{won} −{lost})", int(won <= lost), 0))
    parts = [one for one in ours if one["family"] == "parts"]
    limits = [one for one in ours if one["family"] == "limits"]
    if parts:
        found.append(Claim(f"{way}: demanded parts that are missing, share", 1 - _part_share(parts), 0.05))
    if limits:
        missed = sum(len(one["details"]["missed"]) for one in limits if is_plain(one))
        found.append(Claim(f"{way}: constraints neither met nor flagged", missed, 0))
    if ours:
        other = sum(one["in_language"] is False for one in ours)
        found += [
            Claim(f"{way}: results in another language than is wanted", other, 0),
            Claim(f"{way}: plans that repeat words of the prompt", sum(bool(one.get("echoes")) for one in ours), 0),
            Claim(f"{way}: needs of steps that come later", sum(one.get("forward", 0) for one in ours), 0),
        ]
    return found


def is_plain(record: Record) -> bool:
    """Whether a run ended as if nothing were wrong."""
    return record["status"] == "finished" and not record.get("warnings")


def plain_with_fault(record: Record) -> bool:
    """Whether a run ended plainly though an output in it is cut, empty or a loop."""
    return is_plain(record) and bool(record.get("faults"))


# -------------------------------------------------------------------- cells


def _ways(records: list[Record]) -> list[str]:
    """The ways that there are records of, in their order."""
    found = {record["way"] for record in records}
    return [way for way in WAYS if way in found]


def _families(records: list[Record]) -> list[str]:
    return list(dict.fromkeys(record["family"] for record in records))


def _groups(records: list[Record], both: bool = True) -> list[tuple[str, str, list[Record]]]:
    """The records of each family and language, and of all languages of a family."""
    found: list[tuple[str, str, list[Record]]] = []
    for family in _families(records):
        some = [record for record in records if record["family"] == family]
        languages = sorted({record["language"] for record in some})
        found += [(family, language, [one for one in some if one["language"] == language]) for language in languages]
        if both and len(languages) > 1:
            found.append((family, "both", some))
    return found


def _of(records: list[Record], way: str) -> list[Record]:
    return [record for record in records if record["way"] == way]


def _count(some: int, n: int) -> str:
    return f"{some}/{n}"


def _share(records: list[Record]) -> str | None:
    if not records:
        return None
    good, n = sum(record["right"] for record in records), len(records)
    low, high = wilson(good, n)
    return f"{good}/{n} ({100 * low:.0f}–{100 * high:.0f} %)"


def _pairs(records: list[Record], way: str, other: str = "raw") -> tuple[int, int, int]:
    """How often only `way` was right, how often only the other, and the pairs there are."""
    ours, theirs = ({one["item"]: one["right"] for one in _of(records, name)} for name in (way, other))
    both = [(ours[item], theirs[item]) for item in ours if item in theirs]
    return both.count((True, False)), both.count((False, True)), len(both)


def _p(records: list[Record], way: str, other: str) -> str | None:
    won, lost, n = _pairs(records, way, other)
    return f"{mcnemar(won, lost):.3f} (+{won} −{lost})" if n else None


def _median(values: Sequence[float]) -> Cell:
    return round(stdlib.median(values), 1) if values else None


def _part_share(records: list[Record]) -> float:
    """The share of all demanded parts, or constraints, that is there."""
    details = [record["details"] for record in records]
    wanted = sum(one.get("parts", one.get("limits", 0)) for one in details)
    lacking = sum(len(one.get("missing", one.get("missed", ()))) for one in details)
    return 1 - lacking / wanted if wanted else 1.0


def _met_or_flagged(records: list[Record]) -> str | None:
    limits = [record for record in records if "missed" in record["details"]]
    if not limits:
        return None
    wanted = sum(one["details"]["limits"] for one in limits)
    return _count(wanted - sum(len(one["details"]["missed"]) for one in limits if is_plain(one)), wanted)


def _in_language(records: list[Record]) -> str:
    told = [record["in_language"] for record in records if record["in_language"] is not None]
    return _count(sum(told), len(told))


def save(found: list[Table], records: list[Record], words: list[str]) -> Path:
    """Writes the tables as Markdown, and with the short records as JSON."""
    stem = RESULTS / f"planning-{date.today()}"
    about = f"{machine()}; {versions()}."
    command = " ".join(["python -m benchmarks.planning", *_without_paths(words)])
    text = f"# Strategies and the raw model\n\n`{command}`, {date.today()}.\n\n{about}\n\n"
    stem.with_suffix(".md").write_text(text + "\n".join(table.markdown() for table in found), encoding="utf-8")
    short = [{name: record.get(name) for name in _KEPT} for record in records]
    whole = {"command": command, "date": str(date.today()), "machine": machine(), "versions": versions()}
    content = {**whole, "tables": [table.record() for table in found], "records": short}
    stem.with_suffix(".json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return stem.with_suffix(".md")


_KEPT = (
    *("model", "item", "way", "right", "score", "in_language", "status", "warnings", "faults", "echoes", "steps"),
    *("width", "depth", "calls", "tokens_in", "tokens_out", "seconds", "code"),
)


def _without_paths(words: Sequence[str]) -> list[str]:
    """A command's words: files by their names, and not where the records lie."""
    kept = [word for at, word in enumerate(words) if "--out" not in (word, words[at - 1] if at else "")]
    return [Path(word).name if "/" in word else word for word in kept]
