"""Trains vnb-tiny in stages, resumably.

    python -m train.train --out train/runs/a --stages copy:300,drill:1500,full:5000

Deterministic by seed on one machine: a batch is a function of (seed, stage, step), and the checkpoint holds the weights,
their moving average and the optimizer. Ctrl-C or kill at any time; the same command goes on from the last checkpoint.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from .batches import Batch, draw
from .model import Shape, Tiny
from .monitor import accuracies, copying
from .tokenizer import load as load_tokenizer


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoint.pt and log.jsonl")
    parser.add_argument("--stages", default="copy:300,drill:1500,full:5000", help="name:steps, in order")
    parser.add_argument(
        "--decay", type=int, default=1200, help="steps at the end over which the rate falls to 5 percent"
    )
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--tokens", type=int, default=2048, help="tokens a step")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--inner", type=int, default=512)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--keep", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--watch", type=int, default=400, help="steps between exact accuracies on held-out tasks")
    return parser.parse_args(argv)


def schedule(stages: str) -> list[tuple[str, int]]:
    """Stage names with the step at which each ends."""
    ends, total = [], 0
    for stage in stages.split(","):
        name, steps = stage.split(":")
        total += int(steps)
        ends.append((name, total))
    return ends


def stage_at(ends: list[tuple[str, int]], step: int) -> str:
    return next(name for name, end in ends if step < end)


def rate_at(step: int, total: int, decay: int) -> float:
    """Warm-up over 60 steps, flat, then a straight fall."""
    return min(1.0, (step + 1) / 60, 0.05 + 0.95 * max(0, total - step) / max(1, decay))


def spaced_pairs(tokenizer: Tokenizer) -> list[tuple[int, int]]:
    vocabulary = tokenizer.get_vocab()
    return [(vocabulary[t[1:]], i) for t, i in vocabulary.items() if t.startswith("Ġ") and t[1:] in vocabulary]


def loss_of(model: Tiny, batch: Batch) -> torch.Tensor:
    """Summed weighted cross-entropy of the answers."""
    unseen = ~batch.mask[:, :, :-1, :-1]
    bias = torch.zeros(unseen.shape, device=unseen.device).masked_fill_(unseen, -1e4)
    hidden = model.trunk(batch.ids[:, :-1], batch.positions[:, :-1], bias)
    weight = batch.weight[:, 1:]
    learnt = weight > 0
    logits = model.head(hidden[learnt]).float()
    return (F.cross_entropy(logits, batch.ids[:, 1:][learnt], reduction="none") * weight[learnt]).sum()


def to(batch: Batch, device: str) -> Batch:
    return batch if device == "cpu" else Batch(*(t.to(device) for t in vars(batch).values()))


class Run:
    """A training run on disk: weights, average, optimizer and the step that comes next."""

    def __init__(self, args: argparse.Namespace, tokenizer: Tokenizer):
        self.args, self.tokenizer = args, tokenizer
        torch.manual_seed(args.seed)
        shape = Shape(vocab=tokenizer.get_vocab_size(), layers=args.layers, inner=args.inner)
        self.model = Tiny(shape)
        self.model.tie_spaced(spaced_pairs(tokenizer))
        self.model.to(args.device)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=args.rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True
        )
        self.average = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.step = self.seen = 0
        self.path = args.out / "checkpoint.pt"
        if self.path.exists():
            self._resume()

    def _resume(self) -> None:
        held = torch.load(self.path, map_location=self.args.device, weights_only=True)
        self.model.load_state_dict(held["model"])
        self.optimizer.load_state_dict(held["optimizer"])
        self.average, self.step, self.seen = held["average"], held["step"], held["seen"]

    def keep(self) -> None:
        held = {
            "model": self.model.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "shape": self.model.shape.as_dict(),
        }
        partial = self.path.with_suffix(".partial")
        torch.save(held, partial)
        partial.replace(self.path)

    def advance(self, stage: str, rate: float) -> float:
        """One step; returns its loss (weighted mean over the answers' tokens)."""
        a = self.args
        batches = [to(b, a.device) for b in draw(self.tokenizer, stage, a.seed, self.step, a.tokens)]
        whole = sum(float(b.weight[:, 1:].sum()) for b in batches)
        self.optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for batch in batches:
            with torch.autocast(a.device, torch.bfloat16, enabled=a.bf16):
                loss = loss_of(self.model, batch) / whole
            loss.backward()
            total += loss.item()
            self.seen += int(batch.ids.numel())
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = a.rate * rate
        self.optimizer.step()
        self.step += 1
        if self.step % 5 == 0:
            fade = min(0.96, 1 - 1 / (1 + self.step / 50))
            with torch.no_grad():
                for name, value in self.model.state_dict().items():
                    self.average[name].lerp_(value, 1 - fade)
        return total


def averaged(run: Run) -> Tiny:
    model = Tiny(run.model.shape)
    model.load_state_dict(run.average)
    return model.eval()


def main(argv: list[str] | None = None) -> Run:
    args = arguments(argv)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    run = Run(args, load_tokenizer())
    ends = schedule(args.stages)
    total = ends[-1][1]
    began, smooth = time.time(), None
    with (args.out / "log.jsonl").open("a") as log:

        def note(**fields: object) -> None:
            log.write(json.dumps({"step": run.step, "seconds": round(time.time() - began, 1), **fields}) + "\n")
            log.flush()

        note(begins=vars(args) | {"out": str(args.out)}, parameters=sum(p.numel() for p in run.model.parameters()))
        first = run.seen
        while run.step < total:
            stage = stage_at(ends, run.step)
            loss = run.advance(stage, rate_at(run.step, total, args.decay))
            smooth = loss if smooth is None else 0.95 * smooth + 0.05 * loss
            if run.step % 20 == 0:
                copied, of = copying(run.model)
                speed = (run.seen - first) / (time.time() - began)
                note(
                    stage=stage,
                    loss=round(smooth, 4),
                    seen=run.seen,
                    tokens_per_second=round(speed),
                    copied=copied / of,
                )
            if run.step % args.keep == 0 or run.step == total:
                run.keep()
            if args.watch and stage != "copy" and (run.step % args.watch == 0 or run.step == total):
                note(exact=accuracies(averaged(run), run.tokenizer))
    return run


if __name__ == "__main__":
    main()
