"""How a run, a step, an attempt or a moment is named in a magic: `RUN`, `RUN:STEP`, `RUN:STEP#N`, `RUN@SEQ`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import UsageError

STEP_FORM = "[:STEP[#N]]"
"""What may follow a run."""

FORK_FORM = "RUN[@SEQ|:STEP]"
"""A moment of a run."""

_WORD = re.compile(r"(?P<run>[^:@#]*)(?:@(?P<seq>[^:#]*)|(?::(?P<step>.*?))?(?:#(?P<attempt>\d*))?)", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """What a word names.

    Attributes:
        run: A variable with a run, or the beginning of a run's id; empty where the word leaves it to what is around it.
        step: The id of a step.
        attempt: The number of an attempt of that step.
        seq: How many events of the run had happened.
    """

    run: str = ""
    step: str = ""
    attempt: int | None = None
    seq: int | None = None

    def __str__(self) -> str:
        step = f":{self.step}" if self.step else ""
        attempt = f"#{self.attempt}" if self.attempt is not None else ""
        return self.run + step + attempt + (f"@{self.seq}" if self.seq is not None else "")


def read(word: str) -> Reference:
    """The reference that `word` writes: `article`, `article:s2`, `article:s2#1`, `article@40`, `:s2`, `#1`.

    Raises:
        UsageError: A step or a number is missing behind its sign, or what stands there is none.
    """
    found = _WORD.fullmatch(word)
    if found is None or found["step"] == "" or (found["run"] and found["attempt"] and not found["step"]):
        raise UsageError(f"{word!r} does not name a run or one of its steps.", f"RUN{STEP_FORM}, as in article:s2#1")
    if found["attempt"] == "" or (found["attempt"] or "1").strip("0") == "":
        raise UsageError(f"{word!r}: attempts are counted from 1.", f"{word.rpartition('#')[0]}#1")
    seq = found["seq"]
    if seq is not None and not re.fullmatch(r"[0-9]+", seq):
        raise UsageError(f"{word!r} names no moment of a run.", f"The number of an event, as in {found['run']}@40")
    attempt = int(found["attempt"]) if found["attempt"] else None
    return Reference(found["run"], found["step"] or "", attempt, int(seq) if seq else None)
