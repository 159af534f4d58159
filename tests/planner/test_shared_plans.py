"""The plans whose texts vitest compares: the file is current, and the texts are read as the plans that they are of."""

from __future__ import annotations

from tests.fixtures import HERE
from tests.fixtures.make import plans
from tests.fixtures.plans import PLANS
from vnb.planner.parse import parse_plan, print_plan


def test_the_file_is_what_python_writes() -> None:
    assert (HERE / "written" / "plans.json").read_text(encoding="utf-8") == plans(), "python tests/fixtures/make.py"


def test_no_plan_loses_anything_as_text() -> None:
    for plan in PLANS:
        assert parse_plan(print_plan(plan)) == plan
