"""A recorder's warning tone, found in the samples as they stream by.

By the rule that was once 47 CFR 64.501 it is a tone of 1,400 Hz (1.5 % more or less) for
a fifth of a second, every twelve to fifteen seconds; Conn. Gen. Stat. § 52-570d speaks of about
fifteen.  One such beep may be anything.  At least three at a steady beat are a recorder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from compliance.records import Span

Samples = npt.NDArray[np.float32]

TONE_HZ = 1_400
BESIDE_HZ = (1_000, 1_100, 1_200, 1_300, 1_500, 1_600, 1_700, 1_800)
"""What must be weaker: keys, voices and other tones sound there too."""
FRAME_MS = 50
"""Long enough to tell tones 100 Hz apart, and to take in what is 21 Hz off."""
HOP_MS = 10
WINDOW = (0.1, 0.65, 1.0, 0.65, 0.1)
"""What each hop of a frame counts."""
SHORTEST_MS, LONGEST_MS = 130, 330
"""A fifth of a second, with what noise and a frame's width add or take."""
PEAK = 8.0
"""How much stronger the tone is than all beside it, in power."""
QUIETEST = 3e-6
"""Mean square of the tone below which nothing is heard (-55 dBFS)."""
BEAT_MS = (11_000, 16_500)
"""From one beep to the next."""
OFF_BEAT_MS = 400
MISSED = 2
"""So many beeps in a row may drown in speech."""
FEWEST = 3


@dataclass(slots=True)
class WarningTone:
    """Listens to one channel.  Memory stays at one frame and the beeps found.

    All pitches are whole multiples of 100 Hz, so that a hop of 10 ms holds whole turns of
    each: what one hop gives is added up to frames without being computed anew.
    """

    rate: int
    beeps: list[Span] = field(default_factory=list)
    _rest: Samples = field(default_factory=lambda: np.zeros(0, dtype=np.float32), repr=False)
    _hops: Samples = field(
        default_factory=lambda: np.zeros((0, 2 * (1 + len(BESIDE_HZ))), dtype=np.float32), repr=False
    )
    _frames: int = 0
    """How many frames have been judged."""
    _since: int | None = None

    def add(self, samples: Samples) -> None:
        """Take in the channel's next samples."""
        self._rest = np.concatenate([self._rest, samples])
        hop = self.rate * HOP_MS // 1000
        count = len(self._rest) // hop
        whole = self._rest[: count * hop].reshape(count, hop)
        self._rest = self._rest[count * hop :]
        self._hops = np.concatenate([self._hops, whole @ _waves(hop, self.rate)])
        if len(self._hops) < len(WINDOW):
            return
        for is_toned in toned(self._hops, hop):
            self._note(is_toned=bool(is_toned))
        self._hops = self._hops[-len(WINDOW) + 1 :]

    def finish(self) -> tuple[Span, ...]:
        """Every series of beeps, after the last samples."""
        self._note(is_toned=False)
        return tuple(series(self.beeps))

    def _note(self, *, is_toned: bool) -> None:
        """Take in one frame; a beep ends where the tone does, and counts if it was neither short nor long."""
        if is_toned and self._since is None:
            self._since = self._frames
        if not is_toned and self._since is not None:
            # A frame shows the tone when half of it does.
            start_ms = self._since * HOP_MS + FRAME_MS // 2
            end_ms = (self._frames - 1) * HOP_MS + FRAME_MS // 2
            if SHORTEST_MS <= end_ms - start_ms <= LONGEST_MS:
                self.beeps.append(Span(start_ms=start_ms, end_ms=end_ms))
            self._since = None
        self._frames += 1


def toned(hops: Samples, hop: int) -> npt.NDArray[np.bool_]:
    """For each frame of hops whether the tone stands out of it; ``hop`` is a hop's samples."""
    count = len(hops) - len(WINDOW) + 1
    parts = np.stack([weight * hops[n : n + count] for n, weight in enumerate(WINDOW)]).sum(axis=0)
    half = hops.shape[1] // 2
    power = parts[:, :half] ** 2 + parts[:, half:] ** 2
    # A sinusoid of amplitude A has mean square A**2 / 2 and, windowed, power (A * sum(window) / 2) ** 2.
    loud = 2 * power[:, 0] / (hop * sum(WINDOW)) ** 2 > QUIETEST
    return np.asarray(loud & (power[:, 0] > PEAK * power[:, 1:].max(axis=1)), np.bool_)


def series(beeps: Sequence[Span]) -> Iterator[Span]:
    """The stretches over which beeps keep a beat, each beep in one of them at most."""
    left = list(beeps)
    while left:
        first = left.pop(0)
        best = max((_kept(first, second, left) for second in left), key=len, default=[])
        if len(best) < FEWEST:
            continue
        between = [each for each in left if each.start_ms < best[-1].start_ms and each not in best]
        left = [each for each in left if each not in best]
        # A quicker beat, of which every third beep was counted, is something else.
        if len(between) * 2 <= len(best):
            yield Span(start_ms=best[0].start_ms, end_ms=best[-1].end_ms)


def _kept(first: Span, second: Span, others: Sequence[Span]) -> list[Span]:
    """The beeps that keep the beat of the first two."""
    beat_ms = second.start_ms - first.start_ms
    if not BEAT_MS[0] <= beat_ms <= BEAT_MS[1]:
        return []
    kept = [first, second]
    for each in others:
        gap_ms = each.start_ms - kept[-1].start_ms
        beats = round(gap_ms / beat_ms)
        if 1 <= beats <= MISSED + 1 and abs(gap_ms - beats * beat_ms) <= OFF_BEAT_MS:
            kept.append(each)
    return kept


@cache
def _waves(hop: int, rate: int) -> Samples:
    """Cosines, then sines, of the tone and of those beside it, over one hop."""
    phase = 2 * np.pi * np.outer(np.arange(hop), (TONE_HZ, *BESIDE_HZ)) / rate
    return np.concatenate([np.cos(phase), np.sin(phase)], axis=1).astype(np.float32)
