"""%vrerun, %vchoose, %vstop and %vfork in a shell."""

from __future__ import annotations

from typing import Any

import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.api.opening import open_run
from vnb.api.run import Run
from vnb.api.runtime import Runtime, runtime
from vnb.engines.scripted import Answer, Fail
from vnb.errors import RunError, StoreError, UsageError


def changing(text: str) -> list[str]:
    """An answer that is another one each time."""
    return [f"{text} {number}" for number in range(9)]


def use(shell: Shell, **answers: Any) -> Any:
    """A finished article in `article`; answers by part (`past`, `present`, `future`), a list's one by one."""
    turns: dict[str, int] = {}
    engine = scripts.use()
    script = engine._answers
    assert callable(script)

    def answer(prompt: Any, constraint: Any) -> Any:
        instruction = prompt.text.rpartition("\n# ")[2]
        for name, said in answers.items():
            if constraint is None and f"the {name}" in instruction:
                turn = turns.get(name, 0)
                turns[name] = turn + 1
                return said[min(turn, len(said) - 1)] if isinstance(said, list) else said
        return script(prompt, constraint)

    engine._answers = answer
    shell("%%vtask article --view none\nWrite an article about tides.")
    return engine


def attempts(run: Run) -> dict[str, int]:
    return {step.id: len(step.attempts) for step in run.steps if step.step.role == "work"}


def test_a_rerun_adds_one_attempt_and_says_what_became_stale(shell: Shell) -> None:
    engine = use(shell, past=changing("Long ago"))
    asked = len(engine.requests)
    run = shell("%vrerun s1")
    assert len(engine.requests) == asked + 1
    assert attempts(run) == {"s1": 2, "s2": 1, "s3": 1}
    assert run["s1"].output == "Long ago 1" and run["s1"].attempts[0].output == "Long ago 0"
    assert run.stale == {"s3": "s1 changed"}
    assert shell.names["_v"].id == run.id == shell.names["article"].id
    assert "stale: s1 changed" in shell.shown.last["text/plain"]
    assert "s1 changed" in shell.shown.last["text/html"]


def test_down_reruns_what_becomes_stale(shell: Shell) -> None:
    use(shell, past=changing("Long ago"), future=changing("Soon"))
    run = shell("%vrerun s1 --down")
    assert attempts(run) == {"s1": 2, "s2": 1, "s3": 2} and not run.stale
    assert "Soon 1" in (run.result or "")
    shell("%vrerun s1")
    assert set(run.stale) == {"s3"}
    shell("%vrerun --down")
    assert attempts(run) == {"s1": 3, "s2": 1, "s3": 3} and not run.stale


def test_settings_and_words_of_a_rerun_are_recorded(shell: Shell) -> None:
    engine = use(shell)
    shell("%vrerun s1 --set temperature=1.2 --set stop=. --seed 5 --run article")
    sampling = shell.names["article"]["s1"].attempts[1].view.sampling
    assert (sampling.temperature, sampling.stop, sampling.seed) == (1.2, (".",), 5)
    shell("words = 'Write the past of the moon'")
    run = shell("%vrerun s1 --edit words")
    assert "past of the moon" in engine.requests[-1].prompt.text
    assert run["s1"].step.instruction == "Write the past of the moon" and run["s1"].view.edited
    assert run["s1"].attempts[2].view.sampling.temperature != 1.2, "settings are those of one attempt"


def test_the_same_seed_is_reused_unless_said_otherwise(shell: Shell) -> None:
    engine = use(shell)
    first = shell.names["article"]["s1"].attempts[0].view.sampling.seed
    asked = len(engine.requests)
    run = shell(f"%vrerun s1 --seed {first}")
    assert run["s1"].attempts[1].status == "reused" and len(engine.requests) == asked
    shell(f"%vrerun s1 --seed {first} --reuse refresh")
    assert run["s1"].attempts[2].status == "finished" and len(engine.requests) == asked + 1


def test_a_choice_decides_what_is_stale(shell: Shell) -> None:
    use(shell, past=changing("Long ago"))
    shell("%vrerun s1 --down")
    run = shell("%vchoose s1#1")
    assert run["s1"].output == "Long ago 0" and set(run.stale) == {"s3"}
    shell("%vchoose s1#2 --run article")
    assert not run.stale


