"""The small plan that is compared with other tools: nine steps in three levels."""

from __future__ import annotations

from vnb.core.types import Plan, Step

NEEDS: dict[str, tuple[str, ...]] = {
    "s1": (),
    "s2": (),
    "s3": (),
    "s4": (),
    "s5": ("s1", "s2"),
    "s6": ("s2", "s3"),
    "s7": ("s3", "s4"),
    "s8": ("s4", "s1"),
    "s9": ("s5", "s6", "s7", "s8"),
}
"""Every step with the steps that it needs."""

LENGTH = 200
"""Characters of an answer."""
FILLER = (
    "The moon pulls at the sea, and twice a day the water climbs over sand and stone before it falls back again. Boats "
    "wait for it in harbours; birds follow it along the mud; and children build walls that it takes away by night."
)
"""What makes an answer long: prose that does not repeat itself, since an answer that does would be stopped."""


def instruction(step: str) -> str:
    return f"Write {step}"


def plan() -> Plan:
    """The steps as vnb's plan."""
    return Plan(tuple(Step(step, instruction(step), needs) for step, needs in NEEDS.items()))


def answer(words: str, shown: str = "") -> str:
    """An answer that depends on the words of its instruction and on what it is shown, always of the same length."""
    text = f"{' '.join(words.split())} after {sum(map(ord, shown))}. {FILLER}"
    return text[:LENGTH]
