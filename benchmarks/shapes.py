"""Random-weight Llamas in safetensors, made on the spot: honest for speed, not for quality. Needs torch."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

TOKENIZER = Path(__file__).parents[1] / "train/weights/vnb-tiny"


@dataclass(frozen=True)
class Shape:
    """The sizes of a Llama; `kv` heads of `dim` elements each."""

    hidden: int
    inner: int
    layers: int
    heads: int
    kv: int
    dim: int
    vocabulary: int
    context: int = 8192


SHAPES = {
    "small": Shape(256, 512, 4, 4, 2, 64, 6144),  # for tests: seconds
    "1b": Shape(2048, 8192, 16, 32, 8, 64, 128256),  # as Llama 3.2 1B
    "8b": Shape(4096, 14336, 32, 32, 8, 128, 128256),  # as Llama 3.1 8B
}


def write_llama(folder: Path, shape: Shape, *, seed: int = 0, device: str = "cpu") -> Path:
    """Writes a 16-bit checkpoint, a file for each layer, with vnb-tiny's tokenizer; ids beyond it are never drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = torch.Generator(device).manual_seed(seed)

    def drawn(rows: int, columns: int) -> torch.Tensor:
        values = torch.empty(rows, columns, dtype=torch.float16, device=device)
        return values.normal_(0, 1 / columns**0.5, generator=chance).cpu()

    def ones() -> torch.Tensor:
        return torch.ones(shape.hidden, dtype=torch.float16)

    places: dict[str, str] = {}

    def write(name: str, tensors: dict[str, torch.Tensor]) -> None:
        save_file(tensors, folder / name, metadata={"format": "pt"})
        places.update(dict.fromkeys(tensors, name))

    for index in range(shape.layers):
        layer = f"model.layers.{index}."
        width, narrow = shape.heads * shape.dim, shape.kv * shape.dim
        projections = {
            "self_attn.q_proj": (width, shape.hidden),
            "self_attn.k_proj": (narrow, shape.hidden),
            "self_attn.v_proj": (narrow, shape.hidden),
            "self_attn.o_proj": (shape.hidden, width),
            "mlp.gate_proj": (shape.inner, shape.hidden),
            "mlp.up_proj": (shape.inner, shape.hidden),
            "mlp.down_proj": (shape.hidden, shape.inner),
        }
        tensors = {f"{layer}{name}.weight": drawn(*size) for name, size in projections.items()}
        tensors |= {f"{layer}{name}.weight": ones() for name in ("input_layernorm", "post_attention_layernorm")}
        write(f"layer-{index:03}.safetensors", tensors)
    ends = {name: drawn(shape.vocabulary, shape.hidden) for name in ("model.embed_tokens.weight", "lm_head.weight")}
    write("ends.safetensors", ends | {"model.norm.weight": ones()})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    (folder / "config.json").write_text(json.dumps(_config(shape)))
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        shutil.copy(TOKENIZER / name, folder / name)
    return folder


def _config(shape: Shape) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv,
        "head_dim": shape.dim,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": 1e-5,
        "rope_theta": 500000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "torch_dtype": "float16",
        "bos_token_id": 1,
        "eos_token_id": 4,
        "pad_token_id": 0,
    }
