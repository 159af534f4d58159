"""The arguments of the magics about runs that there are. The help that is made of them says every default."""

from __future__ import annotations

from ..api.compare import ASPECTS, OF_RUNS, OF_STEPS
from ..views.plots import PANELS
from .arguments import OneOf, Parser, SomeOf, whole
from .references import FORK_FORM, STEP_FORM


def showing(parser: Parser) -> None:
    """Adds how a run is shown, which all magics that carry one take."""
    group = parser.add_argument_group("how it is shown")
    group.add_argument(
        "--view", type=OneOf("tree", "text", "none"), metavar="VIEW", help="tree, text or none (default: tree)"
    )
    group.add_argument(
        "--background", action="store_true", help="return at once, go on showing; %%vstop stops it (default: off)"
    )
    group.add_argument("--plot", action="store_true", help="show %%vplot's figure after the run (default: off)")


def _runs() -> Parser:
    parser = Parser(
        "%vruns",
        "[SEARCH] [-n N] [--delete RUN]",
        "Lists the runs of the store, the newest first.",
        "Deleting is for good. A run that is under way is not deleted, nor one with forks,\nwhich share its events.",
    )
    parser.add_argument("SEARCH", nargs="*", help="part of an id, a task or a model (default: all runs)")
    parser.add_argument("-n", type=whole, metavar="N", help="the most runs (default: 20)")
    parser.add_argument(
        "--delete",
        action="append",
        metavar="RUN",
        help="delete this run before: a variable, or an id or the beginning of it; repeatable (default: none)",
    )
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
    parser.add_argument(
        "--widget",
        action="store_true",
        help="show it as a widget, for notebooks outside of JupyterLab; it is live, and not saved (default: off)",
    )
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
    showing(parser)
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


def _stop() -> Parser:
    parser = Parser(
        "%vstop",
        "[RUN]",
        "Stops a run that goes on in the background. What was decoded is kept; %vrun RUN goes on with it.",
    )
    parser.add_argument("RUN", nargs="?", help="a variable with a run, or a run's id (default: _v)")
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


def _plot() -> Parser:
    parser = Parser(
        "%vplot",
        "[RUN…] [options]",
        "A figure of a run, or of several laid over each other: when each step waited, prefilled and\n"
        "decoded, tok/s over time, the gaps between tokens, the KV cache, and the prefix hits.",
        "It returns the matplotlib figure: figure = %vplot article",
    )
    parser.add_argument("RUN", nargs="*", help="variables with runs, or runs' ids (default: _v)")
    parser.add_argument(
        "--what",
        type=SomeOf(*PANELS),
        metavar="PANELS",
        help=f"panels, with commas between: {','.join(PANELS)} (default: all that have something to show)",
    )
    parser.add_argument("--save", metavar="PATH", help="also write it to a .png, .svg or .pdf file (default: no)")
    parser.add_argument("--dark", action="store_true", help="light on dark (default: as matplotlib's style is)")
    parser.add_argument("--light", action="store_true", help="dark on light (default: as matplotlib's style is)")
    return parser


RUNS, OPEN, RERUN, CHOOSE, STOP, FORK = _runs(), _open(), _rerun(), _choose(), _stop(), _fork()
DIFF, EXPORT, PLOT = _diff(), _export(), _plot()
ALL = (RUNS, OPEN, RERUN, CHOOSE, STOP, FORK, DIFF, EXPORT, PLOT)
