"""What a measurement gives: tables whose cells may have a spread, and claims that must hold."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spread:
    """Median and quartiles of several measurements."""

    median: float
    q1: float
    q3: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        low, middle, high = (
            statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
        )
        return cls(middle, low, high, len(values))

    def __str__(self) -> str:
        if self.n == 1 or self.q1 == self.q3:
            return number(self.median)
        return f"{number(self.median)} ({number(self.q1)} to {number(self.q3)})"


Cell = Spread | float | int | str | None


@dataclass(frozen=True)
class Claim:
    """What must hold: `value` is at most `most`."""

    what: str
    value: float
    most: float

    @property
    def holds(self) -> bool:
        return self.value <= self.most

    def __str__(self) -> str:
        said = "holds" if self.holds else "does not hold"
        return f"{self.what}: {number(self.value)}, at most {number(self.most)} is wanted: **{said}**"


@dataclass
class Table:
    """One table of a result.

    Attributes:
        heads: Of the columns; the first names the rows.
        notes: What a reader must know, a paragraph each.
    """

    title: str
    heads: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        assert len(cells) == len(self.heads), cells
        self.rows.append(cells)

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", *(line for note in self.notes for line in (note, ""))]
        if self.rows:
            lines += [f"| {' | '.join(self.heads)} |", "|---" + "|--:" * (len(self.heads) - 1) + "|"]
        lines += [f"| {' | '.join(map(said, row))} |" for row in self.rows]
        lines += ["", *(f"- {claim}" for claim in self.claims)] if self.claims else []
        return "\n".join(lines) + "\n"

    def record(self) -> dict[str, Any]:
        """The table as JSON can hold it."""
        claims = [{**asdict(claim), "holds": claim.holds} for claim in self.claims]
        rows = [[asdict(cell) if isinstance(cell, Spread) else cell for cell in row] for row in self.rows]
        return {"title": self.title, "heads": list(self.heads), "rows": rows, "notes": self.notes, "claims": claims}

    @classmethod
    def read(cls, record: dict[str, Any]) -> Table:
        """The table that `record` describes."""
        claims = [Claim(one["what"], one["value"], one["most"]) for one in record["claims"]]
        rows: list[Sequence[Cell]] = [
            [Spread(**cell) if isinstance(cell, dict) else cell for cell in row] for row in record["rows"]
        ]
        return cls(record["title"], record["heads"], rows, record["notes"], claims)


def said(cell: Cell) -> str:
    """A cell's words; a dash where there is nothing to say."""
    return "–" if cell is None else number(cell) if isinstance(cell, (int, float)) else str(cell)


def number(value: float) -> str:
    """Whole numbers in full, others with three significant digits."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        rounds: Interleaved repetitions of what takes time.
        quick: Sizes that show whether everything runs, and say nothing about speed.
        threads: Threads that engines compute with; `None` is the cores that this process may use.
    """

    rounds: int = 10
    quick: bool = False
    threads: int | None = None
