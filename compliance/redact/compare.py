"""Whether a redacted recording is the original outside its cuts, and nothing of it inside.

Judged by the samples of the two files as anyone would decode them, not by what
``rewrite`` believes to have done.  Streaming; memory does not grow with length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.records import Cut, Method
from compliance.redact.audio import Patch, fade, patches
from compliance.redact.media import even
from compliance.redact.reader import Native, Reader, as_float
from compliance.redact.sniff import PCM
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

# Measured on telephone speech through Opus at 12 to 128 kbit/s, AAC and MP3 at 16 to 128, 8 to 48 kHz:
# a sound rewrite came to 0.016, -11 dB and -5.8 dB at worst, an encoder that let one side of the call
# be heard in the other to 0.08 at best, and what was not cut, or another recording, to 1, 0 and 0.
CORRELATION = 0.05
REST_DB = -8.0
OUTSIDE_DB = -3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was found, with the worst figure of each kind."""

    duration_equal: bool
    inside_ok: bool
    outside_ok: bool
    metadata_ok: bool
    """No tag, chapter, subtitle, attachment or cover art is left."""
    lossless: bool
    """Outside was judged bit for bit; otherwise by the error against the signal."""
    worst_inside_correlation: float
    """Share of the sound in a window that is the original's, as amplitude, 0 to 1."""
    worst_inside_rest_db: float
    """What is in a cut and is not the tone: in dB of the tone, or of full scale where it is silent."""
    worst_outside_db: float
    """Error in the worst second, in dB of the signal; -200 when equal."""

    @property
    def is_clean(self) -> bool:
        """Whether every question was answered well."""
        return self.duration_equal and self.inside_ok and self.outside_ok and self.metadata_ok


def compare(source: Path, target: Path, cuts: Sequence[Cut], *, tone: Tone) -> Comparison:
    """Hold ``target`` against ``source``: (1) form, (2) outside, (3) inside the cuts.

    Raises what ``probe`` raises of either file; a target that is merely wrong is
    not an error but a Comparison that is not clean.
    """
    with Reader(source) as original, Reader(target) as redacted:
        # (1) Another rate or number of channels is another recording.
        is_alike = (original.rate, original.channels) == (redacted.rate, redacted.channels)
        if not is_alike:
            return _nothing_alike(original)
        judge = _Judge(original, cuts, tone)
        is_equal = True
        for left, right in zip_longest(_seconds(original), _seconds(redacted)):
            is_equal = is_equal and left is not None and right is not None and left.shape == right.shape
            if left is not None and right is not None:
                size = min(left.shape[1], right.shape[1])
                judge.hear(left[:, :size], right[:, :size])
        return judge.verdict(duration_equal=is_equal, metadata_ok=redacted.is_bare())


def _seconds(reader: Reader) -> Iterator[Native]:
    return even(reader.blocks(), reader.rate)


def _nothing_alike(original: Reader) -> Comparison:
    return Comparison(
        duration_equal=False,
        inside_ok=False,
        outside_ok=False,
        metadata_ok=False,
        lossless=_is_lossless(original),
        worst_inside_correlation=1.0,
        worst_inside_rest_db=0.0,
        worst_outside_db=0.0,
    )


def _is_lossless(reader: Reader) -> bool:
    return reader.codec in PCM or reader.codec == "flac"


