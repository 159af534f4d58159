"""What the panel of a run can ask: every button of it, as a command with a name."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

from ..api.run import Run
from ..api.runtime import Runtime
from ..core.types import Json
from ..errors import StoreError, UsageError
from ..executor.commands import Choose
from .channel import Channel
from .feed import MOST, Feed, encoded

TEXTS = 4_000_000
"""Characters of texts in one answer, at the most; what is left out can be asked for again."""


_followed: Counter[str] = Counter()
"""How many panels follow a run, by the run's id."""


def is_followed(run_id: str) -> bool:
    """Whether a panel follows the run's events, so that it need not be shown in other ways as often."""
    return _followed[run_id] > 0


class RunPanel:
    """One panel of one run: sends the run's events, and does what is asked.

    Args:
        channel: Where the events go.
    """

    def __init__(self, runtime: Runtime, run_id: str, channel: Channel) -> None:
        self._runtime = runtime
        self._run = Run(runtime, run_id)
        self._channel = channel
        self._feed: Feed | None = None
        self._commands: dict[str, Callable[..., Json]] = {
            "hello": self._hello,
            "events_after": self._events_after,
            "blobs": self._blobs,
            "bundle": self._bundle,
            "stop": self._stop,
            "resume": self._resume,
            "approve": self._approve,
            "check_plan": self._check_plan,
            "rerun": self._rerun,
            "choose": self._choose,
            "fork": self._fork,
        }

    def answer(self, name: str, said: dict[str, Any]) -> Json:
        """Does one command; see `Subject.answer`."""
        command = self._commands.get(name)
        if command is None:
            raise UsageError(f"This vnb does not know the command {name!r}.", "pip install -U vnb")
        return command(**said)

    def here(self) -> Json:
        """How the run stands, so that a page finds out what was lost on the way, even if it was the end.

        Returns:
            `carried`: whether anybody goes on with it; `seq`: the number of its last event; `now`: this clock's seconds.
        """
        if self._feed is not None:
            self._feed.look()
        store = self._runtime.store
        before, seq = store.is_live(self._run.id), store.last_seq(self._run.id)
        carried = before or store.is_live(self._run.id)  # who took it up meanwhile may have written that event
        return {"carried": carried, "seq": seq, "now": time.time()}

    def close(self) -> None:
        """Sends no more."""
        feed, self._feed = self._feed, None
        if feed is not None:
            feed.close()
            _followed[self._run.id] -= 1

    # ---------------------------------------------------------------- what it shows

    def _hello(self, seq: int) -> Json:
        """Follows the run from its event `seq` on; what was sent before may come again."""
        self._runtime.store.last_seq(self._run.id)  # which says if there is such a run
        self.close()
        self._feed = Feed(
            self._runtime, self._run.id, lambda json: self._channel.tell({"type": "events", "json": json})
        )
        _followed[self._run.id] += 1
        self._feed.start(seq)
        return self.here()

    def _events_after(self, seq: int) -> Json:
        return encoded(islice(self._runtime.store.events(self._run.id, seq), MOST))

    def _blobs(self, digests: list[str]) -> Json:
        found: dict[str, Json] = {}
        room = TEXTS
        for digest in digests:
            try:
                text = self._run.blob(digest)
            except StoreError:
                continue
            room -= len(text)
            if room < 0 and found:
                break
            found[digest] = text
        return found

    def _bundle(self) -> Json:
        return self._run.bundle()

    # ---------------------------------------------------------------- what it does

    def _stop(self) -> Json:
        self._run.stop(0)
        return None

    def _resume(self) -> Json:
        self._run.start_again()
        return None

    def _approve(self, plan: str | None = None) -> Json:
        self._run.start_approve(plan)
        return None

    def _check_plan(self, plan: str) -> Json:
        self._run.check_plan(plan)
        return None

    def _rerun(
        self,
        steps: list[str],
        down: bool = False,
        instruction: str | None = None,
        settings: dict[str, Any] | None = None,
    ) -> Json:
        self._run.start_rerun(*steps, down=down, instruction=instruction or "", **(settings or {}))
        return None

    def _choose(self, step: str, attempt: int) -> Json:
        self._run.ask(Choose(step, attempt))
        return None

    def _fork(self, at: int | str | None = None) -> Json:
        return self._run.fork(at).id
