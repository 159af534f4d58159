import os
import subprocess
import sys
from pathlib import Path

import pytest

from vnb.core import events as ev
from vnb.core.fold import Fold
from vnb.executor.log import Log
from vnb.store.store import Store

from .conftest import Bench, engine
from .killed import PLAN

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_kill_between_any_two_events_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "tests.executor.killed", str(tmp_path)], env=env, cwd=ROOT, check=True)
    with Store(tmp_path / "whole.sqlite") as store:
        whole = Fold.of(store.events("r")).view
        result = store.blob(whole.output)
    assert whole.status == "finished"
    killed = sorted(tmp_path.glob("[0-9]*.sqlite"), key=lambda path: int(path.stem))
    assert len(killed) >= 40
    for path in killed:
        with Store(path) as store:
            fold = Fold.of(store.events("r"))
            assert fold.view.seq == int(path.stem)
            done = {step.step.id for step in fold.view.steps.values() if step.chosen}
            log = Log(store, "r", fold)
            log.append(ev.RunResumed("interrupted"))
            played = engine(PLAN)
            Bench(store).carry(played, log)
            assert log.view.status == "finished", path
            assert store.blob(log.view.output) == result
            for step in done:
                assert len(log.view.steps[step].attempts) == 1, (path, step)
            ended = sum(1 for step in log.view.steps.values() for one in step.attempts if one.status == "cancelled")
            assert ended <= 4  # what was under way, and only that, was cancelled
