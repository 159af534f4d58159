"""The arguments of each magic. The help that is made of them says every default."""

from __future__ import annotations

from ..api.compare import ASPECTS, OF_RUNS, OF_STEPS
from ..core.types import Options
from ..planner.prompts import COMPACT, INSTRUCT
from .arguments import OneOf, Parser, number, whole
from .references import FORK_FORM, STEP_FORM


def _sampling(parser: Parser) -> None:
    group = parser.add_argument_group("how the steps answer")
    ordinary, tiny = INSTRUCT.default, COMPACT.default
    group.add_argument("--seed", type=whole, metavar="N", help=f"the run's seed (default: {Options.seed})")
    for name, letter, what in (
        ("temperature", "T", "0 always takes the most probable token"),
        ("top_p", "P", "keep the most probable tokens up to this mass"),
        ("top_k", "K", "keep this many tokens; 0 keeps all"),
        ("min_p", "P", "keep tokens from this share of the best one's probability on"),
        ("max_tokens", "N", "the most tokens of one answer"),
    ):
        default = f"default: {getattr(ordinary, name)}; vnb-tiny: {getattr(tiny, name)}"
        kind = whole if letter in "KN" else number
        group.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar=letter, help=f"{what} ({default})")


def _carrying(parser: Parser) -> None:
    low, high = Options.steps
    group = parser.add_argument_group("how the task is carried")
    group.add_argument(
        "-m", "--model", metavar="SPEC", help="the model (default: the one that was loaded last, or tiny)"
    )
    group.add_argument("--plan-only", action="store_true", help="end after planning (default: off)")
    group.add_argument("--approve", action="store_true", help="pause after planning until %%vrun (default: off)")
    group.add_argument("--steps", metavar="MIN..MAX", help=f"bounds of the plan (default: {low}..{high})")
    group.add_argument(
        "--replan", type=whole, metavar="N", help=f"the most changes of the plan (default: {Options.replan})"
    )
    group.add_argument(
        "--parallel", type=whole, metavar="N", help="the most steps at once (default: the model's slots)"
    )
    group.add_argument(
        "--budget",
        type=whole,
        metavar="TOKENS",
        help="the most prompt tokens of one step (default: what the context leaves)",
    )
    group.add_argument(
        "--max-tokens-total", type=whole, metavar="N", help="the most tokens of the whole run (default: no limit)"
    )
    group.add_argument(
        "--integrate",
        type=OneOf("concat", "write"),
        metavar="HOW",
        help=f"concat joins the results, write lets the model do it (default: {Options.integrate})",
    )
    group.add_argument(
        "--schema",
        metavar="VAR",
        help="a variable with the JSON schema of the result; implies --integrate write (default: none)",
    )
    group.add_argument(
        "--reuse",
        type=OneOf("use", "refresh", "off"),
        metavar="HOW",
        help=f"use stored outputs of the same key, refresh them, or off (default: {Options.reuse})",
    )


def _material(parser: Parser) -> None:
    group = parser.add_argument_group("what it is given")
    group.add_argument("--plan", metavar="PLAN", help="a variable with a plan, a run or a plan's text (default: none)")
    group.add_argument(
        "--docs", action="append", metavar="PATH", help="a file or folder of passages; repeatable (default: none)"
    )
    group.add_argument(
        "--image", action="append", metavar="VAR", help="a variable with an image; repeatable (default: none)"
    )
    group.add_argument("--raw", action="store_true", help="send {{braces}} as they are (default: off)")


def _showing(parser: Parser) -> None:
    group = parser.add_argument_group("how it is shown")
    group.add_argument(
        "--view", type=OneOf("tree", "text", "none"), metavar="VIEW", help="tree, text or none (default: tree)"
    )
    group.add_argument(
        "--background", action="store_true", help="return at once, go on showing; NAME.stop() stops it (default: off)"
    )


def _task() -> Parser:
    parser = Parser(
        "%%vtask",
        "[NAME] [options]",
        "Carries the task in the cell: plans it, runs its steps, and keeps the run in NAME and in _v.",
        "In the text, {{name}}, {{name.attr}} and {{name[0]}} stand for your variables. Braces of any other\n"
        "kind are left as they are; --raw leaves all of them.",
    )
    parser.add_argument("NAME", nargs="?", help="a variable for the run (default: only _v)")
    _carrying(parser)
    _material(parser)
    _sampling(parser)
    _showing(parser)
    return parser


