"""Keypad tones, found in the samples as they stream by.

A key is one low and one high tone at once (ITU-T Q.23).  Where the strongest of
each group together hold over half of a frame's energy, and neither is much
weaker than the other, a key is pressed; speech never keeps that up for the
65 ms that a tone must last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from compliance.records import Span

Samples = npt.NDArray[np.float32]

LOW_HZ = (697, 770, 852, 941)
HIGH_HZ = (1209, 1336, 1477, 1633)
KEYS = ("123A", "456B", "789C", "*0#D")
FRAME_MS = 25
HOP_MS = 10
SHORTEST_MS = 65
SHARE = 0.5
"""Of a frame's energy in its two tones."""
TWIST = 20.0
"""How much stronger one tone may be than the other, in power."""
QUIETEST = 1e-6
"""Mean square below which nothing is heard (-60 dBFS)."""


@dataclass(slots=True)
class Keypad:
    """Listens to one channel.  Memory stays at one frame and the tones found."""

    rate: int
    tones: list[Span] = field(default_factory=list)
    _rest: Samples = field(default_factory=lambda: np.zeros(0, dtype=np.float32), repr=False)
    _frames: int = 0
    """How many frames have been judged."""
    _key: str = ""
    _since: int = 0

    def add(self, samples: Samples) -> None:
        """Take in the channel's next samples."""
        self._rest = np.concatenate([self._rest, samples])
        size, hop = self.rate * FRAME_MS // 1000, self.rate * HOP_MS // 1000
        count = (len(self._rest) - size) // hop + 1 if len(self._rest) >= size else 0
        if count <= 0:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._rest, size)[: (count - 1) * hop + 1 : hop]
        for key in keys(frames, self.rate):
            self._note(key)
        self._rest = self._rest[count * hop :]

    def finish(self) -> tuple[Span, ...]:
        """Every tone, after the last samples."""
        self._note("")
        return tuple(self.tones)

    def _note(self, key: str) -> None:
        """Take in one frame's key; a tone ends where its key does."""
        if key != self._key:
            start_ms, end_ms = self._since * HOP_MS, self._frames * HOP_MS + FRAME_MS - HOP_MS
            if self._key and end_ms - start_ms >= SHORTEST_MS:
                self.tones.append(Span(start_ms=start_ms, end_ms=end_ms))
            self._key, self._since = key, self._frames
        self._frames += 1


def keys(frames: Samples, rate: int) -> list[str]:
    """The key heard in each frame; empty where none is."""
    size = frames.shape[1]
    waves, gain = _waves(size, rate)
    parts = frames @ waves
    power = parts[:, :8] ** 2 + parts[:, 8:] ** 2
    low, high = power[:, :4], power[:, 4:]
    best_low, best_high = low.max(axis=1), high.max(axis=1)
    energy = np.einsum("ij,ij->i", frames, frames)
    # A sinusoid of amplitude A has energy size * A**2 / 2 and, windowed, power (A * sum(window) / 2) ** 2.
    share = 2 * size * (best_low + best_high) / (gain**2 * np.maximum(energy, 1e-12))
    is_even = (best_low < best_high * TWIST) & (best_high < best_low * TWIST)
    pressed = (share > SHARE) & (energy / size > QUIETEST) & is_even
    rows, columns = low.argmax(axis=1), high.argmax(axis=1)
    return [KEYS[r][c] if p else "" for p, r, c in zip(pressed, rows, columns, strict=True)]


@cache
def _waves(size: int, rate: int) -> tuple[Samples, float]:
    """Cosines, then sines, of every tone under a window, and the window's sum.

    Real, and made once: a complex product takes ten times as long as a real one of twice the width.
    """
    window = np.hanning(size)
    phase = 2 * np.pi * np.outer(np.arange(size), LOW_HZ + HIGH_HZ) / rate
    waves = np.concatenate([np.cos(phase), np.sin(phase)], axis=1) * window[:, None]
    return waves.astype(np.float32), float(window.sum())
