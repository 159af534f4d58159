"""The files that are written hold the weights: the Hugging Face folder and what `transformers` makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")
safetensors = pytest.importorskip("safetensors.torch")

from train import export, model, tokenizer  # noqa: E402

TEXT = "<|user|>Task: 写潮汐的历史\nStep: find #1 boss<|end|><|assistant|>"


@pytest.fixture(scope="module")
def net() -> model.Tiny:
    torch.manual_seed(3)
    net = model.Tiny(model.Shape(vocab=tokenizer.load().get_vocab_size(), layers=2, inner=256)).eval()
    for name, weight in net.named_parameters():
        if name.endswith(("o.weight", "down.weight")):
            torch.nn.init.normal_(weight, std=0.03)
    return net


def test_the_folder_holds_every_weight_in_halves(net: model.Tiny, tmp_path: Path) -> None:
    export.write_hf(net, tmp_path)
    held = safetensors.load_file(tmp_path / "model.safetensors")
    wanted = export.hf_tensors(net)
    assert held.keys() == wanted.keys()
    assert all(torch.equal(held[name], tensor.half()) for name, tensor in wanted.items())
    sizes = json.loads((tmp_path / "config.json").read_text())
    assert sizes["hidden_size"] % 256 == 0 and sizes["head_dim"] == 64 and sizes["vocab_size"] % 32 == 0
    assert "<|assistant|>" in json.loads((tmp_path / "tokenizer_config.json").read_text())["chat_template"]


def test_transformers_computes_the_same(net: model.Tiny, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    export.write_hf(net, tmp_path)
    ids = torch.tensor([tokenizer.load().encode(TEXT).ids])
    theirs = transformers.LlamaForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    with torch.no_grad():
        assert torch.allclose(theirs(ids).logits, net(ids), atol=2e-2)
