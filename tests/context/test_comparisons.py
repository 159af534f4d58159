"""The comparisons that the front end is checked against are those that Python makes."""

from __future__ import annotations

import json

import pytest

from tests.fixtures.comparisons import FILES, FOLDER, text


@pytest.mark.parametrize("name", FILES)
def test_comparisons_are_current(name: str) -> None:
    written = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert written == json.loads(text(FILES[name]())), "python -m tests.fixtures.comparisons"


def test_every_change_occurs() -> None:
    cases = [*FILES["contexts"](), *FILES["attempts"]()]
    parts = [part for case in cases if "context" in case for part in case["context"]["parts"]]
    assert {part[0] for part in parts} == {"kept", "changed", "compacted", "added", "dropped"}
    notes = " ".join(note for part in parts for note in part[4])
    for note in ("moved", "did not fit", "was s1", "trimmed from", "the shared prefix ends here"):
        assert note in notes
    said = " ".join(line for case in cases if "context" in case for line in case["context"]["prefix"])
    for ending in ("Both prompts are the same", "It ends behind", "It ends where", "tokens into", "in the KV cache"):
        assert ending in said
