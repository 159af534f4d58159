"""A real OpenAI-compatible server: llama.cpp's, on loopback, in this process."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any


def start(path: Path, *, ctx: int, slots: int, key: str = "") -> Any:
    """Starts one; it ends when what is returned is dropped. Its address is `listening_address`."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    xllamacpp = importlib.import_module("xllamacpp")
    p = xllamacpp.CommonParams()
    p.model.path, p.n_ctx, p.n_parallel, p.kv_unified = str(path), ctx * slots, slots, True
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
    p.n_batch = p.n_ubatch = 128
    p.cache_ram_mib, p.cache_idle_slots, p.fit_params = 0, False, False
    p.port, p.ui, p.verbosity = 0, False, 0
    p.api_keys = [key] if key else []
    server = xllamacpp.Server(p)
    server.handle_completions({"prompt": [0], "max_tokens": 1})  # never drop a server before this
    return server
