"""What vnb can say, read from its sources: the templates of its messages, with `{}` for whatever fills them."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from vnb.core.plan_diff import StepChange
from vnb.core.text_diff import PieceKind
from vnb.core.types import AttemptStatus, ChangeKind, PartKind, Role, RunStatus, StepKind, StepStatus, Strategy
from vnb.planner.asking import TITLES
from vnb.views import diff_rows

PACKAGE = Path(__file__).parents[2] / "vnb"

ERRORS = {
    f"{kind}Error" for kind in ("Vnb", "Usage", "Plan", "Budget", "Engine", "Sandbox", "Store", "Codec", "Fold", "Run")
}
SAYS = {"say", "Finding", "tell", "Progress.end", "Verdict", *ERRORS}
"""Calls whose texts are shown, however short they are."""

QUIET = {"exception", "warning", "compile", "execute"}
"""Calls whose texts are not: logs, expressions, SQL."""

ONLY_SAID = {
    "api/tables.py": "the columns' descriptions belong to the data",
    "context/items.py": "what a model reads",
    "planner/chinese.py": "what a model reads",
    "planner/english.py": "what a model reads",
    "planner/instruct.py": "what a model reads",
    "planner/notes.py": "what a model reads",
    "planner/asked_words.py": "words of the task",
    "planner/asking.py": "what a model reads",
    "planner/prompts.py": "what a model reads",
    "reading/asked.py": "expressions, and words of the task",
    "reading/asking.py": "expressions, and words of the task",
    "reading/checking.py": "expressions, and words of the task",
    "reading/constraints.py": "expressions, and words of the task",
    "reading/counts.py": "expressions, and words of the task",
    "reading/counts_zh.py": "expressions, and words of the task",
    "reading/demands.py": "expressions, and words of the task",
    "reading/edges.py": "expressions, and words of the task",
    "reading/json_demand.py": "expressions, and words of the task",
    "reading/language.py": "expressions, and words of the task",
    "reading/measure.py": "expressions, and words of the task",
    "reading/numbers.py": "expressions, and words of the task",
    "reading/parts.py": "expressions, and words of the task",
    "reading/parts_zh.py": "expressions, and words of the task",
    "reading/shape.py": "expressions, and words of the task",
    "reading/spans.py": "expressions, and words of the task",
    "reading/wording.py": "expressions, and words of the task",
    "reading/wording_zh.py": "expressions, and words of the task",
    "sandbox/faults.py": "what a model reads",
    "sandbox/inside.py": "what a model reads",
    "sandbox/outline.py": "Python",
    "sandbox/program.py": "what a model reads",
    "sandbox/run.py": "what a model reads",
    "store/schema.py": "SQL",
    "views/plot_bits.py": "matplotlib's fonts have no Chinese",
    "views/plot_data.py": "likewise",
    "views/plot_panels.py": "likewise",
    "views/plot_scores.py": "likewise",
    "views/plot_steps.py": "likewise",
    "views/plots.py": "likewise",
}
"""Modules in which only what is said outright, and errors, are for the user, and why."""

NOT_SAID = {
    "{% for m in messages %}{{ m['content'] }}\n\n{% endfor %}",
    "Authorization",
    "Location",
    "Ollama",
    "Pixtral",
    "Compiling",
    "Description",
    "English",
    "Insufficient space",
    "Measuring quantization",
    "Jupyter",
    "Notebook",
    "Optimizing",
    "Problems",
    "Python",
    "Quantizing",
    "Software",
    "Steps that have not finished",
    "Subject",
    "Tokenizing",
    "Windows",
    "border-left:3px solid rgba(128,128,128,0.35)",
    "call() waits, so it cannot be used on vnb's own loop; await the coroutine instead",
    "closed database",
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    "disk is full",
    "facts plain",
    "fail",
    "full lanes",
    "full plain",
    "full tree plain",
    "[SPEC] [options]   or   %%vmodel unload|bench [SPEC]   or   %%vmodel quantize IN OUT",
    "is locked",
    "of run",
    "ok",
    "out of memory",
    "step reserved {}",
    'th scope="col"',
    "tuple[str, str, ListedStatus, str, float, float, int, str, int]",
    "unable to open",
    "vnb show {}",
    "vnb-tiny",
    "warn",
}
"""Texts that look like words for a user and are marks, classes of CSS, and what other programs say or read."""

_COMMANDS = {"pip", "install", "jupyter", "labextension", "enable", "apt-get", "libgomp1"}

_MOST = 32
_TAGS = re.compile(r"<[^>]*>|style=\"[^\"]*\"|&\w+;")
_PROSE = re.compile(r"[A-Za-z]{2,}[,;:.]? [a-z]{2,}|^[A-Z][a-z]+$")
_WORD = re.compile(r"[A-Za-z]?[a-z]+(?:['’-][a-z]+)*")
_CODE_ALONE = re.compile(
    r"pip install(?: -\S+)* [^ ]+(?: -\S+)*"
    r"|(?!.*, or )[\"\w]+ ?[=:] ?(?:\"|\[|\(|\{\").*"
    r"|\{\}\.pdf .*"
    r"|%load_ext \w+|%vmodel quantize .*|%%vplan \w+|python3\S* -m .*"
)
"""Hints that are only to be typed."""

_CODE = re.compile(
    r"\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|WITH|WHERE|AND|ORDER|max\(runs|import |\nimport )", re.DOTALL
)
"""Beginnings of SQL and of Python."""


VOCABULARY = {
    *(word for kind in (RunStatus, StepStatus, AttemptStatus, Role, PartKind, ChangeKind) for word in get_args(kind)),
    *(word for kind in (StepKind, Strategy) for word in get_args(kind)),
    *(word for kind in (StepChange, PieceKind) for word in get_args(kind)),
    *TITLES.values(),
    *diff_rows.SIGNS,
    *("queue", "prefill", "decode", "before", "after", "difference", "page", "cell", "stale", "edited"),
    *("characters", "steps", "attempts", "documents", "rows", "changes", "warnings", "items"),
    *("no step has begun", "no token was decoded", "too few tokens were decoded", "nothing says how full it was"),
    *("it was looked at once only", "no prompt was sent to the model"),
    *("step", "tokens", "prefix", "time", "prefix hit", "Temp.", "No.", "░ queue ▒ prefill █ decode"),
}
"""Words that come to be said through a variable."""

PUT_TOGETHER = {
    *("at least {} steps are wanted", "{} is longer than one step can read", "one step is wanted"),
    *("the answer has to be computed", "the task names {} parts", "the task asks for one short answer"),
    "the task has to be divided",
    *(f"{{}} {unit}" for unit in ("sentence", "sentences", "word", "words", "character", "characters")),
    *(f"{{}} {unit}" for unit in ("paragraph", "paragraphs", "item", "items", "line", "lines")),
    *(
        "{} (default: {}; vnb-tiny: {})",
        "misses: {}",
        "misses: {} ({})",
        "the plan was edited: {}",
        "found",
        "no JSON",
        "unclear",
    ),
}
"""Templates that do not stand in one piece anywhere."""

FOREIGN = {
    "usage: ": "usage: ",
    "positional arguments": "positional arguments",
    "options": "options",
    "{}: expected one argument.": "expected one argument",
    "{}: expected at least one argument.": "expected at least one argument",
    "{}: ignored explicit argument {}.": "ignored explicit argument %",
    "{}: the following arguments are required: {}.": "the following arguments are required: %s",
}
"""What argparse says of its own, with the words that its source has for it."""


@dataclass(frozen=True)
class Found:
    """A template and where it stands."""

    file: str
    line: int
    template: str


def messages(file: Path) -> Iterator[Found]:
    """The templates in a module that read as words for a user."""
    name = file.relative_to(PACKAGE).as_posix()
    for line, template, said in _Reader(ast.parse(file.read_text(encoding="utf-8"))).found:
        if said or name not in ONLY_SAID:
            yield Found(name, line, template)


def wanted() -> dict[str, str]:
    """Every template that a catalogue must have, with a place where it stands."""
    found = {one.template: f"{one.file}:{one.line}" for file in sorted(PACKAGE.rglob("*.py")) for one in messages(file)}
    return found | dict.fromkeys(FOREIGN, "argparse") | dict.fromkeys(VOCABULARY | PUT_TOGETHER, "VOCABULARY")


class _Reader:
    """Walks a module; what is a text, with all its variants, is taken as one."""

    def __init__(self, tree: ast.AST) -> None:
        self.found: list[tuple[int, str, bool]] = []
        self._walk(tree, said=False)

    def _walk(self, node: ast.AST, said: bool) -> None:
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            for child in ast.iter_child_nodes(node):
                if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):  # a docstring
                    self._walk(child, False)
            return
        if isinstance(node, (ast.Compare, ast.AnnAssign)):
            only = node.value if isinstance(node, ast.AnnAssign) else node.left
            if only is not None and not (isinstance(node, ast.Compare) and isinstance(only, ast.Constant)):
                self._walk(only, said)
            return
        if isinstance(node, ast.Call) and _name(node.func) == "ArgumentTypeError":  # see Parser.read
            self._keep(node, [f"{{}}: {one}." for one in variants(node.args[0]) or []], True)
            return
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if name in QUIET:
                return
            self._walk(node.func, said)
            for option, argument in [
                *((None, one) for one in node.args),
                *((one.arg, one.value) for one in node.keywords),
            ]:
                self._walk(argument, (name in SAYS or option == "help") and variants(argument) is not None)
            return
        if isinstance(node, ast.Subscript):  # a key
            self._walk(node.value, said)
            return
        if isinstance(node, ast.Assert) or (isinstance(node, ast.Assign) and _name(node.targets[0]) == "__all__"):
            return
        found = variants(node)
        if found is not None:
            self._keep(node, found, said)
            for inner in _filling(node):
                self._walk(inner, False)
            return
        for child in ast.iter_child_nodes(node):
            self._walk(child, said)

    def _keep(self, node: ast.AST, found: list[str], said: bool) -> None:
        line: int = getattr(node, "lineno", 0)
        self.found += [(line, one, said) for one in found if is_said(one, said)]


def is_said(template: str, said: bool) -> bool:
    """Whether a text is for a user: prose, or any words where all that stands is shown."""
    text = _TAGS.sub(" ", template).strip()
    if (
        template in NOT_SAID
        or _CODE_ALONE.fullmatch(template)
        or template.startswith("\n:root")
        or not any(map(_is_word, text.replace("{}", " ").split()))
    ):
        return False
    return said or (bool(_PROSE.search(text)) and not _CODE.match(template))


def _is_word(word: str) -> bool:
    """Whether a word is one of a language, not of a command or a program."""
    return word not in _COMMANDS and bool(_WORD.fullmatch(word.strip(",;:.?!…·*#()'\"")))


def variants(node: ast.AST) -> list[str] | None:
    """The templates that a text can be made of; `None` if the node is no text."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return _joined([_hole(part) for part in node.values])
    if isinstance(node, ast.IfExp):
        either = [variants(node.body), variants(node.orelse)]
        return [one for side in either for one in side or []] if any(side is not None for side in either) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [variants(node.left), variants(node.right)]
        return _joined([side or ["{}"] for side in sides]) if any(side is not None for side in sides) else None
    return None


def _hole(node: ast.expr) -> list[str]:
    """What stands for one part of an f-string: `{}`, or its words where it is one of a few."""
    if not isinstance(node, ast.FormattedValue):
        return variants(node) or ["{}"]
    value = node.value
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        ending = variants(value.left)  # as in {'s' * (number != 1)}
        return ["", *ending] if ending else ["{}"]
    if isinstance(value, ast.IfExp) and node.conversion == -1:
        return [one for side in (value.body, value.orelse) for one in variants(side) or ["{}"]]
    return ["{}"]


def _joined(parts: list[list[str]]) -> list[str]:
    return ["".join(one) for one in itertools.islice(itertools.product(*parts), _MOST)]


def _filling(node: ast.AST) -> Iterator[ast.AST]:
    """The expressions that fill a text."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FormattedValue):
            if not isinstance(child.value, ast.IfExp):
                yield child.value
            else:
                yield child.value.test
        elif variants(child) is not None:
            yield from _filling(child)
        elif not isinstance(child, (ast.operator, ast.expr_context)):
            yield child


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
