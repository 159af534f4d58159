"""What `vnb doctor` finds: a line for each thing, with the command that mends it."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import vnb

from ..errors import VnbError
from ..locale import say
from ..views import clean, markup

Status = Literal["ok", "warn", "fail"]
"""`ok`: nothing to do. `warn`: vnb works, something of it does not. `fail`: mend it first."""

_COLUMNS = 110


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        about: What it is.
        text: How it is.
        mend: What can be typed to mend it, or to have more of it; empty where there is nothing.
    """

    about: str
    status: Status
    text: str
    mend: str = ""


@dataclass(frozen=True)
class Report:
    """All findings. Prints as a list, and as a table in notebooks."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing fails."""
        return all(one.status != "fail" for one in self.findings)

    def __getitem__(self, about: str) -> Finding:
        """The finding about something: `report["Python"]`.

        Raises:
            KeyError: Nothing of that name was looked at.
        """
        for one in self.findings:
            if one.about == about:
                return one
        raise KeyError(about)

    def __repr__(self) -> str:
        names = [say(one.about) for one in self.findings]
        wide = max(map(clean.width, names), default=0)
        lines = [self._title, ""]
        for one, name in zip(self.findings, names):
            first, *rest = clean.wrap(clean.terminal(say(one.text)), _COLUMNS - wide - 8)
            lines.append(f"{one.status:<4}  {name}{' ' * (wide - clean.width(name))}  {first}")
            lines += [" " * (wide + 8) + line for line in rest]
            lines += [" " * (wide + 8) + f"→ {clean.terminal(say(one.mend))}"] if one.mend else []
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            [
                markup.strong(one.status) if one.status != "ok" else "ok",
                markup.line(say(one.about)),
                markup.escape(say(one.text)),
                f"<code>{markup.escape(say(one.mend))}</code>" if one.mend else "",
            ]
            for one in self.findings
        ]
        return markup.table(markup.line(self._title), ("", "What", "How it is", "What to type"), rows, left=range(4))

    @property
    def _title(self) -> str:
        found = Counter(one.status for one in self.findings)
        return f"vnb {vnb.__version__}: " + ", ".join(f"{found[status]} {status}" for status in ("ok", "warn", "fail"))


Check = Callable[[], Iterable[Finding]]


def looked_at(about: str, check: Check) -> Sequence[Finding]:
    """What `check` finds. It may fail in any way: then that is what was found."""
    try:
        return tuple(check())
    except VnbError as error:
        return (Finding(about, "fail", error.message, error.hint),)
    except Exception as error:
        said = clean.label(f"{type(error).__name__}: {error}")
        return (Finding(about, "warn", f"could not be looked at: {said}"),)


def version(package: str) -> str:
    """The version of an installed package; empty if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def apart(code: str, seconds: float) -> Any:
    """What `code` prints as JSON in a process of its own, which sees the packages that this one sees.

    Raises:
        ChildProcessError: It died, or printed something else; `errno` is its exit status.
        TimeoutError: It took longer than `seconds`.
    """
    script = f"import sys\nsys.path[:] = {sys.path!r}\n{code}"
    try:
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            timeout=seconds,
            encoding="utf-8",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"no answer in {seconds:.0f} seconds") from None
    try:
        return json.loads(done.stdout.strip().rpartition("\n")[2])
    except ValueError:
        said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        raise ChildProcessError(done.returncode, said) from None
