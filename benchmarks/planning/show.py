"""A whole run in words: the task, the brief, the plan, what every step was sent and answered, the result, its grade."""

from __future__ import annotations

import json

import vnb

from .records import Record, Records


def show(records: Records, item: str) -> int:
    """Prints what every way made of a task; returns 1 if nothing did."""
    found = [record for record in records if record["item"] == item]
    if found:
        print(f"# {item}\n\n{found[0]['task']}\n\nExpected: {json.dumps(found[0]['expected'], ensure_ascii=False)}")
    else:
        known = sorted({record["item"] for record in records})
        print(f"There are no records of {item!r}. There are: {', '.join(known) or 'none'}")
    for record in found:
        print(f"\n\n{'=' * 20} {record['model']}, {record['way']}\n")
        if record.get("run"):
            print(run_in_words(record))
        for reply in record.get("replies", ()):
            print(f"## {reply}\n")
        print(f"## Result\n{record['result']}\n\n## Grade")
        for name in ("right", "score", "details", "in_language", "status", "error", "warnings", "faults", "echoes"):
            if record.get(name) not in (None, "", [], {}):
                print(f"{name}: {json.dumps(record[name], ensure_ascii=False)}")
        print(f"tokens: {record.get('tokens_in', 0)} in, {record.get('tokens_out', 0)} out; {record['seconds']} s")
    return int(not found)


def run_in_words(record: Record) -> str:
    run = vnb.open(record["run"])
    pieces = [f"Run {run.id}: {run.status}"]
    if run.brief is not None:
        pieces.append(f"## Brief\n{run.brief}")
    pieces.append(f"## Plan\n{record['plan']}")
    for step in run.steps:
        for attempt in step.attempts:
            prompt = attempt.prompt
            about = f"{step.id}, attempt {attempt.number}: {attempt.status}, {attempt.usage.new_tokens} tokens"
            about += f", {attempt.view.reason}" if attempt.view.reason else ""
            pieces.append(f"## {about}\n### Sent\n{prompt.text if prompt is not None else '(no model was called)'}")
            pieces.append(f"### Answered\n{attempt.output}")
            if attempt.view.error:
                pieces.append(f"### Error\n{attempt.view.error}")
    return "\n\n".join(pieces) + "\n"
