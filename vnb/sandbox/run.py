"""Runs a program and says what came of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.types import Json
from ..errors import SandboxError
from .execution import Execution, Limits
from .faults import fault, is_interrupted
from .program import Printed, Program, UnfitError, checked, variable_name
from .values import as_text
from .workers import in_worker

if TYPE_CHECKING:
    from pydantic_monty import MontySession

LONGEST = 50_000
"""Characters of the longest program."""

_LIMITS = Limits()


async def execute(source: str, variables: Mapping[str, Json], limits: Limits = _LIMITS) -> Execution:
    """Runs a program in the sandbox. Cancelling this ends it.

    Its value is that of the last expression. Where there is none, or it is `None`, it is that of `answer` or `result`; else
    of the one function that is defined and never called, if its arguments are variables; else, if nothing was printed, of
    the name that the last line assigns.

    Args:
        source: Python, as far as Monty knows it.
        variables: What the program finds, under `variable_name` of these names.
        limits: What it may use.

    Raises:
        SandboxError: If `pydantic-monty` is missing or broken. Never for what the program does.
    """
    source = re.sub("[\0\ud800-\udfff]", "\ufffd", re.sub("\r\n?", "\n", source))
    if not source.strip():
        return Execution(error="there is no program", kind="empty")
    if len(source) > LONGEST:
        return Execution(error=f"the program is longer than {LONGEST:,} characters", kind="syntax")
    given: dict[str, Json] = {}
    for name in sorted(variables, key=str.isidentifier):  # names that need no change last: they win
        try:
            given[variable_name(name)] = checked(variables[name])
        except UnfitError as error:
            return Execution(error=f"the variable {variable_name(name)} {error}", kind="error")
    execution = None
    while execution is None:
        execution = await _once(source, given, limits)
    return execution


async def _once(source: str, variables: Mapping[str, Json], limits: Limits) -> Execution | None:
    """Runs a program; `None` if its worker was ended by an interrupt that was not meant for it, so that it must run again."""
    printed = Printed(limits.printed)
    begun = time.perf_counter()

    def work(session: MontySession, kill: Callable[[], None]) -> tuple[Json, str]:
        nonlocal begun
        begun, printed.stop = time.perf_counter(), kill
        program = Program(session, source, variables, limits.value, printed)
        return program.result(), program.opaque

    error, value, opaque = None, None, ""
    try:
        value, opaque = await in_worker(limits, work)
    except SandboxError:
        raise
    except Exception as raised:
        error = raised
    ran = Execution(printed=printed.shown(), seconds=time.perf_counter() - begun)
    if printed.is_full:
        return replace(ran, error=f"it printed more than {limits.printed:,} characters and was stopped", kind="output")
    if isinstance(error, UnfitError):
        return replace(ran, error=f"the value {error}", kind="output")
    if error is not None:
        if is_interrupted(error):
            return None
        kind, line = fault(error, limits, variables)
        return replace(ran, error=line, kind=kind)
    if value is not None:
        return replace(ran, value=value, text=as_text(value))
    if ran.printed.strip():
        return replace(ran, text=ran.printed.strip())
    if opaque:
        advice = "call it, or make it a number, a text, a list or a dict"
        return replace(ran, error=f"its last expression is of type {opaque}, not a value: {advice}", kind="empty")
    return replace(ran, error="it has no result: end it with an expression, or print the result", kind="empty")
