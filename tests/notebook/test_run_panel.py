"""What a panel is sent and what comes of its commands, without a front end."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.api.run import Run
from vnb.api.runtime import runtime
from vnb.api.task import draft
from vnb.core.codec import decode_event, encode
from vnb.core.fold import Fold
from vnb.notebook import channel, feed
from vnb.notebook.channel import Channel, Message
from vnb.notebook.run_panel import RunPanel, is_followed
from vnb.views.bundle import MIME


class Page:
    """A page with the panel of a run: what it was sent, folded as it came."""

    def __init__(self, run: Run, seq: int = 0) -> None:
        self.heard: list[Message] = []
        self.closed = False
        self.news = threading.Condition()
        self.fold = Fold.of(runtime().store.events(run.id, upto=seq)) if seq else Fold()
        self.channel = Channel(self._take, self._gone)
        self.channel.about(RunPanel(runtime(), run.id, self.channel))
        self.asked = 0
        self.hello = self.ask("hello", seq=seq)

    def _take(self, message: Message) -> None:
        with self.news:
            self.heard.append(message)
            if message["type"] == "events":
                for event in json.loads(str(message["json"])):
                    self.fold.apply(decode_event(event))
            self.news.notify_all()

    def _gone(self) -> None:
        self.closed = True

    def ask(self, name: str, **said: Any) -> Any:
        """The answer to a command."""
        self.asked += 1
        self.channel.hear({"id": self.asked, "name": name, **said})
        return next(one for one in self.heard if one.get("id") == self.asked)

    def until_at(self, seq: int) -> None:
        """Waits until the page knows the run's first `seq` events."""
        with self.news:
            assert self.news.wait_for(lambda: self.fold.view.seq >= seq, 20)

    @property
    def batches(self) -> list[list[Any]]:
        return [json.loads(str(one["json"])) for one in self.heard if one["type"] == "events"]


def _started(delay: float = 0.01) -> Run:
    scripts.use(delay=delay)
    return draft(runtime(), "Write an article.").start()


@pytest.fixture
def run(shell: Shell) -> Run:
    found = _started(0.0)
    found.wait()
    return found


def test_a_page_that_follows_a_run_has_what_the_store_has(shell: Shell) -> None:
    run = _started()
    page = Page(run)
    began = time.monotonic()
    run.wait()
    page.until_at(run.view.seq)
    assert encode(page.fold.view) == encode(run.view)
    assert [event["seq"] for batch in page.batches for event in batch] == list(range(1, run.view.seq + 1))
    assert len(page.batches) <= 2 + (time.monotonic() - began) / feed.INTERVAL


def test_a_page_that_knows_the_beginning_gets_the_rest(run: Run) -> None:
    page = Page(run, seq=7)
    page.until_at(run.view.seq)
    assert page.batches[0][0]["seq"] == 8
    assert page.hello["value"] == {"carried": False, "seq": run.view.seq, "now": pytest.approx(time.time(), abs=60)}


def test_many_events_come_in_several_messages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST", 10)
    page = Page(run)
    page.until_at(run.view.seq)
    assert max(map(len, page.batches)) == 10


def test_a_rerun_that_a_page_asked_for_is_followed_by_all_pages(run: Run) -> None:
    page, other = Page(run), Page(run)
    answer = page.ask("rerun", steps=["s1"], settings={"temperature": "1.5", "seed": "7"})
    assert answer["ok"]
    run.awaited()
    for one in (page, other):
        one.until_at(run.view.seq)
        attempt = one.fold.view.steps["s1"].attempts[-1]
        assert (attempt.number, attempt.sampling.temperature, attempt.sampling.seed) == (2, 1.5, 7)


def test_new_words_and_what_depends_on_them(run: Run) -> None:
    page = Page(run)
    assert page.ask("rerun", steps=["s1"], instruction="Write the present", down=True)["ok"]
    run.awaited()
    page.until_at(run.view.seq)
    assert page.fold.view.steps["s1"].edited
    assert {name: len(found.attempts) for name, found in page.fold.view.steps.items()}["s3"] == 2


def test_choosing_and_forking(run: Run) -> None:
    page = Page(run)
    page.ask("rerun", steps=["s1"])
    run.awaited()
    assert page.ask("choose", step="s1", attempt=1)["ok"]
    run.awaited()
    page.until_at(run.view.seq)
    assert page.fold.view.steps["s1"].chosen == 1
    fork = page.ask("fork", at="s3")["value"]
    assert Run(runtime(), fork).view.steps["s3"].attempts == []
    assert Run(runtime(), page.ask("fork", at=None)["value"]).view.seq == run.view.seq + 1


def test_stopping_and_going_on(shell: Shell) -> None:
    engine = scripts.use(scripts.held())
    run = draft(runtime(), "Write an article.").start()
    page = Page(run)
    with page.news:
        steps = page.fold.view.steps
        assert page.news.wait_for(lambda: "s2" in steps and any(one.tokens for one in steps["s2"].attempts), 20)
    assert page.ask("stop")["ok"]
    assert run.settle(20) and run.status == "stopped"
    scripts.let_go(engine)
    scripts.use()
    assert page.ask("resume")["ok"]
    assert run.awaited().status == "finished"
    page.until_at(run.view.seq)
    assert page.fold.view.status == "finished"


def test_what_is_refused_is_answered_with_a_cause(run: Run) -> None:
    page = Page(run)
    refused = page.ask("rerun", steps=["s9"])
    assert not refused["ok"] and "s9" in refused["error"] and "s1" in refused["hint"]
    assert not page.ask("dance")["ok"]
    assert "TypeError" in page.ask("choose", step="s1")["error"]
    assert page.ask("here")["ok"]
    page.channel.hear("no message at all")


def test_a_run_that_is_not_there(shell: Shell) -> None:
    page = Page(Run(runtime(), "nowhere"))
    assert not page.hello["ok"] and "nowhere" in page.hello["error"]


def test_texts_and_lost_events_can_be_asked_for(run: Run) -> None:
    page = Page(run)
    digest = run.view.output
    assert page.ask("blobs", digests=[digest, "0" * 64])["value"] == {digest: run.result}
    events = json.loads(page.ask("events_after", seq=run.view.seq - 2)["value"])
    assert [event["seq"] for event in events] == [run.view.seq - 1, run.view.seq]
    assert MIME in page.ask("bundle")["value"]


def test_a_page_that_has_gone_is_sent_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _started()
    page, silent = Page(run), Page(run)
    assert is_followed(run.id)
    page.channel.close()
    monkeypatch.setattr(channel, "SILENCE", -1.0)
    run.wait()
    heard = len(page.heard)
    with silent.news:
        silent.news.wait_for(lambda: silent.closed, 20)
    assert silent.closed and not is_followed(run.id)
    run.rerun("s1")
    assert len(page.heard) == heard and silent.fold.view.seq < run.view.seq


def test_a_plan_that_waits_is_checked_as_it_is_edited_and_approved(shell: Shell) -> None:
    scripts.use()
    run = draft(runtime(), "Write an article.", approve=True).start()
    run.awaited()
    page = Page(run)
    assert page.ask("check_plan", plan=str(run.plan))["ok"]
    refused = page.ask("check_plan", plan="s1: this <- s2\ns2: that <- s1")
    assert not refused["ok"] and refused["error"]
    assert run.status == "paused"
    edited = str(run.plan).replace("Write the past", "Write the present")
    assert page.ask("approve", plan=edited)["ok"]
    assert run.awaited().status == "finished"
    page.until_at(run.view.seq)
    assert page.fold.view.steps["s1"].step.instruction == "Write the present"