def test_a_fork_goes_its_own_way(shell: Shell) -> None:
    use(shell, future=changing("Soon"))
    parent = shell.names["article"]
    before = parent.events
    fork = shell("%vfork article:s3 other")
    assert shell.names["other"].id == fork.id and fork.status == "paused"
    assert "s3" in fork.view.steps and not fork["s3"].attempts
    shell("%vrun other")
    assert fork["s3"].attempts[0].status == "reused", "the same step with the same context"
    shell("%vrerun s3 --run other")
    assert fork["s3"].output == "Soon 1"
    assert parent.events == before and parent["s3"].output == "Soon 0"
    assert shell(f"%vfork article@{len(before)} whole").status == "finished"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%vrerun", "No step"),
        ("%vrerun s9", "s1, s2, s3"),
        ("%vrerun s1 --only --down", "different things"),
        ("%vrerun s1 --set temprature=1", "temperature"),
        ("%vrerun s1 --set temperature", "KEY=VALUE"),
        ("%vrerun s1 --set temperature=hot", "number"),
        ("%vrerun s1 --set reuse=off", "option"),
        ("%vrerun s1 s2 --edit words", "one step"),
        ("%vrerun s1 --edit nothing", "nothing"),
        ("%vrerun s1 --edit five", "no text"),
        ("%vrerun s1 --reuse of", "off"),
        ("%vrerun s1 --run nobody", "nobody"),
        ("%vchoose s1", "#1"),
        ("%vchoose s1#7", "1"),
        ("%vchoose s7#1", "s1, s2, s3"),
        ("%vfork article:s9 f", "s1, s2, s3"),
        ("%vfork article@ f", "moment"),
        ("%vfork article:s1 2nd", "2nd"),
        ("%vfork article:s1", "NAME"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(shell: Shell, line: str, said: str) -> None:
    use(shell)
    shell("words, five = 'Write it', 5")
    before = shell.names["article"].events
    with pytest.raises(UsageError) as refused:
        shell(line)
    assert said in str(refused.value)
    assert shell.names["article"].events == before


def test_a_moment_that_never_was(shell: Shell) -> None:
    use(shell)
    with pytest.raises(StoreError, match="no event 9999"):
        shell("%vfork article@9999 f")
    with pytest.raises(StoreError, match="no event 9999"):
        shell.names["article"].at(9999)
    past = shell.names["article"].at(5)
    assert past.status == "running" and "finished" not in str(past)
    with pytest.raises(UsageError, match="past"):
        past.rerun("s1")


def test_a_failed_rerun_says_what_still_counts(shell: Shell) -> None:
    use(shell, past=["Long ago", Fail(1, "the fan stopped")])
    with pytest.raises(RunError, match=r"s1 failed: the fan stopped.* Attempt 1 still counts"):
        shell("%vrerun s1")
    run = shell.names["article"]
    assert run.status == "finished" and run["s1"].output == "Long ago" and not run.stale


def test_a_rerun_of_a_run_that_still_runs(shell: Shell) -> None:
    engine = use(shell, present=["Now.", Answer("Now.", hold_after=1)])
    shell("%%vtask slow --background --view none --seed 3\nWrite an article about tides.")
    run = shell.names["slow"]
    scripts.until(lambda: "s2" in run.view.steps and bool(run["s2"].attempts) and len(run["s2"].attempts[0].tokens) > 0)
    scripts.until(lambda: run.view.planned and run["s1"].status == "finished")
    with pytest.raises(UsageError, match="has not run yet; it will"):
        shell("%vrerun s3 --run slow")
    shell("%vrerun s1 --run slow --background --view none")
    scripts.until(lambda: len(run["s1"].attempts) == 2 and run["s1"].status == "finished")
    assert run.status == "running"
    scripts.let_go(engine)
    run.wait()
    assert attempts(run) == {"s1": 2, "s2": 1, "s3": 1}


def test_a_run_in_the_background_is_stopped(shell: Shell) -> None:
    engine = use(shell, present=["Now.", Answer("Now and then.", hold_after=1)])
    shell("%%vtask slow --background --view none --seed 3\nWrite an article about tides.")
    run = shell.names["slow"]
    scripts.until(lambda: "s2" in run.view.steps and bool(run["s2"].attempts) and bool(run["s2"].attempts[0].tokens))
    stopped = shell("%vstop")
    assert (stopped.id, stopped.status, run["s2"].attempts[0].status) == (run.id, "stopped", "cancelled")
    assert run["s2"].output == "Now"
    with pytest.raises(UsageError, match="is not under way: it is stopped") as refused:
        shell("%vstop slow")
    assert refused.value.hint == f"%vrun {run.id} goes on with it."
    scripts.let_go(engine)
    assert shell("%vrun slow --view none").status == "finished"
    with pytest.raises(UsageError, match="it is finished"):
        shell(f"%vstop {run.id}")


def test_a_run_of_another_process_is_not_stopped_here(shell: Shell) -> None:
    use(shell, present=["Now.", Answer("Now.", hold_after=1)])
    shell("%%vtask slow --background --view none --seed 3\nWrite an article about tides.")
    other = Runtime(runtime().store.path)
    shell.names["theirs"] = open_run(other, shell.names["slow"].id)
    with pytest.raises(UsageError, match="carried by another process"):
        shell("%vstop theirs")
    shell("%vstop slow")
    other.close()
