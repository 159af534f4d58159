"""JupyterLab in Chinese, without a language pack: vnb speaks Chinese there, from its own tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from . import saved
from .lab import Lab, Server, look

TABS = ("输出", "上下文", "差异", "词元", "计时", "各次尝试")


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Lab]:
    folder = server.root.parent / "settings" / "lab" / "user-settings" / "@jupyterlab" / "translation-extension"
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "plugin.jupyterlab-settings"
    settings.write_text('{"locale": "zh_CN"}')
    try:
        with look(browser, server) as found:
            found.start()
            yield found
            assert found.errors == []
    finally:
        settings.unlink()


def test_a_saved_run_is_read_in_chinese(page: Lab) -> None:
    assert page.page.evaluate("document.documentElement.lang") == "zh-CN"
    page.open(saved.notebook(page.server.root / "chinese.ipynb", saved.fixture("article"), saved.fixture("failed")))
    expect(page.run.locator(".vnb-figures").first).to_contain_text("已完成 · 3/3 个步骤")
    page.run.get_by_role("treeitem", name="s1 ").click()
    for tab in TABS:
        page.run.get_by_role("tab", name=tab, exact=True).click()
        said = page.run.locator(".vnb-pane").inner_text()
        assert not re.findall(r"\b(?:Tokens?|Attempts?|Output|Context|Copy|Queue|finished)\b", said), tab
    page.run.get_by_role("treeitem", name="plan ").click()
    expect(page.run.locator(".vnb-step-head")).to_contain_text("规划步骤")


def test_what_a_run_says_in_english_is_told_in_chinese(page: Lab) -> None:
    bundle = saved.fixture("failed")
    document = next(value for mime, value in bundle.items() if mime.endswith("+json"))
    document["view"] |= {"error": "s2 did not run", "hint": "Go on with the whole run: %vrun failed"}
    page.open(saved.notebook(page.server.root / "chinese-failed.ipynb", bundle))
    failure = page.run.locator(".vnb-failure").first
    expect(failure).to_contain_text("s2 没有运行")
    expect(failure).to_contain_text("继续整个运行")
    expect(failure.locator("code").first).to_have_text("%vrun failed")


def test_the_side_panel_and_its_commands_are_in_chinese(page: Lab) -> None:
    page.page.evaluate("() => jupyterapp.commands.execute('vnb:show-panel')")
    expect(page.page.locator("#vnb-side-panel")).to_contain_text("请打开一个笔记本")
    assert page.page.evaluate("jupyterapp.commands.label('vnb:new-task')") == "新建任务单元格"
