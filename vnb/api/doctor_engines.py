"""The doctor on engines: which of them can run here, and why not the others."""

from __future__ import annotations

import platform
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ..engines.exllamav2.preflight import GB, Gpu, Machine, attention, check
from ..engines.llamacpp.server import usable_threads
from ..engines.registry import tiny_file
from ..errors import EngineError
from ..locale import say
from ..views import clean
from .findings import Finding, apart, version

_IMPORT = """
import json
from vnb.engines.llamacpp.server import import_xllamacpp
from vnb.errors import EngineError
try:
    print(json.dumps({"features": import_xllamacpp().get_system_info()}))
except EngineError as error:
    print(json.dumps({"error": error.message, "hint": error.hint}))
"""
_SURVEY = """
import dataclasses, json
from vnb.engines.exllamav2.preflight import survey
print(json.dumps(dataclasses.asdict(survey()), default=str))
"""
_CPU_FLAGS = {"AVX": "avx", "AVX2": "avx2", "AVX512": "avx512f", "BMI2": "bmi2", "F16C": "f16c", "FMA": "fma"}
"""What llama.cpp calls the instructions that it was built with, and what Linux does."""
_ILLEGAL = (-getattr(signal, "SIGILL", 4), 0xC000001D)
"""Exit statuses of a process that met an instruction which the CPU does not have."""


def llamacpp() -> Iterator[Finding]:
    """The embedded engine: whether its library loads on this CPU."""
    about, has = "llama.cpp", version("xllamacpp")
    if not has and not _has_wheels():
        yield Finding(
            about, "warn", f"xllamacpp, the embedded engine, has no build for {this_machine()}", "use another engine"
        )
        return
    if not has:
        yield Finding(
            about, "fail", "xllamacpp, the embedded engine, is not installed", "pip install --force-reinstall vnb"
        )
        return
    try:
        said = apart(_IMPORT, 60)
    except ChildProcessError as error:
        why = "this CPU lacks instructions that it was built with" if error.errno in _ILLEGAL else error.strerror
        yield Finding(
            about,
            "fail",
            f"xllamacpp {has} dies when it is loaded: {why}",
            f"pip install --force-reinstall xllamacpp=={has}",
        )
        return
    if "error" in said:
        yield Finding(about, "fail", said["error"], said["hint"])
        return
    built = re.findall(r"(\w+) = 1", said["features"])
    lacking = [name for name in built if _CPU_FLAGS.get(name, "") not in _cpu_flags() | {""}] if _cpu_flags() else []
    if lacking:
        yield Finding(
            about,
            "fail",
            f"xllamacpp {has} was built with {', '.join(lacking)}, which this CPU lacks: it would die when it computes",
            "use a machine with these instructions, or another engine",
        )
    else:
        yield Finding(about, "ok", f"xllamacpp {has} with {', '.join(built)}; {usable_threads()} threads")


def _has_wheels() -> bool:
    """As the requirement in pyproject.toml says."""
    where = (sys.platform, platform.machine())
    return sys.platform == "darwin" or where in {("linux", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64")}


def _cpu_flags() -> set[str]:
    """The CPU's instructions as Linux names them; empty where they are not told."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    found = re.search(r"^flags\s*:(.*)$", told, re.MULTILINE)
    return set(found.group(1).split()) if found else set()


def embedded_model() -> Iterator[Finding]:
    """vnb-tiny: whether it is here and undamaged."""
    path = tiny_file()
    yield Finding(
        "vnb-tiny", "ok", f"the model that comes with vnb is here and undamaged, {path.stat().st_size / 1e6:.1f} MB"
    )


def driver() -> Iterator[Finding]:
    """NVIDIA's driver and the GPUs that it sees."""
    seen = nvidia()
    if seen is None:
        yield Finding("GPU", "ok", "no NVIDIA driver here; the embedded engine runs on the CPU")
    elif not seen:
        yield Finding(
            "GPU",
            "warn",
            "NVIDIA's driver is installed but finds no GPU",
            "nvidia-smi    says why; reboot after an update of the driver",
        )
    else:
        yield Finding("GPU", "ok", "; ".join(seen))


def nvidia() -> list[str] | None:
    """The GPUs in words, by nvidia-smi; `None` where it is missing, empty where it fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    query = ["--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run([program, *query], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = [line.split(", ") for line in done.stdout.splitlines()] if not done.returncode else []
    return [
        say(f"{row[0]}, driver {row[1]}, {float(row[3]) / 1024:.1f} of {float(row[2]) / 1024:.1f} GB free")
        for row in rows
        if len(row) == 4 and row[2].isdigit() and row[3].isdigit()
    ]


def exllamav2() -> Iterator[Finding]:
    """ExLlamaV2, by what its engine asks for before it loads anything. torch is imported in another process."""
    about = "ExLlamaV2"
    has = {name: version(name) for name in ("exllamav2", "torch")}
    if not has["exllamav2"]:
        if nvidia():
            yield Finding(about, "warn", "not installed: the GPU is not used", 'pip install "vnb[exllamav2]"')
        else:
            yield Finding(about, "ok", "not installed; it is for EXL2 weights on an NVIDIA GPU")
        return
    seen = _machine(apart(_SURVEY, 120))
    try:
        check(seen)
    except EngineError as error:
        yield Finding(about, "warn", error.message, error.hint)
        return
    runs, why = attention(seen)
    extension = (
        "extension installed"
        if seen.extension
        else "extension built"
        if seen.built
        else "extension will be built at first use"
    )
    text = say(f"exllamav2 {seen.exllamav2}, torch {seen.torch} for CUDA {seen.cuda}, {extension}, attention: {runs}")
    gpus = ", ".join(say(f"{gpu.name} ({gpu.free / GB:.1f} GB free)") for gpu in seen.gpus)
    mend = 'pip install "flash-attn>=2.5.7,<3" --no-build-isolation    (faster attention)' if why else ""
    yield Finding(about, "ok", f"{text}{f' ({say(why)})' if why else ''}; {gpus}", mend)


def servers() -> Iterator[Finding]:
    """What speaks to OpenAI-compatible servers. None is asked."""
    about, has = "Servers", version("httpx")
    if has:
        yield Finding(
            about, "ok", f"httpx {has} speaks to OpenAI-compatible servers: %vmodel http://host:8000/v1#model"
        )
    else:
        yield Finding(
            about, "ok", "httpx is not installed; it is for OpenAI-compatible servers", 'pip install "vnb[openai]"'
        )


def _machine(told: dict[str, object]) -> Machine:
    gpus = told.pop("gpus")
    lock = told.pop("lock")
    assert isinstance(gpus, list)
    made = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    return Machine(**made, gpus=tuple(Gpu(**gpu) for gpu in gpus), lock=Path(str(lock)) if lock else None)  # type: ignore[arg-type]


def this_machine() -> str:
    """The system and the processor, in a few words."""
    system = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, platform.system())
    return clean.label(f"{system} {platform.release()}, {platform.machine()}", 80)
