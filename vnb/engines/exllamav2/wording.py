"""The tokenizer and the chat template of a folder of weights. Needs `tokenizers`, `jinja2` and `llguidance`, no torch."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NoReturn

from ...errors import EngineError
from ..prompts import Pieces
from ..think_first import habit_of, template_settings
from ..thinking import MARKS
from .folder import Folder

PLAIN = "{% for m in messages %}{{ m['content'] }}\n\n{% endfor %}"
"""For base models, which have no template."""
_MARK = "vnbmarkvnb"


class FolderWording:
    """Tokenizes as the folder's `tokenizer.json` says; adds no tokens but those of the template.

    Attributes:
        control: Texts of the special tokens.
        habit: How the model thinks; `None` if it does not.
        shows_special: Special tokens stand around its reasoning, so their texts belong to the output.
        ends: Ids of the tokens that end an answer.
        grammar: The same tokenizer for llguidance.
    """

    def __init__(self, folder: Folder) -> None:
        import jinja2
        import jinja2.sandbox
        import llguidance
        from tokenizers import Tokenizer

        settings = json.loads((folder.path / "tokenizer.json").read_text(encoding="utf-8"))
        settings["post_processor"] = None
        raw = json.dumps(settings)
        self._tokenizer = Tokenizer.from_str(raw)
        self._plain = Tokenizer.from_str(raw)
        self._plain.encode_special_tokens = True
        self._specials = {t["content"]: int(t["id"]) for t in settings.get("added_tokens", ()) if t["special"]}
        self.control = tuple(self._specials)
        self.habit = habit_of(folder.template)
        self.shows_special = any(token in mark for token in self.control for mark in MARKS)
        environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
        environment.globals.update(raise_exception=_refuse, strftime_now=time.strftime)
        try:
            self._template = environment.from_string(folder.template or PLAIN)
        except jinja2.TemplateError as error:
            raise EngineError(f"The chat template of {folder.path} cannot be read: {error}.") from None
        self._errors = (jinja2.TemplateError, TypeError, ValueError)
        self._named = {
            name: value for name in ("bos_token", "eos_token") if (value := _content(folder.tokenizer.get(name)))
        }
        self.ends = self._ends(folder)
        size = max(folder.number("vocab_size"), self._tokenizer.get_vocab_size())
        self.grammar = llguidance.LLTokenizer(raw, n_vocab=size, eos_token=list(self.ends) or None)

    def apply(self, messages: Sequence[tuple[str, str]], think: str) -> str:
        return self._apply(messages, True, think)

    def opening(self) -> Pieces:
        return (), ()

    def pieces(self, text: str, special: bool) -> Pieces:
        encoding = self._encode(text, special)
        starts = [start for start, _ in encoding.offsets]
        edges = [0, *starts[1:], len(text)] if starts else []
        return tuple(encoding.ids), tuple(text[a:b].encode() for a, b in pairwise(edges))

    def count(self, text: str) -> int:
        return len(self._encode(text, False).ids)

    def detokenize(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=False))

    def vocabulary(self) -> dict[str, int]:
        """Every token's text and id."""
        return dict(self._tokenizer.get_vocab(with_added_tokens=True))

    def bytes_of(self, token: int) -> bytes:
        """The bytes that a token stands for, also where they are no whole character."""
        return bytes(self.grammar.decode_bytes([token]))

    def _encode(self, text: str, special: bool) -> Any:
        try:
            return (self._tokenizer if special else self._plain).encode(text, add_special_tokens=False)
        except (UnicodeError, TypeError) as error:
            raise EngineError(
                f"The text cannot be encoded: {error}.", "Is there half of a surrogate pair in it?"
            ) from None

    def _apply(self, messages: Sequence[tuple[str, str]], opened: bool, think: str = "") -> str:
        named = {"add_generation_prompt": opened, "tools": None, **template_settings(think), **self._named}
        said = [{"role": role, "content": content} for role, content in messages]
        try:
            return str(self._template.render(messages=said, **named))
        except self._errors as error:
            raise EngineError(f"The chat template refuses these messages: {error}.") from None

    def _ends(self, folder: Folder) -> tuple[int, ...]:
        """What the settings name, and the special token that the template puts behind an answer."""
        found = list(folder.ends)
        found += [self._specials[name] for name in (self._named.get("eos_token"),) if name in self._specials]
        try:
            closed = self._apply([("user", "x"), ("assistant", _MARK)], False).partition(_MARK)[2]
        except EngineError:
            closed = ""
        behind = self._encode(closed, True).ids[:1]
        found += [token for token in behind if token in self._specials.values()]
        return tuple(dict.fromkeys(found))


def _content(token: Any) -> str:
    """A token of `tokenizer_config.json`, which is a text or a mapping."""
    value = token.get("content") if isinstance(token, Mapping) else token
    return value if isinstance(value, str) else ""


def _refuse(words: str) -> NoReturn:
    raise ValueError(words)
