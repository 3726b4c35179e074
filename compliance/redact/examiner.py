"""In what state a recording is: sides that are silent or clipped, a mix in place of two sides, gaps, drift.

Measured while it is decoded for the first time; of each second ten bytes are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from compliance.records import Health, Side, Span
from compliance.redact.tone import Float

FRAME_MS = 100
"""Loudness is measured in frames of so long."""
QUIET_DB = -50
"""A frame below it holds no speech: noise of a line lies under it, and speech far over it."""
FULL = 1 - 1 / 2**10
"""A sample from here on counts as full scale; two in a row are clipped, one may be a peak."""
ALIKE_DB = -30
"""Two channels whose difference is so far below their sum carry the same."""
BESIDE_MS = 300
"""Sound this near a gap, on both sides of it, was going on when it began."""
FLOOR_DB = -120.0


class Examiner:
    """Hears a recording once, block by block."""

    def __init__(self, rate: int, channels: int) -> None:
        """Nothing heard yet."""
        self._rate, self._size = rate, max(rate * FRAME_MS // 1000, 1)
        self._held: Float = np.zeros((channels, 0), np.float32)
        self._peak = np.zeros(channels)
        self._sounding, self._clipped = np.zeros(channels, np.int64), np.zeros(channels, np.int64)
        self._difference = self._sum = 0.0
        self._loud = bytearray()
        """For each frame whether any channel sounds."""
        self.total = 0

    @property
    def peak(self) -> float:
        """The loudest sample of all channels, full scale at 1."""
        return float(self._peak.max())

    def hear(self, block: Float) -> None:
        """Take in the next samples (channels, n)."""
        self.total += block.shape[1]
        size = np.abs(block)
        self._peak = np.maximum(self._peak, size.max(axis=1))
        full = size >= FULL
        self._clipped += np.sum(full[:, 1:] & full[:, :-1], axis=1)
        if len(block) == 2:
            self._difference += float(np.sum(np.square(block[0] - block[1]), dtype=np.float64))
            self._sum += float(np.sum(np.square(block), dtype=np.float64))
        held = np.concatenate([self._held, block], axis=1)
        frames = held.shape[1] // self._size
        self._measure(held[:, : frames * self._size].reshape(len(block), frames, self._size))
        self._held = held[:, frames * self._size :]

    def _measure(self, frames: NDArray[np.float32]) -> None:
        if frames.shape[1]:
            loud = np.mean(np.square(frames), axis=2) > 10 ** (QUIET_DB / 10)
            self._sounding += loud.sum(axis=1)
            self._loud += loud.any(axis=0).astype(np.uint8).tobytes()

    def health(self, gaps: Sequence[tuple[int, int]], late: int) -> Health:
        """What was found; gaps and lateness are the reader's, in samples."""
        spans = [Span(start_ms=self._ms(start), end_ms=self._ms(end)) for start, end in gaps]
        return Health(
            sides=tuple(self._side(channel) for channel in range(len(self._peak))),
            is_mix=self._sum > 0 and self._difference < self._sum * 10 ** (ALIKE_DB / 10),
            gaps=tuple(spans),
            broken=tuple(span for span in spans if self._is_broken(span)),
            drift_ms=self._ms(late),
            tail_ms=self._tail_ms(),
        )

    def _side(self, channel: int) -> Side:
        peak = float(self._peak[channel])
        return Side(
            peak_db=round(max(20 * float(np.log10(peak)), FLOOR_DB), 1) if peak else FLOOR_DB,
            sounding_ms=int(self._sounding[channel]) * FRAME_MS,
            clipped_ms=self._ms(int(self._clipped[channel])),
        )

    def _is_broken(self, gap: Span) -> bool:
        """Whether there is sound shortly before a gap and shortly after it."""
        first, last = gap.start_ms // FRAME_MS, -(-gap.end_ms // FRAME_MS)
        beside = BESIDE_MS // FRAME_MS
        return any(self._loud[max(first - beside, 0) : first]) and any(self._loud[last : last + beside])

    def _tail_ms(self) -> int:
        return (len(self._loud) - 1 - self._loud.rfind(1)) * FRAME_MS

    def _ms(self, samples: int) -> int:
        return round(samples * 1000 / self._rate)
