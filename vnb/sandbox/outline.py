"""Where a program's result is, by its tokens.

No parser: Python's own may take for ever, or all the stack, over a source that is made for it. Tokens are read in one pass.
"""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from tokenize import TokenInfo

RESULTS = ("answer", "result")
"""Names that are taken for the result, where no expression is."""

_EXPRESSIONS = {"None", "True", "False", "not", "lambda", "await"}
_STATEMENTS = set(keyword.kwlist) - _EXPRESSIONS
_COMPOUND = {"if", "for", "while", "with", "try", "def", "class", "async", "elif", "else", "except", "finally", "match"}
_OPEN, _CLOSED = {"(", "[", "{"}, {")", "]", "}"}
_ASSIGNS = re.compile(r"(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=")
_SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Statement:
    """A statement of the outermost level, with everything that is indented below it."""

    tokens: tuple[TokenInfo, ...]

    def words(self) -> list[str]:
        """Its names, keywords and signs; empty texts for what is literal."""
        return [token.string if token.type in {tokenize.NAME, tokenize.OP} else "" for token in self.tokens]

    def outer(self) -> Iterator[tuple[int, str]]:
        """Those of its tokens that stand in no brackets, each with its place."""
        depth = 0
        for place, word in enumerate(self.words()):
            depth -= word in _CLOSED
            if not depth:
                yield place, word
            depth += word in _OPEN

    def assigned(self) -> set[str]:
        """Names that get a value in it; those of a function are its own."""
        if self.tokens[0].string in {"def", "class", "async", "@"}:
            return set()
        words = self.words()
        if words[1:2] == [":"] and words[0] not in _STATEMENTS:  # with an annotation
            return {words[0]}
        return {words[place - 1] for place, word in self.outer() if place and _ASSIGNS.fullmatch(word)}

    def expression(self) -> tuple[TokenInfo, ...]:
        """The tokens of the expression that it is, or returns; none if it is another statement."""
        first = self.tokens[0].string
        if first == "return":
            return self.tokens[1:]
        outer = [word for _, word in self.outer()]
        annotates = ":" in outer and "lambda" not in outer
        is_other = first in _STATEMENTS or first == "@" or annotates or any(map(_ASSIGNS.fullmatch, outer))
        return () if is_other else self.tokens

    def function(self) -> str:
        """The name of the function that it defines; empty if it defines none."""
        words = self.words()
        after = {"def": 1, "async": 2}.get(words[0], 0)
        return words[after] if after and len(words) > after and words[after - 1] == "def" else ""

    def uses(self, name: str) -> bool:
        """Whether a name occurs in it, also in an f-string."""
        texts = [token.string for token in self.tokens if token.type == tokenize.STRING]
        templates = [text for text in texts if "f" in text.partition(text[-1])[0].lower()]
        return name in self.words() or any(re.search(rf"\b{name}\b", text) for text in templates)


def statements(source: str) -> list[Statement]:
    """The outermost statements of a program; none where they cannot be told apart."""
    found: list[list[TokenInfo]] = []
    level = depth = 0
    begins = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            level += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
            begins |= token.type == tokenize.NEWLINE
            if token.type in _SKIPPED:
                continue
            ends = token.string == ";" and not depth and not level and found[-1][0].string not in _COMPOUND
            if begins and not level:
                found.append([])
            begins = ends
            if not ends:
                found[-1].append(token)
            if token.type == tokenize.OP:
                depth += (token.string in _OPEN) - (token.string in _CLOSED)
    except (tokenize.TokenError, SyntaxError, IndexError):
        return []
    return [Statement(tuple(tokens)) for tokens in found if tokens]


def keeping(source: str, name: str, outline: list[Statement]) -> str:
    """The program with the value of its last expression kept under a name; as it is where it ends in none."""
    value = outline[-1].expression() if outline else ()
    if not value:
        return source
    lines = [0, *(found.end() for found in re.finditer("\n", source))]
    places = (outline[-1].tokens[0].start, value[0].start, value[-1].end)
    begin, first, end = (lines[row - 1] + column for row, column in places)
    return f"{source[:begin]}{name} = ({source[first:end]}){source[end:]}"


def others(outline: list[Statement], names: Collection[str]) -> Iterator[str]:
    """Expressions that may be the result of a program whose last expression has no value, the likeliest first."""
    assigned = {name for one in outline for name in one.assigned()}
    yield from (name for name in RESULTS if name in assigned)
    unused = [one for one in outline if one.function() and not _is_used(one, outline)]
    if len(unused) == 1 and (call := _call(unused[0], names)):
        yield call


def last_assigned(outline: list[Statement]) -> str:
    """The name that a program's last statement assigns; empty if it assigns none."""
    words = outline[-1].words() if outline else []
    return words[0] if len(words) > 1 and words[0].isidentifier() and outline[-1].assigned() == {words[0]} else ""


def _is_used(function: Statement, outline: list[Statement]) -> bool:
    """Whether anything outside a function names it; a last line that is nothing but its name does not count."""
    name = function.function()
    elsewhere = [one for one in outline if one is not function]
    if outline[-1].words() == [name]:
        elsewhere = elsewhere[:-1]
    return any(one.uses(name) for one in elsewhere)


def _call(function: Statement, names: Collection[str]) -> str:
    """The call of a function whose arguments are all known by name; empty if one is not."""
    words = function.words()
    parameters: list[list[str]] = [[]]
    depth = 0
    for word in words[words.index("(") :]:
        depth += (word in _OPEN) - (word in _CLOSED)
        if not depth:
            break
        if word == "," and depth == 1:
            parameters.append([])
        elif depth > 1 or word != "(":
            parameters[-1].append(word)
    needed = [one[0] for one in parameters if one and "=" not in one and one[0] not in {"*", "**", "/"}]
    if any(name not in names for name in needed):
        return ""
    awaited = "await " if words[0] == "async" else ""
    return f"{awaited}{function.function()}({', '.join(f'{name}={name}' for name in needed)})"
