"""What runs in the sandbox: the program that a code step wrote, which is recorded, and the condition of a check."""

from __future__ import annotations

from ..context.items import value_of
from ..core import events as ev
from ..core.types import Program, Step
from ..errors import EngineError, ProgramError
from ..sandbox import execute, source_of
from .log import Log
from .validate import MismatchError, require, require_verdict
from .variables import values_of, variables_of


async def run_program(log: Log, step: Step, attempt: int, answer: str) -> str:
    """Runs the program in a model's answer, with the step's variables; its result.

    Raises:
        ProgramError: It failed; the message is its error.
        SandboxError: There is no sandbox to run it in.
    """
    source = source_of(answer)
    ran = await execute(source, variables_of(log, step))
    program = Program(source, "" if ran.error else ran.text, ran.printed, ran.error, ran.seconds)
    log.append(ev.StepExecuted(step.id, attempt, program))
    if program.error:
        raise ProgramError(program.error, f"%vrerun {step.id} writes it again.")
    return program.result


async def require_all(log: Log, step: Step, text: str) -> None:
    """Requires of an output what its step does: its constraint, its check, and of a check step a good verdict.

    Raises:
        MismatchError: It does not match.
        EngineError: The constraint or the check itself is wrong.
        SandboxError: There is no sandbox to run a condition in.
    """
    require(step.constraint, text, "output")
    require(step.check, text, "check")
    await _require_condition(log, step, text)
    if step.kind == "check":
        require_verdict(text)


async def _require_condition(log: Log, step: Step, text: str) -> None:
    """Runs the step's condition, if its check is one, with `output` (a number, list or dictionary where it is JSON)."""
    if step.check is None or step.check.kind != "python":
        return
    ran = await execute(step.check.text, {**values_of(log, step), "output": value_of(text)})
    if ran.kind == "error" and "NameError" not in ran.error:  # of an output that it cannot be asked about
        raise MismatchError(f"The output {text[:60]!r} does not meet its check, {step.check.text!r}: {ran.error}.")
    if ran.error:
        raise EngineError(f"The check {step.check.text!r} failed: {ran.error}.", 'check_code="len(output) < 500"')
    if not ran.value:
        raise MismatchError(f"The output {text[:60]!r} does not meet its check, {step.check.text!r}.")
