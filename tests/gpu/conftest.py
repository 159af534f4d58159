"""The GPU suite: `pytest tests/gpu`. It makes its own weights, and ends with a table of what it found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vnb.engines.exllamav2 import preflight
from vnb.errors import EngineError

ROWS: list[tuple[str, str]] = []
Note = Callable[[str, object], None]


@pytest.fixture(scope="session", autouse=True)
def machine() -> preflight.Machine:
    """This machine, if ExLlamaV2 can run on it."""
    seen = preflight.survey()
    try:
        preflight.check(seen)
    except EngineError as error:
        pytest.skip(str(error))
    ROWS.append(("GPU", ", ".join(gpu.name for gpu in seen.gpus)))
    ROWS.append(("torch, ExLlamaV2", f"{seen.torch}, {seen.exllamav2}"))
    ROWS.append(("attention", " ".join(preflight.attention(seen))))
    return seen


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory, machine: preflight.Machine) -> Path:
    """A random-weight Llama of four layers, 16 bits."""
    from benchmarks.shapes import SHAPES, write_llama

    return write_llama(tmp_path_factory.mktemp("models") / "small", SHAPES["small"])


@pytest.fixture
def note() -> Note:
    """Puts a line into the table."""
    return lambda what, found: ROWS.append((what, str(found)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ROWS:
        terminalreporter.section("what was found")
    for what, found in ROWS:
        terminalreporter.write_line(f"{what:32} {found}")
