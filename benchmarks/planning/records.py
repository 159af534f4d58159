"""What was measured, a line of JSON for each model, task and way, appended as it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Key = tuple[str, str, str]


class Records:
    """The records of a folder; what is there already is not measured again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / "records.jsonl"
        self._found: dict[Key, Record] = {}
        for line in self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else ():
            try:
                record = json.loads(line)
                self._found[_key(record)] = record
            except (ValueError, KeyError):
                continue  # it was being written when the process was killed

    def has(self, model: str, item: str, way: str) -> bool:
        return (model, item, way) in self._found

    def add(self, record: Record) -> None:
        self._found[_key(record)] = record
        whole = not self.file.exists() or self.file.read_bytes()[-1:] in (b"", b"\n")
        with self.file.open("a", encoding="utf-8") as file:
            file.write(("" if whole else "\n") + json.dumps(record, ensure_ascii=False) + "\n")

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._found.values()))


def _key(record: Record) -> Key:
    return record["model"], record["item"], record["way"]
