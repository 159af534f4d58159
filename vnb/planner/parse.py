"""The plan as text that people write and read: a line a step, and back without loss.

    s1 [temperature=0.9]: Write the history <- intro
        with dates.
    s1.1: a sub-step of s1
    -> s1

`id [options]: instruction <- needs`; indented lines continue the instruction; `\\<-` is a literal arrow; `-> ids` names
the steps whose results are delivered, in order; lines that begin with `#` and empty lines between steps are skipped.
`parse_plan(print_plan(plan)) == plan`.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args

from ..core import dag, limits
from ..core.limits import SAMPLING
from ..core.types import Constraint, ConstraintKind, Plan, Sampling, Step, StepKind
from ..errors import PlanError, UsageError, listed

_ID = r"[^\W\d_][\w-]*(?:\.[\w-]+)*"
_HEAD = re.compile(rf"({_ID})\s*(?:\[((?:\"(?:\\.|[^\"\\])*\"|[^\]\"])*)\])?\s*:(?:[ \t]+|$)(.*)", re.DOTALL)
_OPTION = re.compile(r"([A-Za-z_]+)=(\"(?:\\.|[^\"\\])*\"|[^\s\"]+)")
_ARROW = re.compile(r"(\\*)<-")
_PLAIN = re.compile(r"[^\s\"\]]+")
_INDENT = "    "
_DELIVERS = "->"

CHECKS: dict[str, ConstraintKind] = {"check": "regex", "check_schema": "json_schema", "check_code": "python"}
"""Options that say what an output has to be afterwards."""

_OTHERS = (
    *("kind", "over", "item", "think", "title", "model", "budget", "parent"),
    *("stop", "schema", "regex", *CHECKS),
)


def clean(instruction: str) -> str:
    """An instruction as plans hold it: Unix line ends, no blanks around it or on empty lines."""
    text = instruction.replace("\r\n", "\n").replace("\r", "\n").strip()
    return re.sub(r"\n[ \t]+(?=\n)", "\n", text)


def is_id(text: str) -> bool:
    """Whether `text` can be a step's id."""
    return re.fullmatch(_ID, text) is not None


def parse_plan(text: str) -> Plan:
    """The plan that `text` writes down.

    Raises:
        PlanError: A line is no step, an option is unknown, or the steps are no plan; names the line.
    """
    steps: list[Step] = []
    delivering: list[tuple[int, list[str]]] = []
    for number, lines in _blocks(text):
        if lines[0].startswith(_DELIVERS):
            delivering.append((number, lines))
        else:
            steps.append(_parse_step(number, lines))
    ids = {step.id for step in steps}
    placed = [_with_list(_with_parent(step, ids), ids) for step in steps]
    dag.validate(placed)
    return Plan(tuple(placed), _parse_deliver(delivering, [step.id for step in steps]))


def print_plan(plan: Plan | Sequence[Step]) -> str:
    """The text of a plan: a line a step, then one for what it delivers if it says so."""
    steps, deliver = (plan.steps, plan.deliver) if isinstance(plan, Plan) else (plan, ())
    ids = {step.id for step in steps}
    lines = [_print_step(step, ids) for step in steps]
    return "\n".join([*lines, *([f"{_DELIVERS} {', '.join(deliver)}"] if deliver else [])])


# ---------------------------------------------------------------- reading


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """The lines of each step, and of what is delivered, with the number of the first; blank lines inside stay."""
    found: list[tuple[int, list[str]]] = []
    blanks = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not line.strip(" \t"):
            blanks += 1
        elif line[0] in " \t":
            if not found:
                raise PlanError(f"Line {number} is indented, but there is no step above it.", "s1: what to do")
            found[-1][1].extend([""] * blanks)
            found[-1][1].append(line.removeprefix(_INDENT) if line.startswith(_INDENT) else line.lstrip(" \t"))
            blanks = 0
        elif not line.startswith("#"):
            found.append((number, [line]))
            blanks = 0
    return found


def _parse_step(number: int, lines: list[str]) -> Step:
    match = _HEAD.fullmatch(lines[0])
    if match is None:
        raise PlanError(
            f"Line {number} is not a step: {lines[0][:60]!r}.", "Write it as  s1: what to do <- the steps it needs"
        )
    step_id, options, first = match.groups()
    instruction, needs = _split_needs("\n".join([first, *lines[1:]]), number)
    return replace(_options(options or "", number), id=step_id, instruction=clean(instruction), needs=needs)


def _parse_deliver(delivering: list[tuple[int, list[str]]], ids: list[str]) -> tuple[str, ...]:
    """The steps that the one line of this kind names; none without it."""
    if not delivering:
        return ()
    (number, lines), *more = delivering
    if more:
        raise PlanError(
            f"Line {more[0][0]}: line {number} says already what the plan delivers.",
            "Name all the steps in one line: -> s1, s3",
        )
    names = [name.strip() for name in "\n".join(lines).removeprefix(_DELIVERS).split(",")]
    for name in names:
        if name not in ids:
            hint = f"Steps of the plan: {listed(ids)}"
            raise PlanError(f"Line {number}: {name[:40]!r} after '->' is not a step of the plan.", hint)
    return tuple(dict.fromkeys(names))


