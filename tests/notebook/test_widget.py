"""The panel as an anywidget: the same messages over its comm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb.errors import UsageError
from vnb.notebook import widget
from vnb.notebook.run_panel import is_followed

VIEW = widget.VIEW


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the front end had been built."""
    (tmp_path / "widget.js").touch()
    monkeypatch.setattr(widget, "STATIC", tmp_path)


def test_it_answers_what_its_page_asks(shell: Shell, built: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts.use()
    shell("%%vtask\nWrite an article.")
    run = shell.names["_v"]
    shown = widget.RunWidget(run)
    sent: list[Any] = []
    monkeypatch.setattr(shown, "send", sent.append)
    assert shown._channel is not None
    shown._channel._send = sent.append
    shown._handle_custom_msg({"id": "1", "name": "hello", "seq": 0}, [])
    assert sent[-1]["value"] | {"now": 0} == {"carried": False, "seq": run.view.seq, "now": 0}
    assert is_followed(run.id)
    shown.close()
    assert not is_followed(run.id)


def test_where_widgets_are_wanted_the_run_is_one_until_it_ends(
    shell: Shell, built: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VSCODE_PID", "1")
    scripts.use(delay=0.05)
    shell("%%vtask\nWrite an article.")
    first, *_, last = shell.shown.bundles
    assert set(first[VIEW]) == {"version_major", "version_minor", "model_id"}
    assert VIEW not in last, "a saved notebook would say that the model was not found"


def test_a_stored_run_is_opened_as_a_widget(shell: Shell, built: None) -> None:
    scripts.use()
    shell("%%vtask\nWrite an article.")
    found = shell(f"%vopen {shell.names['_v'].id} --widget")
    assert isinstance(found, widget.RunWidget)


def test_without_the_front_end_it_says_so(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "STATIC", tmp_path / "nowhere")
    monkeypatch.setenv("VSCODE_PID", "1")
    scripts.use()
    shell("%%vtask\nWrite an article.")
    assert VIEW not in shell.shown.bundles[0]
    with pytest.raises(UsageError, match="front end"):
        widget.RunWidget(shell.names["_v"])


def test_colab_is_told_who_shows_the_widget(shell: Shell, built: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anywidget._util.get_repr_metadata", lambda: {VIEW: {"colab": {"custom_widget_manager": {}}}})
    scripts.use()
    shell("%%vtask\nWrite an article.")
    _, metadata = widget.RunWidget(shell.names["_v"]).shown()
    assert "colab" in metadata[VIEW]
