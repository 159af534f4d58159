"""The magics: they parse, and hand over to the Python API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import cell_magic, line_cell_magic, line_magic, magics_class, no_var_expand

import vnb

from ..api import task as tasks
from ..api.bench import Bench, bench
from ..api.findings import Report
from ..api.plan import WrittenPlan
from ..api.run import Run
from ..api.runtime import runtime
from ..errors import UsageError
from ..planner.parse import parse_plan
from . import display, listing, options, run_options
from .base import LAST, VnbMagic, checked_name, documented, shown_how

if TYPE_CHECKING:
    from .widget import RunWidget

_RUN_NAMED = ("PLAN", "name")


@magics_class
class VnbMagics(VnbMagic):
    """`%vmodel`, `%%vtask`, `%%vplan`, `%vplan`, `%vrun`, `%vruns`, `%vopen`."""

    @no_var_expand
    @cell_magic
    @documented(options.TASK)
    def vtask(self, line: str, cell: str) -> None:
        said = options.TASK.read(line)
        if said is None:
            return
        name = checked_name(said.pop("NAME", None))
        view, background, plot = shown_how(said)
        named = self._looked_up(said)
        draft = tasks.draft(runtime(), cell.removesuffix("\n"), namespace=self._variables, **named)
        screen = display.screen_for(self._ip, view)
        self._carry(draft.start(), screen, name, background, plot=plot)

    @no_var_expand
    @line_cell_magic
    @documented(options.PLAN)
    def vplan(self, line: str, cell: str | None = None) -> WrittenPlan | None:
        said = options.PLAN.read(line)
        if said is None:
            return None
        if cell is None:
            return self._plan_of(said.get("RUN", LAST))
        name = checked_name(said.get("RUN"))
        if name is None:
            raise UsageError("The plan needs a name.", "%%vplan article")
        if not cell.strip():
            raise UsageError("The plan is empty.", "s1: what to do\ns2: what to do then <- s1")
        plan = WrittenPlan(runtime(), parse_plan(cell))
        self._variables[name] = plan
        display.show(plan)
        return None

    @no_var_expand
    @line_magic
    @documented(options.RUN)
    def vrun(self, line: str) -> Run | None:
        said = options.RUN.read(line)
        if said is None:
            return None
        name = checked_name(said.get("name"))
        view, background, plot = shown_how(said)
        screen = display.screen_for(self._ip, view, returned=not background)
        found = self._plan_or_run(said["PLAN"])
        own = {option: value for option, value in said.items() if option not in _RUN_NAMED}
        if isinstance(found, WrittenPlan):
            run = self._started(found, own)
        else:
            run = self._gone_on(found, own)
        if view == "none" or not display.in_terminal(self._ip):
            run = display.ShownRun(runtime(), run.id, self._ip)
        self._carry(run, screen, name, background, plot=plot)
        return run

    def _started(self, plan: WrittenPlan, said: dict[str, Any]) -> Run:
        if "plan" in said:
            raise UsageError("--plan: a plan that is run brings its steps.", f"%vrun {said['plan']}")
        return plan.task(**self._looked_up(said)).start()

    def _gone_on(self, run: Run, said: dict[str, Any]) -> Run:
        for option in said:
            if option != "plan":
                raise UsageError(
                    f"--{option.replace('_', '-')}: a run goes on with the options that it has.",
                    f"%vplan {run.id} prints its plan, to be run anew.",
                )
        return run.start_approve(self._looked_up(said)["plan"]).run if said else run.start_again()

    @no_var_expand
    @line_magic
    @documented(options.MODEL)
    def vmodel(self, line: str) -> listing.ModelList | Bench | Report | None:
        said = options.MODEL.read(line)
        if said is None:
            return None
        specs = said.pop("SPEC", [])
        if said.pop("doctor", False):
            if specs or said:
                raise UsageError("--doctor stands alone: it loads no model.", "%vmodel --doctor")
            return vnb.doctor()
        if specs[:1] == ["unload"] and len(specs) <= 2 and not said:
            runtime().unload(*specs[1:])
        elif specs[:1] == ["bench"] and len(specs) <= 2 and not said:
            progress = display.Progress(self._ip)
            measured = bench(runtime(), *specs[1:], on_progress=progress.say)
            progress.end(f"measured {measured.spec}")
            return measured
        elif specs[:1] == ["quantize"]:
            self._quantize(specs[1:], **said)
        elif len(specs) > 1:
            raise UsageError(
                f"{specs[1]!r} is one word too many.", "%vmodel SPEC; put quotes around a path with spaces."
            )
        elif {"bpw", "head_bits"} & set(said):
            raise UsageError("--bpw and --head-bits are for quantizing.", "%vmodel quantize IN OUT --bpw 4.0")
        elif specs or said:
            spec, progress = specs[0] if specs else runtime().default, display.Progress(self._ip)
            runtime().load(spec, **said, on_progress=progress.say)
            progress.end(f"loaded {spec}")
        return listing.models(runtime(), Path.cwd())

    def _quantize(self, folders: list[str], **said: float) -> None:
        if len(folders) != 2 or not set(said) <= {"bpw", "head_bits"}:
            raise UsageError(
                "Quantizing takes two folders, --bpw and --head-bits.", "%vmodel quantize IN OUT --bpw 4.0"
            )
        progress = display.Progress(self._ip)
        made = vnb.quantize(*folders, **said, on_progress=progress.say)  # type: ignore[arg-type]
        progress.end(f"quantized {folders[0]}")
        if made.bits:
            display.show(made.plot())

    @no_var_expand
    @line_magic
    @documented(run_options.RUNS)
    def vruns(self, line: str) -> listing.RunList | None:
        said = run_options.RUNS.read(line)
        if said is None:
            return None
        for run in [self._stored(word) for word in said.get("delete", [])]:
            run.delete()
        rows = runtime().store.runs(said.get("n", 20), " ".join(said.get("SEARCH", [])))
        return listing.RunList(runtime(), rows)

    @no_var_expand
    @line_magic
    @documented(run_options.OPEN)
    def vopen(self, line: str) -> Run | RunWidget | None:
        said = run_options.OPEN.read(line)
        if said is None:
            return None
        name = checked_name(said.get("NAME"))
        run = self._run_of(said["RUN"])
        self._bind(run, name)
        if said.get("widget"):
            from .widget import RunWidget  # which brings ipywidgets

            return RunWidget(run)
        return run
