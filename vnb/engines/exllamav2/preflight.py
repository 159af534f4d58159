"""Whether ExLlamaV2 can run here, found out before it is imported: it fails in ways that no user should read.

`survey` looks, `check` and `check_fit` judge what it saw; these two are pure.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import EngineError

EXTENSION = "exllamav2_ext"
NEEDED = {"jinja2": "jinja2", "llguidance": "llguidance", "numpy": "numpy", "PIL": "pillow", "rich": "rich"}
NEEDED |= {"safetensors": "safetensors", "tokenizers": "tokenizers"}  # modules, and the packages that bring them
FLASH_OLDEST = (2, 5, 7)
AMPERE = 8
GB = 1024**3
SCRATCH = 0.5  # GB on each GPU beside weights and cache: buffers, the CUDA context


@dataclass(frozen=True)
class Gpu:
    """One GPU; sizes in bytes."""

    name: str
    major: int
    total: int
    free: int


@dataclass(frozen=True)
class Machine:
    """What matters of this machine.

    Attributes:
        exllamav2, torch, cuda: Versions; empty where missing. `cuda` is what torch was built for, HIP included.
        missing: Packages that ExLlamaV2 imports and that are not here.
        gpus: Those that torch sees.
        extension: The compiled part is installed, so that nothing need be built.
        nvcc, compiler, ninja: What building it needs is here.
        lock: The lock file of a build that runs, or that was killed.
        lock_age: Seconds since anything changed beside it.
        built: An earlier build lies there.
        flash_attn: Its version; empty where missing, `?` where it has none (flash-attn 4).
        flash_fault: Why it cannot be imported though it is there.
    """

    exllamav2: str = ""
    torch: str = ""
    cuda: str = ""
    missing: tuple[str, ...] = ()
    gpus: tuple[Gpu, ...] = ()
    extension: bool = False
    nvcc: bool = False
    compiler: bool = False
    ninja: bool = False
    lock: Path | None = None
    lock_age: float = 0.0
    built: bool = False
    flash_attn: str = ""
    flash_fault: str = ""


def check(machine: Machine) -> None:
    """Passes where ExLlamaV2 can be imported.

    Raises:
        EngineError: It cannot; the hint is what mends it.
    """
    if not machine.exllamav2:
        raise EngineError("ExLlamaV2 is not installed.", "pip install 'vnb[exllamav2]'")
    if not machine.torch:
        raise EngineError(
            "ExLlamaV2 needs torch, which is not installed.", "pip install torch    (https://pytorch.org for your CUDA)"
        )
    if not machine.cuda:
        raise EngineError(
            f"torch {machine.torch} is a build without CUDA, and ExLlamaV2 computes on a GPU.",
            "pip install torch --index-url https://download.pytorch.org/whl/cu128    or, on a CPU: %vmodel ./model.gguf",
        )
    if not machine.gpus:
        raise EngineError(
            f"torch {machine.torch} sees no GPU.",
            "See whether nvidia-smi does, and CUDA_VISIBLE_DEVICES. On a CPU: %vmodel tiny, or %vmodel ./model.gguf",
        )
    if machine.missing:
        names = " ".join(machine.missing)
        raise EngineError(f"ExLlamaV2 imports {names}, not installed here.", f"pip install {names}")
    if not machine.extension:
        _check_build(machine)


def _check_build(machine: Machine) -> None:
    if machine.lock is not None:
        minutes = machine.lock_age / 60
        raise EngineError(
            f"A build of ExLlamaV2's extension is under way, or was killed and left its lock: nothing has changed beside "
            f"{machine.lock} for {minutes:.0f} minutes. Importing would wait for it without end.",
            f"If no other kernel is building: rm '{machine.lock}'    and load again",
        )
    lacking = [
        words
        for there, words in (
            (machine.nvcc, "nvcc (the CUDA toolkit; CUDA_HOME)"),
            (machine.compiler, "a C++ compiler"),
            (machine.ninja, "ninja"),
        )
        if not there
    ]
    if lacking:
        raise EngineError(
            f"ExLlamaV2's compiled part is not installed and cannot be built here: {', '.join(lacking)} is missing.",
            "pip install ninja, install the CUDA toolkit of torch's version, or take a prebuilt wheel for your torch: "
            "https://github.com/turboderp-org/exllamav2/releases",
        )


def attention(machine: Machine) -> tuple[str, str]:
    """Which attention will run, `flash-attn X` or `sdpa`, and why it is not flash-attn."""
    version = machine.flash_attn
    if not version:
        return "sdpa", "flash-attn is not installed, or EXLLAMA_NO_FLASH_ATTN hides it"
    if version == "?":
        return "sdpa", "the flash-attn here is of another generation (ExLlamaV2 needs 2.5.7 or a later 2.x)"
    if numbers(version)[:1] != (2,) or numbers(version) < FLASH_OLDEST:
        return "sdpa", f"flash-attn {version} is of another generation (ExLlamaV2 needs 2.5.7 or a later 2.x)"
    if machine.flash_fault:
        return "sdpa", f"flash-attn {version} cannot be imported: {machine.flash_fault}"
    if any(gpu.major < AMPERE for gpu in machine.gpus):
        return "sdpa", f"flash-attn {version} needs GPUs of the Ampere generation or later"
    return f"flash-attn {version}", ""


def check_fit(machine: Machine, weights: int, cache: int, reserve: float, hint: str) -> str:
    """Says what is needed and free, in bytes and (`reserve`) GB for each GPU.

    Raises:
        EngineError: It cannot fit; nothing was loaded yet.
    """
    needed = (weights + cache) / GB + len(machine.gpus) * max(SCRATCH, reserve)
    free = sum(gpu.free for gpu in machine.gpus) / GB
    words = f"about {needed:.1f} GB needed ({weights / GB:.1f} weights, {cache / GB:.1f} KV cache), {free:.1f} GB free"
    if needed > free:
        raise EngineError(f"The model does not fit: {words}.", hint)
    return words


def numbers(version: str) -> tuple[int, ...]:
    """`2.8.3.post2` as (2, 8, 3)."""
    found: list[int] = []
    for piece in version.partition("+")[0].split("."):
        if not piece.isdigit():
            break
        found.append(int(piece))
    return tuple(found)


def survey() -> Machine:
    """Looks around; imports torch where it is installed, but never exllamav2."""
    torch_version = _version("torch")
    flash = _flash_version()
    seen = Machine(
        exllamav2=_version("exllamav2"),
        torch=torch_version,
        missing=tuple(name for module, name in NEEDED.items() if importlib.util.find_spec(module) is None),
        extension=importlib.util.find_spec(EXTENSION) is not None,
        compiler=any(map(shutil.which, ("cl",) if sys.platform == "win32" else ("c++", "g++", "clang++"))),
        ninja=shutil.which("ninja") is not None or importlib.util.find_spec("ninja") is not None,
        flash_attn=flash,
    )
    return _with_torch(seen) if torch_version else seen


def _with_torch(seen: Machine) -> Machine:
    import torch

    gpus = []
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, total = torch.cuda.mem_get_info(index)
        gpus.append(Gpu(torch.cuda.get_device_name(index), torch.cuda.get_device_capability(index)[0], total, free))
    folder = _build_folder()
    lock = folder / "lock"
    changed = [file.stat().st_mtime for file in folder.iterdir()] if folder.is_dir() else []
    return replace(
        seen,
        cuda=str(torch.version.cuda or torch.version.hip or ""),
        gpus=tuple(gpus),
        nvcc=_has_nvcc(),
        lock=lock if lock.exists() else None,
        lock_age=time.time() - max(changed, default=0.0),
        built=any(folder.glob(f"{EXTENSION}.*")),
        flash_fault=_flash_fault() if numbers(seen.flash_attn)[:1] == (2,) else "",
    )


def _build_folder() -> Path:
    """Where torch builds extensions: `_get_build_directory` of torch/utils/cpp_extension.py, without making it."""
    import torch
    from torch._appdirs import user_cache_dir

    named = os.environ.get("TORCH_EXTENSIONS_DIR")
    if named:
        return Path(named) / EXTENSION
    hip, cuda = torch.version.hip, torch.version.cuda
    built_for = f"rocm{hip}" if hip else f"cu{cuda}" if cuda else "cpu"
    python = f"py{sys.version_info.major}{sys.version_info.minor}{getattr(sys, 'abiflags', '')}"
    home = user_cache_dir(appname="torch_extensions")
    return Path(home, f"{python}_{built_for.replace('.', '')}", EXTENSION)


def _has_nvcc() -> bool:
    home = os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH") or "/usr/local/cuda"
    return shutil.which("nvcc") is not None or any(
        (Path(home) / "bin" / name).exists() for name in ("nvcc", "nvcc.exe")
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "?" if importlib.util.find_spec(name) else ""


def _flash_version() -> str:
    """The version of the package that `import flash_attn` finds; flash-attn 4 is a folder of another layout."""
    spec = importlib.util.find_spec("flash_attn")
    if spec is None or "EXLLAMA_NO_FLASH_ATTN" in os.environ:
        return ""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        if spec.origin is not None:  # a package with an __init__, and so with a __version__
            return importlib.metadata.version("flash-attn")
    return "?"


def _flash_fault() -> str:
    try:
        importlib.import_module("flash_attn_2_cuda")
    except Exception as error:  # built for another torch, most often
        return str(error).splitlines()[0]
    return ""
