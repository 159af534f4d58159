"""How fast the embedded engine decodes vnb-tiny on one thread, as vnb records it.

    python -m train.speed

One stream: article parts at temperature 1, one after the other. Decode is `(tokens - 1) / seconds after the first token`,
over all of them and by part; prefill counts the tokens that were not in the KV cache.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile

import vnb

from .evaluate import Cell, problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="tiny")
    parser.add_argument("--n", type=int, default=60, help="parts")
    args = parser.parse_args()
    os.environ.setdefault("VNB_HOME", tempfile.mkdtemp(prefix="vnb-speed-"))
    engine = vnb.load(args.model, threads=1, parallel=1)
    used = []
    for problem in problems(Cell("article en", 3), args.n, seed=3):
        plan = vnb.plan(f"s1: {problem.work[0].instruction}")
        run = plan.run(problem.text, raw=True, temperature=1.0, reuse="off")
        chosen = run["s1"].chosen
        if chosen is not None and chosen.usage.new_tokens > 1:
            used.append(chosen.usage)
    rates = [(use.new_tokens - 1) / use.t_decode for use in used]
    tokens, seconds = sum(use.new_tokens - 1 for use in used), sum(use.t_decode for use in used)
    fresh, before = sum(use.prompt_tokens - use.cached_tokens for use in used), sum(use.t_prefill for use in used)
    print(f"decode: {tokens / seconds:.0f} tokens/s over {tokens} tokens in {len(used)} streams, timed by", end=" ")
    print(f"{used[0].timing_source}; median {statistics.median(rates):.0f}, lowest {min(rates):.0f}")
    print(f"prefill: {fresh / before:.0f} tokens/s over {fresh} uncached tokens; load {os.getloadavg()[0]:.1f}")
    del engine


if __name__ == "__main__":
    main()
