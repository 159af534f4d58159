"""What is shown in Chinese holds no English of vnb's own, and what is stored no Chinese."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures import NAMES, events, load, moments
from vnb import locale
from vnb.core.codec import decode_event, encode_event
from vnb.core.events import StepDecoded
from vnb.core.view import RunView
from vnb.errors import UsageError
from vnb.notebook.arguments import Parser
from vnb.notebook.options import PARSERS
from vnb.views import cells, clean, html, markdown, markdown_report, report, text

PROSE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}(?: [a-z]+)*")
TYPED = re.compile(r"%%?v\w+ [\w-]+(?: run)?|--[\w-]+ [\w-]+|json schema|(?:integrate|strategy) \w+")
"""What is the same in every language: commands, options with what they are set to, the name of a kind of constraint."""

MADE = {"plan": "", "made": "", "seal": ""}

VIEWS: dict[str, Callable[[RunView, dict[str, str], float], str]] = {
    "text": text.render,
    "html": html.render,
    "markdown": markdown.render,
    "page": lambda view, blobs, now: report.render(view, blobs, now, **MADE),
    "report": lambda view, blobs, now: markdown_report.render(view, blobs, now, **MADE),
    "notebook": lambda view, blobs, now: cells._intro(view, ""),
}


def words(shown: str) -> str:
    """What one reads of HTML or Markdown: no tags, no escapes, no style sheet."""
    plain = re.sub(r"<style>.*?</style>|<[^>]*>", "\n", shown, flags=re.DOTALL)
    return TYPED.sub("", markup.unescape(plain).replace("\\", "").replace("\u00a0", " "))


def given(found: dict[str, Any]) -> str:
    """What users and models said in a run."""
    bodies = [event.body for event in map(decode_event, found["events"])]
    tokens = "".join(token.text for body in bodies if isinstance(body, StepDecoded) for token in body.tokens)
    said = json.dumps([found["events"], found["blobs"]], ensure_ascii=False) + tokens
    return " ".join(said.replace("\\n", " ").split())


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", [name for name in NAMES if name != "hostile"])
def test_a_run_is_shown_in_chinese(name: str, view: str) -> None:
    found = load(name)
    *_, last = moments(name)
    shown = words(VIEWS[view](last, found["blobs"], found["now"]))
    assert re.search("[\u4e00-\u9fff]", shown)
    english = {said for said in PROSE.findall(shown) if said not in given(found)}
    assert not english


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("parser", PARSERS.values(), ids=list(PARSERS))
def test_help_is_in_chinese(parser: Parser) -> None:
    shown = parser.format_help()
    assert [line for line in shown.splitlines() if clean.width(line) > 100] == []
    said = [TYPED.sub("", line) for line in shown.splitlines() if not line.startswith("用法：")]
    assert PROSE.findall("\n".join(said)) == []


@pytest.mark.usefixtures("chinese")
def test_a_reason_that_was_stored_in_english_is_shown_in_chinese() -> None:
    found = load("failed")
    *_, last = moments("failed")
    last.error, last.hint = "s2 did not run", "Go on with the whole run: %vrun 1f"
    shown = text.render(last, found["blobs"], found["now"])
    assert "s2 没有运行" in shown
    assert "继续整个运行：%vrun 1f" in shown


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_is_the_same_in_every_language(name: str) -> None:
    spoken = [json.dumps(encode_event(event)) for event in events(name)]
    locale.choose(locale.ENGLISH)
    assert spoken == [json.dumps(encode_event(event)) for event in events(name)]


@pytest.mark.usefixtures("chinese")
def test_an_error_keeps_its_words_and_is_shown_in_chinese() -> None:
    error = UsageError("The run has no step 's9'.", "Its steps: s1, s2")
    assert str(error) == "The run has no step 's9'.\nIts steps: s1, s2"
    assert error._render_traceback_() == ["UsageError: 这次运行没有步骤 's9'。", "它的步骤：s1, s2"]
