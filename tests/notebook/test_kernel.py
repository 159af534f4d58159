"""In a real kernel: messages, stored notebooks, the stop button, completions."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipykernel._version import version_info as ipykernel_version
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import vnb

ROOT = Path(vnb.__file__).parents[1]
VNB = "application/vnd.vnb.run+json"
SETUP = """
%load_ext vnb
from tests.notebook import scripts
from vnb.engines.scripted import Fail
engine = scripts.use()
"""

Message = dict[str, Any]


class Kernel:
    """A kernel and what it said."""

    def __init__(self, km: KernelManager, client: Any) -> None:
        self.km, self.client = km, client
        self.late: list[Message] = []

    def __call__(self, code: str, on: Callable[[Message], None] = lambda _: None) -> tuple[Message, list[Message]]:
        """Runs a cell; returns the reply and what was published for it, in order."""
        asked = self.client.execute(code)
        published: list[Message] = []
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != asked:
                self.late.append(message)
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            published.append(message)
            on(message)
        return self._reply(asked), published

    def _reply(self, asked: str) -> Message:
        while True:
            message: Message = self.client.get_shell_msg(timeout=60)
            if message["parent_header"].get("msg_id") == asked:
                content: Message = message["content"]
                return content

    def value(self, code: str) -> str:
        """The text of an expression's value."""
        reply, published = self(code)
        assert reply["status"] == "ok", reply
        return "".join(one["content"]["data"]["text/plain"] for one in published if one["msg_type"] == "execute_result")

    def completes(self, code: str) -> list[str]:
        """The cell as it would be with each completion that the kernel offers."""
        reply = self._reply(self.client.complete(code, len(code)))
        return [code[: reply["cursor_start"]] + match for match in reply["matches"]]


@pytest.fixture(scope="module")
def _kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "VNB_HOME": str(tmp_path_factory.mktemp("home"))}
    km, client = start_new_kernel(env=env, cwd=str(tmp_path_factory.mktemp("cwd")))
    yield Kernel(km, client)
    client.stop_channels()
    km.shutdown_kernel(now=True)


@pytest.fixture
def kernel(_kernel: Kernel) -> Kernel:
    """A kernel with vnb loaded and a scripted engine."""
    reply, _ = _kernel(SETUP)
    assert reply["status"] == "ok", reply
    return _kernel


def displays(published: list[Message]) -> list[tuple[str, str, set[str]]]:
    """Kind, id and types of each display message."""
    return [
        (one["msg_type"], one["content"]["transient"]["display_id"], set(one["content"]["data"]))
        for one in published
        if "display_data" in one["msg_type"]
    ]


def test_a_task_is_displayed_once_and_updated_in_place(kernel: Kernel) -> None:
    kernel("engine = scripts.use(delay=0.02)")
    reply, published = kernel("%%vtask article\nWrite an article.")
    assert reply["status"] == "ok"
    (first, display_id, _), *updates = displays(published)
    assert first == "display_data" and len(updates) > 1
    assert {(kind, of) for kind, of, _ in updates} == {("update_display_data", display_id)}
    assert updates[-1][2] == {VNB, "text/html", "text/markdown", "text/plain"}
    assert [one["msg_type"] for one in published if one["msg_type"] in ("execute_result", "stream", "error")] == []
    assert kernel.value("article is _v, article.status") == "(True, 'finished')"


