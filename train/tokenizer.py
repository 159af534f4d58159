"""The tokenizer: byte-level BPE with single digits, which llama.cpp knows as the `smollm` pre-tokenizer.

python -m train.tokenizer train/weights/vnb-tiny/tokenizer.json
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .generate import calls
from .tasks import FAMILIES
from .tasks.review import PROBLEMS
from .tasks.words import LETTERS, NAMES, RELATIONS, THINGS, TOPICS_EN, TOPICS_ZH, VALUES

SPECIAL = ["<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
PAD, SYSTEM, USER, ASSISTANT, END = range(5)
SIZE = 2560
CHAT_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
HOME = Path(__file__).parent / "weights" / "vnb-tiny" / "tokenizer.json"


def corpus(tasks: int = 12000) -> Iterator[str]:
    """Text of the training side. A Chinese topic stands on a line of its own, so that no merge crosses its edge."""
    rng = random.Random(1)
    families = ["arithmetic", "list", "lookup", "describe", "article", "article", "article"]
    for _ in range(tasks):
        problem = FAMILIES[rng.choice(families)](rng, rng.choice((2, 3, 4)), False)
        if problem.topic and problem.topic not in (TOPICS_ZH if problem.language == "zh" else TOPICS_EN):
            continue  # made-up topics would spend the vocabulary on noise
        edge = f"\n{problem.topic}\n" if problem.language == "zh" else problem.topic
        for _, prompt, answer in calls(problem):
            text = prompt + "\n" + answer
            yield text.replace(problem.topic, edge) if problem.topic else text
    words = [*NAMES, *RELATIONS, *THINGS, *LETTERS, *(w for values in VALUES.values() for w in values)]
    words += [
        "double",
        "halve",
        "swap",
        "last",
        "first",
        "drop",
        "append",
        "prepend",
        "reverse",
        "sort",
        "rotate",
        "say",
    ]
    for word in words:  # each word both at the start of an answer and inside a line
        yield from [word + "\n" + "= " + word] * 3000
    for problem_text in PROBLEMS:
        yield from [f"Problem: s1: {problem_text}\nReview"] * 400
        yield from ['{"changes":[{"op":"reword","id":"s1"},{"op":"add"},{"op":"drop"}]}'] * 200


def build() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        min_frequency=2,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    return tokenizer


def load(path: Path = HOME) -> Tokenizer:
    return Tokenizer.from_file(str(path))


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HOME
    path.parent.mkdir(parents=True, exist_ok=True)
    build().save(str(path), pretty=False)


if __name__ == "__main__":
    main()
