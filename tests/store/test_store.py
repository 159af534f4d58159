"""What was appended is what is read, whoever reads it and whenever."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.strategies import bodies
from vnb.core import events as ev
from vnb.core.digest import text_digest
from vnb.core.types import Step, Task, Usage
from vnb.errors import StoreError
from vnb.store.store import Store

ANY_TEXT = st.text(st.characters() | st.sampled_from('\ud83d\ude00\udcff\x00"\n'), max_size=30)  # lone surrogates too
ANY_BODY = st.one_of(
    bodies.filter(lambda body: abs(getattr(body, "attempt", 0)) < 2**63),
    st.builds(ev.StepPlanned, st.builds(Step, ANY_TEXT, ANY_TEXT)),
    st.builds(ev.StepFinished, ANY_TEXT, st.just(1), ANY_TEXT, st.just("stop"), st.just(Usage())),
    st.builds(ev.StaleSet, st.dictionaries(ANY_TEXT, ANY_TEXT)),
)


def forked(run_id: str, parent: str, seq: int, at: float = 900.0) -> ev.Event:
    return ev.Event(run_id, seq + 1, at, ev.RunForked(parent, seq))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_events_come_back_as_they_were(data: st.DataObject) -> None:
    drawn = data.draw(st.lists(ANY_BODY, max_size=6))
    with Store(":memory:") as store:
        appended = [ev.Event("r", 1, 1.5, ev.RunStarted(Task("t", data.draw(ANY_TEXT)), "0"))]
        appended += [ev.Event("r", seq, float(seq), body) for seq, body in enumerate(drawn, 2)]
        for event in appended:
            store.append(event)
        assert list(store.events("r")) == appended
        after, upto = data.draw(st.integers(0, 8)), data.draw(st.integers(0, 8))
        assert list(store.events("r", after, upto)) == appended[after:upto]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ANY_TEXT.flatmap(lambda text: st.integers(1, 5000).map(lambda times: text * times)), min_size=1),
    st.data(),
)
def test_texts_come_back_as_they_were(texts: list[str], data: st.DataObject) -> None:
    long = "".join(texts)
    place = data.draw(st.integers(0, len(long)))
    texts += [long, long[:place] + data.draw(ANY_TEXT) + long[place:], long[place:] + long[:place]]
    with Store(":memory:") as store:
        digests = [store.put_blob(text) for text in texts]
        assert digests == [text_digest(text) for text in texts]
        assert store.blobs(digests) == dict(zip(digests, texts))


def test_runs_survive_reopening(path: Path, make_run: Any) -> None:
    with Store(path) as store:
        events = make_run(store, "r1", steps=3)
    with Store(path) as store:
        assert list(store.events("r1")) == events
        assert store.has_run("r1") and not store.has_run("r2")
        assert store.last_seq("r1") == len(events)
        assert store.output_for("key 2") is not None


def test_long_runs_are_read_in_order(store: Store) -> None:
    store.append(ev.Event("r", 1, 1.0, ev.RunStarted(Task("t", "x"), "0")))
    for seq in range(2, 700):
        store.append(ev.Event("r", seq, 1.0, ev.StepSkipped("s1", str(seq))))
    assert [event.seq for event in store.events("r", 3)] == list(range(4, 700))


def test_a_number_that_is_taken_or_skipped_is_refused(store: Store, make_run: Any) -> None:
    events = make_run(store, "r")
    with pytest.raises(StoreError, match="already written, by another process"):
        store.append(events[-1])
    with pytest.raises(StoreError, match="cannot follow"):
        store.append(ev.Event("r", len(events) + 2, 1.0, ev.RunResumed()))
    with pytest.raises(StoreError, match="cannot begin with RunResumed"):
        store.append(ev.Event("other", 1, 1.0, ev.RunResumed()))
    assert list(store.events("r")) == events
    assert not store.has_run("other")


def test_a_refused_event_leaves_no_text(store: Store, make_run: Any) -> None:
    make_run(store, "r")
    with pytest.raises(StoreError):
        store.append(ev.Event("r", 99, 1.0, ev.RunResumed()), {text_digest("new"): "new"})
    with pytest.raises(StoreError, match="has not the digest"):
        store.append(ev.Event("r", 11, 1.0, ev.RunResumed()), {text_digest("new"): "other"})
    assert not store.has_blob(text_digest("new")) and not store.has_blob(text_digest("other"))


def test_a_number_without_json_form_is_refused(store: Store, make_run: Any) -> None:
    events = make_run(store, "r")
    with pytest.raises(StoreError, match="no JSON form"):
        store.append(ev.Event("r", len(events) + 1, 1.0, ev.StepPrefilled("s1", 1, 1, 1, float("nan"), 0.0)))


def test_a_number_that_no_column_holds_is_refused(store: Store, make_run: Any) -> None:
    events = make_run(store, "r")
    started = events[3].body
    assert isinstance(started, ev.StepStarted)
    with pytest.raises(StoreError, match="too large"):
        store.append(ev.Event("r", 11, 1.0, ev.StepStarted(**{**vars(started), "attempt": 2**70})))
    assert list(store.events("r")) == events


def test_a_missing_or_changed_text_is_named(store: Store) -> None:
    with pytest.raises(StoreError, match="no text with the digest"):
        store.blob("0" * 32)
    digest = store.put_blob("hello")
    with store._database.writing() as connection:
        connection.execute("UPDATE blobs SET content = ?", (b"hullo",))
    with pytest.raises(StoreError, match=f"{digest} was changed"):
        store.blob(digest)
    with store._database.writing() as connection:
        connection.execute("UPDATE blobs SET packing = 1")
    with pytest.raises(StoreError, match=f"{digest} cannot be read"):
        store.blob(digest)


def test_a_damaged_event_is_named_and_what_came_before_is_read(store: Store, make_run: Any) -> None:
    events = make_run(store, "r")
    with store._database.writing() as connection:
        connection.execute("UPDATE events SET body = ? WHERE seq = 5", (b'{"step":',))
    with pytest.raises(StoreError, match=r"Event 5 \(StepFinished\) of the run r") as caught:
        list(store.events("r"))
    assert "%vfork r@4" in caught.value.hint
    assert list(store.events("r", upto=4)) == events[:4]


# ---------------------------------------------------------------- outputs by key


def test_outputs_are_found_by_key_once_they_are_finished(store: Store, make_run: Any) -> None:
    events = make_run(store, "r1", steps=2)
    found = store.output_for("key 2")
    assert found is not None and store.blob(found.output) == "output 2"
    assert (found.source, found.at) == ("r1:s2#1", events[8].at)
    assert store.output_for("key 3") is None
    store.append(ev.Event("r1", 11, 300.0, ev.StepQueued("s1", 2)))
    started = events[3].body
    assert isinstance(started, ev.StepStarted)
    store.append(ev.Event("r1", 12, 301.0, ev.StepStarted(**{**vars(started), "attempt": 2, "key": "new key"})))
    assert store.output_for("new key") is None
    store.append(ev.Event("r1", 13, 302.0, ev.StepFailed("s1", 2, "no")))
    assert store.output_for("new key") is None


def test_an_output_whose_text_is_missing_is_not_offered(store: Store, make_run: Any) -> None:
    make_run(store, "r1", steps=1)
    with store._database.writing() as connection:
        connection.execute("DELETE FROM blobs")
    assert store.output_for("key 1") is None


def test_the_newest_output_of_a_key_is_offered(store: Store, make_run: Any) -> None:
    make_run(store, "r1", at=100.0)
    make_run(store, "r2", at=500.0, outputs="again {}".format)
    make_run(store, "r3", at=300.0, outputs="between {}".format)
    found = store.output_for("key 1")
    assert found is not None and found.run_id == "r2"


# ---------------------------------------------------------------- forks


def test_a_fork_begins_with_its_parents_events(store: Store, make_run: Any) -> None:
    events = make_run(store, "p", steps=2)
    fork = [forked("f", "p", 5), ev.Event("f", 7, 901.0, ev.RunResumed())]
    for event in fork:
        store.append(event)
    deeper = forked("g", "f", 6)
    store.append(deeper)
    early = forked("h", "f", 2)  # forks a fork where it still was its parent
    store.append(early)
    assert list(store.events("f")) == events[:5] + fork
    assert list(store.events("g")) == [*events[:5], fork[0], deeper]
    assert list(store.events("h")) == [*events[:2], early]
    for after in range(9):
        for upto in range(9):
            assert list(store.events("g", after, upto)) == [*events[:5], fork[0], deeper][after:upto]
    store.append(ev.Event("p", len(events) + 1, 950.0, ev.RunResumed()))
    assert list(store.events("f")) == events[:5] + fork


def test_a_fork_of_nothing_is_refused(store: Store, make_run: Any) -> None:
    make_run(store, "p", steps=1)
    with pytest.raises(StoreError, match="no run 'q'"):
        store.append(forked("f", "q", 1))
    for seq in (0, 7):
        with pytest.raises(StoreError, match=f"events 1 to 6: it cannot be forked at {seq}"):
            store.append(forked("f", "p", seq))
    assert not store.has_run("f")


# ---------------------------------------------------------------- threads


def test_threads_may_share_a_store(store: Store) -> None:
    faults: list[BaseException] = []

    def write(run_id: str) -> None:
        try:
            store.append(ev.Event(run_id, 1, 1.0, ev.RunStarted(Task("t", "x"), "0")))
            for seq in range(2, 60):
                store.append(ev.Event(run_id, seq, 1.0, ev.StepPlanned(Step(f"s{seq}", "x" * seq))))
                assert len(list(store.events(run_id))) == seq
        except (StoreError, AssertionError) as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(f"r{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert {row.seq for row in store.runs()} == {59}


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.runs()
