"""What runs take on disk."""

from __future__ import annotations

import json
import random
from pathlib import Path

from vnb.core import events as ev
from vnb.core.digest import text_digest
from vnb.core.types import Alternative, Sampling, Step, Task, Token, Usage
from vnb.store.blobs import DEEPEST
from vnb.store.packing import DELTA, delta, unpack
from vnb.store.store import Store

VOCABULARY = ["".join(random.Random(n).choices("etaoinshrdlucmfwyp", k=1 + n % 9)) for n in range(8000)]


def prose(size: int, seed: int = 0) -> str:
    """Text that compresses as English does, to a little over a third."""
    draw = random.Random(seed)
    text: list[str] = []
    while size > 0:
        word = VOCABULARY[int(draw.paretovariate(0.15)) % len(VOCABULARY)]
        text.append(word + draw.choices(["", ".", ",", ".\n"], [80, 9, 9, 2])[0])
        size -= len(text[-1]) + 1
    return " ".join(text)


def run_over(store: Store, run_id: str, document: str, steps: int) -> None:
    """A run whose every step is shown the whole document, and whose prompts are stored with their token ids."""
    seq = 0

    def append(body: ev.Body, *texts: str) -> None:
        nonlocal seq
        seq += 1
        store.append(
            ev.Event(run_id, seq, 1_700_000_000.0 + seq / 7, body), {text_digest(text): text for text in texts}
        )

    draw = random.Random(run_id)
    append(ev.RunStarted(Task("t", "Summarise {{doc}}", inputs={"doc": document}, attached=("doc",)), "0.1.0", "tiny"))
    for n in range(steps):
        step, instruction = f"s{n}", f"Say in {n} words what the part about {prose(60, n)} means."
        output = prose(400, 1000 + n)
        text = f"<system>You do one step.</system><doc>{document}</doc><instruction>{instruction}</instruction>"
        ids = [sum(map(ord, word)) * 31 % 32000 for word in text.split()]
        prompt = json.dumps({"text": text, "token_ids": ids, "spans": [[0, 0, 9], [1, 9, len(ids) - 20]]})
        parts = (
            ev.PartRef("input", "doc", text_digest(document), 10, 10),
            ev.PartRef("instruction", step, text_digest(instruction), 10, 10),
        )
        append(ev.StepPlanned(Step(step, instruction)))
        append(ev.StepQueued(step, 1))
        context = ev.ContextRef(parts, 32768, len(ids), text_digest(instruction))
        started = ev.StepStarted(
            step, 1, context, text_digest(prompt), Sampling(seed=n), None, "f" * 32, text_digest(prompt + "key")
        )
        append(started, prompt, document, instruction)
        append(ev.StepPrefilled(step, 1, len(ids), 0, 0.01, 1.5))
        words = output.split()
        for first in range(0, len(words), 10):
            tokens = tuple(
                Token(
                    draw.randrange(32000),
                    f" {word}",
                    round(first / 30, 4),
                    round(-draw.random(), 4),
                    (Alternative(draw.randrange(32000), f" {draw.choice(words)}", round(-draw.random(), 4)),),
                )
                for word in words[first : first + 10]
            )
            append(ev.StepDecoded(step, 1, tokens))
        append(ev.StepFinished(step, 1, text_digest(output), "stop", Usage(len(ids), 0, len(words))), output)
    append(ev.RunFinished("finished"))


def on_disk(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.iterdir())


def test_twenty_steps_over_one_long_document(path: Path) -> None:
    with Store(path) as store:
        run_over(store, "r", prose(100_000), steps=20)
    assert on_disk(path) < 300_000
    with Store(path) as store:
        assert store.size() < 300_000
        assert len(list(store.events("r"))) > 200
        assert store.blobs(store.references("r"))


def test_fifty_forks_share_what_they_forked(path: Path) -> None:
    with Store(path) as store:
        run_over(store, "r", prose(100_000), steps=4)
    before = on_disk(path)
    with Store(path) as store:
        for n in range(50):
            store.append(ev.Event(f"fork{n}", 11, 2.0e9, ev.RunForked("r", 10)))
    assert on_disk(path) < 1.1 * before


def test_the_same_task_again_adds_little(path: Path) -> None:
    with Store(path) as store:
        run_over(store, "r1", prose(100_000), steps=2)
    before = on_disk(path)
    with Store(path) as store:
        run_over(store, "r2", prose(100_000), steps=2)
    assert on_disk(path) < 1.2 * before


def test_a_delta_is_only_what_differs() -> None:
    base = prose(100_000).encode()
    near = base[:20_000] + b"something new" + base[20_000:70_000] + base[71_000:] + b" and an end"
    small = delta(near, base)
    assert len(small) < 300
    assert unpack(DELTA, small, base) == near
    other = prose(100_000, seed=1).encode()
    assert unpack(DELTA, delta(other, base), base) == other


def test_deltas_of_deltas_stay_shallow(store: Store) -> None:
    texts = [prose(20_000)]
    for n in range(60):
        texts.append(texts[-1][: 300 * n] + prose(100, n) + texts[-1][300 * n :])
    digests = [store.put_blob(text) for text in texts]
    assert store.blobs(digests) == dict(zip(digests, texts))
    with store._database.reading() as connection:
        stored, depth = connection.execute("SELECT sum(length(content)), max(depth) FROM blobs").fetchone()
    assert stored < sum(map(len, texts)) / 15
    assert 2 <= depth <= DEEPEST


def test_storing_a_text_takes_no_longer_among_many_that_share_its_beginning(store: Store) -> None:
    """Each has a beginning that all share, and its own rest; the work is counted by SQLite, so no clock is in it."""
    shared = prose(4_000)

    def work_of(number: int) -> int:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        with store._database.reading() as connection:
            connection.set_progress_handler(count, 10)
            store.put_blob(shared + prose(5_000, number))
            connection.set_progress_handler(None, 0)
        return steps

    work = [work_of(number) for number in range(1, 401)]
    assert sum(work[-20:]) < 1.5 * sum(work[80:100])
    before = store.size()
    digest = store.put_blob(shared + prose(5_000, 7) + " and one more word")
    assert store.size() - before < 8_192, "the one that it nearly equals is found among them"
    assert store.blob(digest).endswith("one more word")
