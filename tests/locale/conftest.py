"""What is said in these tests is said in another language; afterwards in English again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from vnb import locale


@pytest.fixture
def chinese() -> Iterator[None]:
    locale.choose("zh_CN")
    yield
    locale.choose(None)
