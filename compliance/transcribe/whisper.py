"""The speech recogniser: faster-whisper.  The only module that imports it.

The model is loaded at first use, so that a worker loads it after its fork and
once only.  Windows of several channels are decoded in one batch; the voice
filter stays off, since it drops short answers ("four one nine") whole.  Short
windows are not encoded as if they were half a minute long.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.vad import VadOptions, get_speech_timestamps

from compliance.errors import ModelAltered
from compliance.records import Span, joined
from compliance.transcribe.heard import Heard, HeardWord
from compliance.transcribe.voice import passed_over
from compliance.transcribe.windows import RATE, Samples, Window

logging.getLogger("faster_whisper").setLevel(logging.ERROR)


BEAM = 5
"""Readings that are followed side by side."""
FRAMES_A_SECOND = 100
"""The encoder's features for each second of sound."""
SHORT_S, LEAST_S = 10, 10
"""Windows no longer than the first are not encoded as 30 s, but as the second or a little more."""
SILENCE_S = 4
"""So much silence stands behind a short window.  It tells the recogniser where the window ends: with a
second or two it repeats itself."""

TOKENS, TOKENS_A_SECOND = 20, 16
"""A short window is given no more than this, twice what the fastest digits take: a loop ends there."""
VOICE, FAINT = 0.3, 0.1
"""From so much on the detector's probability counts as voice; where sound is loud, from less on."""
WHISPERED = 0.15
"""Loud sound of which so much is faint voice is all of it voice."""


class _Listening(WhisperModel):  # type: ignore[misc]  # the library carries no types
    """The model, noting each window's language from the encoding that decoding needs anyway."""

    heard: list[tuple[str, float]]
    frames: list[int]
    """How many features each window has, of all that are being read."""

    def encode(self, features: np.ndarray) -> Any:
        """Encode a batch of windows."""
        frames = self.frames[len(self.heard) : len(self.heard) + len(features)]
        encoded = super().encode(shortened(features, frames))
        if self.model.is_multilingual:
            self.heard += [
                (best[0][0][2:-2], float(best[0][1])) for best in self.model.detect_language(encoded)
            ]
        else:
            self.heard += [("en", 1.0)] * len(features)
        return encoded


def shortened(features: np.ndarray, frames: Sequence[int]) -> np.ndarray:
    """Features (window, band, frame) of short windows with silence behind them, no more than reading takes.

    What stands there otherwise, zeros, is no silence but a hiss.  A batch with a long window stays as it is.
    """
    longest = max(frames)
    if longest > SHORT_S * FRAMES_A_SECOND:
        return features
    encoded = max(LEAST_S * FRAMES_A_SECOND, longest + longest % 2 + SILENCE_S * FRAMES_A_SECOND)
    kept = features[..., :encoded].copy()
    for window, count in zip(kept, frames, strict=True):
        window[:, count:] = window[:, : max(1, count)].min()
    return kept


def most_tokens(frames: int) -> int | None:
    """How many tokens may be written for windows of so many features; None: as many as the model can."""
    if frames > SHORT_S * FRAMES_A_SECOND:
        return None
    return TOKENS + TOKENS_A_SECOND * frames // FRAMES_A_SECOND


class Whisper:
    """A recogniser over one folder of weights."""

    def __init__(self, folder: Path, *, threads: int = 0, batch_size: int = 4, beam: int = BEAM) -> None:
        """Nothing is loaded yet."""
        self._folder = folder
        self._beam = beam
        self._threads = threads or len(os.sched_getaffinity(0))
        self.batch_size = batch_size

    @cached_property
    def _model(self) -> _Listening:
        """The weights, loaded at first use.

        Raises:
            ModelAltered: the folder does not hold a model.
        """
        try:
            model = _Listening(
                str(self._folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self._threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelAltered(f"the speech model in {self._folder.name} cannot be loaded") from error
        model.heard, model.frames = [], []
        return model

    def otherwise(self) -> Whisper:
        """The same weights, decoded greedily: it drops fewer words where it is unsure, and errs elsewhere."""
        other = Whisper(self._folder, threads=self._threads, batch_size=self.batch_size, beam=1)
        other.__dict__["_model"] = self._model
        return other

    def load(self) -> None:
        """Load the weights now, so that the first recording does not wait for them."""
        _ = self._model

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The words of each window, in its own time."""
        if not windows:
            return []
        model, clips, at_s = self._model, [], 0.0
        model.heard.clear()
        model.frames = [len(window.samples) * FRAMES_A_SECOND // RATE for window in windows]
        for window in windows:
            clips.append({"start": at_s, "end": at_s + len(window.samples) / RATE})
            at_s = clips[-1]["end"]
        segments, _ = BatchedInferencePipeline(model).transcribe(
            np.concatenate([window.samples for window in windows]),
            language="en",
            beam_size=self._beam,
            word_timestamps=True,
            vad_filter=False,
            clip_timestamps=clips,
            batch_size=self.batch_size,
            max_new_tokens=most_tokens(max(model.frames)),
        )
        words: list[list[HeardWord]] = [[] for _ in windows]
        for segment in segments:
            place = _place(clips, segment.start, segment.end)
            words[place] += _heard(segment.words or (), clips[place]["start"])
        return [
            Heard(words=tuple(w), language=language, language_probability=p)
            for w, (language, p) in zip(words, model.heard, strict=True)
        ]

    def voiced(self, samples: Samples) -> tuple[Span, ...]:
        """Where a voice is heard in a stretch of sound, by Silero's detector; loose rather than strict.

        Sound that is loud and no voice to it is looked into once more, for a whisper: of that the
        detector is sure for a moment here and there.
        """
        plain = _speech(samples, VOICE)
        loud = passed_over(plain, samples)
        faint = _speech(samples, FAINT) if loud else []
        return joined([*plain, *(each for each in loud if _share(each, faint) >= WHISPERED)])


def _speech(samples: Samples, threshold: float) -> list[Span]:
    """What Silero's detector takes for speech from a probability on."""
    options = VadOptions(
        threshold=threshold, min_speech_duration_ms=60, min_silence_duration_ms=150, speech_pad_ms=0
    )
    return [
        Span(start_ms=each["start"] * 1000 // RATE, end_ms=each["end"] * 1000 // RATE)
        for each in get_speech_timestamps(samples, options)
    ]


def _share(span: Span, voice: Iterable[Span]) -> float:
    """How much of a span is voice."""
    silent = sum(each.length_ms for each in span.without(voice))
    return 1 - silent / span.length_ms


def _place(clips: Sequence[dict[str, float]], start_s: float, end_s: float) -> int:
    """The window in which most of a segment lies."""
    return max(range(len(clips)), key=lambda i: min(end_s, clips[i]["end"]) - max(start_s, clips[i]["start"]))


def _heard(words: Iterable[Any], offset_s: float) -> Iterator[HeardWord]:
    """The pieces of a segment in their window's own time."""
    for each in words:
        if each.word.strip():
            yield HeardWord(
                start_ms=round((each.start - offset_s) * 1000),
                end_ms=round((each.end - offset_s) * 1000),
                confidence=each.probability,
                text=each.word.strip(),
                continues=not each.word.startswith(" "),
            )
