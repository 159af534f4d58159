"""A run as a notebook: the cells that make it, with the output that it showed and its plan."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterable

from ..core.types import Json, Options
from ..core.view import RunView
from ..locale import say
from . import clean, text
from .bundle import bundle
from .markdown import code, inline
from .rows import Blobs, status_of, word

_OF_OPTIONS = ("samples", "judge", "repairs", "replan", "parallel", "budget", "max_tokens_total", "seed", "reuse")
_OF_SAMPLING = ("temperature", "top_p", "top_k", "min_p", "max_tokens", "repeat_penalty", "dry", "think")


def render(view: RunView, blobs: Blobs, now: float, *, plan: str, made: str, seal: str) -> str:
    """The run as a notebook of format 4.5.

    Args:
        view: The run; it may change meanwhile.
        blobs: Where texts lie.
        now: Seconds since the epoch, until which running attempts last.
        plan: The text of the plan that the task was given, or else of the one that was made.
        made: When and how the file was made.
        seal: A line that the file shall hold before anything that a model said.
    """
    names = Names(view)
    setup = "\n".join(["%load_ext vnb", *names.assignments()])
    output: dict[str, Json] = {"output_type": "display_data", "metadata": {}, "data": {**bundle(view, blobs, now)}}
    cells = [_code(setup), _code(task_cell(view, names), output)]
    if plan:
        cells.insert(1 if view.given else 2, _code(f"%%vplan {names.plan}\n{plan}"))
    cells.insert(0, {"cell_type": "markdown", "metadata": {}, "source": clean.unicode_text(_intro(view, made))})
    notebook: dict[str, Json] = {
        "metadata": {
            "vnb": seal,
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
        "cells": [{"id": f"cell-{number:02}", **cell} for number, cell in enumerate(cells)],
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _code(source: str, *outputs: Json) -> dict[str, Json]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [*outputs],
        "source": clean.unicode_text(source),
    }


def _intro(view: RunView, made: str) -> str:
    task = view.task
    status = word(status_of(view))
    about = say(f"The run {code(view.run_id)} ({status}): its task and options, the output that it showed, its plan.")
    again = say("Run the cells to carry the task anew; outputs that your store has are reused.")
    blocks = [f"# {inline(clean.label(text.title(view), 120))}", f"{about} {again} {say(f'Written {code(made)}.')}"]
    missing = [code(one.title) for one in task.documents] + [code(one.name) for one in task.attachments]
    sampling = task.options.sampling
    said = {"stop": sampling.stop, "logprobs": sampling.logprobs}
    missing += [code(f"{name}={value!r}") for name, value in said.items() if value is not None]
    if missing:
        blocks.append(say(f"What it was given besides, and is not in this notebook: {', '.join(missing)}."))
    return "\n\n".join(blocks)


# ---------------------------------------------------------------- the cell that makes a run


class Names:
    """The variables of the notebook: one for each input, and those for the run, its plan and its schema."""

    def __init__(self, view: RunView) -> None:
        self._task = view.task
        self._taken: set[str] = set()
        plain_first = sorted(view.task.inputs, key=lambda path: not path.isidentifier())
        self.inputs = {path: self._free(path) for path in plain_first}
        self.run, self.plan, self.schema = (self._free(name) for name in ("run", "plan", "schema"))

    def _free(self, path: str) -> str:
        """`topic` as it is, `topic['name']` as `topic_name`."""
        name = path if path.isidentifier() else re.sub(r"\W+", "_", path).strip("_")
        while name in self._taken or keyword.iskeyword(name) or not name.isidentifier():
            name = f"{name}_" if name.isidentifier() else f"value_{name}"
        self._taken.add(name)
        return name

    def assignments(self) -> list[str]:
        """The lines that give the inputs and the schema their values."""
        lines = [f"{self.inputs[path]} = {value!r}" for path, value in self._task.inputs.items()]
        schema = self._task.options.schema
        return [*lines, f"{self.schema} = {schema!r}"] if schema else lines

    def in_place(self, template: str) -> str:
        """The template with these names in its braces."""
        if not self.inputs:
            return template
        paths = "|".join(map(re.escape, self.inputs))
        return re.sub(r"\{\{\s*(" + paths + r")\s*\}\}", lambda found: f"{{{{{self.inputs[found[1]]}}}}}", template)


def task_cell(view: RunView, names: Names) -> str:
    """The cell that makes the run: `%%vtask` with the task, or `%vrun` for a plan that was given without one."""
    task = view.task
    words = [*_options(task.options, names), *(["--model", view.engine] if view.engine else [])]
    if view.given and not task.text.strip():
        return " ".join(map(quoted, ["%vrun", names.plan, "--name", names.run, *words]))
    words += ["--plan", names.plan] if view.given else []
    words += ["--raw"] if task.options.raw or not task.template else []
    words += [word for document in task.documents for word in ("--docs", document.title.lstrip("-"))]
    words += [word for image in task.attachments for word in ("--image", image.name.lstrip("-"))]
    return f"{' '.join(map(quoted, ['%%vtask', names.run, *words]))}\n{names.in_place(task.template or task.text)}"


def _options(options: Options, names: Names) -> Iterable[str]:
    """The options that are not as they always are."""
    if options.strategy != Options.strategy:
        yield from ("--strategy", options.strategy)
    if options.steps != Options.steps:
        yield from ("--steps", f"{options.steps[0]}..{options.steps[1]}")
    if options.schema:
        yield from ("--schema", names.schema)
    elif options.integrate != Options.integrate:
        yield from ("--integrate", options.integrate)
    values = {name: getattr(options, name) for name in _OF_OPTIONS}
    values.update({name: getattr(options.sampling, name) for name in _OF_SAMPLING})
    for name, value in values.items():
        if value != getattr(Options, name, None):
            yield from (f"--{name.replace('_', '-')}", f"{value}")
    yield from (f"--{name.replace('_', '-')}" for name in ("approve", "plan_only") if getattr(options, name))


def quoted(word: str) -> str:
    """A word as the magics read it: one line, with quotes around it where it has spaces or quotes."""
    line = clean.label(word, 200)
    if line and not re.search(r"[\s\"']", line):
        return line
    return f"'{line}'" if '"' in line and "'" not in line else '"' + line.replace('"', "'") + '"'
