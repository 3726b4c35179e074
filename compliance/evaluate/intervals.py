"""Exact binomial intervals (Clopper and Pearson, Biometrika 26, 1934), with nothing but arithmetic.

The bounds are quantiles of beta distributions.  The regularised incomplete beta
function is summed as a continued fraction (NIST DLMF 8.17.22) and turned round by
bisection.
"""

from __future__ import annotations

import math

CONFIDENCE = 0.95
_HALVINGS = 60
"""After so many nothing of a double is left to halve."""
_TERMS = 10_000
_ENOUGH = 1e-15
_TINY = 1e-300
"""In place of nought, by which nothing can be divided."""


def interval(count: int, of: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The shares that ``count`` of ``of`` does not rule out; no trial rules nothing out.

    It is never too narrow: whatever the true share is, it lies inside with at
    least the confidence asked for, if the trials do not depend on each other.
    """
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else _quantile(tail, count, of - count + 1)
    high = 1.0 if count == of else _quantile(1 - tail, count + 1, of - count)
    return low, high


def _quantile(share: float, a: int, b: int) -> float:
    """The value below which that share of a beta distribution lies."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_share(middle, a, b) < share else (low, middle)
    return (low + high) / 2


def beta_share(x: float, a: int, b: int) -> float:
    """The share of a beta distribution that lies below x: the regularised incomplete beta function.

    The fraction converges quickly below the mean; above it the other tail is summed.
    """
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    if x == 0:
        return 0.0
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logarithm + a * math.log(x) + b * math.log1p(-x)) / a
    return front / _fraction(x, a, b)


def _fraction(x: float, a: int, b: int) -> float:
    """1 + d1/(1 + d2/(1 + …)), by Lentz's method."""
    value, c, d = 1.0, 1.0, 0.0
    for term in range(1, _TERMS):
        step = _coefficient(term, x, a, b)
        d = 1 / _not_nought(1 + step * d)
        c = _not_nought(1 + step / c)
        value *= c * d
        if abs(c * d - 1) < _ENOUGH:
            break
    return value


def _coefficient(term: int, x: float, a: int, b: int) -> float:
    m, is_odd = divmod(term, 2)
    if is_odd:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))


def _not_nought(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
