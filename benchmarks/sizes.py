"""How much room runs take on disk: many steps over one long constant, and forks of a run with a long document.

No model: the scripted engine answers, so that the bytes are the same everywhere but for timestamps. Every text, prompt with its
token ids, event and token is stored, as in any run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from pydoc_data.topics import topics

from vnb.api.run import Run
from vnb.api.runtime import Runtime
from vnb.api.task import draft
from vnb.engines.scripted import ScriptedEngine

from .tables import Scale, Table

LENGTH = 100_000
FORKS = 50


def prose(characters: int, at: int = 0) -> str:
    """English text from Python's manual, which every Python carries."""
    manual = "\n".join(topics.values())
    at %= len(manual) - characters
    return manual[at : at + characters]


def stored(folder: Path, carry: Callable[[Runtime], None], answer: int) -> int:
    """Bytes of the store after `carry`, with answers of that many characters."""
    path = folder / "runs.sqlite"
    runtime = Runtime(path)
    runtime.use(ScriptedEngine(lambda prompt, _: prose(answer, 997 * len(prompt.text)), context_length=200_000))
    carry(runtime)
    runtime.store.vacuum()
    runtime.close()
    return sum(file.stat().st_size for file in folder.glob("runs.sqlite*"))


def over_one_constant(steps: int) -> Callable[[Runtime], None]:
    """A chain of steps, each of which is shown the constant and the result before it."""
    plan = "\n".join(f"s{n}: Summarise part {n}" + (f" <- s{n - 1}" if n > 1 else "") for n in range(1, steps + 1))

    def carry(runtime: Runtime) -> None:
        draft(runtime, "Summarise {{doc}}", doc=prose(LENGTH), plan=plan).run()

    return carry


def with_forks(count: int) -> Callable[[Runtime], None]:
    """A diamond over the document, and forks of it at several points."""
    plan = "s1: Read it\ns2: Say what speaks for it <- s1\ns3: Say what speaks against it <- s1\ns4: Weigh <- s2, s3"

    def carry(runtime: Runtime) -> None:
        run: Run = draft(runtime, "Judge {{doc}}", doc=prose(LENGTH), plan=plan).run()
        for number in range(count):
            run.fork(("s2", "s3", "s4", None)[number % 4])

    return carry


def measure(scale: Scale) -> list[Table]:
    """Kilobytes of each run."""
    cases: list[tuple[str, Callable[[Runtime], None], int]] = [
        ("20 steps over 100 kB, answers of 100 characters", over_one_constant(20), 100),
        ("20 steps over 100 kB, answers of 400 characters", over_one_constant(20), 400),
        ("a diamond over 100 kB, answers of 400 characters", with_forks(0), 400),
        (f"the same with {FORKS} forks", with_forks(FORKS), 400),
    ]
    table = Table("Runs on disk", ["run", "kB"])
    for name, carry, answer in cases[2:3] if scale.quick else cases:
        with tempfile.TemporaryDirectory() as folder:
            table.add(name, round(stored(Path(folder), carry, answer) / 1000))
    return [table]
