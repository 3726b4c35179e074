"""One party heard in the other's channel: whether it is so, and which words are such copies.

A caller who leaks into the agent's channel 30 dB down is read there in full by
a recogniser, and heard there by anyone.  It is a property of the call and of a
direction: over all of one party's speech the two channels correlate at one lag,
or they do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, permutations

import numpy as np
import numpy.typing as npt

from compliance.records import Span, Word
from compliance.transcribe.windows import FRAME_MS, RATE, Samples, levels

LONGEST_LAG_MS = 250
"""An echo comes back no later than this."""
LOUDER_DB = 12.0
"""A party leaks where it is this much louder on its own channel."""
PEAK_OVER_BACKGROUND = 14.0
"""The correlation's peak over its median; without leakage it stays under 9, with it it is over 70."""
LOWEST_HZ, HIGHEST_HZ = 300, 3_400
"""The telephone band; outside it there is hum, or nothing but rounding, and both correlate."""
SPEECH_DBFS = -50.0
"""Only what is this loud on its own channel is correlated."""

QUIET_DB = 32.0
"""A channel with less between its loudest and its quietest moments is never quiet."""
BACKGROUND_DB = 8.0
"""What lies no further above the quietest tenth of such a channel is its noise."""
GUESSED = 0.6
"""Words of less confidence may be guesses at noise."""


SMOOTH = 5
"""Frames, over which two recorders of one voice are as loud as each other."""
ALIKE_DB = 6.0
ALIKE_SHARE = 0.9
"""Two channels that are so close in so much of their sound, and correlate so well, carry the same."""
SILENT_DBFS = -70.0
STEADY_DB = 1.0
"""A level that moves less is a hum, and tells nothing."""


