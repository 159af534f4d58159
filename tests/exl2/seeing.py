"""A model with a vision tower, made of vnb-tiny: ExLlamaV2's own code resizes images, asks the tower, adds the tokens
that end rows, and gives each piece an id; what the tower computes is a stand-in's."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

from exllamav2 import ExLlamaV2VisionTower
from exllamav2.embedding import ExLlamaV2Embedding
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import Tensor

from .model import CONFIG, HOME

BREAK, END = "[IMG_BREAK]", "[IMG_END]"
PATCH = 16
LONGEST = 64
HIDDEN: int = CONFIG["hidden_size"]


def make(folder: Path) -> Path:
    """vnb-tiny as the language model of a Pixtral."""
    shutil.copytree(HOME, folder)
    for name in (
        "tokenizer.json",
        "tokenizer_config.json",
    ):  # tokens that end rows and images, where others are not used
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace("<|pad|>", BREAK).replace("<|system|>", END), encoding="utf-8")
    (file,) = folder.glob("*.safetensors")
    save_file({f"language_model.{name}": tensor for name, tensor in load_file(file).items()}, file)
    words = {name: value for name, value in CONFIG.items() if name != "architectures"}
    vision = {
        "model_type": "pixtral",
        "head_dim": 32,
        "num_attention_heads": 2,
        "hidden_size": 64,
        "hidden_act": "silu",
        "patch_size": PATCH,
        "rope_theta": 10000,
        "num_hidden_layers": 1,
    }
    config = {
        "architectures": ["LlavaForConditionalGeneration"],
        "text_config": words | {"model_type": "mistral"},
        "vision_config": vision,
        "vision_feature_layer": -1,
    }
    (folder / "config.json").write_text(json.dumps(words | config))
    seen_as = {
        "image_processor_type": "PixtralImageProcessor",
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "patch_size": {"width": PATCH, "height": PATCH},
        "resample": 3,
        "rescale_factor": 1 / 255,
        "size": {"longest_edge": LONGEST},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(seen_as))
    return folder


def picture(colour: tuple[int, int, int], size: tuple[int, int] = (LONGEST, LONGEST // 2), kind: str = "PNG") -> bytes:
    """An image of one colour."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


class Tower:
    """What the tower computes, and the faults it is told to have.

    Attributes:
        calls: The sizes, in patches, of the images that it was shown.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[int, int]] = []
        self.fail: BaseException | None = None
        self.loaded = 0

    def process(self, tower: ExLlamaV2VisionTower, pixels: Tensor, patches: tuple[int, int], **_: Any) -> Tensor:
        self.calls.append(patches)
        error, self.fail = self.fail, None
        if error is not None:
            raise error
        rows, columns = patches
        grid = pixels.float().unfold(1, PATCH, PATCH).unfold(2, PATCH, PATCH).mean((0, 3, 4))
        assert grid.shape == (rows, columns)
        return grid.reshape(1, rows * columns, 1).expand(-1, -1, HIDDEN).half()


def install(tower: Tower, monkeypatch: Any) -> None:
    """Puts the stand-in behind the real class, and behind the embedding of the tokens that end rows."""

    def load(model: ExLlamaV2VisionTower) -> None:
        tower.loaded += 1
        model.loaded = True

    def unload(model: ExLlamaV2VisionTower) -> None:
        tower.loaded -= 1

    def process(model: ExLlamaV2VisionTower, *args: Any, **named: Any) -> Tensor:
        return tower.process(model, *args, **named)

    def embed(module: ExLlamaV2Embedding, ids: Tensor, *_: Any, **__: Any) -> Tensor:
        return ids.reshape(-1, 1).expand(-1, HIDDEN).half() / 100

    monkeypatch.setattr(ExLlamaV2VisionTower, "load", load)
    monkeypatch.setattr(ExLlamaV2VisionTower, "unload", unload)
    monkeypatch.setattr(ExLlamaV2VisionTower, "process", process)
    monkeypatch.setattr(ExLlamaV2Embedding, "forward", embed)
