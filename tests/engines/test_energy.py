"""Joules from counters that tests turn by hand: what they rise by is shared out, and what cannot be read is absent."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.executor.conftest import Bench, until
from vnb.core.prices import Price
from vnb.engines import energy
from vnb.engines.energy import Meter, Zones, gpus, meter, zones
from vnb.engines.scripted import Answer, ScriptedEngine
from vnb.executor.executor import Executor
from vnb.store.store import Store


class Machine:
    """A folder like `/sys/class/powercap` with two packages, the memory of one, and parts that do not count."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = {"0": "package-0", "0:0": "core", "0:1": "dram", "1": "package-1", "2": "psys"}
        for place, name in names.items():
            zone = folder / f"intel-rapl:{place}"
            zone.mkdir()
            (zone / "name").write_text(f"{name}\n")
            (zone / "max_energy_range_uj").write_text("1000000000\n")
            self.set(place, 0)

    def set(self, place: str, joules: float) -> None:
        (self.folder / f"intel-rapl:{place}" / "energy_uj").write_text(f"{joules * 1e6:.0f}\n")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def counter(machine: Machine) -> Zones:
    found = zones(machine.folder)
    assert found is not None
    return found


def test_packages_and_their_memory_count_and_their_parts_do_not_count_twice(machine: Machine) -> None:
    read = counter(machine)
    for place, joules in (("0", 5), ("0:0", 3), ("0:1", 2), ("1", 1), ("2", 100)):
        machine.set(place, joules)
    assert read() == 8.0


def test_a_counter_that_begins_again_goes_on(machine: Machine) -> None:
    machine.set("0", 990)
    read = counter(machine)
    machine.set("0", 20)
    assert read() == 30.0
    machine.set("0", 25)
    assert read() == 35.0


def test_where_there_is_no_counter_there_are_no_joules(tmp_path: Path, machine: Machine) -> None:
    assert zones(tmp_path / "none") is None
    (machine.folder / "intel-rapl:0" / "energy_uj").unlink()
    (machine.folder / "intel-rapl:0" / "energy_uj").mkdir()  # as unreadable as a file of root's is to others
    assert zones(machine.folder) is None
    nothing = Meter(None)
    share = nothing.begin()
    nothing.end(share)
    assert share.joules is None


class Dial:
    """A counter with a hand."""

    def __init__(self) -> None:
        self.joules: float | None = 100.0

    def __call__(self) -> float | None:
        return self.joules

    def rise(self, joules: float) -> None:
        assert self.joules is not None
        self.joules += joules


def test_what_the_counter_rises_by_is_shared_among_those_under_way() -> None:
    dial = Dial()
    meter = Meter(dial)
    first = meter.begin()
    dial.rise(6)
    second = meter.begin()
    dial.rise(4)
    meter.end(first)
    dial.rise(3)
    meter.end(second)
    dial.rise(50)
    third = meter.begin()
    meter.end(third)
    assert (first.joules, second.joules, third.joules) == (8.0, 5.0, 0.0)
    meter.end(second)
    assert second.joules == 5.0, "it has ended"


def test_a_gap_in_the_counter_makes_the_joules_of_those_under_way_unknown() -> None:
    dial = Dial()
    meter = Meter(dial)
    first = meter.begin()
    dial.joules = None
    second = meter.begin()
    dial.joules = 200.0
    third = meter.begin()
    dial.rise(9)
    for share in (first, second, third):
        meter.end(share)
    assert (first.joules, second.joules, third.joules) == (None, None, 3.0)


def test_a_long_attempt_reads_the_counter_before_it_begins_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    meter = Meter(counter(machine))
    share = meter.begin()
    for place in range(1, 6):  # 700 J at a time, where the counter holds 1,000
        now += energy.LONGEST + 1
        machine.set("0", place * 700 % 1000)
        meter.keep_up()
    meter.end(share)
    assert share.joules == 3500.0


# ---------------------------------------------------------------- GPUs


class Nvml(SimpleNamespace):
    """What vnb asks of nvidia-ml-py, with two GPUs; the second one's id is `GPU-b`."""

    def __init__(self) -> None:
        super().__init__(spent=[1000, 5000])

    def nvmlInit(self) -> None: ...

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:
        return number

    def nvmlDeviceGetHandleByUUID(self, name: str) -> int:
        return {"GPU-b": 1}[name]

    def nvmlDeviceGetTotalEnergyConsumption(self, number: int) -> int:
        return int(self.spent[number])


@pytest.mark.parametrize(("visible", "joules"), [(None, 6.0), ("0", 1.0), ("1,0", 6.0), ("GPU-b", 5.0)])
def test_the_gpus_that_cuda_sees_are_counted(
    monkeypatch: pytest.MonkeyPatch, visible: str | None, joules: float
) -> None:
    nvml = Nvml()
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    read = gpus(visible)
    assert read is not None and read() == joules
    del nvml.spent[:]
    assert read() is None, "the driver is gone"


@pytest.mark.parametrize("visible", ["", "7", "GPU-x"])
def test_gpus_that_are_not_there_have_no_joules(monkeypatch: pytest.MonkeyPatch, visible: str) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Nvml())
    assert gpus(visible) is None


def test_without_nvidia_ml_py_there_are_no_joules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpus(None) is None


# ---------------------------------------------------------------- in a run


def run(store: Store, engine: Any, prices: dict[str, Price], during: Callable[[], None], text: str = "x") -> Any:
    bench = Bench(store)
    log = bench.begin(plan="s1: one\ns2: two", text=text)

    async def same(spec: str) -> Any:
        return engine

    async def carry() -> None:
        task = asyncio.create_task(Executor(log, same, lambda key: None, prices=prices).run())
        await until(lambda: sum(request.new_tokens == 2 for request in engine.requests) == 2)
        during()
        engine.let_go()
        await task

    asyncio.run(carry())
    return log


def played(device: Any) -> ScriptedEngine:
    engine = ScriptedEngine(lambda prompt, _: Answer("one two three four", hold_after=2), slots=2)
    engine._info = replace(engine.info, device=device)
    return engine


def test_attempts_record_what_they_took_and_where(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy, "POWERCAP", machine.folder)
    meter.cache_clear()
    try:
        with Store(":memory:") as store:
            engine = played("cpu")
            log = run(store, engine, {"scripted:scripted": (1e6, 2e6, 0.0)}, lambda: machine.set("0", 12))
            view = Bench(store).reopened(log).view
    finally:
        meter.cache_clear()
    attempts = [view.steps[step].attempts[0] for step in ("s1", "s2")]
    assert [attempt.usage.joules for attempt in attempts] == [6.0, 6.0]
    for attempt in attempts:
        usage = attempt.usage
        assert usage.price == usage.prompt_tokens - usage.cached_tokens + 2 * usage.new_tokens
        assert attempt.spec == "scripted:scripted"
    joined = view.steps["integrate"].attempts[0]
    assert (joined.spec, joined.usage.joules, joined.usage.price) == ("", None, None)


def test_an_engine_elsewhere_takes_nothing_of_this_machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy, "POWERCAP", machine.folder)
    meter.cache_clear()
    try:
        with Store(":memory:") as store:
            log = run(store, played(""), {}, lambda: machine.set("0", 12))
    finally:
        meter.cache_clear()
    usage = log.view.steps["s1"].attempts[0].usage
    assert usage.joules is None and usage.price is None
