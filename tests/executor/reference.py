"""The rules of rerun as a small model in plain Python: what a run has to look like, and how often the engine is asked.

Written from the rules, not from the executor: one pass over the plan in topological order, no tasks, no events. Steps
answer by `answer`, so both the model and the scripted engine know what each attempt says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vnb.core.digest import seed_for

Shown = tuple[tuple[str, str], ...]
"""The results that an attempt is shown, as (step, text), in the order of the plan."""


def answer(instruction: str, shown: Sequence[str], seed: int) -> str:
    """What the engine says: `constant` steps always the same, `deaf` ones by what they see, others also by the seed.

    There are few different answers, so a new attempt often says what the old one said.
    """
    heard = "" if "constant" in instruction else "\n".join(shown)
    drawn = "" if "constant" in instruction or "deaf" in instruction else str(seed)
    number = hashlib.blake2b(f"{instruction}|{heard}|{drawn}".encode(), digest_size=2).digest()[0] % 3
    return f"<{instruction}:{number}>"


@dataclass(frozen=True)
class Planned:
    """A step of the plan."""

    id: str
    instruction: str
    needs: tuple[str, ...] = ()
    parent: str = ""


@dataclass(frozen=True)
class Made:
    """One attempt; `seed` is that of its draw, -1 where nothing is drawn; without a key its output is not found again."""

    status: str
    output: str = ""
    shown: Shown = ()
    instruction: str = ""
    seed: int = -1
    key: object = None


@dataclass(frozen=True)
class How:
    """What a rerun may say."""

    seed: int | None = None
    temperature: float | None = None
    reuse: str = "use"


@dataclass
class World:
    """What all runs of a store share: the stored outputs by key, the steps that fail, and how many calls were made."""

    outputs: set[object] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    calls: int = 0

    def copy(self) -> World:
        return World({*self.outputs}, {*self.broken}, self.calls)


@dataclass
class Model:
    """A run. `given` is the plan as it was written, `plan` what was announced of it; `announced`: its integration too."""

    given: dict[str, Planned]
    plan: dict[str, Planned] = field(default_factory=dict)
    attempts: dict[str, list[Made]] = field(default_factory=dict)
    chosen: dict[str, int] = field(default_factory=dict)
    announced: bool = False

    def copy(self) -> Model:
        attempts = {step: list(made) for step, made in self.attempts.items()}
        return Model(self.given, dict(self.plan), attempts, dict(self.chosen), self.announced)

    # ---------------------------------------------------------------- the plan

    def parts(self, step: str) -> list[str]:
        return [one.id for one in self.plan.values() if one.parent == step]

    def waits_for(self, step: str) -> list[str]:
        """The steps whose results a step is shown, in the order of the plan."""
        if step == "integrate":
            whole = [one.id for one in self.plan.values() if not one.parent]
            needed = {need for one in self.plan.values() for need in one.needs}
            return [one for one in whole if one not in needed]
        parts = self.parts(step)
        if parts:
            return [part for part in parts if not any(part in self.plan[other].needs for other in parts)]
        wanted = {*self.plan[step].needs}
        if self.plan[step].parent:
            wanted |= {*self.plan[self.plan[step].parent].needs}
        return [one for one in self.plan if one in wanted]

    def order(self) -> list[str]:
        """All steps, each after those that it waits for; `integrate` is the last."""
        placed: list[str] = []
        while len(placed) < len(self.plan):
            placed += [one for one in self.plan if one not in placed and set(self.waits_for(one)) <= {*placed}]
        return [*placed, "integrate"]

    def below(self, steps: Collection[str]) -> set[str]:
        """Everything that waits, directly or not, for one of these."""
        found: set[str] = set()
        for step in self.order():
            if {*steps, *found} & {*self.waits_for(step)}:
                found.add(step)
        return found | {"integrate"}

    def joined(self, step: str) -> bool:
        """Whether the step's result is made of others' without a model call."""
        return step == "integrate" or bool(self.parts(step))

    # ---------------------------------------------------------------- how it stands

    def made(self, step: str) -> list[Made]:
        return self.attempts.setdefault(step, [])

    def output(self, step: str) -> str:
        return self.made(step)[self.chosen[step] - 1].output

    def has(self, steps: Collection[str]) -> bool:
        """Whether all of these have an answer."""
        return all(self.chosen.get(step) for step in steps)

    def may_start(self, step: str) -> bool:
        return self.has([*self.plan] if step == "integrate" else self.waits_for(step))

    def shown(self, step: str) -> Shown:
        return tuple((need, self.output(need)) for need in self.waits_for(step) if self.chosen.get(need))

    @property
    def stale(self) -> set[str]:
        """The steps that would be shown something else now than what they were shown; names of steps do not count."""
        return {step for step in [*self.plan, "integrate"] if self.chosen.get(step) and self._would_differ(step)}

    def _would_differ(self, step: str) -> bool:
        ran = self.made(step)[self.chosen[step] - 1]
        if not self.joined(step) and ran.instruction != self.plan[step].instruction:
            return True
        return [text for _, text in ran.shown] != [text for _, text in self.shown(step)]

    @property
    def done(self) -> bool:
        return self.has([*self.plan, "integrate"])

    # ---------------------------------------------------------------- what can be done

    def attempt(self, world: World, step: str, how: How | None = None) -> None:
        """One more attempt; `how` if it was asked for."""
        shown = self.shown(step)
        if self.joined(step):
            text = "\n\n".join(text for _, text in shown)
            self._add(step, Made("finished", text, shown))
            return
        instruction, asked = self.plan[step].instruction, how or How()
        answered = sum(1 for one in self.made(step) if one.status != "cancelled")
        seed = asked.seed if asked.seed is not None else seed_for(0, step, answered + 1)
        text = answer(instruction, [text for _, text in shown], seed)
        key = (instruction, shown, seed, asked.temperature) if asked.reuse != "off" else None
        if asked.reuse == "use" and key in world.outputs:
            self._add(step, Made("reused", text, shown, instruction, seed, key))
            return
        world.calls += 1
        if instruction in world.broken:
            self._add(step, Made("failed", "", shown, instruction, seed))
            return
        self._add(step, Made("finished", text, shown, instruction, seed, key))
        world.outputs.add(key)

    def _add(self, step: str, made: Made) -> None:
        self.made(step).append(made)
        if made.status in ("finished", "reused"):
            self.chosen[step] = len(self.made(step))

    def carry(self, world: World) -> None:
        """Goes on with everything that has no answer."""
        self.plan = {step: self.plan.get(step, planned) for step, planned in self.given.items()}
        self._each(world, lambda step: not self.chosen.get(step))
        self.announced = True

    def refuses(self, steps: Collection[str]) -> bool:
        """Whether these cannot run again as the run stands."""
        if not {*steps} <= {*self.plan, *(["integrate"] if self.announced else [])}:
            return True
        needs = {step: [*self.plan] if step == "integrate" else self.waits_for(step) for step in steps}
        return any(need not in steps and not self.chosen.get(need) for step in steps for need in needs[step])

    def rerun(self, world: World, steps: Sequence[str], down: bool, how: How, instruction: str = "") -> None:
        """New attempts of `steps`; with `down` also of what is stale below them, or of all that is if none is named."""
        if instruction:
            self.plan[steps[0]] = replace(self.plan[steps[0]], instruction=instruction)
        below = (self.below(steps) if steps else {*self.order()}) if down else set()

        def wanted(step: str) -> bool:
            if step in steps:
                return True
            known = step != "integrate" or self.announced
            return known and step in below and (not self.chosen.get(step) or step in self.stale)

        self._each(world, wanted, lambda step: how if step in steps else None)

    def _each(
        self, world: World, wanted: Callable[[str], bool], how: Callable[[str], How | None] = lambda step: None
    ) -> None:
        for step in self.order():
            if wanted(step) and self.may_start(step):
                self.attempt(world, step, how(step))

    def choose(self, step: str, number: int) -> bool:
        """Another attempt counts; whether there is one that can."""
        made = self.made(step)
        if not (1 <= number <= len(made) and made[number - 1].status in ("finished", "reused")):
            return False
        self.chosen[step] = number
        return True

    def cut(self, seen: Mapping[str, Sequence[str]], chosen: Mapping[str, int]) -> Model:
        """This run with no more steps and attempts than were seen of it, where it was cut short.

        Args:
            seen: The statuses of each step's attempts.
            chosen: The attempts that count.
        """
        plan = {step: self.plan.get(step, planned) for step, planned in self.given.items() if step in seen}
        counts = {step: number for step, number in chosen.items() if number}
        cut = replace(self.copy(), plan=plan, attempts={}, chosen=counts, announced="integrate" in seen)
        for step, statuses in seen.items():
            for made, status in zip(self.made(step), statuses, strict=False):
                cut.made(step).append(Made("cancelled") if status == "cancelled" else made)
        return cut
