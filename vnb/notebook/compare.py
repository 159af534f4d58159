"""`%vdiff`: compares runs, steps and attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from IPython.core.magic import line_magic, magics_class, no_var_expand

from ..api import compare
from ..api.compare import Comparison
from ..api.run import Run
from ..errors import UsageError
from . import options, references
from .base import LAST, VnbMagic, documented
from .references import Reference


@magics_class
class CompareMagics(VnbMagic):
    """`%vdiff`."""

    @no_var_expand
    @line_magic
    @documented(options.DIFF)
    def vdiff(self, line: str) -> Comparison | None:
        said = options.DIFF.read(line)
        if said is None:
            return None
        before = references.read(said["A"])
        before = replace(before, run=before.run or LAST)
        what = tuple(dict.fromkeys(said.get("what", ())))
        if before.attempt and not before.step:
            raise UsageError(f"{said['A']} is an attempt of no step.", f"%vdiff {before.run}:s1{said['A']}")
        if "B" not in said:
            return self._with_the_one_before(before, what)
        after = references.read(said["B"])
        after = replace(after, run=after.run or before.run, step=after.step or before.step)
        if before.step:
            return self._of_attempts(before, after, what)
        if after.step or after.attempt:
            hint = f"%vdiff {before}:{after.step or 's1'} {said['B']}"
            raise UsageError(f"{before} is a run, {said['B']} is not.", hint)
        return compare.runs(self._at(before), self._at(after), what, (str(before), str(after)))

    def _with_the_one_before(self, now: Reference, what: Sequence[str]) -> Comparison:
        run = self._at(now)
        if not now.step:
            raise UsageError(
                f"There is nothing to compare {now} with.",
                f"%vdiff {now} OTHER_RUN, or %vdiff {now}:s1 for a step's last two attempts",
            )
        step = run[now.step]
        attempt = compare.attempt_of(step, now.attempt)
        before = replace(now, attempt=compare.earlier(step, attempt).number)
        return self._of_attempts(before, replace(now, attempt=attempt.number), what)

    def _of_attempts(self, before: Reference, after: Reference, what: Sequence[str]) -> Comparison:
        first, second = (compare.attempt_of(self._at(one)[one.step], one.attempt) for one in (before, after))
        names = (str(replace(before, attempt=first.number)), str(replace(after, attempt=second.number)))
        return compare.attempts(first, second, what, names)

    def _at(self, named: Reference) -> Run:
        """The run that is named, or what it was at the moment that is named."""
        run = self._run_of(named.run)
        return run if named.seq is None else run.at(named.seq)