class _Judge:
    """Hears both files second by second and keeps the worst of each figure."""

    def __init__(self, original: Reader, cuts: Sequence[Cut], tone: Tone) -> None:
        self._rate, self._tone = original.rate, tone
        self._lossless = _is_lossless(original)
        self._parts = patches(cuts, rate=original.rate, channels=original.channels)
        self._windows = sorted(window for part in self._parts for window in self._split(part))
        self._lag = LAG_MS * original.rate // 1000
        self._left = self._right = np.zeros((original.channels, 0), np.float32)
        self._from = self._at = 0
        self._outside_db, self._correlation, self._rest_db = -200.0, 0.0, -200.0

    def _split(self, part: Patch) -> list[tuple[int, int, Patch]]:
        """The patch in windows of even length, less the margins that a codec smears."""
        margin = 0 if self._lossless else MARGIN_MS * self._rate // 1000
        margin = min(margin, (part.end - part.start) // 4)
        low, high = part.start + margin, part.end - margin
        count = max(1, (high - low) * 1000 // (WINDOW_MS * self._rate))
        edges = [low + (high - low) * each // count for each in range(count + 1)]
        return [(start, end, part) for start, end in pairwise(edges)]

    def hear(self, left: Native, right: Native) -> None:
        """Take in the next second of both."""
        for channel in range(left.shape[0]):
            keep = self._kept(channel, left.shape[1])
            error = self._error(left[channel, keep], right[channel, keep])
            self._outside_db = max(self._outside_db, error)
        self._left = np.concatenate([self._left, as_float(left)], axis=1)
        self._right = np.concatenate([self._right, as_float(right)], axis=1)
        self._at += left.shape[1]
        self._judge_windows(self._at - self._lag)

    def _kept(self, channel: int, size: int) -> NDArray[np.bool_]:
        settle = 0 if self._lossless else SETTLE_MS * self._rate // 1000
        keep = np.ones(size, np.bool_)
        for part in self._parts:
            if part.channel == channel:
                low, high = part.start - settle - self._at, part.end + settle - self._at
                keep[max(low, 0) : max(high, 0)] = False
        return keep

    def _error(self, left: Native, right: Native) -> float:
        """Error against signal in dB; anything but equal is total where nothing may be lost."""
        if self._lossless:
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
        self._correlation = max(self._correlation, correlation(around, rest, sound))
        loudness = 1.0 if part.method is Method.SILENCE else max(float(np.mean(sound**2)), QUIET)
        self._rest_db = max(self._rest_db, _db(float(np.mean(rest**2)) / loudness))

    def _toned(self, sound: NDArray[np.float64], start: int, part: Patch) -> NDArray[np.float64]:
        """The tone that is in the sound, by least squares."""
        if part.method is Method.SILENCE:
            return np.zeros_like(sound)
        place = np.arange(start, start + len(sound))
        phase = 2 * np.pi * self._tone.hz * (place - part.start) / self._rate
        swell = fade(part, place, rate=self._rate, tone=self._tone)
        basis = np.stack([swell * np.cos(phase), swell * np.sin(phase)])
        # einsum and not @, whose threads cost ten times the work on arrays so short.
        inner = np.einsum("in,jn->ij", basis, basis)
        weights = np.linalg.pinv(inner) @ np.einsum("in,n->i", basis, sound)
        return np.asarray(np.einsum("i,in->n", weights, basis))

    def verdict(self, *, duration_equal: bool, metadata_ok: bool) -> Comparison:
        """The figures, judged, once both files have been heard to their ends."""
        self._judge_windows(self._at + self._lag + 1)
        return Comparison(
            duration_equal=duration_equal,
            inside_ok=self._correlation <= CORRELATION and self._rest_db <= REST_DB,
            outside_ok=self._outside_db <= OUTSIDE_DB and duration_equal,
            metadata_ok=metadata_ok,
            lossless=self._lossless,
            worst_inside_correlation=self._correlation,
            worst_inside_rest_db=self._rest_db,
            worst_outside_db=self._outside_db,
        )


def correlation(around: Float, rest: NDArray[np.float64], sound: NDArray[np.float64]) -> float:
    """Share of ``sound`` that is the original's at any lag, as amplitude; 1 if nothing was cut.

    ``rest`` is the sound without the tone, ``around`` the original with the lag to
    both sides.  Sound and original below hearing count as if at the edge of it:
    noise against noise would correlate by chance.
    """
    size = len(rest)
    if len(around) < size:
        around = np.pad(around, (0, size - len(around)))
    length = 1 << (len(around) + size - 1).bit_length()
    spectrum = np.fft.rfft(around, length) * np.conj(np.fft.rfft(rest, length))
    match = np.abs(np.fft.irfft(spectrum, length)[: len(around) - size + 1])
    summed = np.concatenate([[0.0], np.cumsum(np.square(around, dtype=np.float64))])
    there = np.sqrt(np.maximum(summed[size:] - summed[:-size], QUIET * size))
    here = np.sqrt(max(float(np.sum(np.square(sound))), QUIET * size))
    return float(np.max(match / (there * here)))


def _db(power: float) -> float:
    return 10 * float(np.log10(max(power, 1e-20)))
