from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.random_model import write_random_llama


@pytest.fixture(scope="session")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of 0.2 million random weights."""
    path = tmp_path_factory.mktemp("models") / "random.gguf"
    write_random_llama(path, context=1024)
    return path
