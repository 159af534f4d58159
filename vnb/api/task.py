"""A task before it runs: text, inputs, options. The Python twin of `%%vtask`."""

from __future__ import annotations

import base64
import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from ..context.interpolate import interpolate
from ..core import limits
from ..core.digest import digest
from ..core.types import Attachment, Document, Json, Options, Plan, Sampling, Strategy, Task
from ..errors import UsageError
from .plan import read_plan
from .run import Run
from .runtime import Runtime

DOCUMENT_SUFFIXES = (".md", ".txt", ".rst", ".tex", ".csv", ".json", ".py")
"""What `docs` takes from a folder."""

_SAMPLING = tuple(field.name for field in fields(Sampling) if field.name != "seed")
_OPTIONS = tuple(field.name for field in fields(Options) if field.name != "sampling")
_COUNTS = (
    ("replan", 0),
    ("retries", 0),
    ("repairs", 0),
    ("samples", 2),
    ("parallel", 1),
    ("budget", 1),
    ("max_tokens_total", 1),
)
"""Options that are whole numbers, and the least that each may be."""

OPTION_NAMES = (*_OPTIONS, *_SAMPLING, "model", "plan", "docs", "images")


class TaskDraft:
    """A task that can be run. Made by `vnb.task`; every option is checked when it is made, before any model call."""

    def __init__(self, runtime: Runtime, task: Task, plan: Plan | None = None, model: str = "") -> None:
        self._runtime = runtime
        self.task = task
        self.given = plan
        self.model = model

    def start(self) -> Run:
        """Starts the run in the background."""
        live = self._runtime.start(self.task, self.given, self.model)
        return Run(self._runtime, live.log.run_id)

    def run(self) -> Run:
        """Runs the task to its end.

        Raises:
            RunError: It failed; `error.run` is the run.
        """
        return self.start().wait()

    async def arun(self) -> Run:
        """`run` for a coroutine; cancelling it stops the run."""
        return await self.start().await_end()

    def plan(self) -> Run:
        """Runs the task until its plan is made; `run.resume()` goes on from there."""
        task = replace(self.task, options=replace(self.task.options, approve=True))
        return TaskDraft(self._runtime, task, self.given, self.model).run()


def draft(
    runtime: Runtime,
    text: str,
    *,
    inputs: Mapping[str, object] | None = None,
    namespace: Mapping[str, object] | None = None,
    **named: Any,
) -> TaskDraft:
    """A task from its text and what is said about it.

    Args:
        text: The task in plain words, with `{{name}}` for inputs.
        inputs: Values by name, for names that are also options.
        namespace: Further names that the text may use (a notebook's variables).
        named: Options (see `Options` and `Sampling`; also `model`, `plan`, `docs`, `images`); every other name is an
            input.

    Raises:
        UsageError: An option or an input makes no sense, or a name in the text is unknown.
    """
    said = {name: named.pop(name) for name in list(named) if name in OPTION_NAMES}
    given = {**named, **(inputs or {})}
    raw = bool(said.get("raw"))
    written, model = said.pop("plan", None), str(said.pop("model", "") or "")
    plan = read_plan(written) if written is not None else None
    documents, images = read_documents(said.pop("docs", ())), said.pop("images", {})
    options = read_options(said)
    if not text.strip() and plan is None:
        raise UsageError("The task is empty.", "Write what is to be done, in plain words.")
    if raw:
        task = Task("", text, text, options=options)
    else:
        found = interpolate(text, {**(namespace or {}), **given})
        used = {re.split(r"[.\[]", path)[0] for path in found.inputs}
        _refuse_unused([name for name in given if name not in used])
        task = Task("", found.text, text, found.inputs, found.attached, options=options)
    attachments = tuple(_attach(runtime, name, image) for name, image in dict(images).items())
    for part in (task.text, *task.inputs.values(), *(document.text for document in documents)):
        _refuse_half_characters(part)
    task = replace(task, id=digest([text, dict(task.inputs)]), documents=documents, attachments=attachments)
    return TaskDraft(runtime, task, plan, model)


def _refuse_half_characters(text: str) -> None:
    half = re.search("[\ud800-\udfff]", text)
    if half is not None:
        around = text[max(0, half.start() - 20) : half.start()]
        raise UsageError(
            f"The text holds half of a character (U+{ord(half.group()):X}) after {around!r}.",
            "Read it anew with the right encoding, or text.encode('utf-8', 'replace').decode()",
        )


