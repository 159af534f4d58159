"""Notebooks as they lie on disk after a run: made from the shared fixtures, without a kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fixtures import load, moments
from tests.fixtures.scenes import parts
from tests.fixtures.writer import Writer
from vnb.core.types import Step, Task
from vnb.views.bundle import bundle

CANARY = "window.CANARY = (window.CANARY || 0) + 1"

EVIL = f"""# <script>{CANARY}</script>
<img src=x onerror="{CANARY}"> <svg onload="{CANARY}"><a href="javascript:{CANARY}">x</a></svg>
[click me](javascript:{CANARY}) [data](data:text/html,<script>{CANARY}</script>) <javascript:{CANARY}>
![beacon](https://beacon.example/x.png) [fine](https://example.org/page)
\x1b[31mred\x1b[0m \x1b]8;;https://beacon.example\x07link\x1b]8;;\x07 \u202eright to left\u202c

```html
<script>{CANARY}</script>
~~~
````
<iframe src="https://beacon.example"></iframe>

- **bold** and `code`
  1. nested *list*

> quote

| a | b |
|---|---|
| 1 | <b onmouseover="{CANARY}">2</b> |
"""


def fixture(name: str) -> dict[str, Any]:
    """A fixture's last moment as a bundle."""
    found = load(name)
    *_, view = moments(name)
    return bundle(view, found["blobs"], found["now"])


def hostile() -> dict[str, Any]:
    """A run whose every text wants to do harm; among them a line of a megabyte."""
    w = Writer("hostile", Task("t", f"Harm. {EVIL}"))
    w.plan(Step("s1", EVIL, title=f"<img src=x onerror='{CANARY}'>"), Step("s2", "A line of a megabyte."))
    w.run("s1", EVIL, [("input", EVIL, EVIL), ("doc", "a document", EVIL)])
    w.start("s2", parts("A line of a megabyte."))
    w.prefill("s2")
    w.decode("s2", "x")
    w.finish("s2")
    w.view.steps["s2"].attempts[0].output = w.keep("x" * 1_000_000)
    w.end(w.view.steps["s1"].output)
    found = bundle(w.view, w.blobs, w.now)
    # A bundle cuts long texts; a notebook that someone else made need not.
    mime = next(name for name in found if name.endswith("+json"))
    found[mime]["blobs"][w.view.steps["s2"].attempts[0].output] = "x" * 1_000_000
    return found


def many(steps: int) -> dict[str, Any]:
    """A run of so many steps, each with a short output."""
    w = Writer("many", Task("t", f"Do {steps} things."))
    w.plan(*(Step(f"s{number}", f"Do thing number {number}.") for number in range(steps)))
    for number in range(steps):
        w.run(f"s{number}", f"Thing {number} is done.", parts(f"Do thing number {number}."))
    w.end(w.view.steps["s0"].output)
    return bundle(w.view, w.blobs, w.now)


def notebook(path: Path, *bundles: dict[str, Any]) -> str:
    """Writes a notebook with one cell for each bundle and returns its name."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{number}",
            "source": "%%vtask",
            "metadata": {},
            "execution_count": 1,
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": data}],
        }
        for number, data in enumerate(bundles)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    found = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
    path.write_text(json.dumps(found), encoding="utf-8")
    return path.name