def test_the_stop_button_stops_the_run_and_keeps_what_was_decoded(kernel: Kernel) -> None:
    kernel("engine = scripts.use(scripts.held())")
    pressed: list[Message] = []

    def press(message: Message) -> None:
        if not pressed and "Now there" in message["content"].get("data", {}).get("text/plain", ""):
            pressed.append(message)
            kernel.km.interrupt_kernel()

    reply, published = kernel("%%vtask article --seed 11\nWrite an article.", press)
    assert pressed and reply["status"] == "error" and reply["ename"] == "KeyboardInterrupt"
    assert len(reply["traceback"]) == 2 and "%vrun article" in reply["traceback"][1]
    kind, _, types = displays(published)[-1]
    assert kind == "update_display_data" and VNB in types
    assert published[-2]["content"]["data"][VNB]["status"] == "stopped"
    assert kernel.value("article.status, article['s2'].output") == "('stopped', 'Now there are ')"
    assert kernel.value("engine.requests[-1].outcome") == "'cancelled'"
    kernel("engine = scripts.use()")
    reply, published = kernel("%vrun _v")
    assert reply["status"] == "ok" and len({of for _, of, _ in displays(published)}) == 1
    assert kernel.value("article.status, _v.id == article.id, len(engine.requests)") == "('finished', True, 2)"


def test_a_run_in_the_background_goes_on_in_its_own_cell(kernel: Kernel) -> None:
    kernel("engine = scripts.use(scripts.held())")
    reply, published = kernel("%%vtask article --seed 12 --background\nWrite an article.")
    ((_, display_id, _),) = displays(published[:4])[:1]
    asked = published[0]["parent_header"]["msg_id"]
    assert reply["status"] == "ok" and kernel.value("article.status") == "'running'"
    kernel("scripts.let_go(engine); article.wait(); None")
    while not (ended := [one for one in kernel.late if "text/markdown" in one["content"].get("data", {})]):
        kernel.late.append(kernel.client.get_iopub_msg(timeout=60))
    assert ended[0]["content"]["transient"]["display_id"] == display_id
    if ipykernel_version >= (7,):  # before, the message named the latest cell; front ends go by the display's id
        assert ended[0]["parent_header"]["msg_id"] == asked
    assert ended[0]["content"]["data"][VNB]["status"] == "finished"


def test_completions_come_through_the_kernel(kernel: Kernel) -> None:
    kernel("%%vtask article --view none\nWrite an article.")
    assert kernel.completes("%%vtask article --inte") == ["%%vtask article --integrate"]
    assert kernel.completes("%%vtask --view t") == ["%%vtask --view tree", "%%vtask --view text"]
    assert kernel.completes("import sys\n%vrun artic") == ["import sys\n%vrun article"]
    assert "%vmodel tiny" in kernel.completes("%vmodel ")
    assert "article['s2" in kernel.completes("article['")
    run_id = kernel.value("article.id").strip("'")
    assert kernel.completes(f"%vopen {run_id[:8]}") == [f"%vopen {run_id}"]


def test_the_help_is_what_a_question_mark_shows(kernel: Kernel) -> None:
    reply, _ = kernel("%%vtask?")
    assert "--max-tokens-total N" in reply["payload"][0]["data"]["text/plain"]


# ---------------------------------------------------------------- notebooks


def executed(*cells: str) -> tuple[Any, CellExecutionError | None]:
    """A notebook after Run All, and the error that ended it."""
    notebook: Any = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "cells": [
                {"cell_type": "code", "id": f"c{place}", "metadata": {}, "execution_count": None, "outputs": [], "source": cell}
                for place, cell in enumerate(cells)
            ],
        }
    )  # fmt: skip
    try:
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    except CellExecutionError as error:
        return notebook, error
    nbformat.validate(notebook)
    return notebook, None


@pytest.fixture
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.usefixtures("_importable")
def test_the_stored_output_needs_no_kernel() -> None:
    notebook, error = executed(SETUP, "%%vtask article\nWrite an article;", "%vruns", "%vopen _v", "%vplan", "%vmodel")
    assert error is None
    ((stored,), *others) = [cell.outputs for cell in notebook.cells[1:]]
    assert stored.output_type == "display_data"
    assert set(stored.data) == {VNB, "text/html", "text/markdown", "text/plain"}
    assert stored.data[VNB]["status"] == "finished"
    assert "<script" not in stored.data["text/html"] and "widget" not in json.dumps(notebook)
    assert [[one.output_type for one in outputs] for outputs in others] == [["execute_result"]] * 4


