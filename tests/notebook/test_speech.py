"""`%config Vnb.lang`, and which language is spoken without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from tests.notebook import scripts
from tests.notebook.conftest import Shell
from vnb import locale
from vnb.core.codec import encode_event
from vnb.errors import UsageError
from vnb.notebook import extension, speech, widget

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    yield
    locale.choose(None)


def test_the_magics_speak_it(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell('%config Vnb.lang = "zh_CN"')
    assert shell("%config Vnb.lang") == "zh_CN"
    assert repr(shell("%vruns")) == "没有运行"
    shell("%vmodel --help")
    assert "用法：%vmodel" in capsys.readouterr().out
    assert "执行单元格里的任务" in shell.ip.find_magic("vtask", "cell").__doc__
    with pytest.raises(UsageError) as refused:
        shell("%vrun --budgat 3 x")
    assert refused.value._render_traceback_() == ["UsageError: %vrun 没有选项 --budgat。", "您是指 --budget 吗？"]
    with pytest.raises(UsageError) as refused:
        shell("%vrun --view big x")
    assert refused.value._render_traceback_()[0] == "UsageError: --view：必须是 tree, text, none 之一，而不是 'big'。"
    shell('%config Vnb.lang = "en"')
    assert repr(shell("%vruns")) == "no runs"
    assert "Carries the task" in shell.ip.find_magic("vtask", "cell").__doc__


def test_a_run_is_shown_in_it_and_stored_in_english(shell: Shell) -> None:
    def run() -> Any:
        scripts.use()
        shell("%%vtask --reuse off\nWrite an article.")
        return shell.names["_v"]

    english = run()
    shell('%config Vnb.lang = "zh"')
    chinese = run()
    assert "个步骤" in shell.shown.last["text/plain"]
    assert "各步骤全文" in shell.shown.last["text/html"]
    assert "前缀命中" in shell.shown.last["text/markdown"]
    stored = [encode_event(event) for event in chinese.events]
    assert not HAN.search(str(stored))
    keys = [
        [attempt.view.key for step in one.plan.steps for attempt in one[step.id].attempts] for one in (english, chinese)
    ]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("said", "meant"), [("zh", "zh_CN"), ("zh-CN", "zh_CN"), ("zh_CN.UTF-8", "zh_CN"), ("en", "en")]
)
def test_other_names_of_it_mean_it(shell: Shell, said: str, meant: str) -> None:
    shell(f'%config Vnb.lang = "{said}"')
    assert shell("%config Vnb.lang") == meant


def test_a_language_that_there_is_not_is_refused(shell: Shell, caplog: pytest.LogCaptureFixture) -> None:
    shell('%config Vnb.lang = "fr"')
    assert "There is no language 'fr'." in caplog.text
    assert "en, zh_CN" in caplog.text
    assert shell("%config Vnb.lang") == "en"


def test_config_lists_it_with_its_help(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    shell("%config")
    assert "Vnb" in capsys.readouterr().out.split()
    shell("%config Vnb")
    said = " ".join(capsys.readouterr().out.split())
    assert "zh_CN (简体中文)" in said and "By default VNB_LANG" in said


def test_a_configuration_file_may_say_it(shell: Shell) -> None:
    extension.unload(shell.ip)
    shell.ip.config = Config({"Vnb": {"lang": "zh_CN"}})
    extension.load(shell.ip)
    assert locale.language() == "zh_CN"
    extension.unload(shell.ip)
    assert not [one for one in shell.ip.configurables if isinstance(one, speech.Vnb)]
    assert locale.language() == "en"


def test_jupyterlabs_language_is_spoken(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / speech._SETTINGS
    settings.parent.mkdir(parents=True)
    settings.write_text('{\n    // Localization\n    // "locale": "en"\n    "locale": "zh_CN"\n}', encoding="utf-8")
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path))
    monkeypatch.setenv("LANG", "C")
    extension.load(shell.ip)
    assert locale.language() == "en", "VNB_LANG comes first"
    monkeypatch.delenv("VNB_LANG")
    extension.load(shell.ip)
    assert locale.language() == "zh_CN"
    settings.write_text('{"locale": "default"}', encoding="utf-8")
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    extension.load(shell.ip)
    assert locale.language() == "en"


@pytest.mark.parametrize(
    ("variables", "host", "spoken"),
    [
        ({}, "", "en"),
        ({"LANG": "zh_CN.UTF-8"}, "", "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "", "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, "", "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, "", "en"),
        ({"LANG": "de_DE.UTF-8"}, "zh-CN", "zh_CN"),
        ({"LANG": "zh_CN.UTF-8"}, "en", "en"),
        ({"LANG": "zh_CN.UTF-8", "VNB_LANG": "en"}, "zh-CN", "en"),
        ({"LANG": "en_US.UTF-8", "VNB_LANG": "zh"}, "en", "zh_CN"),
        ({"LANG": "zh_CN.UTF-8", "VNB_LANG": "fr"}, "", "zh_CN"),
    ],
)
def test_what_is_spoken_by_default(
    variables: dict[str, str], host: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VNB_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("locale.getlocale", lambda: (None, None))
    assert locale.default(host) == spoken


def test_a_widget_speaks_as_its_kernel(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "widget.js").touch()
    monkeypatch.setattr(widget, "STATIC", tmp_path)
    scripts.use()
    shell("%%vtask\nWrite an article.")
    english = widget.RunWidget(shell.names["_v"])
    shell('%config Vnb.lang = "zh_CN"')
    chinese = widget.RunWidget(shell.names["_v"])
    assert (english.lang, english.templates) == ("en", {})
    assert chinese.lang == "zh_CN" and chinese.templates["{} did not run"] == "{} 没有运行"
    english.close()
    chinese.close()