def _run() -> Parser:
    parser = Parser(
        "%vrun",
        "PLAN|RUN [options]",
        "Runs a plan, or goes on with a run that was stopped, failed, was killed or waits for approval.",
        "Going on with a run takes only --view and --background: its task and options are its own.",
    )
    parser.add_argument("PLAN", metavar="PLAN|RUN", help="a variable with a plan or a run, or the id of a stored run")
    parser.add_argument("--name", metavar="NAME", help="a variable for the run (default: only _v)")
    _carrying(parser)
    _sampling(parser)
    _showing(parser)
    return parser


def _plan() -> Parser:
    parser = Parser(
        "%vplan",
        "[RUN]    or    %%%%vplan NAME",
        "%vplan [RUN] prints the plan of a run as text.\n"
        "%%vplan NAME reads a plan from the cell, a line a step:\n\n"
        "    s1: Write the history\n"
        "    s2 [temperature=0.9]: Write the future\n"
        "        in two sentences. <- s1\n\n"
        "`id [options]: instruction <- needs`; indented lines go on, \\<- is a literal arrow, s2.1 is a part\n"
        "of s2.",
    )
    parser.add_argument("RUN", nargs="?", help="%%vplan: a run's variable or id (default: _v); %%%%vplan: a variable")
    return parser


def _model() -> Parser:
    parser = Parser(
        "%vmodel",
        "[SPEC] [options]    or    %%vmodel unload [SPEC]",
        "Loads a model and makes it the default; without SPEC lists what is loaded and known.\n"
        "%vmodel unload [SPEC] closes it (without SPEC: all).",
    )
    parser.add_argument("SPEC", nargs="*", help="tiny, a .gguf file, a folder of weights, or http(s)://…#model")
    parser.add_argument(
        "--ctx", type=whole, metavar="N", help="the most tokens of one request (default: the model's, at most 4096)"
    )
    parser.add_argument(
        "--parallel", type=whole, metavar="N", help="how many requests decode together (default: the engine's choice)"
    )
    parser.add_argument(
        "--threads", type=whole, metavar="N", help="threads to compute with (default: what this process may use)"
    )
    return parser


def _runs() -> Parser:
    parser = Parser("%vruns", "[SEARCH] [-n N]", "Lists the runs of the store, the newest first.")
    parser.add_argument("SEARCH", nargs="*", help="part of an id, a task or a model (default: all runs)")
    parser.add_argument("-n", type=whole, metavar="N", help="the most runs (default: 20)")
    return parser


def _open() -> Parser:
    parser = Parser(
        "%vopen",
        "RUN|FILE [NAME]",
        "Shows a stored run again and keeps it in _v.\n"
        "A .jsonl file that %vexport wrote is checked, and its run stored under its own id. If the store has\n"
        "that run, it is completed where the file goes on, and left as it is where the file does not.",
    )
    parser.add_argument(
        "RUN",
        metavar="RUN|FILE",
        help="a run's id or the beginning of it, a variable with a run, or a .jsonl file",
    )
    parser.add_argument("NAME", nargs="?", help="a variable for the run (default: only _v)")
    return parser


def _export() -> Parser:
    parser = Parser(
        "%vexport",
        "RUN FILE [--force]",
        "Writes a run to a file, complete or not at all. The suffix decides what it becomes:\n\n"
        "    .html   one page for any browser: no script, no request to anywhere\n"
        "    .md     the same as Markdown\n"
        "    .ipynb  a notebook with the task to be run again, its output and its plan\n"
        "    .jsonl  the events with all their texts and tokens, for %vopen FILE",
        "An export of the same run that nobody has changed is replaced; any other file only with --force.\n"
        "Files to be read name no folder of this machine; .jsonl names each model as it was asked for.",
    )
    parser.add_argument("RUN", help="a run's variable, its id or the beginning of it")
    parser.add_argument("FILE", help="the file to write")
    parser.add_argument("--force", action="store_true", help="replace whatever is there (default: off)")
    return parser


