"""Parts of an Opus recording decoded, and no more than those; an edge to FFmpeg through PyAV."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.packet import Packet

from compliance.errors import MediaTruncated
from compliance.redact import opus
from compliance.redact.pace import Pace, pace_of, runs
from compliance.redact.reader import Reader, as_float
from compliance.redact.tone import Float

WARM_MS = 300
"""So much is decoded before what is wanted: started anywhere, a decoder is near after 80 ms (RFC 7845)
and has halved what is left of the error with every packet since."""

_ALIKE = 1e-3
"""Two decoders of the same packets differ by no more than rounding."""


def paced(path: Path) -> Pace | None:
    """The pace of a recording whose packets can be copied, or None.

    (1) By its packets; (2) the places of its samples are those that ``Reader`` gives
    them, by the first second, which is decoded both ways.
    """
    # (1) Read to its end, decoded nowhere.
    with Reader(path) as reader:
        pace = pace_of(reader)
    if pace is None:
        return None
    # (2) A cut must not be elsewhere by the one clock than by the other.
    with Reader(path) as one, Reader(path) as other:
        heard = as_float(next(one.blocks()))
        at, block = next(Tape(other, pace).blocks(0, heard.shape[1] // pace.step))
    first, last = max(at, 0), min(heard.shape[1], at + block.shape[1])
    ours, theirs = block[:, first - at : last - at], heard[:, first:last]
    return pace if last > first and float(np.max(np.abs(ours - theirs))) < _ALIKE else None


class Tape:
    """A recording wound forward: each part asked for lies behind the one before, bar the decoder's start."""

    def __init__(self, reader: Reader, pace: Pace) -> None:
        """Stand at the beginning; ``reader`` is used up by this."""
        self._reader, self._pace = reader, pace
        self._packets = (packet for packet in reader.packets() if packet.size)
        self._next = 0
        self._warm = pace.packets(WARM_MS)
        self._kept: deque[Packet[Any]] = deque(maxlen=4 * self._warm + 4)

    def blocks(self, first: int, last: int) -> Iterator[tuple[int, Float]]:
        """The samples of packets ``first`` to ``last``, a second at a time, each with its place.

        Places are ``Reader``'s: below 0 lies what is skipped, and behind the total what is trimmed.
        """
        decoder, queue = self._decoder(), AudioFifo()
        at = self._pace.start + first * self._pace.step
        for index in range(max(first - self._warm, 0), min(last + 1, self._pace.count)):
            frame = self._decoded(decoder, index)
            if index >= first:
                queue.write(frame)
            if queue.samples >= opus.RATE or index == min(last, self._pace.count - 1):
                yield at, (block := self._read(queue))
                at += block.shape[1]

    def _read(self, queue: AudioFifo) -> Float:
        frame = queue.read()
        assert frame is not None, "frames were queued"
        samples = frame.to_ndarray()
        return as_float(samples if frame.format.is_planar else samples.reshape(-1, self._reader.channels).T)

    def _decoder(self) -> AudioCodecContext:
        """A decoder that skips nothing: what is skipped is counted here."""
        decoder = AudioCodecContext.create("opus", "r")
        head = bytearray(self._reader.audio.codec_context.extradata or b"")
        head[10:12] = bytes(2)
        decoder.extradata = bytes(head)
        return decoder

    def _decoded(self, decoder: AudioCodecContext, index: int) -> Any:
        try:
            frames = decoder.decode(Packet(bytes(self._at(index))))
        except av.FFmpegError as error:
            raise MediaTruncated("the recording does not decode to its end") from error
        if len(frames) != 1 or frames[0].samples != self._pace.step:
            raise MediaTruncated("a packet of the recording does not decode whole")
        frames[0].pts = None
        return frames[0]

    def _at(self, index: int) -> Packet[Any]:
        """A packet; those of a while ago are kept, and no others."""
        while self._next <= index:
            packet = next(self._packets, None)
            if packet is None:
                raise MediaTruncated("the recording does not read to its end")
            self._kept.append(packet)
            self._next += 1
        return self._kept[index - self._next]


def patchwork(reader: Reader, pace: Pace, spans: Iterable[tuple[int, int]]) -> Iterator[Float]:
    """The recording with some stretches of samples decoded, and zeros in place of the rest."""
    tape, at = Tape(reader, pace), 0
    for run in runs(spans, pace):
        for place, block in tape.blocks(run.first, run.last):
            yield from _zeros(block.shape[0], place - at)
            heard = block[:, max(at - place, 0) : pace.total - place]
            at = max(at, place) + heard.shape[1]
            yield heard
    yield from _zeros(reader.channels, pace.total - at)


def _zeros(channels: int, size: int) -> Iterator[Float]:
    for left in range(size, 0, -opus.RATE):
        yield np.zeros((channels, min(left, opus.RATE)), np.float32)
