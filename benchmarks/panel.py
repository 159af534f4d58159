"""The live panel in a real JupyterLab: what many streams at once cost the page, and how soon a long run is painted.

    pip install ".[browser]"                        # and Chromium: apt-get install chromium
    python -m benchmarks.panel --rounds 3 --save

* stream: eight steps of a run at 200 tokens a second each, for 20 seconds. Counted are the messages to the page, the share
  of the time in which the page's main thread was busy (Chromium's TaskDuration over wall time, the whole of JupyterLab
  included), the same while nothing runs, and whether every event came once and every token is in the tree;
* paint: the saved bundle of a run of 1,000 steps, from its JSON to the frame that shows it, and the gaps between frames
  while its tree is scrolled from end to end.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from tests.browser import kernel, lab, saved
from vnb.views.bundle import MIME

from .machine import machine, versions

RESULTS = Path(__file__).parent / "results"
STEPS, RATE = 8, 200

SETUP = """
from vnb.api.runtime import runtime
from vnb.engines.scripted import Answer, ScriptedEngine
words = " ".join(f"word{{number % 97}}" for number in range({tokens} // 2))
runtime().use(ScriptedEngine(lambda prompt, constraint: Answer(words, delay={delay}), slots={steps}, context_length=16_384))
import vnb
plan = vnb.plan("\\n".join(f"s{{n}}: do part {{n}}" for n in range({steps})))
"""

_COUNT = """() => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    window.counted = [];
    kernel.iopubMessage.connect((_, message) => {
        const said = message.content.data;
        if (message.header.msg_type === "comm_msg" && said.type === "events")
            counted.push([performance.now(), said.json.length, JSON.parse(said.json).map(event => event.seq)]);
    });
}"""

_PAINT = """async ([mime, document]) => {
    const frame = () => new Promise(requestAnimationFrame);
    const renderer = jupyterapp.shell.currentWidget.content.rendermime.createRenderer(mime);
    const place = window.document.createElement("div");
    place.style.cssText = "position: fixed; inset: 40px; z-index: 1000; overflow: auto";
    window.document.body.append(place);
    await frame();
    const began = performance.now();
    place.append(renderer.node);
    await renderer.renderModel({data: {[mime]: document}, metadata: {}, trusted: false});
    await frame();
    await frame();
    const painted = performance.now() - began;
    const tree = [...renderer.node.querySelectorAll("*")].find(one => one.scrollHeight > one.clientHeight + 1000);
    const gaps = [];
    for (let last = performance.now(), n = 0; n < 120; n++) {
        tree.scrollTop = (tree.scrollHeight - tree.clientHeight) * n / 119;
        await frame();
        const now = performance.now();
        gaps.push(now - last);
        last = now;
    }
    renderer.dispose();
    place.remove();
    return {painted, gaps};
}"""


def stream(page: lab.Lab, seconds: float) -> dict[str, Any]:
    """One run of `STEPS` streams, as the page saw it."""
    setup = SETUP.format(tokens=int(RATE * seconds), delay=1 / RATE, steps=STEPS)
    with kernel.opened(
        page, "stream.ipynb", setup, f"%vrun plan --name run --reuse off --max-tokens {int(RATE * seconds) + 10}"
    ) as notebook:
        notebook.run(1)
        notebook.done(1)
        devtools = page.page.context.new_cdp_session(page.page)
        devtools.send("Performance.enable")
        idle = _busy(page, devtools, lambda: page.page.wait_for_timeout(3000))
        page.page.evaluate(_COUNT)
        notebook.run(2)
        notebook.is_live()
        busy = _busy(page, devtools, lambda: notebook.done(2))
        counted = page.page.evaluate("() => counted")
        stored = json.loads(
            notebook.value("__import__('json').dumps([len(s.view.attempts[0].tokens) for s in run])")[1:-1]
        )
        last = int(notebook.value("run.view.seq"))
        shown = [notebook.row(f"s{n}").locator(".vnb-tokens").inner_text() for n in range(STEPS)]
    seen = [seq for _, _, seqs in counted for seq in seqs]
    times = [time for time, _, _ in counted]
    return {
        "messages per second": max(sum(start <= time < start + 1000 for time in times) for start in times),
        "bytes per second": sum(size for _, size, _ in counted) / (times[-1] - times[0]) * 1000,
        "main thread busy": busy,
        "main thread busy, nothing running": idle,
        "tokens": sum(stored[:STEPS]),
        "every event once": seen == list(range(seen[0], last + 1)),
        "every token shown": [int(text.replace(",", "")) for text in shown] == stored[:STEPS],
    }


def _busy(page: lab.Lab, devtools: Any, wait: Any) -> float:
    """The share of the time until `wait` returns in which the page's main thread had something to do."""
    before = _metrics(devtools)
    wait()
    after = _metrics(devtools)
    return (after["TaskDuration"] - before["TaskDuration"]) / (after["Timestamp"] - before["Timestamp"])


def _metrics(devtools: Any) -> dict[str, float]:
    return {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}


def paint(page: lab.Lab, steps: int) -> dict[str, Any]:
    """How a saved run of so many steps comes into sight."""
    page.open(saved.notebook(page.server.root / "small.ipynb", saved.fixture("article")))
    found = page.page.evaluate(_PAINT, [MIME, saved.many(steps)[MIME]])
    gaps = sorted(found["gaps"])
    return {
        "first paint, milliseconds": found["painted"],
        "scrolling, frame gap p95, milliseconds": gaps[int(len(gaps) * 0.95)],
        "scrolling, longest frame gap, milliseconds": gaps[-1],
    }


def measure(rounds: int, seconds: float, steps: int) -> dict[str, list[Any]]:
    """Every figure of every round."""
    found: dict[str, list[Any]] = {}
    with tempfile.TemporaryDirectory() as place, lab.serve(Path(place)) as server, lab.chromium() as browser:
        for _ in range(rounds):
            with lab.look(browser, server) as page:
                page.start()
                for name, value in {**stream(page, seconds), **paint(page, steps)}.items():
                    found.setdefault(name, []).append(value)
    return found


def table(found: dict[str, list[Any]]) -> str:
    """The figures as Markdown: medians, and all values."""
    lines = ["| | median | each round |", "|---|---|---|"]
    for name, values in found.items():
        if isinstance(values[0], bool):
            lines.append(f"| {name} | {'yes' if all(values) else 'no'} | |")
        else:
            lines.append(f"| {name} | {statistics.median(values):,.3g} | {', '.join(f'{v:,.3g}' for v in values)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--save", action="store_true")
    said = parser.parse_args()
    found = measure(said.rounds, said.seconds, said.steps)
    text = table(found)
    print(text)
    if said.save:
        today = date.today().isoformat()
        command = f"python -m benchmarks.panel --rounds {said.rounds} --seconds {said.seconds:g} --steps {said.steps}"
        about = {"command": command, "date": today, "machine": machine(), "versions": versions()}
        record = {**about, "streams": STEPS, "tokens per second and stream": RATE, "rounds": found}
        (RESULTS / f"panel-{today}.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        head = f"`{command}`, {today}.\n\n{machine()}; {versions()}."
        (RESULTS / f"panel-{today}.md").write_text(f"# The live panel\n\n{head}\n\n{text}\n")


if __name__ == "__main__":
    main()
