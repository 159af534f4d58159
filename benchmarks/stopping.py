"""How long the stop button takes: from the kernel's interrupt to the end of the cell, while eight steps decode together."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from . import models
from .tables import Claim, Scale, Spread, Table

STEPS = 8
DECODING = 1.0
"""Seconds after a run was first shown, when all its steps decode."""
MOST = 1.0
"""Seconds that it may take."""

SETUP = """%load_ext vnb
%vmodel {path} --ctx 4096 --parallel {steps}{threads}
plan = vnb.plan("{plan}")"""


def measure(scale: Scale) -> list[Table]:
    """Seconds from the interrupt to the cell's reply."""
    with tempfile.TemporaryDirectory() as name:
        path = models.write(Path(name), scale.quick, "compact")
        plan = "\\n".join(f"s{number}: {models.words(40, number)}" for number in range(1, STEPS + 1))
        threads = f" --threads {scale.threads}" if scale.threads else ""
        kernel, client = start_new_kernel(env={**os.environ, "VNB_HOME": name}, cwd=name)
        try:
            _asked(client, "import vnb\n" + SETUP.format(path=path, steps=STEPS, threads=threads, plan=plan))
            seconds = [_stopped(kernel, client, turn) for turn in range(scale.rounds)]
        finally:
            client.stop_channels()
            kernel.shutdown_kernel(now=True)
    table = Table("The stop button", ["", "seconds until the cell has ended", "the longest"])
    table.add(f"while {STEPS} steps decode", Spread.of(seconds), max(seconds))
    table.notes.append(
        f"In a kernel, on {models.said(scale.quick)}; what was decoded is kept and the run is `stopped`."
    )
    if not scale.quick:
        table.claims = [Claim("seconds until the cell has ended, the longest", max(seconds), MOST)]
    return [table]


def _stopped(kernel: Any, client: Any, seed: int) -> float:
    """Runs the plan, interrupts it, and returns how long that took."""
    # A cell that ends in an error makes the kernel turn down what comes right after it, unless that is switched off.
    asked = client.execute(
        f"%vrun plan --max-tokens 3000 --temperature 1 --seed {seed} --reuse off", stop_on_error=False
    )
    while client.get_iopub_msg(timeout=60)["msg_type"] != "display_data":
        pass
    time.sleep(DECODING)
    begun = time.perf_counter()
    kernel.interrupt_kernel()
    _reply(client, asked)
    seconds = time.perf_counter() - begun
    _asked(client, "run = vnb.runs()[0]\nassert run.status == 'stopped', run.status")
    _asked(client, f"assert all(run[f's{{number}}'].output for number in range(1, {STEPS + 1})), run")
    return seconds


def _asked(client: Any, code: str) -> None:
    reply = _reply(client, client.execute(code))
    if reply["status"] != "ok":
        raise RuntimeError(f"{reply['ename']}: {reply['evalue']}")


def _reply(client: Any, asked: str) -> dict[str, Any]:
    while True:
        message = client.get_shell_msg(timeout=60)
        if message["parent_header"].get("msg_id") == asked:
            found: dict[str, Any] = message["content"]
            return found
