"""What a vnb run shows of itself: its plan, its faults, its warnings, and what of the prompt came back in the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from vnb.api.run import Run
from vnb.core.types import Context, Step

from .language import HAN

ECHO_WORDS, ECHO_CHARACTERS = 6, 10
"""So many consecutive words, or Chinese characters, of the planner's prompt are an echo."""


def of_run(run: Run) -> dict[str, Any]:
    """What a record keeps of a run that has ended."""
    view = run.view
    used = [attempt.usage for step in view.steps.values() for attempt in step.attempts]
    width, depth = shape([step for step in view.plan if not step.parent])
    return {
        "run": run.id,
        "strategy": view.strategy,
        "status": run.status,
        "result": run.result or "",
        "error": view.error,
        "tokens_in": sum(usage.prompt_tokens for usage in used),
        "tokens_out": sum(usage.new_tokens for usage in used),
        "calls": sum(bool(attempt.prompt) for step in view.steps.values() for attempt in step.attempts),
        "steps": len(view.plan),
        "width": width,
        "depth": depth,
        "plan": str(run.plan) if view.plan else "",
        "warnings": warnings(run),
        "faults": faults(run),
        "echoes": echoes(run),
        "forward": forward(run),
    }


def warnings(run: Run) -> list[str]:
    """What the run itself says is wrong with it, in whatever form this vnb has that."""
    found: Iterable[Any] = getattr(run, "warnings", None) or getattr(run.view, "warnings", None) or ()
    return [" ".join(map(str, one)) if isinstance(one, (tuple, list)) else str(one) for one in found]


def faults(run: Run) -> list[str]:
    """The outputs that count and are cut, empty, or loops: as in `s2: length`."""
    found: list[str] = []
    for step in run.steps:
        attempt = step.chosen
        if attempt is not None and step.view.chosen and step.status != "superseded":
            found += [f"{step.id}: {fault}" for fault in faults_of(attempt.output, attempt.view.reason)]
    return found + ([] if (run.result or "").strip() else ["result: empty"])


def faults_of(output: str, reason: str | None) -> list[str]:
    """What is wrong with one output on the face of it."""
    found = [reason] if reason in ("length", "repeats") else []
    if not output.strip():
        found.append("empty")
    if loops(output):
        found.append("loop")
    return found


def loops(text: str) -> bool:
    """Whether a text says the same four times in a row, in 120 characters or more; numbers may count up meanwhile."""
    text = re.sub(r"\d+", "0", text)
    for at in range(0, len(text) - 120, 8):
        again = text.find(text[at : at + 24], at + 4, at + 400)
        period = again - at
        times = max(4, -(-120 // period)) if again >= 0 else 0
        if times and text[at : at + period] * times == text[at : at + period * times]:
            said = set(re.findall(rf"[A-Za-z{HAN}]", text[at:again]))
            if len(said) >= 2:
                return True
    return False


def shape(steps: list[Step]) -> tuple[int, int]:
    """The most steps at one depth, and how deep the plan is."""
    depths: dict[str, int] = {}
    for _ in steps:
        for step in steps:
            depths[step.id] = 1 + max((depths.get(need, 0) for need in step.needs), default=0)
    levels = list(depths.values())
    return max((levels.count(level) for level in levels), default=0), max(levels, default=0)


def echoes(run: Run) -> list[str]:
    """Words of the planner's prompt that its plan repeats, where the task does not have them too."""
    context: Context | None = run["plan"].context if "plan" in run.view.steps else None
    if context is None:
        return []
    prompt = " ".join(part.text for part in context.parts if part.kind in ("system", "instruction"))
    grams = _grams(prompt) - _grams(run.task.text)
    found: list[str] = []
    for step in run.view.plan:
        for words in (step.title, step.instruction):
            found += sorted(_grams(words) & grams)[:1]
    return found


def _grams(text: str) -> set[str]:
    text = text.casefold()
    words = re.findall(r"[^\W\d_]+", re.sub(f"[{HAN}]", " ", text))
    grams = {" ".join(words[at : at + ECHO_WORDS]) for at in range(len(words) - ECHO_WORDS + 1)}
    for run_of in re.findall(f"[{HAN}]{{{ECHO_CHARACTERS},}}", re.sub(r"[，。、；：？！“”\s]", "", text)):
        grams |= {run_of[at : at + ECHO_CHARACTERS] for at in range(len(run_of) - ECHO_CHARACTERS + 1)}
    return grams


def forward(run: Run) -> int:
    """Needs that the planner wrote of steps that do not come earlier."""
    planner = run.view.steps.get("plan")
    if planner is None or not planner.attempts:
        return 0
    count = 0
    for attempt in run["plan"].attempts:
        try:
            steps = json.loads(attempt.output)["steps"]
            before: set[str] = set()
            for step in steps:
                count += sum(need not in before for need in step.get("needs", ()))
                before.add(step["id"])
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
    return count