def _rerun() -> Parser:
    parser = Parser(
        "%vrerun",
        "[STEP…] [options]",
        "Runs steps once more: a new attempt of each, beside those that there are. What was made from another\n"
        "output becomes stale. Without STEP, --down reruns everything that is stale.",
        "STEP may also be understand, plan, review.N or integrate. A new plan is carried at once.",
    )
    parser.add_argument("STEP", nargs="*", help="ids of steps, as in s2 s3")
    parser.add_argument("--run", metavar="RUN", help="a variable with a run, or a run's id (default: _v)")
    parser.add_argument("--only", action="store_true", help="rerun no other steps; some may become stale (default: on)")
    parser.add_argument(
        "--down", action="store_true", help="rerun what becomes stale too, until nothing is (default: off)"
    )
    parser.add_argument(
        "--set",
        action="append",
        metavar="KEY=VALUE",
        help="temperature=1.2, model=./other.gguf, …, for these attempts; repeatable (default: as before)",
    )
    parser.add_argument("--seed", type=whole, metavar="N", help="their seed (default: a new one, which is recorded)")
    parser.add_argument("--edit", metavar="VAR", help="a variable with new words for the step (default: its own)")
    parser.add_argument(
        "--reuse",
        type=OneOf("use", "refresh", "off"),
        metavar="HOW",
        help="use stored outputs of the same key, refresh them, or off (default: as the run does)",
    )
    _showing(parser)
    return parser


def _choose() -> Parser:
    parser = Parser(
        "%vchoose",
        "STEP#N [--run RUN]",
        "Makes attempt N of a step the one that counts. What was made from another one becomes stale.",
    )
    parser.add_argument("ATTEMPT", metavar="STEP#N", help="a step's id and the number of an attempt, as in s2#1")
    parser.add_argument("--run", metavar="RUN", help="a variable with a run, or a run's id (default: _v)")
    return parser


def _fork() -> Parser:
    parser = Parser(
        "%vfork",
        f"{FORK_FORM} NAME",
        "A new run that shares everything of RUN up to a point: its end, its event SEQ, or just before the\n"
        "first attempt of STEP. RUN stays as it is. %vrun NAME goes on from there.",
    )
    parser.add_argument("PLACE", metavar=FORK_FORM, help="as in article, article@120, article:s2")
    parser.add_argument("NAME", help="a variable for the new run")
    return parser


def _diff() -> Parser:
    parser = Parser(
        "%vdiff",
        "A[:STEP[#N]] [B[:STEP[#N]]] [--what ASPECT]…",
        "Compares two runs, or two steps, or two attempts of a step.",
        "    %vdiff article other             two runs\n"
        "    %vdiff article@120 article       a run as it was after 120 events, and as it is\n"
        "    %vdiff article:s2                a step's chosen attempt with the one before it\n"
        "    %vdiff article:s2#1 #3           two of its attempts\n"
        "    %vdiff article:s2 :s3            two steps\n"
        "    %vdiff article:s2 other          the same step of two runs",
    )
    parser.add_argument(
        "A", metavar=f"A{STEP_FORM}", help="a run's variable or id; one of its steps; an attempt of that"
    )
    parser.add_argument(
        "B",
        nargs="?",
        metavar=f"B{STEP_FORM}",
        help="likewise; what it leaves out is as in A (default: the attempt before)",
    )
    parser.add_argument(
        "--what",
        action="append",
        type=OneOf(*ASPECTS),
        metavar="ASPECT",
        help=f"{', '.join(ASPECTS)}; repeatable (default: of runs {', '.join(OF_RUNS)}; of steps {', '.join(OF_STEPS)})",
    )
    return parser


TASK, RUN, PLAN, MODEL, RUNS, OPEN = _task(), _run(), _plan(), _model(), _runs(), _open()
RERUN, CHOOSE, FORK, DIFF, EXPORT = _rerun(), _choose(), _fork(), _diff(), _export()
_ALL = (TASK, RUN, PLAN, MODEL, RUNS, OPEN, RERUN, CHOOSE, FORK, DIFF, EXPORT)
PARSERS = {parser.prog.lstrip("%"): parser for parser in _ALL}
"""The parsers by the magic's name."""
