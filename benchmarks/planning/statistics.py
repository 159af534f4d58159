"""Intervals and tests for shares."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Of the normal distribution, for 95 %."""


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    if not n:
        return 0.0, 1.0
    share, spread = right / n, Z * Z / n
    middle = share + spread / 2
    half = Z * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def mcnemar(first_only: int, second_only: int) -> float:
    """The exact two-sided p of pairs in which only one of the two was right (McNemar, 1947; binomial)."""
    n, fewer = first_only + second_only, min(first_only, second_only)
    tail: float = sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n
    return min(1.0, 2 * tail)
