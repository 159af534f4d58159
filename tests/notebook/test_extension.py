"""Loading and unloading."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.notebook.conftest import Shell
from vnb.notebook import extension

MAGICS = {"line": {"vmodel", "vplan", "vrun", "vruns", "vopen", "vexport", "vstop"}, "cell": {"vtask", "vplan"}}


def registered(shell: Shell) -> dict[str, set[str]]:
    magics = shell.ip.magics_manager.magics
    return {kind: {name for name in magics[kind] if name in MAGICS["line"] | MAGICS["cell"]} for kind in MAGICS}


def added(shell: Shell) -> list[int]:
    return [len(shell.ip.Completer.custom_matchers), len(shell.ip.input_transformers_cleanup)]


def test_loading_twice_is_loading_once_and_unloading_takes_all_away(shell: Shell) -> None:
    extension.unload(shell.ip)
    before = added(shell)
    assert registered(shell) == {"line": set(), "cell": set()}
    shell.ip.run_line_magic("load_ext", "vnb")
    once = added(shell)
    assert registered(shell) == MAGICS and once != before
    extension.load(shell.ip)
    shell.ip.run_line_magic("reload_ext", "vnb")
    assert registered(shell) == MAGICS and added(shell) == once
    shell.ip.run_line_magic("unload_ext", "vnb")
    assert registered(shell) == {"line": set(), "cell": set()} and added(shell) == before


def test_cells_that_are_not_vnbs_are_left_alone() -> None:
    for cell in (
        ["1 + 1\n"],
        ["%%time\n", ">>> x\n"],
        ["%%vtask?\n"],
        ["%%vtasks x\n", "y\n"],
        ["%vrun x\n"],
        ["'''\n", "%%vtask\n"],
        [],
        ["\n"],
    ):
        assert extension.as_typed(list(cell)) == cell


def test_a_terminal_waits_for_the_body(shell: Shell) -> None:
    complete = shell.ip.input_transformer_manager.check_complete
    assert complete("%%vtask article\n")[0] == complete("%%vtask article\nWrite.\n>>> x")[0] == "incomplete"
    assert complete("%%vtask article\nWrite.\n\n")[0] == "complete"


LOADS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
ip = InteractiveShell.instance()
before = set(sys.modules)
ip.run_line_magic("load_ext", "vnb")
print(json.dumps(sorted({name.partition(".")[0] for name in set(sys.modules) - before})))
"""


def test_loading_imports_nothing_heavy() -> None:
    root = extension.__file__.rpartition("/vnb/")[0]
    said = subprocess.run([sys.executable, "-c", LOADS], cwd=root, capture_output=True, text=True, check=True)
    imported = set(json.loads(said.stdout))
    assert "vnb" in imported
    assert not imported & {"torch", "xllamacpp", "exllamav2", "matplotlib", "numpy", "ipywidgets", "anywidget"}