def _refuse_unused(names: list[str]) -> None:
    if not names:
        return
    near = difflib.get_close_matches(names[0], OPTION_NAMES, 1)
    hint = f"Did you mean {near[0]}=?" if near else f"Write {{{{{names[0]}}}}} where it belongs, or leave it away."
    raise UsageError(f"The text has no {{{{{names[0]}}}}}, and there is no option of that name.", hint)


def read_options(said: Mapping[str, Any]) -> Options:
    """Options from plain values: `steps` as `(2, 8)` or `"2..8"`, `schema` as a dict or JSON text.

    Raises:
        UsageError: A value is out of range or of the wrong kind; the message names the option.
    """
    values = dict(said)
    sampling = limits.sampling({name: values.pop(name) for name in _SAMPLING if name in values})
    if "steps" in values:
        values["steps"] = _bounds(values["steps"])
    if values.get("schema") is not None:
        values["schema"] = _schema(values["schema"])
        values["integrate"] = "write"
    for name, low in _COUNTS:
        value = values.get(name)
        if value is not None and (not isinstance(value, int) or value < low):
            raise UsageError(f"{name} must be a whole number from {low} on, not {value!r}.", f"{name}={max(low, 1)}")
    words = (
        ("strategy", get_args(Strategy)),
        ("integrate", ("auto", "concat", "write")),
        ("reuse", ("use", "refresh", "off")),
    )
    for name, allowed in words:
        if name in values and values[name] not in allowed:
            raise UsageError(
                f"{name} must be one of {', '.join(allowed)}, not {values[name]!r}.", f"{name}={allowed[0]!r}"
            )
    if not isinstance(values.get("seed", 0), int):
        raise UsageError(f"seed must be a whole number, not {values['seed']!r}.", "seed=1")
    return Options(**values, sampling=sampling)


def _bounds(said: object) -> tuple[int, int]:
    if isinstance(said, str):
        match = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", said.strip())
        said = (int(match.group(1)), int(match.group(2) or match.group(1))) if match else ()
    if isinstance(said, int):
        said = (said, said)
    if isinstance(said, (tuple, list)) and len(said) == 2 and 1 <= said[0] <= said[1] <= 1000:
        return int(said[0]), int(said[1])
    raise UsageError("steps must say the least and the most, as in 1..8.", "--steps 1..8")


def _schema(said: object) -> str:
    try:
        schema: Json = json.loads(said) if isinstance(said, str) else json.loads(json.dumps(said))
    except (TypeError, ValueError) as error:
        raise UsageError(f"The schema is no JSON: {error}.", 'schema={"type": "object", …}') from None
    if not isinstance(schema, dict):
        raise UsageError("The schema must be a JSON object.", 'schema={"type": "object", …}')
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def read_documents(said: object) -> tuple[Document, ...]:
    """Documents from paths (files, folders), `Document`s or `(title, text)` pairs.

    Raises:
        UsageError: A path does not exist or is not text.
    """
    if isinstance(said, (str, Path, Document)):
        said = [said]
    found: list[Document] = []
    for one in said if isinstance(said, Iterable) else ():
        if isinstance(one, Document):
            found.append(one)
        elif isinstance(one, tuple):
            found.append(Document(str(one[0]), str(one[1])))
        else:
            found += [_read(path) for path in _files(Path(str(one)).expanduser())]
    return tuple(found)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if path.is_dir():
        inside = sorted(one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in DOCUMENT_SUFFIXES)
        if inside:
            return inside
        raise UsageError(f"The folder {path} holds no text files.", f"It takes {', '.join(DOCUMENT_SUFFIXES)}")
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, beside, 1)
    raise UsageError(f"There is no {path}.", f"Did you mean {path.parent / near[0]}?" if near else "Check the path.")


def _read(path: Path) -> Document:
    try:
        return Document(path.name, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as text: {error}.", "Give a text file in UTF-8.") from None


def _attach(runtime: Runtime, name: str, image: object) -> Attachment:
    content = image.read_bytes() if isinstance(image, Path) else image
    render = getattr(content, "_repr_png_", None)
    content = render() if callable(render) else content
    if not isinstance(content, bytes):
        raise UsageError(f"{name} is no image.", "Give bytes of a PNG or JPEG file, a path, or a PIL image.")
    mime = "image/jpeg" if content[:2] == b"\xff\xd8" else "image/png"
    return Attachment(name, mime, runtime.store.put_blob(base64.b64encode(content).decode("ascii")))
