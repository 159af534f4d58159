"""Loading a model again with other options."""

from __future__ import annotations

import pytest

from vnb.api.runtime import Runtime
from vnb.errors import UsageError


def test_an_option_that_makes_no_sense_leaves_the_model_loaded(runtime: Runtime) -> None:
    engine = runtime.load("tiny")
    with pytest.raises(UsageError, match="--kv"):
        runtime.load("tiny", kv="q4")
    assert runtime.engines == {"tiny": engine}
