"""The sound of a redacted recording held against the original's: inside its cuts, and beside them.

Streaming; memory does not grow with length, and stretches nobody asks about may be left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from compliance.records import Method
from compliance.redact.audio import Patch, fade
from compliance.redact.samples import Native, as_float
from compliance.redact.tone import Float, Tone

WINDOW_MS = 200
"""Inside is judged in windows so short that a syllable left over fills one."""

LAG_MS = 50
"""The original is looked for this far to both sides; codecs shift by less."""

MARGIN_MS = 25
"""Where a codec's frame reaches across the edge of a cut, it smears its neighbour's sound into it."""

SETTLE_MS = 100
"""Nor is a lossy codec's sound judged so close outside a cut."""

QUIET = 10 ** (-60 / 10)
"""Power of -60 dBFS: less than that is not heard beside speech."""

COVERED = 10 ** (-40 / 10)
"""Power against which a rest in comfort noise counts: what reaches 5 % of it lies far under the noise."""

HUSHED = 10 ** (-30 / 10)
"""Power that noise stays well below, as it does of a tone what is not the tone."""

# Measured on telephone speech through Opus at 12 to 128 kbit/s, AAC and MP3 at 16 to 128, 8 to 48 kHz:
# a sound rewrite came to 0.016, -11 dB and -5.8 dB at worst, an encoder that let one side of the call
# be heard in the other to 0.08 at best, and what was not cut, or another recording, to 1, 0 and 0.
CORRELATION = 0.05
REST_DB = -8.0
OUTSIDE_DB = -3.0


