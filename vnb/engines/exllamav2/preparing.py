"""Everything that is decided before the GPU is touched: what is loaded, whether it can run here, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.digest import digest
from ...core.types import Json
from ..base import EngineInfo
from ..recommended import of_folder
from ..weights import file_digest
from . import preflight
from .folder import Folder, read_folder
from .loaded import Sizes
from .options import Options
from .queueing import PAGE
from .towers import TOWERS, blindness
from .wording import FolderWording

FEATURES = frozenset({"logprobs", "json_schema", "regex", "cached_tokens", "seed", "strict_schema"})


@dataclass(frozen=True)
class Prepared:
    """What `loading.load` needs, and what the engine will say of itself (LoRAs left out).

    Attributes:
        needed: What the model takes and what is free, in words.
        draft: The folder of the draft model.
        build: The extension is not built yet.
        blind: Why it takes no images; empty if it does.
    """

    folder: Folder
    wording: FolderWording
    options: Options
    sizes: Sizes
    info: EngineInfo
    needed: str
    draft: Folder | None
    build: bool
    blind: str


def prepare(path: Path, options: Options, spec: str) -> Prepared:
    """Reads the folders and looks at the machine.

    Raises:
        UsageError: An option makes no sense.
        EngineError: ExLlamaV2 cannot run here, or not this model, or it does not fit.
    """
    folder = read_folder(path)
    machine = preflight.survey()
    preflight.check(machine)
    attention, reason = preflight.attention(machine)
    sizes = options.sizes(folder, spec, attention, reason)
    draft = read_folder(Path(options.draft).expanduser()) if options.has_draft_model else None
    both = [folder, *([draft] if draft else [])]
    needed = preflight.check_fit(
        machine,
        sum(one.size for one in both),
        sum(one.kv_bytes(sizes.tokens, sizes.kv) for one in both),
        options.reserve or 0.0,
        f"%vmodel {spec} --ctx {max(PAGE, sizes.length // 2)} --kv q4    or a smaller quantization",
    )
    blind = blindness(folder, options)
    wording = FolderWording(folder)
    sampling, recommended = of_folder(folder.generation)
    able = {*([] if blind else ["images"]), *(["thinking"] if wording.habit else [])}
    info = EngineInfo(
        device="cuda",
        spec=spec,
        name=folder.path.resolve().name,
        fingerprint=digest([folder.digest, "exllamav2", machine.exllamav2, attention, sizes.kv]),
        context_length=options.context(folder, sizes),
        slots=sizes.slots,
        profile="compact" if folder.profile == "compact" else "instruct",
        features=FEATURES | able,
        sampling=sampling,
        details=(
            ("engine", f"ExLlamaV2 {machine.exllamav2}, attention by {attention}{f' ({reason})' if reason else ''}"),
            ("architecture", folder.architecture),
            ("weights", f"{folder.quantization}, {folder.size / preflight.GB:.2f} GB"),
            ("kv cache", f"{sizes.kv}, {sizes.tokens // PAGE} pages of {PAGE} tokens"),
            ("chat template", "the model's" if folder.template else "none: contents one after the other"),
            *([] if blind else [("images", f"by the vision tower of {TOWERS[folder.architecture]}")]),
            ("gpus", ", ".join(gpu.name for gpu in machine.gpus)),
            *([("draft", options.draft)] if options.draft else []),
            *recommended,
        ),
    )
    build = not machine.extension and not machine.built
    return Prepared(folder, wording, options, sizes, info, needed, draft, build, blind)


def with_loras(info: EngineInfo, folders: Sequence[str | Path]) -> tuple[list[Path], EngineInfo]:
    """The folders as paths, and the info with what is in them."""
    paths = [Path(folder).expanduser() for folder in folders]
    if not paths:
        return paths, info
    weights: list[Json] = [file_digest(file) for path in paths for file in sorted(path.glob("adapter_*"))]
    names = ("loras", ", ".join(path.name for path in paths))
    return paths, replace(info, fingerprint=digest([info.fingerprint, weights]), details=(*info.details, names))
