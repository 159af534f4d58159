"""The arguments of each magic. The help that is made of them says every default."""

from __future__ import annotations

from typing import get_args

from ..core.types import Options, Strategy
from ..planner.prompts import COMPACT, INSTRUCT
from . import run_options
from .arguments import Offered, OneOf, Parser, number, whole


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
        usual, small = getattr(ordinary, name), getattr(tiny, name)
        default = f"{what} (default: {usual}; vnb-tiny: {small})"
        if name != "max_tokens":
            default = f"{what} (default: the model's own, or {usual}; vnb-tiny: {small})"
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=whole if letter in "KN" else number,
            metavar=letter,
            help=default,
        )

    for option, value, what in (
        (
            "--repeat-penalty",
            "X",
            "penalize tokens that came lately; 1 does nothing (default: the model's own, or none)",
        ),
        ("--dry", "X", "penalize what goes on with a repeated passage; 0 does nothing (default: none)"),
    ):
        group.add_argument(option, type=number, metavar=value, help=what)
    group.add_argument(
        "--think",
        type=Offered("on", "off"),
        metavar="HOW",
        help="on, off, or the most tokens that a thinking model reasons before it answers (default: off, or what the "
        "model does if it has no switch)",
    )


def _carrying(parser: Parser) -> None:
    low, high = Options.steps
    group = parser.add_argument_group("how the task is carried")
    group.add_argument(
        "-m", "--model", metavar="SPEC", help="the model (default: the one that was loaded last, or tiny)"
    )
    group.add_argument(
        "--strategy",
        type=OneOf(*get_args(Strategy)),
        metavar="HOW",
        help="direct asks the model once; plan lets it split the task into steps; outline writes the parts of a text "
        "together; code runs a program that it writes; map goes over the parts of a long input; vote takes the most "
        f"frequent of several answers; auto decides by the task's words (default: {Options.strategy}; vnb-tiny: plan)",
    )
    group.add_argument(
        "--samples", type=whole, metavar="N", help=f"the answers that vote asks for (default: {Options.samples})"
    )
    group.add_argument(
        "--judge", metavar="SPEC", help="the model that judges, in check steps and votes (default: the run's own)"
    )
    group.add_argument(
        "--repairs",
        type=whole,
        metavar="N",
        help=f"how often a program that failed is written again, at most (default: {Options.repairs})",
    )
    group.add_argument("--plan-only", action="store_true", help="end after planning (default: off)")
    group.add_argument("--approve", action="store_true", help="pause after planning until %%vrun (default: off)")
    group.add_argument("--steps", metavar="MIN..MAX", help=f"bounds of the plan (default: {low}..{high})")
    group.add_argument(
        "--replan", type=whole, metavar="N", help=f"the most changes of the plan (default: {Options.replan})"
    )
    group.add_argument(
        "--retries",
        type=whole,
        metavar="N",
        help="how often a step is asked again, at most, when its answer fails or misses a demand of the task "
        f"(default: {INSTRUCT.retries}; vnb-tiny: {COMPACT.retries})",
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
        type=OneOf("auto", "concat", "write"),
        metavar="HOW",
        help="concat joins the results, write lets the model write them into one, auto decides by the task "
        f"(default: {Options.integrate})",
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
        "--image",
        action="append",
        metavar="VAR",
        help="a variable with an image, for models with vision; repeatable (default: none)",
    )
    group.add_argument("--raw", action="store_true", help="send {{braces}} as they are (default: off)")


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
    run_options.showing(parser)
    return parser


def _run() -> Parser:
    parser = Parser(
        "%vrun",
        "PLAN|RUN [options]",
        "Runs a plan, or goes on with a run that was stopped, failed, was killed or waits for approval.",
        "Going on with a run takes only --plan, --view, --background and --plot: its task and options are its\n"
        "own. --plan is how a plan that waits for approval is edited first:\n\n"
        "    text = str(article.plan)             to be changed, a line a step\n"
        "    %vrun article --plan text            what is the same in it stays as it is",
    )
    parser.add_argument("PLAN", metavar="PLAN|RUN", help="a variable with a plan or a run, or the id of a stored run")
    parser.add_argument("--name", metavar="NAME", help="a variable for the run (default: only _v)")
    parser.add_argument(
        "--plan", metavar="VAR", help="a variable with the run's plan as it was edited (default: the plan as it is)"
    )
    _carrying(parser)
    _sampling(parser)
    run_options.showing(parser)
    return parser