class Crosstalk:
    """Listens for leakage between channels as a recording streams by; with one there is none."""

    def __init__(self, *, channels: int, slack_ms: int = 0) -> None:
        """Nothing heard yet; the times of two channels may be off against each other by ``slack_ms``."""
        self._pairs = tuple(permutations(range(channels), 2))
        self._slack = slack_ms * RATE // 1000
        self._spectra: dict[tuple[int, int], npt.NDArray[np.complex128]] = {}
        self._levels: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(channels)]
        self._joined: list[npt.NDArray[np.float32]] | None = None
        self._ranges: dict[int, tuple[float, float]] = {}

    def add(self, block: Samples) -> None:
        """Take the next samples (channels, n); blocks of a second each or so."""
        if not self._pairs:
            return
        level = [levels(channel) for channel in block]
        for own, one in zip(self._levels, level, strict=True):
            own.append(one)
        for speaker, other in self._pairs:
            loud = (level[speaker] > SPEECH_DBFS) & (level[speaker] > level[other] + LOUDER_DB)
            if loud.sum() * FRAME_MS >= 200:
                self._correlate(speaker, other, block, loud)

    def _correlate(self, speaker: int, other: int, block: Samples, loud: npt.NDArray[np.bool_]) -> None:
        """Add the whitened cross-spectrum of the frames in which only the speaker is loud."""
        mask = np.repeat(loud, RATE * FRAME_MS // 1000)[: block.shape[1]]
        size = 2 * RATE
        # Only the speaker is masked: the edges of a mask on both would correlate by themselves.
        spoken = np.fft.rfft(np.diff(block[speaker], append=0.0) * mask, size)
        heard = np.fft.rfft(np.diff(block[other], append=0.0), size)
        cross = heard * np.conj(spoken)
        cross /= np.abs(cross) + 1e-12
        cross[: LOWEST_HZ * 2] = 0
        cross[HIGHEST_HZ * 2 :] = 0
        kept = self._spectra.get((speaker, other))
        self._spectra[speaker, other] = cross if kept is None else kept + cross

    def hears(self, channel: int) -> tuple[int, ...]:
        """The channels whose speaker is heard in this one."""
        return tuple(
            s
            for (s, other) in sorted(self._spectra)
            if other == channel and self.peak(s, other) >= PEAK_OVER_BACKGROUND
        )

    def peak(self, speaker: int, other: int) -> float:
        """The correlation's peak over its background, within the lags that an echo may have."""
        cross = self._spectra.get((speaker, other))
        if cross is None:
            return 0.0
        correlation = np.abs(np.fft.irfft(cross))
        lag = LONGEST_LAG_MS * RATE // 1000
        # What comes early, by a clock that is off, stands at the end.
        near = np.roll(correlation, self._slack)[: lag + 2 * self._slack]
        return float(near.max() / (np.median(correlation) + 1e-12))

    def alike(self, files: Sequence[int]) -> tuple[int, int] | None:
        """Two channels of different files that carry the same voices; ``files`` tells each channel's file."""
        pairs = (pair for pair in combinations(range(len(files)), 2) if files[pair[0]] != files[pair[1]])
        return next((pair for pair in pairs if self._is_alike(*pair)), None)

    def _is_alike(self, one: int, other: int) -> bool:
        """Whether two channels are loud at the same times, and as loud; a leak is far softer."""
        left, right = (self._smooth(each) for each in (one, other))
        most = self._slack * 1000 // RATE // FRAME_MS
        return any(
            _is_same(left[max(0, shift) :], right[max(0, -shift) :]) for shift in range(-most, most + 1)
        )

    def _smooth(self, channel: int) -> npt.NDArray[np.float64]:
        """The level of a channel over a tenth of a second round each frame, dBFS."""
        self.level(channel, Span(start_ms=0, end_ms=0))
        frames = self._joined[channel] if self._joined else np.zeros(1, np.float32)
        power = np.convolve(10 ** (frames / 10), np.ones(SMOOTH) / SMOOTH, mode="same")
        return np.asarray(10 * np.log10(np.maximum(power, 1e-12)))

    def level(self, channel: int, span: Span) -> float:
        """The level of a channel over a span, dBFS."""
        if self._joined is None:
            self._joined = [
                np.concatenate(each) if each else np.zeros(1, np.float32) for each in self._levels
            ]
        first, last = span.start_ms // FRAME_MS, max(span.start_ms // FRAME_MS + 1, span.end_ms // FRAME_MS)
        part = self._joined[channel][first:last]
        return float(10 * np.log10(np.mean(10 ** (part / 10)))) if len(part) else -120.0

    def is_background(self, channel: int, span: Span) -> bool:
        """Whether a span holds no more than the noise of a loud room, which is read as words, too.

        Only where a channel is never quiet; where it is, what is soft may be a whisper.
        """
        if not self._pairs:
            return False
        floor, loud = self._range(channel)
        return loud - floor < QUIET_DB and self.level(channel, span) < floor + BACKGROUND_DB

    def _range(self, channel: int) -> tuple[float, float]:
        """The quietest tenth and the loudest of a channel, dBFS."""
        if channel not in self._ranges:
            self.level(channel, Span(start_ms=0, end_ms=0))
            frames = self._joined[channel] if self._joined else np.zeros(1, np.float32)
            low, high = (float(each) for each in np.percentile(frames, (10, 95)))
            self._ranges[channel] = (low, high)
        return self._ranges[channel]

    def is_copy(self, channel: int, span: Span) -> bool:
        """Whether what is heard in a span of a channel is the other party, leaking."""
        return any(self.level(s, span) - self.level(channel, span) >= LOUDER_DB for s in self.hears(channel))

    def own_words(self, words: Iterable[Word]) -> list[Word]:
        """The words that were said on their channel, not those that leaked into it."""
        return [word for word in words if not self._is_foreign(word)]

    def _is_foreign(self, word: Word) -> bool:
        """Whether a word leaked from another channel, or is a guess at the noise of a room."""
        span = Span(start_ms=word.start_ms, end_ms=word.end_ms)
        is_guess = word.confidence < GUESSED and self.is_background(word.channel, span)
        return is_guess or self.is_copy(word.channel, span)

    def own_voice(self, channel: int, voice: Sequence[Span]) -> list[Span]:
        """The voice of a channel's own party."""
        return [
            span
            for span in voice
            if not self.is_copy(channel, span) and not self.is_background(channel, span)
        ]


def _is_same(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> bool:
    """Whether two levels rise and fall together, and what sounds on either is as loud on the other.

    Two quiet lines are as loud as each other, and a leak rises with its voice; neither is the same.
    """
    size = min(len(left), len(right))
    left, right = (np.maximum(each[:size], SILENT_DBFS) for each in (left, right))
    sounds = (left > SPEECH_DBFS) | (right > SPEECH_DBFS)
    if not sounds.any() or min(left.std(), right.std()) < STEADY_DB:
        return False
    is_as_loud = np.mean(np.abs(left - right)[sounds] < ALIKE_DB) >= ALIKE_SHARE
    return bool(is_as_loud and np.corrcoef(left, right)[0, 1] >= ALIKE_SHARE)
