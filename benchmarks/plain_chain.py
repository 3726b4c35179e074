"""The baseline: what anybody would chain together in an afternoon.

    python -m benchmarks.plain_chain CALL... --whisper FOLDER --spacy FOLDER --out FOLDER

faster-whisper with its stock settings, its voice filter and word times; Presidio
with its stock recognisers and usual entities over the transcript of each channel;
the words it marks are silenced from the start of the first to the end of the last.
Writes ``<name>.json`` with ``cuts`` in a manifest's shape and ``seconds`` taken, so
that benchmarks/score.py reads both alike.
"""

from __future__ import annotations

import argparse
import bisect
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from benchmarks.stock import stock_presidio

RATE = 16_000
"""Samples per second that Whisper takes."""
ENTITIES = (
    "CREDIT_CARD", "US_SSN", "PHONE_NUMBER", "EMAIL_ADDRESS", "PERSON", "LOCATION", "DATE_TIME",
    "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_ITIN", "US_PASSPORT", "IBAN_CODE",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word as heard, with its place in its channel's transcript."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A stretch to silence."""

    source: int
    channel: int | None
    start_ms: int
    end_ms: int
    method: str
    why: str
    findings: tuple[str, ...] = ()


class PlainChain:
    """Whisper, then Presidio, both as they come."""

    def __init__(self, whisper: Path, spacy: Path) -> None:
        """Load both models from their folders."""
        self._whisper = WhisperModel(str(whisper), device="cpu", compute_type="int8")
        self._presidio = stock_presidio(spacy)

    def cuts(self, path: Path) -> list[Cut]:
        """The cuts of a recording; those of a mono one are for every channel."""
        channels = decode(path)
        return [
            cut
            for index, sound in enumerate(channels)
            for cut in self._channel(sound, index if len(channels) > 1 else None)
        ]

    def _channel(self, sound: NDArray[np.float32], channel: int | None) -> Iterator[Cut]:
        words = list(self._words(sound))
        text, starts = joined(words)
        found = self._presidio.analyze(text, language="en", entities=list(ENTITIES))
        for each in sorted(found, key=lambda result: int(result.start)):
            first, last = words_between(starts, each.start, each.end)
            yield Cut(
                source=0,
                channel=channel,
                start_ms=words[first].start_ms,
                end_ms=words[last].end_ms,
                method="silence",
                why=str(each.entity_type),
            )

    def _words(self, sound: NDArray[np.float32]) -> Iterator[Word]:
        segments, _ = self._whisper.transcribe(sound, language="en", vad_filter=True, word_timestamps=True)
        for segment in segments:
            for word in segment.words or ():
                yield Word(
                    text=word.word.strip(), start_ms=round(word.start * 1000), end_ms=round(word.end * 1000)
                )


def decode(path: Path) -> list[NDArray[np.float32]]:
    """Each channel of the recording at Whisper's rate."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=RATE)
        frames = [frame for packet in container.decode(stream) for frame in resampler.resample(packet)]
        frames += resampler.resample(None)
    sound = np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.float32)
    return list(sound)


def joined(words: Sequence[Word]) -> tuple[str, list[int]]:
    """The transcript, and where in it each word begins."""
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word.text) + 1
    return " ".join(word.text for word in words), starts


def words_between(starts: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """The first and the last word that a range of the transcript's characters touches."""
    return bisect.bisect_right(starts, start) - 1, bisect.bisect_left(starts, end) - 1


def write(path: Path, cuts: Iterable[Cut], *, seconds: float) -> None:
    """Write the cuts as JSON."""
    document = {"cuts": [asdict(cut) for cut in cuts], "seconds": round(seconds, 2)}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Read the arguments and write the cuts of every call."""
    parser = argparse.ArgumentParser(description="Cuts of the plain chain.")
    parser.add_argument("calls", type=Path, nargs="+")
    parser.add_argument("--whisper", type=Path, required=True, help="folder of Whisper base, CTranslate2")
    parser.add_argument("--spacy", type=Path, required=True, help="folder of en_core_web_sm")
    parser.add_argument("--out", type=Path, required=True, help="folder for <name>.json")
    parser.add_argument("--name", help="name of the only call, if not its file's")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    chain = PlainChain(arguments.whisper, arguments.spacy)
    for call in arguments.calls:
        began = time.perf_counter()
        cuts = chain.cuts(call)
        seconds = time.perf_counter() - began
        write(arguments.out / f"{arguments.name or call.stem}.json", cuts, seconds=seconds)
        print(f"{call.name}: {len(cuts)} cuts in {seconds:.1f} s")


if __name__ == "__main__":
    main()
