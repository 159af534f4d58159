"""The TypeScript types are those of the Python ones. Needs no Node."""

from __future__ import annotations

from labextension import generate_types


def test_the_types_are_current() -> None:
    assert generate_types.FILE.read_text(encoding="utf-8") == generate_types.text(), (
        "python -m labextension.generate_types"
    )
