"""The words with which ordinary instruction-tuned models are asked, in English and in Chinese.

They are plain and literal: a small model takes figures of speech at their word and copies what it is shown. The planner
is shown examples as earlier turns of the chat, since small models follow those far better than a description.
"""

from __future__ import annotations

from .chinese import CHINESE as CHINESE
from .english import ENGLISH as ENGLISH
from .wording import Words


def words(language: str) -> Words:
    """The prompts for a task in that language, by its English name: Chinese ones for Chinese, else English ones."""
    return CHINESE if language == "Chinese" else ENGLISH


NAMES_IN_CHINESE = {
    "English": "英文",
    "Chinese": "中文",
    "Japanese": "日文",
    "Korean": "韩文",
    "French": "法文",
    "German": "德文",
    "Spanish": "西班牙文",
    "Russian": "俄文",
    "Italian": "意大利文",
    "Portuguese": "葡萄牙文",
    "Dutch": "荷兰文",
    "Arabic": "阿拉伯文",
}
"""Languages as Chinese prompts name them; others stand by their English name."""
