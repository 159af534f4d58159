"""What a folder of weights says of itself, read with the standard library alone."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from ...core.digest import digest, digest_bytes
from ...core.types import Json
from ...errors import EngineError
from ..weights import file_digest

READABLE = {"I32", "I16", "F16", "BF16", "F32"}  # what ExLlamaV2's loader knows
KV_BITS = {"fp16": (16, 16), "q8": (8, 8), "q6": (8, 4), "q4": (4, 4)}  # of a key's and a value's element
SCALE_BITS = 0.5  # 16 for each 32 elements, in quantized caches


@dataclass(frozen=True)
class Folder:
    """A checkpoint: EXL2, GPTQ, or plain 16-bit weights in safetensors.

    Attributes:
        config: `config.json`.
        generation: `generation_config.json`, empty where there is none.
        tokenizer: `tokenizer_config.json`, empty where there is none.
        template: The chat template; empty for base models.
        files: The files of weights.
        size: Bytes of all weights.
        quantization: `EXL2 4.0 bpw`, `GPTQ 4 bits` or the type of the plain weights.
    """

    path: Path
    config: Mapping[str, Any]
    generation: Mapping[str, Any]
    tokenizer: Mapping[str, Any]
    template: str
    files: tuple[Path, ...]
    size: int
    quantization: str

    def number(self, *keys: str) -> int:
        """The first of these keys of `config.json` that is a number; 0 if none is."""
        text = self.config.get("text_config")
        for part in (self.config, text if isinstance(text, Mapping) else {}):
            for key in keys:
                value = part.get(key)
                if isinstance(value, int) and not isinstance(value, bool):
                    return value
        return 0

    @property
    def architecture(self) -> str:
        return str(next(iter(self.config.get("architectures") or [""])))

    @property
    def profile(self) -> str:
        """Which prompts suit it; see `EngineInfo.profile`."""
        return "compact" if self.tokenizer.get("vnb_profile") == "compact" else "instruct"

    @property
    def trained_context(self) -> int:
        """The context length that the model was trained for; 0 where the folder does not say."""
        return self.number("max_position_embeddings", "max_sequence_length", "max_seq_len", "n_positions")

    @property
    def head_dim(self) -> int:
        heads = max(1, self.number("num_attention_heads", "n_heads", "n_head"))
        return self.number("head_dim") or self.number("hidden_size", "d_model", "n_embd") // heads

    @property
    def kv_elements(self) -> int:
        """Elements of one token's keys in one layer."""
        heads = self.number("num_key_value_heads") or self.number("num_attention_heads", "n_heads", "n_head")
        return heads * self.head_dim

    def kv_bytes(self, tokens: int, kv: str) -> int:
        """Bytes of a KV cache, with the buffer of one layer that quantized ones need."""
        layers = self.number("num_hidden_layers", "n_layers", "n_layer")
        bits = sum(KV_BITS[kv]) + (0 if kv == "fp16" else 2 * SCALE_BITS)
        buffer = 0 if kv == "fp16" else 4 * self.kv_elements
        return int(tokens * (layers * self.kv_elements * bits / 8 + buffer))

    @property
    def ends(self) -> tuple[int, ...]:
        """Ids of the tokens that end an answer, as far as `config.json` and `generation_config.json` say."""
        found: list[int] = []
        for part in (self.config, self.generation):
            value = part.get("eos_token_id")
            found += value if isinstance(value, list) else [value] if isinstance(value, int) else []
        return tuple(dict.fromkeys(found))

    @cached_property
    def digest(self) -> str:
        """Digest of the weights and of what says how to read them."""
        settings: dict[str, Json] = {}
        for name in ("config.json", "tokenizer.json"):
            settings[name] = digest_bytes((self.path / name).read_bytes())
        return digest([settings, self.template, [[file.name, file_digest(file)] for file in self.files]])


