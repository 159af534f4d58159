"""What the panel shows as the magic of a button, typed into a cell, asks for the same as the button."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from tests.fixtures import HERE
from vnb.notebook import references, run_options
from vnb.notebook.arguments import words
from vnb.notebook.rerun import _settings

SAID = json.loads((HERE / "written" / "magics.json").read_text(encoding="utf-8"))


def typed(cell: str) -> tuple[dict[str, str], str, str]:
    """The variables that a cell sets, and the magic that it calls with its line."""
    variables: dict[str, str] = {}
    call = ("", "")
    source: str = TransformerManager().transform_cell(cell)  # type: ignore[no-untyped-call]
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign):
            (target,) = node.targets
            assert isinstance(target, ast.Name)
            variables[target.id] = ast.literal_eval(node.value)
        else:
            assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            name, line = map(ast.literal_eval, node.value.args)
            call = (name, line)
    return variables, *call


@pytest.mark.parametrize("said", SAID, ids=lambda said: said["magic"][:60].encode("unicode_escape").decode())
def test_the_cell_asks_for_what_the_button_asks(said: dict[str, Any]) -> None:
    variables, name, line = typed(said["magic"])
    command = said["command"]
    assert {"name": command["name"], **_READ[name](line, variables)} == command


def _rerun(line: str, variables: dict[str, str]) -> dict[str, Any]:
    said = run_options.RERUN.read(line) or {}
    assert said["run"] == "abc123"
    found: dict[str, Any] = {"steps": said.get("STEP", [])} | ({"down": True} if said.get("down") else {})
    if "edit" in said:
        found["instruction"] = variables[said["edit"]]
    settings = {**_settings(said.get("set", [])), **({"seed": str(said["seed"])} if "seed" in said else {})}
    return found | ({"settings": settings} if settings else {})


def _choose(line: str, _: dict[str, str]) -> dict[str, Any]:
    said = run_options.CHOOSE.read(line) or {}
    wanted = references.read(f":{said['ATTEMPT']}")
    assert said["run"] == "abc123"
    return {"step": wanted.step, "attempt": wanted.attempt}


def _fork(line: str, _: dict[str, str]) -> dict[str, Any]:
    said = run_options.FORK.read(line) or {}
    place = references.read(said["PLACE"])
    assert place.run == "abc123"
    return {"at": place.step or place.seq}


def _run(line: str, variables: dict[str, str]) -> dict[str, Any]:
    run, *option = words(line)
    assert run == "abc123" and option in ([], ["--plan", "plan"])
    return variables


_READ = {"vrerun": _rerun, "vchoose": _choose, "vfork": _fork, "vrun": _run, "vstop": _run}
