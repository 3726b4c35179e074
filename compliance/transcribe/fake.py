"""A recogniser without weights, for tests: every word of a small vocabulary is a tone of its own pitch.

It truly listens.  What a cut replaced it does not hear any more, and what a cut
left over it does, so that a whole run can be tested in a second, verification
included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from compliance.records import Span, Word
from compliance.transcribe.heard import Heard, HeardWord
from compliance.transcribe.windows import FRAME, FRAME_MS, RATE, Samples, Window, levels

LOWEST_HZ = 1_200
"""The first word's pitch, above the tone that cuts are filled with."""
STEP_HZ = 30
LOUD_DBFS = -45.0
SHORTEST_FRAMES = 3
"""Fewer frames of one pitch are the edge of a word, not a word."""
LONGEST_INNER_GAP_MS = 150
_PADDED = 4_096
"""Points of the transform; more than a frame has, so that pitches are told apart."""


def pitch(vocabulary: Sequence[str], text: str) -> int:
    """The pitch of a word in Hz; ValueError for one that is not in the vocabulary."""
    return LOWEST_HZ + STEP_HZ * vocabulary.index(text)


def spoken(vocabulary: Sequence[str], words: Iterable[Word], *, length_ms: int, rate: int = RATE) -> Samples:
    """The sound of one channel on which some words are said.  Two in a row want 60 ms between them."""
    samples = np.zeros(length_ms * rate // 1000, np.float32)
    for word in words:
        first, last = word.start_ms * rate // 1000, word.end_ms * rate // 1000
        at = np.arange(last - first)
        swell = np.minimum(1.0, np.minimum(at, at[::-1]) / (rate * 0.005))
        samples[first:last] = 0.3 * swell * np.sin(2 * np.pi * pitch(vocabulary, word.text) * at / rate)
    return samples


class FakeRecogniser:
    """Hears the words of its vocabulary where ``spoken`` said them."""

    def __init__(self, vocabulary: Sequence[str], *, language: str = "en", batch_size: int = 4) -> None:
        """``language`` is what every window sounds like to it."""
        self._vocabulary = tuple(vocabulary)
        self._language = language
        self.batch_size = batch_size
        self.heard_ms = 0
        """How much sound it was given to read so far."""

    def load(self) -> None:
        """Nothing to load."""

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window, in its own time."""
        self.heard_ms += sum(window.length_ms for window in windows)
        return [
            Heard(words=tuple(self._words(w.samples)), language=self._language, language_probability=1.0)
            for w in windows
        ]

    def otherwise(self) -> FakeRecogniser:
        """Itself: it has one way to hear."""
        return self

    def voiced(self, samples: Samples) -> tuple[Span, ...]:
        """Where anything sounds, whether or not it is a word."""
        out: list[Span] = []
        for first, last, _ in _runs(np.where(levels(samples) > LOUD_DBFS, 0, -1)):
            span = Span(start_ms=first * FRAME_MS, end_ms=last * FRAME_MS)
            if out and span.start_ms - out[-1].end_ms <= LONGEST_INNER_GAP_MS:
                out[-1] = Span(start_ms=out[-1].start_ms, end_ms=span.end_ms)
            else:
                out.append(span)
        return tuple(out)

    def _words(self, samples: Samples) -> Iterator[HeardWord]:
        """Stretches of one pitch that are long enough."""
        for first, last, n in _runs(self._numbers(samples)):
            if last - first >= SHORTEST_FRAMES:
                yield HeardWord(
                    start_ms=first * FRAME_MS,
                    end_ms=last * FRAME_MS,
                    confidence=0.9,
                    text=self._vocabulary[n],
                )

    def _numbers(self, samples: Samples) -> npt.NDArray[np.intp]:
        """The number of the word in each frame, -1 where there is none."""
        level = levels(samples)
        padded = np.zeros(len(level) * FRAME, np.float32)
        padded[: len(samples)] = samples
        spectrum = np.abs(np.fft.rfft(padded.reshape(-1, FRAME) * np.hanning(FRAME), _PADDED))
        steps = (spectrum.argmax(axis=1) * RATE / _PADDED - LOWEST_HZ) / STEP_HZ
        number = np.round(steps).astype(np.intp)
        is_word = (level > LOUD_DBFS) & (np.abs(steps - number) < 0.3)
        return np.where(is_word & (number >= 0) & (number < len(self._vocabulary)), number, -1)


def _runs(numbers: npt.NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    """First frame, frame after the last, and number of every stretch of one number that is not -1."""
    edges = np.flatnonzero(np.diff(numbers)) + 1
    for first, last in zip([0, *edges], [*edges, len(numbers)], strict=True):
        if last > first and numbers[first] >= 0:
            yield int(first), int(last), int(numbers[first])