def _split_needs(text: str, number: int) -> tuple[str, tuple[str, ...]]:
    for match in _ARROW.finditer(text):
        if len(match.group(1)) % 2 == 0:
            names = tuple(name.strip() for name in text[match.end() :].split(","))
            for name in names:
                if not is_id(name):
                    raise PlanError(
                        f"Line {number}: {name[:40]!r} after '<-' is not a step's id.",
                        "A literal arrow is written \\<-",
                    )
            kept = "\\" * (len(match.group(1)) // 2)
            return _unescape(text[: match.start()]) + kept, tuple(dict.fromkeys(names))
    return _unescape(text), ()


def _unescape(text: str) -> str:
    """Arrows as they are meant: of the backslashes before one, every second goes, and the escaping one too."""
    return _ARROW.sub(lambda match: "\\" * (len(match.group(1)) // 2) + "<-", text)


def _options(text: str, number: int) -> Step:
    step = Step("", "")
    if _OPTION.sub("", text).strip():
        raise PlanError(f"Line {number}: {text!r} is not a list of options.", "s1 [temperature=0.9 model=tiny]: …")
    sampling: dict[str, Any] = {}
    for name, written in _OPTION.findall(text):
        value = _unquoted(written)
        try:
            if name in SAMPLING:
                sampling[name] = limits.number(name, value)
            else:
                step = _set(step, sampling, name, value)
        except UsageError as error:
            raise PlanError(f"Line {number}: {error.message}", error.hint) from None
        except KeyError:
            near = difflib.get_close_matches(name, [*SAMPLING, *_OTHERS], 1)
            known = ", ".join([*SAMPLING, *_OTHERS])
            hint = f"Did you mean {near[0]}?" if near else f"Options: {known}"
            raise PlanError(f"Line {number}: there is no option {name!r}.", hint) from None
    return replace(step, sampling=Sampling(**sampling))


def _set(step: Step, sampling: dict[str, Any], name: str, value: str) -> Step:
    if name == "think":
        sampling["think"] = limits.thinking(value)
        return step
    if name == "kind":
        kind = next((one for one in get_args(StepKind) if one == value), None)
        if kind is None:
            raise UsageError(f"kind must be one of {', '.join(get_args(StepKind))}, not {value!r}.", "kind=code")
        return replace(step, kind=kind)
    if name == "over":
        return replace(step, over=value)
    if name == "item":
        return replace(step, item=value)
    if name == "title":
        return replace(step, title=value)
    if name == "model":
        return replace(step, engine=value)
    if name == "budget":
        if not value.isdecimal() or int(value) < 1:
            raise UsageError(f"budget must be a whole number from 1 on, not {value!r}.", "budget=500")
        return replace(step, budget=int(value))
    if name == "parent":
        return replace(step, parent=value or "-")
    if name == "stop":
        sampling["stop"] = (*sampling.get("stop", ()), *([value] if value else []))
        return step
    if name in ("schema", "regex"):
        return replace(step, constraint=_constraint("json_schema" if name == "schema" else "regex", name, value))
    if name in CHECKS:
        return replace(step, check=_constraint(CHECKS[name], name, value))
    raise KeyError(name)


_READERS: dict[ConstraintKind, Callable[[str], object]] = {
    "regex": re.compile,
    "json_schema": json.loads,
    "python": ast.parse,
}


def _constraint(kind: ConstraintKind, name: str, value: str) -> Constraint:
    try:
        _READERS[kind](value)
    except (re.error, ValueError, SyntaxError) as error:
        what = {"regex": "regular expression", "json_schema": "JSON schema", "python": "Python"}[kind]
        raise UsageError(f"{name}={value} is no {what}: {error}.", f'{name}="…"') from None
    return Constraint(kind, value)


def _with_parent(step: Step, ids: set[str]) -> Step:
    if step.parent == "-":
        return replace(step, parent="")
    return step if step.parent else replace(step, parent=_implied_parent(step.id, ids))


def _with_list(step: Step, ids: set[str]) -> Step:
    """A step that goes over another one's result needs it."""
    named = step.over in ids and step.over not in step.needs
    return replace(step, needs=(*step.needs, step.over)) if named else step


def _implied_parent(step_id: str, ids: set[str]) -> str:
    above = step_id.rpartition(".")[0]
    return above if above in ids else ""


# ---------------------------------------------------------------- writing


def _print_step(step: Step, ids: set[str]) -> str:
    options: list[tuple[str, object]] = [("kind", step.kind)] if step.kind != "write" else []
    options += [("over", step.over)] if step.over else []
    options += [("title", step.title)] if step.title else []
    options += [("item", step.item)] if step.item else []
    options += [("model", step.engine)] if step.engine else []
    options += [(name, value) for name in SAMPLING if (value := getattr(step.sampling, name)) is not None]
    options += [("think", step.sampling.think)] if step.sampling.think is not None else []
    if step.sampling.stop is not None:
        options += [("stop", stop) for stop in step.sampling.stop or ("",)]
    options += [("budget", step.budget)] if step.budget is not None else []
    if step.constraint is not None:
        options.append(("schema" if step.constraint.kind == "json_schema" else "regex", step.constraint.text))
    if step.check is not None:
        options.append((next(name for name, kind in CHECKS.items() if kind == step.check.kind), step.check.text))
    if step.parent != _implied_parent(step.id, ids):
        options.append(("parent", step.parent))
    said = f" [{' '.join(f'{name}={_quoted(str(value))}' for name, value in options)}]" if options else ""
    body = _ARROW.sub(lambda match: "\\" * (2 * len(match.group(1)) + 1) + "<-", step.instruction)
    body = body.replace("\n", "\n" + _INDENT)
    needs = f" <- {', '.join(step.needs)}" if step.needs else ""
    return f"{step.id}{said}: {body}{needs}"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _unquoted(written: str) -> str:
    r"""A value as it is meant: `\n`, `\"` and `\\` are escapes; any other backslash, as in `\d`, is itself."""
    if not written.startswith('"'):
        return written
    return re.sub(
        r"\\([\\\"nr])", lambda match: {"n": "\n", "r": "\r"}.get(match.group(1), match.group(1)), written[1:-1]
    )
