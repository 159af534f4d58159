"""Markdown: the run as a table, and model output that no reader turns into HTML, images or bad links."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import mistune
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fixtures import NAMES, load, moments
from tests.fixtures.scenes import EVIL
from vnb.views import markdown

HARMLESS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "del"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


class Page(HTMLParser):
    """What a reader of Markdown that lets HTML through makes of it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.codes: list[str] = []
        self.inside = 0
        reader = mistune.create_markdown(escape=False, plugins=["table", "url", "strikethrough", "footnotes", "math"])
        self.feed(str(reader(source)))
        self.close()

    @property
    def text(self) -> str:
        return "".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("div", "span"):
            assert attrs == [("class", "math")]
            return
        assert tag in HARMLESS, tag
        for name, value in attrs:
            assert name in ("href", "class", "title", "style", "start"), name
            if name == "href":
                assert value is not None
                assert re.match(r"https?://|#", value), value
                self.links.append(value)
        self.inside += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self.inside -= tag == "pre"

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.inside:
            self.codes.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_comment


NASTY = st.lists(
    st.sampled_from(
        [
            *(
                "<script>",
                "<img src=x onerror=y>",
                "</p>",
                "<!--",
                "-->",
                "<?",
                "<a href=javascript:x>",
                "<",
                ">",
                "&lt;",
                "<b",
            ),
            *(
                "```",
                "````",
                "~~~",
                "`",
                "``",
                "```html",
                "``` a`b",
                "\n",
                "\n\n",
                "  ",
                "    ",
                "\t",
                "> ",
                "- ",
                "1. ",
                "\\",
            ),
            *(
                "[x](javascript:y)",
                "[x]: javascript:y\n",
                "[x]",
                "![",
                "![a](http://b)",
                "](",
                "](<javascript:y>)",
                "]:",
                "[",
            ),
            *(
                "[x](JaVaScRiPt:y)",
                "[x](&#106;avascript:y)",
                "(data:text/html,z)",
                "[x](\njavascript:y)",
                "<javascript:y>",
            ),
            *(
                "http://a.b/'\"",
                "[x](http://a)",
                "[^1]",
                "[^1]:",
                "$$",
                "$",
                "|",
                "|-|",
                "# ",
                "***",
                "\x00",
                "\ud800",
                "word ",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@given(NASTY)
@example(EVIL)
def test_no_output_becomes_markup(output: str) -> None:
    Page(markdown.harmless(output))


@pytest.mark.parametrize("name", NAMES)
def test_no_run_becomes_markup(name: str) -> None:
    fixture = load(name)
    for view in moments(name):
        Page(markdown.render(view, fixture["blobs"], fixture["now"]))


def test_what_an_honest_model_writes_stays_as_it_is() -> None:
    output = "# Title\n\nSome *prose* with `a < b`, [a link](https://example.org) and 1 < 2.\n\n- one\n- two\n"
    assert markdown.harmless(output) == output


def test_code_keeps_every_character() -> None:
    code = "#include <stdio.h>\nint main() { return a[0] < 1 ? ![]: 2; }"
    page = Page(markdown.harmless(f"Before:\n```c\n{code}\n```\nAfter <b>bold</b>."))
    assert "".join(page.codes).strip() == code
    assert "After <b>bold</b>." in page.text


def test_a_fence_inside_a_fence_does_not_end_it() -> None:
    page = Page(markdown.harmless("````\n```\n<script>\n```\n````\nout"))
    assert "".join(page.codes).strip() == "```\n<script>\n```" and "out" not in "".join(page.codes)


def test_pictures_and_bad_links_stay_readable() -> None:
    page = Page(markdown.harmless("![beacon](https://evil.example/b.png) [x](javascript:alert(1)) [ok](https://a.b)"))
    assert "![beacon](" in page.text and "[x](javascript:alert(1))" in page.text
    assert "javascript:alert(1)" not in page.links and "https://a.b" in page.links


@pytest.mark.parametrize(
    ("language", "kept"),
    [
        ("python", "python"),
        ("c++ x", "c++"),
        ("mermaid", ""),
        ("Mermaid", ""),
        ("math", ""),
        ("x{.y}", ""),
        ("<b>", ""),
    ],
)
def test_fences_that_would_be_drawn_are_plain(language: str, kept: str) -> None:
    assert markdown.harmless(f"```{language}\nx\n```").strip() == f"````{kept}\nx\n````"


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1))
def test_a_title_is_shown_exactly(title: str) -> None:
    assert Page(f"Title: {markdown.inline(title)}").text.strip() == f"Title: {title}"


def test_table_of_steps() -> None:
    fixture = load("diamond")
    *_, view = moments("diamond")
    source = markdown.render(view, fixture["blobs"], fixture["now"])
    assert "| ✓ | bottom Compare both\\. | left, right | 8 |" in source.replace("both.", "both\\.")
    assert "4/4 steps" in source and source.rstrip().endswith("Quicksort is in place; merge sort is stable.")
