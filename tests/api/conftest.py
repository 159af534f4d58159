from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vnb.api.runtime import Runtime


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "runs.sqlite")
    yield runtime
    runtime.close()