def read_folder(path: Path) -> Folder:
    """Reads a folder of weights and checks that its files are as long as they say.

    Raises:
        EngineError: Something is missing, damaged, or of a kind that ExLlamaV2 does not run.
    """
    config = _json(path / "config.json", needed="the model's settings")
    if not config.get("architectures"):
        raise EngineError(f"{path}/config.json names no architecture.", "Give a folder of a language model.")
    files = tuple(sorted(path.glob("*.safetensors")))
    if not files:
        raise EngineError(f"The folder {path} holds no .safetensors files.", _other_weights(path))
    if not (path / "tokenizer.json").is_file():
        raise EngineError(
            f"The folder {path} holds no tokenizer.json, which ExLlamaV2 needs.",
            "Make one: AutoTokenizer.from_pretrained(…, use_fast=True).save_pretrained(…) of transformers",
        )
    tokenizer = _json(path / "tokenizer_config.json")
    kinds: dict[str, int] = {}
    quantized = ""
    for file in files:
        for name, tensor in _tensors(file).items():
            kinds[tensor["dtype"]] = kinds.get(tensor["dtype"], 0) + prod(tensor["shape"])
            ending = name.rpartition(".")[2]
            quantized = {"q_weight": "EXL2", "qweight": "GPTQ"}.get(ending, quantized)
    unknown = sorted(set(kinds) - READABLE)
    if unknown:
        raise EngineError(
            f"{path} has weights of type {', '.join(unknown)}, which ExLlamaV2 does not read.",
            f"It reads {', '.join(sorted(READABLE))}. Use the 16-bit checkpoint, or an EXL2 one.",
        )
    return Folder(
        path,
        config,
        _json(path / "generation_config.json"),
        tokenizer,
        _template(path, tokenizer),
        files,
        sum(file.stat().st_size for file in files),
        _quantization(config, quantized, kinds),
    )


def unknown_architecture(name: str) -> EngineError:
    """The error for a model that ExLlamaV2 would take for Llama since it does not know it."""
    return EngineError(
        f"ExLlamaV2 does not know the architecture {name}.",
        '%vmodel with a GGUF file of it. If it is a Llama by another name, "architectures": ["LlamaForCausalLM"] '
        "in its config.json",
    )


def _quantization(config: Mapping[str, Any], quantized: str, kinds: Mapping[str, int]) -> str:
    if not quantized:
        return max(kinds, key=lambda kind: kinds[kind], default="F16")
    bits = (config.get("quantization_config") or {}).get("bits", "?")
    return f"EXL2 {bits} bpw" if quantized == "EXL2" else f"GPTQ {bits} bits"


def _tensors(file: Path) -> dict[str, Any]:
    """The header of a safetensors file: https://huggingface.co/docs/safetensors."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                raise ValueError("its header is longer than the file")
            header = json.loads(stream.read(length))
        header.pop("__metadata__", None)
        end = 8 + length + max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
        if file.stat().st_size < end:
            raise ValueError(f"its tensors need {end:,} bytes, the file has {file.stat().st_size:,}")
    except (ValueError, struct.error, KeyError, TypeError, AttributeError) as error:
        raise EngineError(f"{file} is cut short or damaged: {error}.", "Download or convert it again.") from None
    except OSError as error:
        raise EngineError(f"{file} cannot be read: {error.strerror}.") from None
    return dict(header)


def _json(file: Path, needed: str = "") -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if needed:
            raise EngineError(
                f"The folder {file.parent} holds no {file.name}, {needed}.", _other_weights(file.parent)
            ) from None
        return {}
    except (OSError, ValueError) as error:
        raise EngineError(f"{file} cannot be read: {error}.", "Download it again.") from None
    if not isinstance(value, dict):
        raise EngineError(f"{file} is no JSON object.", "Download it again.")
    return value


def _template(path: Path, tokenizer: Mapping[str, Any]) -> str:
    """The chat template, wherever the versions of transformers have put it."""
    file = path / "chat_template.jinja"
    if file.is_file():
        return file.read_text(encoding="utf-8")
    said = _json(path / "chat_template.json").get("chat_template", tokenizer.get("chat_template"))
    if isinstance(said, list):  # several by name
        named = {one.get("name"): one.get("template") for one in said if isinstance(one, dict)}
        said = named.get("default", next(iter(named.values()), ""))
    return said if isinstance(said, str) else ""


def _other_weights(folder: Path) -> str:
    found = sorted(folder.glob("*.gguf"))
    return f"%vmodel {found[0].as_posix()}" if found else "Give a folder of EXL2 or safetensors weights."
