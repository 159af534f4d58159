"""The program in a model's answer."""

from __future__ import annotations

import keyword
import re
import textwrap

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})[ \t]*((?:[\w{][^`\n]*)?)")
_INLINE = re.compile(r"```(?:python3?|py)?\s(.*?)```|``?([^`\n]+)``?", re.DOTALL)
_PYTHON = {"python", "python3", "py", "py3", "ipython"}
_DEFINED = re.compile(
    r"^(?:(?:async )?def|class) +(\w+)|^(\w+) *(?::[^=\n]+)?[-+*/%]?=(?!=)|^for +(\w+)|^(?:from [\w.]+ )?import +(.+)",
    re.MULTILINE,
)
_WORD = re.compile(r"[^\W\d]\w*")
_LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#.*")
_PAIR = re.compile(r"(?<!\w)(?=([^\W\d]\w*)[ \t]+([^\W\d]\w*))")
_MARKS = re.compile(r"[，。：；！？、]|^\s*(?:\*\*|[-*>] |\d+\. )")
_KEYWORDS = {*keyword.kwlist, "match", "case", "type"}


def source_of(answer: str) -> str:
    """The program in a model's answer; empty if there is none.

    Of several fenced blocks that are Python it is the last one, after the earlier ones that define what it uses. A block that
    is never closed goes to the end. Where nothing is fenced it is the answer without the sentences around the program.
    """
    text = re.sub("\r\n?", "\n", answer)
    blocks = _fenced(text)
    for fitting in (_PYTHON, {""}, {language for language, _ in blocks}):
        found = [block for language, block in blocks if language in fitting and block.strip()]
        if found:
            return _joined(found)
    inline = _INLINE.fullmatch(text.strip())
    program = "" if blocks else inline[1] or inline[2] or "" if inline else _unwrapped(text)
    return textwrap.dedent(program).strip("\n")


def _fenced(text: str) -> list[tuple[str, str]]:
    """Fenced blocks with their languages."""
    found: list[tuple[str, list[str]]] = []
    mark = ""
    for line in text.split("\n"):
        fence = _FENCE.fullmatch(line)
        language = fence[2].strip(" \t{.}").lower().partition(" ")[0] if fence else ""
        if fence and (not mark or language):  # a block that opens where one is open: that one was not closed
            mark = fence[1]
            found.append((language, []))
        elif fence and fence[1].startswith(mark):
            mark = ""
        elif mark:
            found[-1][1].append(line)
    return [(language, textwrap.dedent("\n".join(lines)).strip("\n")) for language, lines in found]


def _joined(blocks: list[str]) -> str:
    """The last block that is a program (what follows is its output), after the earlier ones that define what it uses."""
    last = max((place for place, block in enumerate(blocks) if _is_program(block, blocks[:place])), default=-1)
    program, earlier = blocks[last], blocks[:last]
    for block in reversed(earlier):
        if (_defined(block) - _defined(program)) & set(_WORD.findall(program)):
            program = f"{block}\n\n{program}"
    return program


def _is_program(block: str, earlier: list[str]) -> bool:
    """Whether a block does anything: it defines, calls, or uses what an earlier one defines."""
    does = (
        "(" in block
        or _defined(block)
        or set(_WORD.findall(block)) & {name for one in earlier for name in _defined(one)}
    )
    return bool(does) and not _is_prose(block.partition("\n")[0])


def _defined(block: str) -> set[str]:
    """Names that a block defines at its outermost level."""
    return {word for groups in _DEFINED.findall(block) for group in groups for word in _WORD.findall(group)}


def _unwrapped(text: str) -> str:
    """A text without the lines of prose before and after the program; as it is if it is nothing but prose."""
    lines = text.split("\n")
    code = [place for place, line in enumerate(lines) if line.strip() and not _is_prose(line)]
    return "\n".join(lines[code[0] : code[-1] + 1]) if code else text


def _is_prose(line: str) -> bool:
    """Whether a line is words, not Python: two names side by side, or the marks of a sentence."""
    if '"""' in line or "'''" in line:
        return False
    bare = _LITERAL.sub("0", line)
    beside = any(not {one, other} & _KEYWORDS for one, other in _PAIR.findall(bare))
    word, colon, after = bare.strip().partition(":")
    is_label = word.isalpha() and not after and word not in _KEYWORDS and bool(colon or word in _PYTHON)
    return beside or is_label or bool(_MARKS.search(bare))
