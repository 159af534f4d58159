"""The tokenizer: byte-level BPE with single digits, which llama.cpp knows as the `smollm` pre-tokenizer.

    python -m train.tokenizer train/weights/vnb-tiny/tokenizer.json

English, JSON and the words of the tasks by byte-pair encoding; each of the 3,755 most common Chinese characters is one
token, wherever it stands, so that a Chinese topic is copied character by character. Common pieces of other English words
come from Python's own manual, so the interpreter's version has a say in them.
"""

from __future__ import annotations

import json
import pydoc_data.topics
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .generate import calls
from .tasks import FAMILIES
from .tasks.review import PROBLEMS
from .tasks.topics import SYLLABLES, characters, trained
from .tasks.words import LETTERS, NAMES, RELATIONS, THINGS, VALUES

SPECIAL = ["<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
PAD, SYSTEM, USER, ASSISTANT, END = range(5)
SIZE = 6144
SIGNS = "。，、：；？！“”（）《》"
"""Chinese punctuation, one token each."""
CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
HOME = Path(__file__).parent / "weights" / "vnb-tiny" / "tokenizer.json"
STEM_WORDS = "double halve swap last first drop append reverse sort say find write".split()


def corpus(tasks: int = 9000) -> Iterator[str]:
    """ASCII text of the training side without its topics, so that known and unknown topics are cut alike."""
    rng = random.Random(1)
    families = ["arithmetic", "list", "lookup", "describe", "article", "article"]
    for _ in range(tasks):
        problem = FAMILIES[rng.choice(families)](rng, rng.choice((2, 3, 4)), "train")
        for _, prompt, answer in calls(problem):
            text = prompt + "\n" + answer
            text = text.replace(problem.topic, "\n") if problem.topic else text
            yield re.sub(r"[^\x00-\x7f]+", "\n", text)
    words = [*NAMES, *RELATIONS, *THINGS, *LETTERS, *(w for values in VALUES.values() for w in values), *STEM_WORDS]
    for word in words:  # each word both at the start of an answer and inside a line
        yield from [word + "\n" + "= " + word] * 3000
    for problem_text in PROBLEMS:
        yield from [f"Problem: s1: {problem_text}\nReview"] * 400
        yield from ['{"changes":[{"op":"reword","id":"s1"},{"op":"add"},{"op":"drop"}]}'] * 200
    for onset in SYLLABLES[0]:
        yield from [f"{onset}{vowel}\n {onset}{vowel}" for vowel in SYLLABLES[1]] * 12
    for text in pydoc_data.topics.topics.values():
        yield from re.findall(r" [a-z]{3,}", text)
    for topic in trained("en"):
        yield from [" " + topic] * 4


def _pieces(character: str) -> str:
    """A character's bytes in the letters that byte-level BPE writes them with."""
    ((text, _),) = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False).pre_tokenize_str(character)
    return text


def _with_characters(trained_on_ascii: Tokenizer) -> Tokenizer:
    """The tokenizer with a token for each character: two merges, first the leading bytes, then the third."""
    held = json.loads(trained_on_ascii.to_str())
    vocabulary, merges = held["model"]["vocab"], held["model"]["merges"]
    for character in [*SIGNS, *characters()]:
        first, second, third = _pieces(character)
        for left, right in ((first, second), (first + second, third)):
            if left + right not in vocabulary:
                vocabulary[left + right] = len(vocabulary)
                merges.append([left, right])
    return Tokenizer.from_str(json.dumps(held))


def build() -> Tokenizer:
    pieces = {_pieces(c)[:2] for c in [*SIGNS, *characters()]} | {_pieces(c) for c in [*SIGNS, *characters()]}
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE - len(pieces),
        min_frequency=2,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return _with_characters(tokenizer)


def load(path: Path = HOME) -> Tokenizer:
    return Tokenizer.from_file(str(path))


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HOME
    path.parent.mkdir(parents=True, exist_ok=True)
    build().save(str(path), pretty=False)


if __name__ == "__main__":
    main()
