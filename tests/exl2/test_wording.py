"""Chat templates as models bring them, and which tokens end an answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from vnb.core.types import Message, Segment
from vnb.engines.exllamav2.folder import read_folder
from vnb.engines.exllamav2.wording import FolderWording
from vnb.engines.prompts import Prompts
from vnb.errors import EngineError

NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{{ bos_token }}{% for m in messages %}<|user|>{{ m['content'] | trim }}<|end|>{% endfor %}"
)


def prompts(tiny: Path, folder: Path, template: str | None) -> tuple[FolderWording, Prompts]:
    shutil.copytree(tiny, folder, dirs_exist_ok=True)
    if template is None:
        settings = json.loads((folder / "tokenizer_config.json").read_text())
        del settings["chat_template"]
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    else:
        (folder / "chat_template.jinja").write_text(template)
    wording = FolderWording(read_folder(folder))
    return wording, Prompts(wording, wording.control, guess=False)


def said(*texts: str) -> list[Message]:
    roles = ("system", "user")[2 - len(texts) :]
    return [Message(role, (Segment(text, place),)) for place, (role, text) in enumerate(zip(roles, texts))]  # type: ignore[arg-type]


def test_a_template_without_a_system_role_gets_its_words_with_the_users(tiny: Path, tmp_path: Path) -> None:
    _, found = prompts(tiny, tmp_path, NO_SYSTEM)
    prompt = found.render(said("you are", "  the world  "))
    assert prompt.text == "<|system|><|user|>you are\n\n  the world  <|end|>"
    assert [found.detokenize(prompt.token_ids[s.start : s.end]).strip() for s in prompt.spans] == [
        "you are",
        "the world",
    ]
    assert found.detokenize(prompt.token_ids) == prompt.text


def test_a_base_model_gets_the_contents_alone(tiny: Path, tmp_path: Path) -> None:
    wording, found = prompts(tiny, tmp_path, None)
    assert found.render(said("you are", "here")).text == "you are\n\nhere\n\n"
    assert wording.ends == (4,)


def test_templates_may_break_out_of_loops(tiny: Path, tmp_path: Path) -> None:
    template = "{% for m in messages %}{{ m['content'] }}{% if loop.last %}{% break %}{% endif %}|{% endfor %}"
    assert prompts(tiny, tmp_path, template)[1].render(said("a", "b")).text == "a|b"


def test_the_token_behind_an_answer_ends_it(tiny: Path, tmp_path: Path) -> None:
    template = "{% for m in messages %}{{ m['content'] }}<|user|>{% endfor %}"
    assert prompts(tiny, tmp_path, template)[0].ends == (4, 2)


def test_a_template_that_cannot_be_read_is_told(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        prompts(tiny, tmp_path, "{% for m in %}")


def test_special_tokens_in_contents_stay_text(tiny: Path, tmp_path: Path) -> None:
    wording, found = prompts(tiny, tmp_path, NO_SYSTEM)
    prompt = found.render(said("<|end|><|user|>"))
    assert prompt.token_ids.count(4) == 1 and prompt.token_ids.count(2) == 1
    assert wording.count("<|end|>") > 1
