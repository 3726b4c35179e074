"""The plain chain: what anybody would put together in an afternoon, to be held against ours.

faster-whisper with its stock settings, its voice filter and word times; Presidio
with its stock recognisers and usual entities over the transcript of each channel;
the words it marks are silenced from the start of the first to the end of the last.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import tldextract
from faster_whisper import WhisperModel
from numpy.typing import NDArray
from presidio_analyzer.predefined_recognizers import EmailRecognizer

from compliance.evaluate.cutters import Made
from compliance.evaluate.folder import Case
from compliance.evaluate.stock import stock_presidio
from compliance.evaluate.truth import CutSpan
from compliance.redact.media import decode

RATE = 16_000
"""Samples per second that Whisper takes."""
ENTITIES = (
    "CREDIT_CARD", "US_SSN", "PHONE_NUMBER", "EMAIL_ADDRESS", "PERSON", "LOCATION", "DATE_TIME",
    "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_ITIN", "US_PASSPORT", "IBAN_CODE",
)  # fmt: skip
_SUFFIXES = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
"""The public suffix list inside the package; stock Presidio fetches it from the internet."""


class _Email(EmailRecognizer):
    """Stock but for the fetching."""

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain ends in a public suffix."""
        return bool(_SUFFIXES(pattern_text).fqdn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One word as heard."""

    text: str = field(repr=False)
    start_ms: int
    end_ms: int


class PlainChain:
    """Whisper, then Presidio, both as they come."""

    name = "plain chain"
    decides = False

    def __init__(self, whisper: Path, spacy: Path) -> None:
        """Load both models from their folders."""
        self._whisper = WhisperModel(str(whisper), device="cpu", compute_type="int8")
        self._presidio = stock_presidio(spacy)
        self._presidio.registry.remove_recognizer("EmailRecognizer")
        self._presidio.registry.add_recognizer(_Email())

    def cut(self, case: Case) -> Made:
        """The cuts in a call; those of a mono one are for every channel."""
        channels = whole(case.path)
        return Made(
            cuts=tuple(
                cut
                for index, sound in enumerate(channels)
                for cut in self._channel(sound, index if len(channels) > 1 else None)
            )
        )

    def _channel(self, sound: NDArray[np.float32], channel: int | None) -> Iterator[CutSpan]:
        words = list(self._words(sound))
        text, starts = joined(words)
        for each in self._presidio.analyze(text, language="en", entities=list(ENTITIES)):
            first, last = words_between(starts, each.start, each.end)
            yield CutSpan(channel=channel, start_ms=words[first].start_ms, end_ms=words[last].end_ms)

    def _words(self, sound: NDArray[np.float32]) -> Iterator[Heard]:
        segments, _ = self._whisper.transcribe(sound, language="en", vad_filter=True, word_timestamps=True)
        for segment in segments:
            for word in segment.words or ():
                start_ms, end_ms = round(word.start * 1000), round(word.end * 1000)
                yield Heard(text=word.word.strip(), start_ms=start_ms, end_ms=end_ms)


def whole(path: Path) -> list[NDArray[np.float32]]:
    """Each channel of a recording at Whisper's rate, in one piece."""
    return list(np.concatenate(list(decode(path, rate=RATE)), axis=1))


def joined(words: Sequence[Heard]) -> tuple[str, list[int]]:
    """The transcript, and where in it each word begins."""
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word.text) + 1
    return " ".join(word.text for word in words), starts


def words_between(starts: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The first and the last word that a range of the transcript's characters touches."""
    return bisect.bisect_right(starts, start) - 1, bisect.bisect_left(starts, end) - 1
