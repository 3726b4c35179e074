"""Stretches of time as pairs, and what they cover of each other."""

from __future__ import annotations

from collections.abc import Iterable

Interval = tuple[int, int]
"""Milliseconds, half-open."""


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The intervals in order, those that touch joined, so that no time counts twice."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def covered(interval: Interval, intervals: Iterable[Interval]) -> int:
    """Milliseconds of the interval that lie in any of the others, which must be merged."""
    start, end = interval
    return sum(max(0, min(end, until) - max(start, since)) for since, until in intervals)


def length(interval: Interval) -> int:
    """Its length in milliseconds."""
    return interval[1] - interval[0]
