"""Training resumes as if it had not been killed; the GGUF files say what the weights say."""

from __future__ import annotations

import json
import math
import os
import random
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from train import batches, export, generate, model, tokenizer, train  # noqa: E402

SMALL = ["--layers", "1", "--inner", "32", "--width", "256", "--lines", "1", "--watch", "0", "--keep", "3"]
SMALL += ["--no-bf16", "--no-compile"]


def weights(run: train.Run) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in run.model.parameters()])


def test_a_killed_run_goes_on_to_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = ["--stages", "copy:2,drill:2,full:3", *SMALL]
    whole = train.main(["--out", str(tmp_path / "a"), *stages])

    class Killed(Exception):
        pass

    advance = train.Run.advance

    def dies_at_five(run: train.Run, stage: str, rate: float) -> float:
        if run.step == 5:
            raise Killed
        return advance(run, stage, rate)

    monkeypatch.setattr(train.Run, "advance", dies_at_five)
    with pytest.raises(Killed):
        train.main(["--out", str(tmp_path / "b"), *stages])
    monkeypatch.undo()
    resumed = train.main(["--out", str(tmp_path / "b"), *stages])
    assert resumed.step == whole.step == 7
    assert torch.equal(weights(resumed), weights(whole))
    steps = [json.loads(line)["step"] for line in (tmp_path / "b" / "log.jsonl").read_text().splitlines()]
    assert 3 in steps  # it began again at the checkpoint, not at the start


def test_two_workers_reach_what_one_reaches(tmp_path: Path) -> None:
    stages = ["--stages", "copy:1,full:2", *SMALL]
    one = train.main(["--out", str(tmp_path / "one"), *stages])
    two = train.main(["--out", str(tmp_path / "two"), "--workers", "2", *stages])
    assert torch.allclose(weights(one), weights(two), atol=1e-5)


def test_a_pack_holds_every_row_as_if_it_were_alone() -> None:
    words = tokenizer.load()
    torch.manual_seed(1)
    net = lively(words.get_vocab_size())
    rng = random.Random(4)
    rows = [batches.tree_row(words, generate.tree(rng, generate.FULL), 200) for _ in range(2)]
    together = batches.pack([rows], 420)
    apart = [batches.pack([[row]], len(row.ids)) for row in rows]
    states = net.trunk(together.ids, together.positions, together.seen)[0]
    at = 0
    for row, alone in zip(rows, apart, strict=True):
        mine = net.trunk(alone.ids, alone.positions, alone.seen)[0]
        assert torch.allclose(states[at : at + len(row.ids)], mine, atol=1e-4)
        at += len(row.ids)


def lively(vocabulary: int) -> model.Tiny:
    """A network whose layers do something, unlike at the start of a training."""
    net = model.Tiny(model.Shape(vocab=vocabulary, layers=2, inner=64)).eval()
    for name, weight in net.named_parameters():
        if name.endswith(("o.weight", "down.weight")):
            torch.nn.init.normal_(weight, std=0.1)
    return net


def test_a_branch_sees_what_a_call_of_its_own_would_see() -> None:
    words = tokenizer.load()
    torch.manual_seed(1)
    net = lively(words.get_vocab_size())
    sample = generate.tree(random.Random(2), generate.FULL)
    row = batches.tree_row(words, sample)
    batch = batches.pack([[row]], len(row.ids))
    packed = net.head(net.trunk(batch.ids, batch.positions, batch.seen))[0]
    for number, branch in enumerate(sample.branches, 1):
        alone = words.encode(f"<|user|>{sample.trunk}{branch.prompt}<|end|><|assistant|>{branch.answer}<|end|>").ids
        places = [i for i, b in enumerate(row.branch) if b in (0, number)]
        if number not in row.branch:
            continue
        assert [row.ids[i] for i in places] == alone
        assert torch.allclose(packed[places], net(torch.tensor([alone]))[0], atol=1e-3)


TOLERANCE = {"F16": 0.02, "Q8_0": 0.15, "Q4_0": 1.5}
"""The most that the log-probability of the likeliest token may differ from torch's: rounding of the weights."""


@pytest.mark.parametrize("kind", TOLERANCE)
def test_llama_cpp_agrees_with_torch(kind: str, tmp_path: Path) -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    llama = pytest.importorskip("xllamacpp")
    words = tokenizer.load()
    torch.manual_seed(3)
    net = model.Tiny(model.Shape(vocab=words.get_vocab_size(), layers=2, inner=256)).eval()
    for name, weight in net.named_parameters():
        if name.endswith(("o.weight", "down.weight")):
            torch.nn.init.normal_(weight, std=0.03)
    net.head.weight.data *= 4
    path = tmp_path / "tiny.gguf"
    export.write_gguf(net, path, kind)
    params = llama.CommonParams()
    params.model.path, params.n_ctx, params.n_parallel, params.port, params.verbosity = str(path), 256, 1, 0, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = llama.Server(params)
    for text in (
        "<|user|>Task: 编写一篇关于人工智能的文章\nPlan<|end|><|assistant|>",
        "<|user|>Step: add 12 to #1<|end|>",
    ):
        ids = words.encode(text).ids
        expected = torch.log_softmax(net(torch.tensor([ids]))[0, -1], -1)
        request = {"prompt": text, "max_tokens": 1, "temperature": 0, "logprobs": 5}
        answer = server.handle_completions(request)
        assert answer["usage"]["prompt_tokens"] == len(ids)
        for one in answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"][:1]:
            assert math.isclose(one["logprob"], expected[one["id"]].item(), abs_tol=TOLERANCE[kind])
            assert kind == "Q4_0" or one["id"] == int(expected.argmax())
