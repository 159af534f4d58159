"""What is known of a run beside its steps, as HTML: brief, options, plan changes, commands, KV cache."""

from __future__ import annotations

from ..core.events import CommandAccepted, CommandRejected, PlanRevised
from ..core.types import Change
from ..core.view import RunView
from ..locale import say
from . import account, clean
from .markup import Room, details, escape, heading, indented, line, strong, table
from .plan_changes import why

_REVISIONS, _CHANGES = 20, 8
"""The most plan changes that are listed, the last ones, and the most lines of each."""


def facts(view: RunView, longest: int) -> str:
    """What is known of the run beside its steps: brief, options, plan changes, commands, KV cache."""
    blocks = [_about(view), changes(view)]
    if len(view.task.text) > 200 or "\n" in view.task.text.strip():
        blocks.append(f"{heading(say('Task'))}\n{Room(longest * 4).text(view.task.text, longest)}")
    return details(say("<strong>About this run</strong>"), indented("\n".join(block for block in blocks if block)))


def changes(view: RunView) -> str:
    """How the plan was changed, and what was commanded; empty if nothing was."""
    found = [_revisions(list(view.revisions))]
    commands = [
        (
            line(command.name, 40),
            line(answer(command)),
        )
        for command in list(view.commands)[-50:]
    ]
    if commands:
        found.append(table(say("Commands"), ("Command", "Answer"), commands, left=(0, 1)))
    return "\n".join(block for block in found if block)


def answer(command: CommandAccepted | CommandRejected) -> str:
    """What came of a command, in words."""
    return say("accepted" if isinstance(command, CommandAccepted) else f"rejected: {command.reason}")


def _about(view: RunView) -> str:
    return facts_table(say("The run"), [*account.told(view), *account.origin(view)])


def facts_table(caption: str, found: list[account.Fact]) -> str:
    """Names and what there is to say, a row each."""
    return table(
        caption, ("Fact", "Value"), [(escape(say(name)), line(value, 400)) for name, value in found], left=(0, 1)
    )


def _revisions(revisions: list[PlanRevised]) -> str:
    rows = []
    for number, revision in list(enumerate(revisions, 1))[-_REVISIONS:]:
        changes = [_change(change) for change in revision.changes[:_CHANGES]]
        if len(revision.changes) > _CHANGES:
            changes.append(clean.more(len(revision.changes) - _CHANGES, "changes"))
        rows.append((str(number), line(why(revision), 300), "<br>".join(changes)))
    return table(say("Plan changes"), ("No.", "Reason", "Changes"), rows, left=(1, 2)) if rows else ""


def _change(change: Change) -> str:
    after = change.after
    said = f"{say(change.kind)} {strong(change.step, 40)}"
    return f"{said} {line(after.title or after.item or after.instruction, 80)}" if after else said
