"""What went wrong in a program, in one line that a model can act on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..errors import listed
from .execution import Kind, Limits

MODULES = (
    *("asyncio", "base64", "binascii", "bisect", "collections", "copy", "csv", "dataclasses", "datetime", "decimal"),
    *("functools", "hashlib", "itertools", "json", "math", "os", "pathlib", "random", "re", "sys", "time", "tomllib"),
    *("typing", "unicodedata"),
)
"""Modules that a program can import, as far as Monty has them."""

_PROGRAM = "<python-input-1>"
"""Monty's name of the program: it is run second, after what reads its value."""

_LONGEST = 300

_KINDS: dict[str, Kind] = {
    "SyntaxError": "syntax",
    "TimeoutError": "timeout",
    "MemoryError": "memory",
    "RecursionError": "recursion",
    "PermissionError": "forbidden",
}

_FORBIDDEN = re.compile(
    r"No module named '(?:subprocess|multiprocessing|threading|_thread|concurrent|signal|socket|ssl|select\w*|urllib|http|"
    r"requests|httpx|aiohttp|ftplib|smtplib|webbrowser|ctypes|cffi|mmap|resource|shutil|tempfile|glob|io|pickle|shelve|"
    r"sqlite3|importlib|builtins|gc|inspect|code|pty|fcntl)\b"
    r"|name '(?:__import__|compile|globals|vars|input|breakpoint|exit|quit|__builtins__|__loader__)' is not defined"
    r"|module '(?:os|asyncio)' has no attribute|has no attribute '__\w+__'"
    r"|not supported in this environment"
)

_ADVICE: tuple[tuple[str, str], ...] = (
    (r"No module named 'statistics'", "use sum(x) / len(x), sorted(x)"),
    (r"No module named 'fractions'", "use whole numbers or decimal.Decimal"),
    (r"No module named '(?:numpy|scipy|sympy)'", "use lists, sum, sorted and the module math"),
    (r"No module named 'pandas'", "use lists of dicts"),
    (r"No module named 'enum'", "use plain values"),
    (r"No module named 'string'", "write the letters out"),
    (r"No module named 'operator'", "use a lambda"),
    (r"No module named 'heapq'", "use sorted"),
    (r"No module named 'calendar'", "use the module datetime"),
    (r"No module named", f"these are there: {', '.join(MODULES)}"),
    (r"name 'input' is not defined", "nobody can be asked; use the variables"),
    (r"name '(?:exit|quit)' is not defined|'sys' has no attribute 'exit'", "leave it out"),
    (r"name 'callable' is not defined|name 'issubclass' is not defined", "use isinstance"),
    (r"no attribute 'OrderedDict'", "use a dict, it keeps the order"),
    (r"Permission denied|not supported in this environment", "there are no files here; use the variables"),
    (r"support yield", "build a list and return it"),
    (r"support the 'del' statement", "use pop, or leave it out"),
    (r"support class inheritance", "use functions, or a class without a base"),
    (r"support method decorators", "use a method or a function"),
)
"""What to write instead of what Monty does not have."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def fault(error: BaseException, limits: Limits, names: Collection[str]) -> tuple[Kind, str]:
    """The kind of an error, and its line.

    Args:
        error: What Monty raised.
        limits: Those of the program.
        names: Its variables.
    """
    if isinstance(error, TimeoutError) or getattr(error, "timed_out", False):
        return "timeout", _stopped("timeout", limits)
    if not hasattr(error, "display"):
        return "crash", _on_one_line(f"the sandbox failed: {error}")
    message = _message(error)
    kind = _kind(message)
    if "limit exceeded" in message or "its memory limit" in message:
        message = _stopped(kind, limits) or message
    advice = next((f": {advice}" for pattern, advice in _ADVICE if re.search(pattern, message)), "")
    if not advice and message.startswith("NameError") and kind == "error":
        advice = f"; given are: {listed(sorted(names))}"
    line = next((f"line {line}: " for line in _lines(error, kind)), "")
    return kind, _on_one_line(f"{line}{message}") + advice


def is_syntax(error: BaseException) -> bool:
    """Whether a program could not be read, so that nothing of it ran."""
    return hasattr(error, "display") and _kind(_message(error)) == "syntax"


def is_interrupted(error: BaseException) -> bool:
    """Whether a worker was ended by the interrupt that a stop button sends to every process of a kernel."""
    return not hasattr(error, "display") and "SIGINT" in str(error)


def _on_one_line(text: str) -> str:
    """A text without line breaks and control characters, cut where it is long."""
    flat = " ".join(_CONTROLS.sub(" ", text).split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"


def _message(error: BaseException) -> str:
    """As in `NameError: name 'x' is not defined`. Never asks for the exception itself: it is made of the program's values."""
    shown: str = error.display("type-msg")  # type: ignore[attr-defined]
    return re.sub(
        r"^NotImplementedError: The monty syntax parser does not yet", "SyntaxError: the sandbox does not", shown
    )


def _kind(message: str) -> Kind:
    if _FORBIDDEN.search(message):
        return "forbidden"
    return _KINDS.get(re.split(r"[:\n]", message, maxsplit=1)[0], "error")


def _stopped(kind: Kind, limits: Limits) -> str:
    """The message for a program that was stopped at a limit of time or memory; empty for other kinds."""
    return {
        "timeout": f"it was stopped at the limit of {limits.seconds:g} s: does it loop for ever?",
        "memory": f"it was stopped at the limit of {limits.memory / 2**20:g} MiB of memory: make less of it at once",
    }.get(kind, "")


def _lines(error: BaseException, kind: Kind) -> Iterator[int]:
    """Lines of the program in the traceback, the innermost first."""
    for frame in reversed(error.traceback()):  # type: ignore[attr-defined]
        if frame.filename == _PROGRAM or kind == "syntax":
            yield frame.line
