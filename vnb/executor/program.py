"""The program that a code step wrote: run in the sandbox, and recorded."""

from __future__ import annotations

from ..core import events as ev
from ..core.types import Program, Step
from ..errors import ProgramError
from ..sandbox import execute, source_of
from .log import Log
from .variables import variables_of


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