def _plan() -> Parser:
    parser = Parser(
        "%vplan",
        "[RUN]    or    %%%%vplan NAME",
        "%vplan [RUN] prints the plan of a run as text.\n"
        "%%vplan NAME reads a plan from the cell, a line a step:\n\n"
        "    s1: Write the history\n"
        "    s2 [temperature=0.9]: Write the future\n"
        "        in two sentences. <- s1\n"
        "    -> s1, s2\n\n"
        "`id [options]: instruction <- needs`; indented lines go on, \\<- is a literal arrow, s2.1 is a part\n"
        "of s2. `-> ids` names the steps whose results are delivered, in order; without it they are those\n"
        "that no other step needs.",
    )
    parser.add_argument("RUN", nargs="?", help="%%vplan: a run's variable or id (default: _v); %%%%vplan: a variable")
    return parser


def _model() -> Parser:
    parser = Parser(
        "%vmodel",
        "[SPEC] [options]   or   %%vmodel unload|bench [SPEC]   or   %%vmodel quantize IN OUT",
        "Loads a model and makes it the default; without SPEC lists what is loaded and known.\n"
        "%vmodel unload [SPEC] closes it (without SPEC: all).\n"
        "%vmodel bench [SPEC] measures it (without SPEC: the default one), which takes a while.\n"
        "%vmodel quantize IN OUT makes EXL2 weights of a 16-bit checkpoint; typed again, it goes on where it\n"
        "ended.",
    )
    parser.add_argument(
        "--doctor", action="store_true", help="look at everything that vnb needs, and say what mends it (default: off)"
    )
    parser.add_argument("SPEC", nargs="*", help="tiny, a .gguf file, a folder of weights, or http(s)://…#model")
    parser.add_argument(
        "--ctx",
        type=whole,
        metavar="N",
        help="the most tokens of one request (default: the model's, at most 4096; of a server what it says)",
    )
    parser.add_argument(
        "--parallel",
        type=whole,
        metavar="N",
        help="how many requests decode together; GPU: whole contexts that the KV cache holds (default: 4)",
    )
    parser.add_argument(
        "--threads", type=whole, metavar="N", help="CPU: threads to compute with (default: what this process may use)"
    )
    parser.add_argument(
        "--max-batch",
        type=whole,
        metavar="N",
        help="the most requests at once: to a server (default: 8), or on a GPU where their pages fit (default: "
        "--parallel, or 8)",
    )
    parser.add_argument(
        "--timeout", type=number, metavar="S", help="server: seconds that it may stay silent (default: 300)"
    )
    _gpu(parser)
    return parser


def _gpu(parser: Parser) -> None:
    group = parser.add_argument_group("for folders of weights, on a GPU")
    group.add_argument(
        "--kv", type=OneOf("fp16", "q8", "q6", "q4"), metavar="TYPE", help="type of the KV cache (default: fp16)"
    )
    group.add_argument(
        "--gpu-split", metavar="GB,GB", help="GB of weights for each GPU, or auto: one after the other (default: auto)"
    )
    group.add_argument(
        "--tp", action="store_true", help="tensor-parallel over all GPUs; needs flash-attn (default: off)"
    )
    group.add_argument(
        "--draft", metavar="PATH", help="draft ahead with this small model, or with ngram (default: no drafting)"
    )
    group.add_argument(
        "--lora", action="append", metavar="PATH", help="a folder with a LoRA; repeatable (default: none)"
    )
    group.add_argument("--reserve", type=number, metavar="GB", help="GB of each GPU that stay free (default: 0.2)")
    group.add_argument("--bpw", type=number, metavar="BITS", help="quantize: bits per weight on average (default: 4.0)")
    group.add_argument("--head-bits", type=whole, metavar="N", help="quantize: bits of the last layer (default: 6)")


TASK, RUN, PLAN, MODEL = _task(), _run(), _plan(), _model()
PARSERS = {parser.prog.lstrip("%"): parser for parser in (TASK, RUN, PLAN, MODEL, *run_options.ALL)}
"""The parsers by the magic's name."""
