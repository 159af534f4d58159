"""Trains vnb-tiny in stages, resumably.

    python -m train.train --out train/runs/a --workers 2

Deterministic by seed on one machine: a part of a batch is a function of (seed, stage, step, part), and the checkpoint
holds the weights, their moving average and the optimizer. Ctrl-C or kill at any time; the same command goes on from the
last checkpoint. `--workers` shares the parts of a batch among processes (one core each); it changes only the order in
which gradients are added.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from .batches import Pack, draw
from .model import Shape, Tiny, bias_of, layer
from .monitor import accuracies, copying
from .tokenizer import load as load_tokenizer

STAGES = "copy:350,drill:950,full:1500,even:600,last:800,parts:600,sums:800"


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoint.pt and log.jsonl")
    parser.add_argument("--stages", default=STAGES, help="name:steps, in order")
    parser.add_argument(
        "--decay", type=int, default=2400, help="steps at the end over which the rate falls to 2 percent"
    )
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--width", type=int, default=512, help="tokens of a line")
    parser.add_argument("--lines", type=int, default=4, help="lines of a part")
    parser.add_argument("--parts", type=int, default=2, help="parts of a step's batch")
    parser.add_argument("--workers", type=int, default=1, help="processes, which share the parts")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--layers", type=int, default=Shape.layers)
    parser.add_argument("--inner", type=int, default=Shape.inner)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True, help="needs a C++ compiler")
    parser.add_argument("--keep", type=int, default=200, help="steps between checkpoints")
    parser.add_argument("--watch", type=int, default=1000, help="steps between exact accuracies on development tasks")
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
    return min(1.0, (step + 1) / 60, 0.02 + 0.98 * max(0, total - step) / max(1, decay))


def spaced_pairs(tokenizer: Tokenizer) -> list[tuple[int, int]]:
    vocabulary = tokenizer.get_vocab()
    return [(vocabulary[t[1:]], i) for t, i in vocabulary.items() if t.startswith("Ġ") and t[1:] in vocabulary]


def plain(
    x: Tensor, weights: tuple[Tensor, ...], s: Shape, cos: Tensor, sin: Tensor, bias: Tensor, kind: torch.dtype
) -> Tensor:
    """One layer without a past."""
    return layer(x, weights, s, cos, sin, bias, kind=kind)[0]


class Run:
    """A training run on disk: weights, average, optimizer and the step that comes next."""

    def __init__(self, args: argparse.Namespace, tokenizer: Tokenizer, rank: int = 0):
        self.args, self.tokenizer, self.rank = args, tokenizer, rank
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
        self.layer: Callable[..., Any] = torch.compile(plain, dynamic=False) if args.compile else plain
        self.kind = torch.bfloat16 if args.bf16 else torch.float32
        # All gradients lie in one tensor, with the batch's weight and loss at its end, so that one sum joins the workers.
        self.flat = torch.zeros(sum(p.numel() for p in self.model.parameters()) + 2, device=args.device)
        at = 0
        for one in self.model.parameters():
            one.grad = self.flat[at : at + one.numel()].view_as(one)
            at += one.numel()

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

    def loss_of(self, pack: Pack) -> Tensor:
        """Summed weighted cross-entropy of the answers."""
        model, s = self.model, self.model.shape
        x, (cos, sin), bias = model.embed(pack.ids), model.rounds(pack.positions), bias_of(pack.seen)
        for one in model.layers:
            x = self.layer(x, one.weights(), s, cos, sin, bias, self.kind)
        weight, target = pack.weight[:, 1:].flatten(), pack.ids[:, 1:].flatten()
        learnt = weight.nonzero().flatten()
        learnt = F.pad(learnt, (0, -len(learnt) % 256))  # few different sizes: a CPU makes a kernel for each
        hidden = model.final(x[:, :-1].reshape(-1, s.hidden)[learnt]).to(self.kind)
        logits = F.linear(hidden, model.head.weight.to(self.kind)).float()
        losses = F.cross_entropy(logits, target[learnt], reduction="none")
        return losses @ weight[learnt]

    def advance(self, stage: str, rate: float) -> float:
        """One step; returns its loss (weighted mean over the answers' tokens)."""
        a = self.args
        self.flat.zero_()
        for part in range(self.rank, a.parts, a.workers):
            pack = draw(self.tokenizer, stage, a.seed, self.step, part, a.width, a.lines)
            pack = Pack(*(t.to(a.device) for t in vars(pack).values()))
            loss = self.loss_of(pack)
            loss.backward()
            self.flat[-2] += pack.weight[:, 1:].sum()
            self.flat[-1] += loss.detach()
        if a.workers > 1:
            dist.all_reduce(self.flat)
        self.flat /= self.flat[-2].clone()
        self.seen += a.parts * a.width * a.lines
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for group in self.optimizer.param_groups:
            group["lr"] = a.rate * rate
        self.optimizer.step()
        self.step += 1
        if self.rank == 0 and self.step % 5 == 0:
            fade = min(0.96, 1 - 1 / (1 + self.step / 50))
            with torch.no_grad():
                for name, value in self.model.state_dict().items():
                    self.average[name].lerp_(value, 1 - fade)
        return float(self.flat[-1])


def averaged(run: Run) -> Tiny:
    model = Tiny(run.model.shape)
    model.load_state_dict(run.average)
    return model.eval()


def main(argv: list[str] | None = None) -> Run:
    args = arguments(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.workers == 1:
        return work(0, args)
    meeting = str(Path(tempfile.mkdtemp(prefix="vnb-train-")) / "workers")
    context = torch.multiprocessing.get_context("spawn")
    others = [context.Process(target=work, args=(rank, args, meeting), daemon=True) for rank in range(1, args.workers)]
    for other in others:
        other.start()
    run = work(0, args, meeting)
    for other in others:
        other.join()
    return run


def work(rank: int, args: argparse.Namespace, meeting: str = "") -> Run:
    """What one worker does; the first also keeps checkpoints and the log. They meet at a file."""
    torch.set_num_threads(args.threads)
    if args.workers > 1:
        dist.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=args.workers)
    run = Run(args, load_tokenizer(), rank)
    ends = schedule(args.stages)
    total = ends[-1][1]
    began, smooth, first = time.time(), None, run.seen
    with (args.out / "log.jsonl" if rank == 0 else Path(os.devnull)).open("a") as log:

        def note(**fields: object) -> None:
            log.write(json.dumps({"step": run.step, "seconds": round(time.time() - began, 1), **fields}) + "\n")
            log.flush()

        note(begins=vars(args) | {"out": str(args.out)}, parameters=sum(p.numel() for p in run.model.parameters()))
        while run.step < total:
            stage = stage_at(ends, run.step)
            loss = run.advance(stage, rate_at(run.step, total, args.decay))
            smooth = loss if smooth is None else 0.95 * smooth + 0.05 * loss
            if rank:
                continue
            if run.step % 20 == 0:
                copied, of = copying(run.model)
                speed = round((run.seen - first) / (time.time() - began))
                note(stage=stage, loss=round(smooth, 4), seen=run.seen, tokens_per_second=speed, copied=copied / of)
            if run.step % args.keep == 0 or run.step == total:
                run.keep()
            if args.watch and stage != "copy" and (run.step % args.watch == 0 or run.step == total):
                note(exact=accuracies(averaged(run), run.tokenizer))
    if args.workers > 1:
        dist.destroy_process_group()
    return run


if __name__ == "__main__":
    main()
