"""The recogniser and nothing else: what the whole is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from faster_whisper import WhisperModel

from compliance.evaluate.baseline import whole
from compliance.redact.media import decode
from compliance.transcribe.heard import Recogniser
from compliance.transcribe.windows import RATE, Cutter, Packer, Packing, Window

Timed = Callable[[Callable[[], object]], dict[str, float]]


def windows(call: Path, recogniser: Recogniser) -> None:
    """Decode, cut and pack as the pipeline does, and read every window in batches."""
    waiting = _windows(call)
    while batch := list(islice(waiting, recogniser.batch_size)):
        recogniser.read(batch)


def _windows(call: Path) -> Iterator[Window]:
    packing = Packing()
    ears: list[tuple[Cutter, Packer]] = []
    for block in decode(call, rate=RATE):
        ears = ears or [(Cutter(packing), Packer(packing)) for _ in block]
        for (cutter, packer), channel in zip(ears, block, strict=True):
            for stretch in cutter.add(channel):
                yield from packer.add(stretch)
    for cutter, packer in ears:
        for stretch in cutter.finish():
            yield from packer.add(stretch)
        yield from packer.finish()


def stock(call: Path, folder: Path, timed: Timed) -> dict[str, float]:
    """faster-whisper as it comes: each channel whole, beam 5, word times, no voice filter."""
    model = WhisperModel(str(folder), device="cpu", compute_type="int8")

    def read() -> None:
        for channel in whole(call):
            segments, _ = model.transcribe(
                channel, language="en", beam_size=5, word_timestamps=True, vad_filter=False
            )
            for _ in segments:
                pass

    return timed(read)
