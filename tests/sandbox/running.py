"""Programs run from a test that is not asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vnb.core.types import Json
from vnb.sandbox import Execution, Limits, execute


def ran(source: str, limits: Limits = Limits(), **variables: Json) -> Execution:  # noqa: B008
    """What came of a program."""
    return asyncio.run(execute(source, variables, limits))


async def until(holds: Callable[[], object]) -> None:
    """Waits for a condition."""
    while not holds():  # noqa: ASYNC110 (the condition is not of asyncio)
        await asyncio.sleep(0.005)