class Judge:
    """Hears both files second by second and keeps the worst of each figure."""

    def __init__(
        self, parts: Sequence[Patch], *, rate: int, channels: int, tone: Tone, lossless: bool
    ) -> None:
        """Nothing heard yet of what was to be replaced by ``parts``."""
        self.parts, self.lossless = tuple(parts), lossless
        self._rate, self._tone = rate, tone
        self._windows = sorted(window for part in self.parts for window in self._split(part))
        self._lag = LAG_MS * rate // 1000
        self._left = self._right = np.zeros((channels, 0), np.float32)
        self._from = self._at = 0
        self.outside_db, self.correlation, self.rest_db = -200.0, 0.0, -200.0

    def _split(self, part: Patch) -> list[tuple[int, int, Patch]]:
        """The patch in windows of even length, less the margins that a codec smears."""
        margin = 0 if self.lossless else MARGIN_MS * self._rate // 1000
        margin = min(margin, (part.end - part.start) // 4)
        low, high = part.start + margin, part.end - margin
        count = max(1, (high - low) * 1000 // (WINDOW_MS * self._rate))
        edges = [low + (high - low) * each // count for each in range(count + 1)]
        return [(start, end, part) for start, end in pairwise(edges)]

    def hear(self, left: Native, right: Native, at: int | None = None) -> None:
        """Take in the next second of both, or one further on."""
        if at is not None and at != self._at:
            self._skip(at)
        for channel in range(left.shape[0]):
            keep = self._kept(channel, left.shape[1])
            error = self._error(left[channel, keep], right[channel, keep])
            self.outside_db = max(self.outside_db, error)
        self._left = np.concatenate([self._left, as_float(left)], axis=1)
        self._right = np.concatenate([self._right, as_float(right)], axis=1)
        self._at += left.shape[1]
        self._judge_windows(self._at - self._lag)

    def _skip(self, at: int) -> None:
        """Go on elsewhere; a window that was passed over counts as the original."""
        self._judge_windows(self._at)
        if self._windows and self._windows[0][0] < at:
            self.correlation = 1.0
        self._left, self._right = self._left[:, :0], self._right[:, :0]
        self._from = self._at = at

    def _kept(self, channel: int, size: int) -> NDArray[np.bool_]:
        settle = 0 if self.lossless else SETTLE_MS * self._rate // 1000
        keep = np.ones(size, np.bool_)
        for part in self.parts:
            if part.channel == channel:
                low, high = part.start - settle - self._at, part.end + settle - self._at
                keep[max(low, 0) : max(high, 0)] = False
        return keep

    def _error(self, left: Native, right: Native) -> float:
        """Error against signal in dB; anything but equal is total where nothing may be lost."""
        if self.lossless:
            return -200.0 if left.tobytes() == right.tobytes() else 0.0
        if len(left) < self._rate // 5:
            return -200.0
        signal = float(np.mean(np.square(as_float(left))))
        error = float(np.mean(np.square(as_float(left) - as_float(right))))
        return _db(error / max(signal, QUIET))

    def _judge_windows(self, until: int) -> None:
        """Judge the windows that end before ``until``, then forget what no other needs."""
        while self._windows and self._windows[0][1] <= until:
            self._judge(*self._windows.pop(0))
        first = min(self._windows[0][0] - self._lag if self._windows else self._at, self._at)
        drop = max(first - self._from, 0)
        self._left, self._right = self._left[:, drop:], self._right[:, drop:]
        self._from += drop

    def _judge(self, start: int, end: int, part: Patch) -> None:
        sound = self._right[part.channel, max(start - self._from, 0) : end - self._from].astype(np.float64)
        low = max(start - self._lag - self._from, 0)
        around = self._left[part.channel, low : end + self._lag - self._from]
        if not len(sound):
            return
        rest = sound - self._toned(sound, start, part)
        floor = COVERED if part.method is Method.NOISE else QUIET
        self.correlation = max(self.correlation, correlation(around, rest, sound, floor))
        loudness = _LOUDNESS.get(part.method) or max(float(np.mean(sound**2)), QUIET)
        self.rest_db = max(self.rest_db, _db(float(np.mean(rest**2)) / loudness))

    def _toned(self, sound: NDArray[np.float64], start: int, part: Patch) -> NDArray[np.float64]:
        """The tone that is in the sound, by least squares."""
        if part.method is not Method.TONE:
            return np.zeros_like(sound)
        place = np.arange(start, start + len(sound))
        phase = 2 * np.pi * self._tone.hz * (place - part.start) / self._rate
        swell = fade(part, place, rate=self._rate, tone=self._tone)
        basis = np.stack([swell * np.cos(phase), swell * np.sin(phase)])
        # einsum and not @, whose threads cost ten times the work on arrays so short.
        inner = np.einsum("in,jn->ij", basis, basis)
        weights = np.linalg.pinv(inner) @ np.einsum("in,n->i", basis, sound)
        return np.asarray(np.einsum("i,in->n", weights, basis))

    def finish(self, total: int = 0) -> None:
        """Judge what is left at the end; a window before ``total`` never heard counts as the original."""
        self._judge_windows(self._at + self._lag + 1)
        for start, end, part in self._windows:
            if start < self._at - self._lag:
                self._judge(start, end, part)
            elif self._at <= start < total:
                self.correlation = 1.0

    @property
    def inside_ok(self) -> bool:
        """Whether there is the tone in the cuts and nothing else."""
        return self.correlation <= CORRELATION and self.rest_db <= REST_DB

    @property
    def outside_ok(self) -> bool:
        """Whether what was heard beside the cuts is the original."""
        return self.outside_db <= OUTSIDE_DB


_LOUDNESS = {Method.SILENCE: 1.0, Method.NOISE: HUSHED}
"""What is heard in a cut is measured against this, where there is no tone to measure it against."""


def correlation(
    around: Float, rest: NDArray[np.float64], sound: NDArray[np.float64], floor: float = QUIET
) -> float:
    """Share of ``sound`` that is the original's at any lag, as amplitude; 1 if nothing was cut.

    ``rest`` is the sound without the tone, ``around`` the original with the lag to
    both sides.  Original below hearing counts as if at the edge of it, and sound below
    the floor as if at that: noise against noise would correlate by chance.
    """
    size = len(rest)
    if len(around) < size:
        around = np.pad(around, (0, size - len(around)))
    # Lags that wrap round lie behind those that are looked at; a length of small factors is fast.
    shift = max(len(around).bit_length() - 4, 0)
    length = -(-len(around) >> shift) << shift
    spectrum = np.fft.rfft(around, length) * np.conj(np.fft.rfft(rest, length))
    match = np.abs(np.fft.irfft(spectrum, length)[: len(around) - size + 1])
    summed = np.concatenate([[0.0], np.cumsum(np.square(around, dtype=np.float64))])
    there = np.sqrt(np.maximum(summed[size:] - summed[:-size], QUIET * size))
    here = np.sqrt(max(float(np.sum(np.square(sound))), floor * size))
    return float(np.max(match / (there * here)))


def _db(power: float) -> float:
    return 10 * float(np.log10(max(power, 1e-20)))
