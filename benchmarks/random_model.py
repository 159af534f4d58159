"""Makes a Llama with random weights as a GGUF file, so that engines can be measured and tested without a download.

python benchmarks/random_model.py model.gguf --hidden 512 --layers 8 --vocab 8192 --quant Q8_0
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np

SPECIAL = ("<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WORDS = (
    "the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one "
    "you were all her she there would their we him been has when who will no more if out so up said what its about than "
    "into them can only other time new some could these two may first then do any like my now over such our man me even "
    "most made after also did many off before must well back through years much where your way down should because long "
    "each just state those people too mr how little good world make very year still see work life great against history"
).split()


def byte_alphabet() -> list[str]:
    """The 256 characters that stand for bytes in byte-level BPE (GPT-2's table)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(other)) for b in range(256)]


def vocabulary(size: int) -> tuple[list[str], list[str]]:
    """Tokens (specials, bytes, merged words, filler up to `size`) and the merges that make the words."""
    tokens = [*SPECIAL, *byte_alphabet()]
    merges: list[str] = []
    known = set(tokens)
    for word in WORDS:
        piece = "Ġ"
        for letter in word:
            if piece + letter not in known:
                if len(tokens) >= size:
                    return tokens, merges
                known.add(piece + letter)
                tokens.append(piece + letter)
                merges.append(f"{piece} {letter}")
            piece += letter
    tokens += [f"Ġfiller{i}" for i in range(size - len(tokens))]
    return tokens, merges


def write_random_llama(
    path: str | Path,
    *,
    hidden: int = 64,
    layers: int = 2,
    heads: int = 4,
    kv_heads: int = 2,
    feed_forward: int | None = None,
    vocab: int = 512,
    context: int = 4096,
    quant: str = "F16",
    seed: int = 0,
    scale: float = 1.0,
    template: str = TEMPLATE,
    add_bos: bool = False,
    profile: str = "",
    sampling: Mapping[str, float] | None = None,
) -> int:
    """Writes a random Llama with a byte-level BPE tokenizer and a chat template.

    The output weights of the special tokens are zero, so their logits are 0: with top-k sampling it never ends by itself.

    Args:
        hidden: Width; with Q8_0 a multiple of 32.
        vocab: Tokens, at least 261 (5 special ones and the 256 bytes).
        context: The context length that the file claims to have been trained for.
        quant: `F32`, `F16`, `Q8_0` or `Q4_0`.
        scale: Spread of the output logits; larger is more decided.
        add_bos: Whether the tokenizer puts `<|system|>` as BOS before every text.
        profile: Value of the key `vnb.profile`; empty leaves it out.
        sampling: Values of the keys `general.sampling.…`.

    Returns:
        The number of parameters.
    """
    kind = gguf.GGMLQuantizationType[quant]
    random = np.random.default_rng(seed)
    feed_forward = feed_forward or hidden * 4
    wide = hidden // heads * kv_heads
    tokens, merges = vocabulary(vocab)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("random-llama")
    writer.add_context_length(context)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(hidden // heads)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * len(SPECIAL) + [1] * (len(tokens) - len(SPECIAL)))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(4)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(add_bos)
    writer.add_chat_template(template)
    for key, value in (sampling or {}).items():
        writer.add_float32(f"general.sampling.{key}", value)
    if profile:
        writer.add_string("vnb.profile", profile)

    parameters = 0

    def add(name: str, rows: int, columns: int, spread: float) -> None:
        nonlocal parameters
        parameters += rows * columns
        weights = (random.standard_normal((rows, columns), dtype=np.float32) * spread).astype(np.float32)
        if name == "output":
            weights[: len(SPECIAL)] = 0
        if quant in ("F32", "F16"):
            writer.add_tensor(f"{name}.weight", weights.astype(np.float16 if quant == "F16" else np.float32))
        else:
            writer.add_tensor(f"{name}.weight", gguf.quants.quantize(weights, kind), raw_dtype=kind)

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(hidden, dtype=np.float32))

    spread = hidden**-0.5
    add("token_embd", len(tokens), hidden, 1.0)
    add("output", len(tokens), hidden, spread * scale)
    norm("output_norm")
    for layer in range(layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm")
        norm(f"{block}.ffn_norm")
        add(f"{block}.attn_q", hidden, hidden, spread)
        add(f"{block}.attn_k", wide, hidden, spread)
        add(f"{block}.attn_v", wide, hidden, spread)
        add(f"{block}.attn_output", hidden, hidden, spread)
        add(f"{block}.ffn_gate", feed_forward, hidden, spread)
        add(f"{block}.ffn_up", feed_forward, hidden, spread)
        add(f"{block}.ffn_down", hidden, feed_forward, feed_forward**-0.5)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return parameters


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    for name, default in (("hidden", 512), ("layers", 8), ("heads", 8), ("kv-heads", 4), ("vocab", 8192), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--quant", default="Q8_0", choices=("F32", "F16", "Q8_0", "Q4_0"))
    options = vars(parser.parse_args())
    print(f"{write_random_llama(options.pop('path'), **options):,} parameters")


if __name__ == "__main__":
    main()
