"""Recordings probed and decoded; with ``reader`` and ``rewrite``, the edge to FFmpeg through PyAV."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame

from compliance.errors import AudioSilent
from compliance.records import Source, Span
from compliance.redact.examiner import Examiner
from compliance.redact.reader import Reader
from compliance.redact.samples import Native, as_float
from compliance.redact.sniff import CONTAINERS
from compliance.redact.tape import patchwork, strip_of
from compliance.redact.tone import Float

__all__ = ["CONTAINERS", "decode", "envelope", "even", "probe"]

SILENT = 10 / 2**15
"""Peak, -70 dBFS, below which a file holds no sound.  A-law has no zero: its silence is 8 of 32,768."""


def probe(path: Path) -> Source:
    """What the file is, read to its end: duration to the millisecond, SHA-256 of its bytes.

    Raises MediaEmpty, MediaUnreadable, MediaTruncated, MediaUnsupported, NoAudio,
    TooManyChannels or AudioSilent.  It decodes all of it, since FFmpeg finds out
    that a file breaks off only on getting there.
    """
    with Reader(path) as reader:
        examined = Examiner(reader.rate, reader.channels)
        for block in reader.blocks():
            examined.hear(as_float(block))
        if examined.peak < SILENT:
            raise AudioSilent("nothing but silence was recorded")
        return Source(
            index=0,
            sha256=_sha256(path),
            size_bytes=path.stat().st_size,
            container=reader.container.name,
            codec=reader.codec,
            rate=reader.rate,
            channels=reader.channels,
            duration_ms=round(examined.total * 1000 / reader.rate),
            health=examined.health(reader.gaps, reader.late),
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def decode(
    path: Path, *, rate: int | None = None, block_ms: int = 1000, only: Sequence[Span] | None = None
) -> Iterator[Float]:
    """Blocks (channels, n) of ``block_ms`` each, the last one shorter; at ``rate`` if given.

    Where ``only`` some stretches are wanted, the rest may be zeros: it costs less.  Memory
    does not grow with the length.  Raises what ``probe`` raises, bar AudioSilent.
    """
    with Reader(path) as reader, ExitStack() as stack:
        strip = None if only is None else stack.enter_context(strip_of(path))
        samples: Iterator[Float] = (as_float(block) for block in reader.blocks())
        if strip:
            edges = [(each.start_ms, each.end_ms) for each in only or ()]
            spans = [(start * reader.rate // 1000, end * reader.rate // 1000) for start, end in edges]
            tape = stack.enter_context(strip.tape())
            samples = patchwork(tape, reader.channels, spans)
        if rate and rate != reader.rate:
            samples = _resampled(samples, reader.rate, rate)
        yield from even(samples, (rate or reader.rate) * block_ms // 1000)


def _resampled(blocks: Iterator[Float], source: int, target: int) -> Iterator[Float]:
    resampler: av.AudioResampler | None = None
    for block in blocks:
        name = "mono" if block.shape[0] == 1 else "stereo"
        resampler = resampler or av.AudioResampler(format="fltp", layout=name, rate=target)
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=name)
        frame.sample_rate = source
        yield from (as_float(each.to_ndarray()) for each in resampler.resample(frame))
    if resampler:
        yield from (as_float(each.to_ndarray()) for each in resampler.resample(None))


def even(blocks: Iterator[Native], size: int) -> Iterator[Native]:
    """The same samples in blocks of exactly ``size``, all but the last."""
    held: Native | None = None
    for block in blocks:
        held = block if held is None else np.concatenate([held, block], axis=1)
        while held.shape[1] >= size:
            yield held[:, :size]
            held = held[:, size:]
    if held is not None and held.shape[1]:
        yield held


def envelope(path: Path, buckets: int) -> Float:
    """Peaks (channels, buckets) over the whole length, 0 to 1, for drawing.

    To be made of the redacted file only: peaks of the original give away a PIN's rhythm.
    """
    step = [np.abs(part).max(axis=1) for block in decode(path, block_ms=1000) for part in _tenths(block)]
    peaks = np.stack(step, axis=1)
    edges = np.linspace(0, peaks.shape[1], buckets + 1)
    spans = [(int(low), max(int(np.ceil(high)), int(low) + 1)) for low, high in pairwise(edges)]
    return np.stack([peaks[:, low:high].max(axis=1) for low, high in spans], axis=1)


def _tenths(block: Float) -> list[Float]:
    """A block in parts of about ten milliseconds, coarse enough to keep hours of."""
    return np.array_split(block, min(100, block.shape[1]), axis=1)
