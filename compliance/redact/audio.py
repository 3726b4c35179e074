"""Cuts applied to samples: what is put where, and how loud.

Inside a cut every sample is made anew from tone or noise, or is nothing; the original
is replaced, never mixed, so none of it is left however it is filtered.  Only its
level, rounded to whole decibels, decides how loud the tone is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from compliance.errors import ArgumentInvalid
from compliance.records import Cut, Method
from compliance.redact.tone import Float, Tone, hiss, second


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Patch:
    """A stretch of samples of one channel to be replaced, half-open."""

    start: int
    end: int
    channel: int
    method: Method
    level_db: int = field(default=-40, compare=False)
    """RMS of the tone in dBFS."""


def patches(cuts: Iterable[Cut], *, rate: int, channels: int) -> tuple[Patch, ...]:
    """The cuts in samples, one patch for each channel concerned, in order.

    Rounded outwards: a fraction of a sample belongs to the cut.  A cut of a
    channel that is not there, or that ends before it begins, is ArgumentInvalid;
    skipping it would leave in what was to go.
    """
    made = []
    for cut in cuts:
        wanted = range(channels) if cut.channel is None else (cut.channel,)
        if cut.end_ms < cut.start_ms or any(each not in range(channels) for each in wanted):
            raise ArgumentInvalid("a cut lies on no channel of this file, or ends before it begins")
        start, end = max(cut.start_ms, 0) * rate // 1000, -(-cut.end_ms * rate // 1000)
        made += [Patch(start=start, end=end, channel=each, method=cut.method) for each in wanted]
    return _apart(sorted(each for each in made if each.end > each.start))


def _apart(parts: Iterable[Patch]) -> tuple[Patch, ...]:
    """The same samples in patches that do not overlap, so that each has one level and one phase.

    Those alike become one; otherwise the later one gives way, and what both cover stays covered.
    """
    done: dict[int, list[Patch]] = {}
    for part in parts:
        mine = done.setdefault(part.channel, [])
        if mine and part.start <= mine[-1].end and part.method is mine[-1].method:
            mine[-1] = replace(mine[-1], end=max(mine[-1].end, part.end))
        elif not mine or part.end > mine[-1].end:
            start = max(part.start, mine[-1].end) if mine else part.start
            mine.append(replace(part, start=start))
    return tuple(sorted(part for mine in done.values() for part in mine))


def within(parts: Iterable[Patch], total: int) -> tuple[Patch, ...]:
    """The patches as far as there are samples."""
    return tuple(replace(each, end=min(each.end, total)) for each in parts if each.start < total)


def edge_of(part: Patch, rate: int, tone: Tone) -> int:
    """In how many samples the tone swells, and dies again."""
    return min(tone.fade_ms * rate // 1000, (part.end - part.start - 1) // 2)


def fade(part: Patch, place: NDArray[np.int64], *, rate: int, tone: Tone) -> NDArray[np.float64]:
    """How far the tone has swelled at each place, 0 to 1; it has died again at the patch's end."""
    from_edge = np.minimum(place - part.start, part.end - 1 - place)
    return np.clip(from_edge / max(edge_of(part, rate, tone), 1), 0.0, 1.0)


class Bleeper:
    """Makes the samples that stand in the place of the original."""

    def __init__(self, parts: Sequence[Patch], *, rate: int, tone: Tone) -> None:
        """Prepare one second of the tone; patches come from ``meter``."""
        self._parts = tuple(parts)
        self._rate = rate
        self._tone = tone
        self._second = second(tone, rate)
        self._hiss = hiss(tone) if any(part.method is Method.NOISE for part in self._parts) else None

    def pieces(self, at: int, size: int) -> Iterator[tuple[int, slice, Float]]:
        """Channel, place and new samples for each piece of a block that begins at sample ``at``."""
        for part in self._parts:
            low, high = max(part.start, at), min(part.end, at + size)
            if low < high:
                yield part.channel, slice(low - at, high - at), self._made(part, low, high)

    def apply(self, block: Float, at: int) -> Float:
        """A copy of the block with every piece in its place."""
        changed = block.copy()
        for channel, place, made in self.pieces(at, block.shape[1]):
            changed[channel, place] = made
        return changed

    def _made(self, part: Patch, low: int, high: int) -> Float:
        if part.method is Method.SILENCE:
            return np.zeros(high - low, dtype=np.float32)
        place = np.arange(low, high)
        if self._hiss is not None and part.method is Method.NOISE:
            swell = fade(part, place, rate=self._rate, tone=self._tone)
            return np.asarray(swell * self._hiss[(place - part.start) % len(self._hiss)], dtype=np.float32)
        amplitude = np.sqrt(2) * 10 ** (part.level_db / 20)
        swell = fade(part, place, rate=self._rate, tone=self._tone)
        tone = self._second[(place - part.start) % self._rate]
        return np.asarray(amplitude * swell * tone, dtype=np.float32)
