"""What the prompts of one language consist of, and how plans and tables are written in their examples."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..core.types import Role


@dataclass(frozen=True)
class Words:
    """The prompts in one language.

    Attributes:
        system: What each step is told first; `language` takes the place of its braces.
        same_language: That sentence where the language is not known.
        instruction: The instructions of the reserved steps, and `work` for a whole task in one step.
        headings: The heading of each kind of part; `{}` is its source.
        examples: Tasks with their plans, for the planner.
        verbs: What a model can do: the first word of every planned instruction.
        longest: The most characters of a planned instruction.
        end: The mark that ends a sentence.
        retry: What a second try is told; `{}` is what was wrong with the first.
        echo: That an answer only repeated its instruction.
        code: What a step that writes a program is told last, in place of `system`.
        compute: The same for a step that has variables; `{}` are their names.
        variables: What such a step is told of its variables; `{}` are their names and types.
        table: What the planner is told, in place of its instruction, to name the columns of a table.
        tables: Lists with their columns, for the planner.
        fill: The instruction of the map that makes a row of each item.
        list: What stands in the place of a list; `{}` is the number of its items.
        failed: What is wrong with a program; `{}` is its error.
        section: The instruction of a part of the answer that the task names; `{}` is its name.
        length: How long it says that such a part is to be: three sentences.
        outline: What the parts of an outline are told of each other; `{}` are their names.
        extract: The instruction of a map over a long input for a question: what it copies is looked for in the passage.
        digest: The same for any other task.
        judge: The instruction of the step that names the best of several answers.
        check: What a check step is told last: the form of its verdict.
        independent: What the planner is told besides, where the steps are the parts of an outline.
    """

    system: str
    language: str
    same_language: str
    instruction: dict[Role, str]
    headings: dict[str, str]
    examples: tuple[tuple[str, str], ...]
    verbs: tuple[str, ...]
    longest: int
    end: str
    retry: str
    echo: str
    code: str
    compute: str
    variables: str
    table: str
    tables: tuple[tuple[str, str], ...]
    fill: str
    list: str
    failed: str
    section: str
    length: str
    outline: str
    extract: str
    digest: str
    judge: str
    check: str
    independent: str

    @property
    def pattern(self) -> str:
        """The regular expression of an instruction: a verb from the list, then one sentence."""
        gap = " " if self.end == "." else ""
        return rf'^({"|".join(self.verbs)}){gap}[^\n"\\]{{4,{self.longest}}}{"[.]" if self.end == "." else "。"}$'


def plan(deliver: str, *steps: tuple[str, str, str]) -> str:
    """A plan as the planner writes it: (title, instruction, needs) of each step."""
    written = [
        {"id": f"s{number}", "title": title, "instruction": instruction, "needs": needs.split()}
        for number, (title, instruction, needs) in enumerate(steps, 1)
    ]
    return json.dumps({"steps": written, "deliver": deliver.split()}, ensure_ascii=False, separators=(",", ":"))


def table(texts: str, numbers: str) -> str:
    """Columns as the planner names them."""
    columns = [{"name": name, "type": "text"} for name in texts.split()]
    columns += [{"name": name, "type": "number"} for name in numbers.split()]
    return json.dumps({"columns": columns}, ensure_ascii=False, separators=(",", ":"))
