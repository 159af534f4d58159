"""A run as a file: a page for any browser, Markdown, a notebook, or its events."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import vnb

from ..core.digest import digest_bytes
from ..core.types import Plan, Step
from ..core.view import RunView, StepView
from ..errors import UsageError
from ..locale import say
from ..planner.parse import print_plan
from ..store.export import complete_file, export_jsonl, holds_export
from ..store.store import Store
from ..views import account, cells, markdown_report, report
from .opening import EVENTS
from .run import Run

_READABLE = {".html": report.render, ".md": markdown_report.render, ".ipynb": cells.render}
SUFFIXES = (".html", EVENTS, ".md", ".ipynb")

_OPEN = "0" * 32
_SEAL = re.compile(rb"vnb-export:(\S+):([0-9a-f]{32})")
"""Stands at the beginning of what is made to be read: the run, and the digest of everything else in the file."""

_PLACE = re.compile(r"(?:~|[A-Za-z]:)?[\\/](?:.*[\\/])?([^\\/]+)[\\/]?")
_LOGIN = re.compile(r"(?<=://)[^/@#]*@")


def export(store: Store, run: Run, path: str | Path, now: float, force: bool = False) -> Path:
    """Writes a run to `path`, complete or not at all, and returns the path.

    What is made to be read names no place on this machine: models go by the names of their files. `.jsonl` holds the events
    as they are, with each model as it was asked for.

    Args:
        store: Where the run is kept.
        run: What to write.
        path: The file; its suffix decides what it becomes.
        now: Seconds since the epoch, until which running attempts last.
        force: Replace whatever is there; otherwise only an unchanged export of this run is replaced.

    Raises:
        UsageError: The suffix is unknown, the folder is missing, or another file is there.
        StoreError: The file cannot be written.
    """
    target = Path(path).expanduser()
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path} does not say what it shall be.", f"End it with one of {', '.join(SUFFIXES)}")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent}.", f"Make it first: %mkdir {target.parent}")
    if os.path.exists(target) and not force and not _is_export(store, run.id, target):
        raise UsageError(
            f"{path} is there already, and is no export of this run or was changed since.",
            "Take another name, or replace it: --force (in Python: force=True)",
        )
    if suffix == EVENTS:
        export_jsonl(store, run.id, target, upto=run.view.seq)
        return target
    view = portable(run.shown(), _places(store))
    plan = print_plan(_given(view) if suffix == ".ipynb" and view.given else view.whole_plan)
    command = f"%vexport {run.id} {cells.quoted(target.name)}"
    made = say(f"{account.moment(time.time())} by vnb {vnb.__version__}: {command}")
    render, seal = _READABLE[suffix], f"vnb-export:{run.id}:{_OPEN}"
    content = render(view, run.blob, now, plan=plan, made=made, seal=seal).encode()
    with complete_file(target) as file:
        file.write(content.replace(_OPEN.encode(), digest_bytes(content).encode(), 1))
    return target


def _given(view: RunView) -> Plan:
    """The plan that the run was given, delivering what it still delivers of that."""
    ids = {step.id for step in view.given}
    return Plan(view.given, tuple(step for step in view.deliver if step in ids))


def _is_export(store: Store, run_id: str, path: Path) -> bool:
    """Whether the file holds nothing but an export of that run, as it was written."""
    if path.suffix.lower() == EVENTS:
        return holds_export(store, run_id, path)
    try:
        content = path.read_bytes()
    except OSError:  # a folder, or somebody else's
        return False
    found = _SEAL.search(content)
    if found is None or found.group(1) != run_id.encode():
        return False
    return digest_bytes(content.replace(found.group(2), _OPEN.encode(), 1)) == found.group(2).decode()


def _places(store: Store) -> dict[str, str]:
    """Folders of this machine that an error may name, and what stands there instead."""
    folders = {os.path.dirname(os.path.abspath(store.path)): "", os.path.expanduser("~"): "~/"}
    return {folder + os.sep: instead for folder, instead in folders.items() if len(folder) > 3}


def portable(view: RunView, places: Mapping[str, str]) -> RunView:
    """The view without what is true of this machine only: where its models lie, where errors happened.

    Args:
        view: The run; it is not changed.
        places: What else to replace in errors, by what.
    """
    specs = [view.engine, *(step.step.engine for step in list(view.steps.values()))]
    known = {**{spec: _name(spec) for spec in specs if _name(spec) != spec}, **places}

    def said(text: str) -> str:
        for place, name in known.items():
            text = text.replace(place, name)
        return text

    return replace(
        view,
        engine=_name(view.engine),
        error=said(view.error),
        hint=said(view.hint),
        reason=said(view.reason),
        given=tuple(_named(step) for step in view.given),
        steps={id: _step(step, said) for id, step in list(view.steps.items())},
    )


def _step(step: StepView, said: Callable[[str], str]) -> StepView:
    attempts = [replace(attempt, error=said(attempt.error), hint=said(attempt.hint)) for attempt in list(step.attempts)]
    return replace(step, step=_named(step.step), attempts=attempts, note=said(step.note))


def _named(step: Step) -> Step:
    return replace(step, engine=_name(step.engine))


def _name(spec: str) -> str:
    """An engine's spec without the folder that it lies in, and without who asks."""
    found = _PLACE.fullmatch(spec)
    return found.group(1) if found else _LOGIN.sub("", spec)
