"""Which models have a vision tower that ExLlamaV2 can use; known before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from .folder import Folder
from .options import Options

TOWERS = {
    "LlavaForConditionalGeneration": "Pixtral",
    "Mistral3ForConditionalGeneration": "Mistral 3",
    "Qwen2VLForConditionalGeneration": "Qwen2-VL",
    "Qwen2_5_VLForConditionalGeneration": "Qwen2.5-VL",
    "Gemma3ForConditionalGeneration": "Gemma 3",
}
"""Architectures whose towers ExLlamaV2 has, and what they are called."""


def blindness(folder: Folder, options: Options) -> str:
    """Why images cannot be shown to this model as it is loaded; empty if they can."""
    if folder.architecture not in TOWERS or not isinstance(folder.config.get("vision_config"), Mapping):
        return "it has no vision tower"
    if options.draft:
        return "images and --draft do not go together"
    return "images and --tp do not go together" if options.tp else ""
