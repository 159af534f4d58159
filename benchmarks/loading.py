"""How long it takes until something can be asked: imports, models, the first answer. Each time in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from . import models
from .tables import Scale, Spread, Table

_CLOCK = "import time; begun = time.perf_counter()\n"
_TELL = """
seconds = time.perf_counter() - begun
import sys
modules = len(sys.modules)
import json
print(json.dumps({"seconds": seconds, "modules": modules}))
"""

_LOAD = """
import asyncio, resource
from pathlib import Path
from vnb.core.types import Message, Sampling, Segment
from vnb.engines.registry import choose_engine
async def first(spec, threads):
    load = await choose_engine(spec, ctx=512, parallel=4, **({"threads": threads} if threads else {}))
    begun = time.perf_counter()
    engine = await load()
    loaded = time.perf_counter()
    prompt = engine.render([Message("user", (Segment("the of and to in"),))])
    async for said in engine.generate(prompt, Sampling(max_tokens=1, temperature=0.0)):
        pass
    told = time.perf_counter()
    await engine.close()
    return loaded - begun, told - loaded
loaded, told = asyncio.run(first(%r, %r))
import json
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"loaded": loaded, "told": told, "memory": memory}))
"""


def measure(scale: Scale) -> list[Table]:
    """Imports, then models."""
    return [_imports(scale), _models(scale)]


def _imports(scale: Scale) -> Table:
    table = Table("Imports", ["", "seconds", "modules"])
    table.notes.append(
        "In a fresh process with warm files. `%load_ext vnb` is measured in a shell that IPython has set up."
    )
    shell = "from IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell.instance()\n"
    cases = {
        "import vnb": (_CLOCK, "import vnb"),
        "%load_ext vnb": (shell + _CLOCK, "shell.run_line_magic('load_ext', 'vnb')"),
    }
    found: dict[str, list[dict[str, Any]]] = {case: [] for case in cases}
    for _ in range(scale.rounds):
        for case, (before, work) in cases.items():
            found[case].append(_fresh(before + work + _TELL))
    for case, told in found.items():
        table.add(case, Spread.of([one["seconds"] for one in told]), told[0]["modules"])
    return table


def _models(scale: Scale) -> Table:
    heads = ["", "file, MB", "loading, seconds", "first answer, seconds", "memory, MB"]
    table = Table("Loading a model", heads)
    table.notes.append(
        "`vnb.load`, then a prompt of a few words and one new token. Memory is the most that the process held."
    )
    with tempfile.TemporaryDirectory() as name:
        from vnb.models import TINY

        path = models.write(Path(name), scale.quick)
        cases = {"vnb-tiny": ("tiny", TINY), models.said(scale.quick): (str(path), path)}
        found: dict[str, list[dict[str, Any]]] = {case: [] for case in cases}
        for _ in range(max(1, scale.rounds // 2)):
            for case, (spec, _) in cases.items():
                found[case].append(_fresh(_CLOCK + _LOAD % (spec, scale.threads)))
        for case, told in found.items():
            loaded, first, memory = (Spread.of([one[key] for one in told]) for key in ("loaded", "told", "memory"))
            table.add(case, round(cases[case][1].stat().st_size / 1e6, 1), loaded, first, round(memory.median / 1e6))
    return table


def _fresh(script: str) -> dict[str, Any]:
    """What a script tells in a process of its own."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
