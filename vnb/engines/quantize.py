"""A checkpoint becomes EXL2 weights, by ExLlamaV2's own converter in a process of its own.

Of its own since it takes over SIGINT, asks on stdin and leaves without cleaning up. What it has done is kept in a folder
beside the result, so that the same command goes on after a fault, an interrupt or a power cut.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import EngineError, UsageError
from .exllamav2 import preflight, rope
from .exllamav2.folder import Folder, read_folder, unknown_architecture

CONVERTER = (sys.executable, "-m", "exllamav2.conversion.convert_exl2")
ROWS = 2048
"""Tokens of one row of the calibration text, which is part of the converter; models with less context take theirs."""
_LAYER = re.compile(r"^ -- Layer: (\S+) \(")
_BITS = re.compile(r"^ --   (\S+) +([0-9.]+) bpw - exp")
_UNKNOWN = re.compile(r"^ !! Warning, unknown architecture: (\S+)")
_FAULT = re.compile(r"^\s*(##|\*\*) (?!Warning)")
_STAGES = {
    "Measuring quantization": "measuring",
    "Optimizing": "choosing bits",
    "Quantizing": "quantizing",
    "Compiling": "writing",
    "Tokenizing": "reading the calibration text",
}


@dataclass(frozen=True)
class Quantized:
    """EXL2 weights.

    Attributes:
        path: Their folder, to be loaded by `%vmodel`.
        bits: Bits per weight of each part, as the converter chose them; empty where an earlier process had chosen.
    """

    path: Path
    bits: tuple[tuple[str, float], ...]


def quantize(
    source: str | Path,
    out: str | Path,
    *,
    bpw: float = 4.0,
    head_bits: int = 6,
    work: str | Path | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> Quantized:
    """Quantizes a 16-bit checkpoint. Takes from minutes to hours on a GPU; the same call goes on where one ended.

    Args:
        source: A folder of 16-bit safetensors.
        out: The folder to make.
        bpw: Bits per weight on average, from 2 to 8.
        head_bits: Bits per weight of the last layer: 2, 3, 4, 5, 6 or 8.
        work: Folder for what is done so far; by default `out` with `.work` at its end. Deleted at the end.
        on_progress: Is told what is being done. Raising in it, as an interrupt does, ends the process.

    Raises:
        UsageError: A value makes no sense.
        EngineError: ExLlamaV2 cannot run here, or its converter failed, in its own words.
    """
    source, out = Path(source).expanduser().resolve(), Path(out).expanduser().resolve()
    work = Path(work).expanduser().resolve() if work else out.with_name(out.name + ".work")
    if not 2 <= bpw <= 8:
        raise UsageError(f"--bpw must be from 2 to 8, not {bpw:g}.", f"%vmodel quantize {source} {out} --bpw 4.0")
    folder = read_folder(source)
    if folder.quantization.startswith(("EXL2", "GPTQ")):
        raise EngineError(f"{source} is quantized already: {folder.quantization}.", "Quantize the 16-bit checkpoint.")
    if out.is_dir() and any(out.iterdir()) and not (work / "job").is_dir():
        raise EngineError(f"{out} is not empty.", "Name a new folder.")
    preflight.check(preflight.survey())
    tell = on_progress or (lambda words: None)
    if (work / "job").is_dir() and _progress(work / "job") in ("", "invalid"):
        tell("what was done is damaged: beginning anew")
        shutil.rmtree(work / "job")
    (work / "job").mkdir(parents=True, exist_ok=True)
    if rope.has_new_keys(folder.config):
        rope.link_to(source, folder.config, work / "source")
        source = work / "source"
    length = min(ROWS, folder.trained_context or ROWS)
    options = ["-i", source, "-o", work / "job", "-cf", out, "-b", bpw, "-hb", head_bits, "-l", length, "-ml", length]
    bits = _convert([*CONVERTER, *map(str, options)], folder, tell)
    if _progress(work / "job") != "finished" or not (out / "config.json").is_file():
        raise EngineError("The converter ended without a result.", f"What is done is kept in {work}; try again.")
    shutil.rmtree(work, ignore_errors=True)
    return Quantized(out, bits)


def _convert(command: list[str], folder: Folder, tell: Callable[[str], None]) -> tuple[tuple[str, float], ...]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        start_new_session=True,  # the terminal's Ctrl-C is ours
    )
    assert process.stdout is not None
    last: deque[str] = deque(maxlen=3)
    reading = _Reading(2 * folder.number("num_hidden_layers", "n_layers", "n_layer"))
    try:
        with process.stdout as lines:
            for line in lines:
                if line.strip():
                    last.append(line.strip())
                words = reading.words(line)
                if words:
                    tell(words)
        code = process.wait()
    except BaseException:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
        raise
    fault = reading.fault or ("" if code == 0 else " / ".join(last))
    if fault:
        raise EngineError(f"The converter failed: {fault}", "The same command goes on where it ended.")
    return tuple(reading.bits.items())


class _Reading:
    """What the converter's lines say.

    Args:
        layers: Attention and MLP blocks of the model.
    """

    def __init__(self, layers: int) -> None:
        self.bits: dict[str, float] = {}
        self.fault = ""
        self._layers = layers
        self._stage = ""

    def words(self, line: str) -> str:
        """What to tell the user, if the line says something new. It ends with 0 even where it failed.

        Raises:
            EngineError: It takes the model for one that it is not.
        """
        unknown = _UNKNOWN.match(line)
        if unknown:
            raise unknown_architecture(unknown[1])
        if _FAULT.match(line) and not self.fault:
            self.fault = line.strip(" #*\n")
        chosen = _BITS.match(line)
        if chosen:
            self.bits[chosen[1]] = float(chosen[2])
        for begin, stage in _STAGES.items():
            if line.startswith(f" -- {begin}") and stage != self._stage:
                self._stage = stage
                return stage
        layer = _LAYER.match(line)
        if not layer:
            return ""
        found = re.search(r"layers\.(\d+)", layer[1])
        done = 2 * int(found[1]) + ("(MLP" in line or "(MoE" in line) if found else self._layers
        return f"{self._stage}: block {min(done + 1, self._layers)} of {self._layers}"


def _progress(job: Path) -> str:
    """How far the converter says it is; empty where it was killed while it said so."""
    try:
        said = json.loads((job / "job_new.json").read_text())
    except FileNotFoundError:
        return "begin"
    except (OSError, ValueError):
        return ""
    return "invalid" if "invalid" in said else str(said.get("progress", ""))
