"""A checkpoint as Hugging Face folder (safetensors, tokenizer) and as GGUF (F16, Q8_0, Q4_0).

python -m train.export train/runs/a/checkpoint.pt --hf train/weights/vnb-tiny --gguf vnb/models --types Q8_0
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from vnb.core.digest import digest_bytes
from vnb.planner.prompts import COMPACT_VERSION

from .model import Shape, Tiny
from .tokenizer import CHAT_TEMPLATE, END, HOME, PAD, SPECIAL, SYSTEM

TYPES = {
    "F16": (gguf.GGMLQuantizationType.F16, 1),
    "Q8_0": (gguf.GGMLQuantizationType.Q8_0, 7),
    "Q4_0": (gguf.GGMLQuantizationType.Q4_0, 2),
}
_GGUF_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def load(path: Path, averaged: bool = True) -> Tiny:
    """The model of a checkpoint: its moving average unless told otherwise."""
    held = torch.load(path, map_location="cpu", weights_only=True)
    model = Tiny(Shape(**held["shape"]))
    model.load_state_dict(held["average" if averaged else "model"])
    return model.eval()


def hf_tensors(model: Tiny) -> dict[str, Tensor]:
    """The weights under Hugging Face's Llama names, fp32."""
    s = model.shape
    wide = s.kv_heads * s.head
    tensors = {"model.embed_tokens.weight": model.embed.weight, "model.norm.weight": model.norm}
    for index, layer in enumerate(model.layers):
        q, k, v = layer.qkv.weight.split((s.hidden, wide, wide))
        gate, up = layer.gate_up.weight.chunk(2)
        named = {
            "input_layernorm": layer.n1,
            "post_attention_layernorm": layer.n2,
            "self_attn.q_proj": q,
            "self_attn.k_proj": k,
            "self_attn.v_proj": v,
            "self_attn.o_proj": layer.o.weight,
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": layer.down.weight,
        }
        tensors |= {f"model.layers.{index}.{name}.weight": tensor for name, tensor in named.items()}
    tensors["lm_head.weight"] = model.head.weight
    return {name: tensor.detach().float().contiguous() for name, tensor in tensors.items()}


def config(s: Shape) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": s.hidden,
        "intermediate_size": s.inner,
        "num_hidden_layers": s.layers,
        "num_attention_heads": s.heads,
        "num_key_value_heads": s.kv_heads,
        "head_dim": s.head,
        "vocab_size": s.vocab,
        "max_position_embeddings": s.context,
        "rms_norm_eps": s.eps,
        "rope_theta": s.theta,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "torch_dtype": "float16",
        "bos_token_id": SYSTEM,
        "eos_token_id": END,
        "pad_token_id": PAD,
        "attention_bias": False,
        "mlp_bias": False,
    }


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def write_hf(model: Tiny, folder: Path, tokenizer: Path = HOME) -> None:
    """A folder that transformers and EXL2's converter read."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: tensor.half() for name, tensor in hf_tensors(model).items()}
    save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})
    _json(folder / "config.json", config(model.shape))
    if tokenizer.resolve() != (folder / "tokenizer.json").resolve():
        shutil.copy(tokenizer, folder / "tokenizer.json")
    _json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": SPECIAL[SYSTEM],
            "eos_token": SPECIAL[END],
            "pad_token": SPECIAL[PAD],
            "add_bos_token": False,
            "add_eos_token": False,
            "model_max_length": model.shape.context,
            "clean_up_tokenization_spaces": False,
            "chat_template": CHAT_TEMPLATE,
            "vnb_profile": "compact",
        },
    )
    _json(
        folder / "generation_config.json",
        {"bos_token_id": SYSTEM, "eos_token_id": END, "pad_token_id": PAD, "do_sample": False},
    )


def _interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows of q or k in llama.cpp's RoPE order (pairs side by side)."""
    half = weight.shape[0] // heads // 2
    return weight.reshape(heads, 2, half, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _gguf_name(name: str) -> str:
    base = name.removesuffix(".weight")
    if base in _GGUF_NAMES:
        return _GGUF_NAMES[base] + ".weight"
    _, _, index, rest = base.split(".", 3)
    return f"blk.{index}.{_GGUF_NAMES[rest]}.weight"


def _vocabulary(writer: gguf.GGUFWriter, tokenizer: Path) -> None:
    described = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]
    tokens = sorted(described["vocab"].items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([token for token, _ in tokens])
    writer.add_token_types([3 if i < len(SPECIAL) else 1 for _, i in tokens])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in described["merges"]])
    writer.add_bos_token_id(SYSTEM)
    writer.add_eos_token_id(END)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def write_gguf(model: Tiny, path: Path, kind: str = "Q8_0", tokenizer: Path = HOME) -> str:
    """One GGUF file; returns its digest."""
    s = model.shape
    quantization, file_type = TYPES[kind]
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("vnb-tiny")
    writer.add_license("mit")
    writer.add_string("vnb.profile", "compact")
    writer.add_string("vnb.prompts", str(COMPACT_VERSION))
    writer.add_context_length(s.context)
    writer.add_embedding_length(s.hidden)
    writer.add_block_count(s.layers)
    writer.add_feed_forward_length(s.inner)
    writer.add_head_count(s.heads)
    writer.add_head_count_kv(s.kv_heads)
    writer.add_layer_norm_rms_eps(s.eps)
    writer.add_rope_freq_base(s.theta)
    writer.add_rope_dimension_count(s.head)
    writer.add_vocab_size(s.vocab)
    writer.add_file_type(file_type)
    _vocabulary(writer, tokenizer)
    for name, tensor in hf_tensors(model).items():
        array = tensor.numpy()
        if "q_proj" in name or "k_proj" in name:
            array = _interleaved(array, s.heads if "q_proj" in name else s.kv_heads)
        if array.ndim == 1:
            writer.add_tensor(_gguf_name(name), array)
        elif kind == "F16":
            writer.add_tensor(_gguf_name(name), array.astype(np.float16))
        else:
            packed = gguf.quants.quantize(np.ascontiguousarray(array), quantization)
            writer.add_tensor(_gguf_name(name), packed, raw_dtype=quantization)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return digest_bytes(path.read_bytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--hf", type=Path, help="folder for the safetensors")
    parser.add_argument("--gguf", type=Path, help="folder for the GGUF files")
    parser.add_argument("--types", default="Q8_0", help="comma-separated: F16, Q8_0, Q4_0")
    parser.add_argument("--raw", action="store_true", help="the last weights, not their moving average")
    args = parser.parse_args()
    model = load(args.checkpoint, not args.raw)
    if args.hf:
        write_hf(model, args.hf)
    if args.gguf:
        for kind in args.types.split(","):
            path = args.gguf / f"vnb-tiny-{kind.lower()}.gguf"
            print(path, write_gguf(model, path, kind), path.stat().st_size)


if __name__ == "__main__":
    main()
