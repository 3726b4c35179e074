"""How loud it was where a tone is put, measured as the sound goes by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from compliance.records import Method
from compliance.redact.audio import Patch, edge_of
from compliance.redact.samples import Native, as_float
from compliance.redact.tone import Tone

LEVEL_MS = 10_000
"""So much of what a patch replaces is measured; a longer tone is as loud as the sound was at first."""


class Meter:
    """Measures, as blocks go by, the level of what each patch replaces.

    The edges, where the tone fades, are left out: measured again in the redacted
    file the level comes out the same, so that redacting twice changes nothing.
    """

    def __init__(self, parts: Sequence[Patch], *, rate: int, tone: Tone) -> None:
        """Nothing heard yet."""
        self._parts, self._tone = tuple(parts), tone
        self._starts = np.fromiter((part.start for part in parts), np.int64)
        self._ends = np.fromiter((part.end for part in parts), np.int64)
        edges = [edge_of(part, rate, tone) for part in self._parts]
        self._inner = [
            (part.start + edge, min(part.end - edge, part.start + edge + LEVEL_MS * rate // 1000))
            for part, edge in zip(self._parts, edges, strict=True)
        ]
        self._power, self._heard = np.zeros(len(edges)), np.zeros(len(edges), np.int64)

    def near(self, low: int, high: int) -> list[int]:
        """Which patches have samples from here to there."""
        found: list[int] = np.flatnonzero((self._starts < high) & (self._ends > low)).tolist()
        return found

    def hear(self, block: Native, at: int) -> None:
        """Take in a block that begins at sample ``at``."""
        for index in self.near(at, at + block.shape[1]):
            part, (start, end) = self._parts[index], self._inner[index]
            if part.method is Method.TONE:
                inner = as_float(block[part.channel, max(start - at, 0) : max(end - at, 0)])
                self._power[index] += np.sum(np.square(inner, dtype=np.float64))
                self._heard[index] += len(inner)

    def awaited(self, low: int, high: int) -> int:
        """The sample up to which must be heard before those from here to there can be made."""
        toned = (index for index in self.near(low, high) if self._parts[index].method is Method.TONE)
        return max((self._inner[index][1] for index in toned), default=0)

    def parts(self, chosen: Iterable[int] | None = None) -> tuple[Patch, ...]:
        """The patches, or some of them, with the level of what was heard of each."""
        return tuple(
            replace(self._parts[index], level_db=self._level(index))
            for index in (range(len(self._parts)) if chosen is None else chosen)
        )

    def _level(self, index: int) -> int:
        level = 10 * np.log10(max(float(self._power[index]) / max(int(self._heard[index]), 1), 1e-12))
        return min(max(round(float(level)), self._tone.floor_db), self._tone.ceiling_db)


def measured(
    parts: Sequence[Patch], placed: Iterable[tuple[int, Native]], *, rate: int, tone: Tone
) -> tuple[Patch, ...]:
    """The patches with the level of what they replace, of blocks with their places."""
    meter = Meter(parts, rate=rate, tone=tone)
    for at, block in placed:
        meter.hear(block, at)
    return meter.parts()


def levelled(
    blocks: Iterable[Native], parts: Sequence[Patch], *, rate: int, tone: Tone
) -> Iterator[tuple[int, Native, tuple[Patch, ...]]]:
    """Each block with its place and the patches to be made in it.

    Held back until these are measured: by ``LEVEL_MS`` at most, so that sound is decoded once.
    """
    meter, at = Meter(parts, rate=rate, tone=tone), 0
    held: deque[tuple[int, Native]] = deque()
    for block in blocks:
        held.append((at, block))
        meter.hear(block, at)
        at += block.shape[1]
        while held and meter.awaited(held[0][0], held[0][0] + held[0][1].shape[1]) <= at:
            yield _with_parts(*held.popleft(), meter)
    for place, block in held:
        yield _with_parts(place, block, meter)


def _with_parts(at: int, block: Native, meter: Meter) -> tuple[int, Native, tuple[Patch, ...]]:
    return at, block, meter.parts(meter.near(at, at + block.shape[1]))
