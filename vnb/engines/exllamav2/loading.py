"""Loading, in the engine's own thread: all of torch and ExLlamaV2 is touched there alone."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import EngineError
from . import rope
from .folder import Folder, unknown_architecture
from .loaded import Loaded, Sizes, as_error, first_line
from .preflight import GB
from .preparing import Prepared
from .wording import FolderWording

CACHES = {"fp16": "ExLlamaV2Cache", "q8": "ExLlamaV2Cache_Q8", "q6": "ExLlamaV2Cache_Q6", "q4": "ExLlamaV2Cache_Q4"}
_LOADING = threading.Lock()

Tell = Callable[[str], None]


def load(prepared: Prepared, tell: Tell) -> Loaded:
    """Loads the model, one at a time; `tell` may raise, which abandons it.

    Raises:
        EngineError: It cannot be loaded; nothing is left behind.
    """
    with _LOADING:
        return _load(prepared, tell)


def _load(prepared: Prepared, tell: Tell) -> Loaded:
    folder, sizes, options = prepared.folder, prepared.sizes, prepared.options
    bring_in(sizes.attention)
    for one in (folder, prepared.draft):
        if one is not None:
            check_architecture(one)
    loaded = Loaded(sizes, prepared.wording, None, None, None, options.drafted)
    try:
        if prepared.draft is not None:
            check_draft(prepared.wording, FolderWording(prepared.draft), options.draft)
            alone = replace(sizes, tp=False, split=None)  # too small to be spread
            loaded.draft = _weights(prepared.draft, alone, lambda words: tell(f"draft model: {words}"))[:2]
        sees = "images" in prepared.info.features
        loaded.model, loaded.cache, loaded.tokenizer, loaded.tower = _weights(folder, sizes, tell, sees)
        loaded.renew()
        if options.loras:
            loaded.apply([Path(one).expanduser() for one in options.loras])
        tell("trying it out")
        loaded.try_out()
    except BaseException as error:
        failure = as_error(error, f"{folder.path} could not be loaded")
        with contextlib.suppress(Exception):
            loaded.unload()
        raise failure from None
    return loaded


def bring_in(attention: str) -> None:
    """Imports ExLlamaV2, without what it would change in the process, and gives it an attention.

    Raises:
        EngineError: The import fails, in its own words.
    """
    import torch

    hidden = ["EXLLAMA_NO_XFORMERS", *(["EXLLAMA_NO_FLASH_ATTN"] if attention == "sdpa" else [])]
    before = {name: os.environ.get(name) for name in (*hidden, "CUDA_MODULE_LOADING")}
    threads = torch.get_num_threads()
    os.environ.update(dict.fromkeys(hidden, "1"))
    try:
        importlib.import_module("exllamav2.generator")
    except Exception as error:
        for name in [n for n in sys.modules if n.partition(".")[0] == "exllamav2"]:
            del sys.modules[name]
        raise EngineError(
            f"ExLlamaV2 cannot be imported: {first_line(error)}",
            "Built for another torch? pip install --force-reinstall a wheel for yours, or set CUDA_HOME and build.",
        ) from None
    finally:
        torch.set_num_threads(threads)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    if attention == "sdpa":
        from .attention import install

        install()


def check_architecture(folder: Folder) -> None:
    """ExLlamaV2 takes what it does not know for Llama, and says so on a line that nobody reads.

    Raises:
        EngineError: It does not know the model's architecture.
    """
    from exllamav2 import architecture

    architecture.print = lambda *words: None
    known = architecture.ExLlamaV2ArchParams(folder.architecture, folder.config)
    if known.arch_string != folder.architecture:
        raise unknown_architecture(folder.architecture)


def check_draft(wording: FolderWording, other: FolderWording, draft: str) -> None:
    """Drafted ids must mean the same tokens.

    Raises:
        EngineError: They do not.
    """
    if wording.vocabulary() != other.vocabulary():
        raise EngineError(
            f"The draft model {draft} has another vocabulary.",
            "Use a small model of the same family, or --draft ngram.",
        )


def _weights(folder: Folder, sizes: Sizes, tell: Tell, sees: bool = False) -> tuple[Any, Any, Any, Any]:
    """Model, cache, tokenizer, and the vision tower if it is wanted."""
    import exllamav2

    kind = getattr(exllamav2, CACHES[sizes.kv])
    with rope.readable(folder.path, folder.config) as place:
        model = exllamav2.ExLlamaV2(_config(place, folder, sizes))
        tokenizer = exllamav2.ExLlamaV2Tokenizer(model.config)

        def count(done: int, total: int) -> None:
            tell(f"loading {folder.path.name}: {done} of {total} modules")

        tower = exllamav2.ExLlamaV2VisionTower(model.config) if sees else None
        try:
            if tower is not None:  # first, so that the model is placed in what it leaves
                tell(f"loading {folder.path.name}: its vision tower")
                tower.load()
            if sizes.tp:
                model.load_tp(
                    list(sizes.split) if sizes.split else None,
                    callback=count,
                    expect_cache_tokens=sizes.tokens,
                    expect_cache_base=kind,
                )
                cache = exllamav2.ExLlamaV2Cache_TP(model, base=kind, max_seq_len=sizes.tokens)
            elif sizes.split:
                model.load(list(sizes.split), callback=count)
                cache = kind(model, max_seq_len=sizes.tokens)
            else:
                cache = kind(model, max_seq_len=sizes.tokens, lazy=True)
                reserve = int(sizes.reserve * GB) if sizes.reserve is not None else None
                model.load_autosplit(cache, reserve_vram=reserve, last_id_only=True, callback=count)
        except BaseException:
            model.unload()
            if tower is not None:
                tower.unload()
            raise
    return model, cache, tokenizer, tower


def _config(place: Path, folder: Folder, sizes: Sizes) -> Any:
    import exllamav2

    config = exllamav2.ExLlamaV2Config(str(place))
    config.no_flash_attn = False
    config.no_sdpa = sizes.attention == "sdpa"  # its own use of SDPA is not causal
    config.arch_compat_overrides(quiet=True)
    if config.no_flash_attn:
        raise EngineError(
            f"{folder.architecture} needs an attention that ExLlamaV2 cannot page.", "%vmodel with a GGUF file of it"
        )
    config.max_seq_len = sizes.length
    config.max_input_len = sizes.chunk
    config.max_attention_size = sizes.chunk**2
    return config