@pytest.mark.usefixtures("_importable")
def test_run_all_stops_at_a_failed_task() -> None:
    notebook, error = executed(
        SETUP,
        "engine = scripts.use({'Write the past': Fail(2, 'out of ink')})",
        "%%vtask article\nWrite an article.",
        "print('not reached')",
    )
    assert error is not None and error.ename == "RunError" and "out of ink" in str(error)
    assert "Traceback" not in str(error) and "magics.py" not in str(error)
    shown, raised = notebook.cells[2].outputs
    assert shown.data[VNB]["status"] == "failed" and raised.ename == "RunError" and len(raised.traceback) == 2
    assert notebook.cells[3].execution_count is None and notebook.cells[3].outputs == []


@pytest.mark.usefixtures("_importable")
def test_run_all_stops_at_what_was_mistyped() -> None:
    _, error = executed(SETUP, "%%vtask article --tempratur 3\nWrite an article.", "print('not reached')")
    assert error is not None and error.ename == "UsageError" and "--temperature" in error.evalue


# ---------------------------------------------------------------- the panel


class Panel:
    """A panel as JupyterLab opens it: a comm of the page's own, in a shell that cells do not hold up."""

    def __init__(self, kernel: Kernel, data: dict[str, Any]) -> None:
        self.kernel, self.id, self.asked = kernel, uuid.uuid4().hex, 0
        self.heard: list[dict[str, Any]] = []
        client = kernel.client
        asked = client.session.msg("create_subshell_request")
        client.control_channel.send(asked)
        self.subshell = client.control_channel.get_msg(timeout=20)["content"]["subshell_id"]
        self._send("comm_open", {"target_name": "vnb", "data": data})

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        message = self.kernel.client.session.msg(kind, {"comm_id": self.id, **content})
        message["header"]["subshell_id"] = self.subshell
        self.kernel.client.shell_channel.send(message)

    def send(self, name: str, **said: Any) -> None:
        self.asked += 1
        self._send("comm_msg", {"data": {"id": self.asked, "name": name, **said}})

    def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message of the kernel to the panel that fits."""
        while not (found := [said for said in self.heard if condition(said)]):
            message = self.kernel.client.get_iopub_msg(timeout=60)
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == self.id:
                self.heard.append(message["content"]["data"])
        return found[0]

    def answer(self) -> dict[str, Any]:
        """The answer to the last command."""
        return self.until(lambda said: said.get("id") == self.asked)


@pytest.mark.skipif(ipykernel_version < (7,), reason="older kernels hear nothing beside a cell")
def test_a_panel_is_heard_while_the_cell_runs(kernel: Kernel) -> None:
    kernel("engine = scripts.use(scripts.held())")
    asked = kernel.client.execute("%%vtask article --seed 31 --reuse off\nWrite an article.")
    while True:
        message = kernel.client.get_iopub_msg(timeout=60)
        if VNB in message["content"].get("data", {}):
            break
    panel = Panel(kernel, {"run": message["content"]["data"][VNB]["run_id"]})
    panel.send("hello", seq=0)
    assert panel.answer()["value"]["carried"] is True
    panel.until(lambda said: "StepDecoded" in said.get("json", "") and '"s2"' in said["json"])
    panel.send("stop")
    assert panel.answer()["ok"]
    panel.until(lambda said: "RunFinished" in said.get("json", ""))
    assert kernel._reply(asked)["status"] == "error"  # after which a kernel takes up what it is asked again
    assert kernel.value("article.status") == "'stopped'"
    kernel("scripts.let_go(engine)")


def test_a_kernel_without_vnb_says_that_nobody_is_there(kernel: Kernel) -> None:
    kernel("%unload_ext vnb")
    comm = uuid.uuid4().hex
    message = kernel.client.session.msg("comm_open", {"comm_id": comm, "target_name": "vnb", "data": {}})
    kernel.client.shell_channel.send(message)
    while True:
        heard = kernel.client.get_iopub_msg(timeout=60)
        if heard["msg_type"] == "comm_close":
            break
    assert heard["content"]["comm_id"] == comm
