"""The weights that vnb ships are those that were measured, and say how they want to be spoken to."""

from __future__ import annotations

import pytest

from vnb.core.digest import digest_bytes
from vnb.models import TINY, TINY_DIGEST
from vnb.planner.prompts import COMPACT_VERSION


def test_the_shipped_file_is_the_pinned_one() -> None:
    content = TINY.read_bytes()
    assert digest_bytes(content) == TINY_DIGEST
    assert len(content) <= 12 * 2**20


def test_the_file_names_its_profile_and_template() -> None:
    gguf = pytest.importorskip("gguf")
    fields = gguf.GGUFReader(TINY).fields
    assert fields["general.name"].contents() == "vnb-tiny"
    assert fields["vnb.profile"].contents() == "compact"
    assert fields["vnb.prompts"].contents() == str(COMPACT_VERSION)
    assert "<|assistant|>" in fields["tokenizer.chat_template"].contents()
