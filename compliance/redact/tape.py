"""Parts of a recording decoded, and no more than those; an edge to FFmpeg through PyAV."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.packet import Packet

from compliance.errors import MediaTruncated
from compliance.redact import opus
from compliance.redact.aac import pace_of_aac
from compliance.redact.ogg import OpusFile, opened
from compliance.redact.pace import Pace, pace_of, runs
from compliance.redact.paging import pace_in
from compliance.redact.reader import Reader
from compliance.redact.samples import as_float
from compliance.redact.tone import Float

WARM_MS = 300
"""So much is decoded before what is wanted: started anywhere, a decoder is near after 80 ms (RFC 7845)
and has halved what is left of the error with every packet since."""

_ALIKE = 1e-3
"""Two decoders of the same packets differ by no more than rounding."""


class Packets(Protocol):
    """The packets of a recording by their number."""

    @property
    def head(self) -> bytes:
        """The stream's header."""

    def packet(self, index: int) -> bytes:
        """The bytes of one."""


class Passing:
    """Packets as they come by in a recording; those of a while ago are kept, and no others."""

    def __init__(self, reader: Reader, pace: Pace) -> None:
        """Stand at the beginning; ``reader`` is used up by this."""
        self.head = bytes(reader.audio.codec_context.extradata or b"")
        self._packets = (packet for packet in reader.packets() if packet.size)
        self._next = 0
        self._kept: deque[Packet[Any]] = deque(maxlen=4 * pace.packets(WARM_MS) + 4)

    def packet(self, index: int) -> bytes:
        """The bytes of a packet, which lies not far behind the last one asked for."""
        while self._next <= index:
            packet = next(self._packets, None)
            if packet is None:
                raise MediaTruncated("the recording does not read to its end")
            self._kept.append(packet)
            self._next += 1
        return bytes(self._kept[index - self._next])


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A recording whose packets can be copied."""

    pace: Pace
    file: OpusFile | None
    """The Ogg file whose packets are all at hand; None where they have to come by."""
    packets: Callable[[], AbstractContextManager[Packets]]
    """Its packets, from the beginning; those that come by are a reading of the file, which ends."""

    @contextmanager
    def tape(self) -> Iterator[Tape]:
        """The recording wound back to its beginning."""
        with self.packets() as packets:
            yield Tape(packets, self.pace)


@contextmanager
def strip_of(path: Path) -> Iterator[Strip | None]:
    """A recording whose packets can be copied, or None.

    (1) By its packets; (2) the places of its samples are those that ``Reader`` gives
    them, by the first second, which is decoded both ways.
    """
    with ExitStack() as stack:
        found = _strip(path, stack)
        yield found if found and _is_in_place(path, found) else None


def paced(path: Path) -> Pace | None:
    """The pace of a recording whose packets can be copied, or None."""
    with strip_of(path) as strip:
        return strip.pace if strip else None


def _strip(path: Path, stack: ExitStack) -> Strip | None:
    # (1) Read to its end, decoded nowhere.
    with Reader(path) as reader:
        file = opened(path) if reader.container.name == "ogg" and reader.codec == "opus" else None
        if file and (pace := pace_in(stack.enter_context(closing(file)))):
            return Strip(pace=pace, file=file, packets=lambda: nullcontext(file))
        slow = pace_of_aac(reader) if reader.codec == "aac" else pace_of(reader)
    return None if slow is None else Strip(pace=slow, file=None, packets=lambda: _passing(path, slow))


@contextmanager
def _passing(path: Path, pace: Pace) -> Iterator[Packets]:
    with Reader(path) as reader:
        yield Passing(reader, pace)


def _is_in_place(path: Path, strip: Strip) -> bool:
    # (2) A cut must not be elsewhere by the one clock than by the other.
    with Reader(path) as reader:
        heard = as_float(next(reader.blocks()))
    with strip.tape() as tape:
        at, block = next(tape.blocks(0, heard.shape[1] // strip.pace.step))
    first, last = max(at, 0), min(heard.shape[1], at + block.shape[1])
    ours, theirs = block[:, first - at : last - at], heard[:, first:last]
    return last > first and float(np.max(np.abs(ours - theirs))) < _ALIKE


class Tape:
    """A recording of which parts are decoded.

    Where its packets come by, each part asked for lies behind the one before, bar the decoder's start.
    """

    def __init__(self, packets: Packets, pace: Pace) -> None:
        """Stand at the beginning."""
        self._packets, self.pace = packets, pace

    def blocks(self, first: int, last: int) -> Iterator[tuple[int, Float]]:
        """The samples of packets ``first`` to ``last``, a second at a time, each with its place.

        Places are ``Reader``'s: below 0 lies what is skipped, and behind the total what is trimmed.
        """
        decoder, queue = self._decoder(), AudioFifo()
        at = self.pace.start + first * self.pace.step
        warm = self.pace.packets(WARM_MS)
        for index in range(max(first - warm, 0), min(last + 1, self.pace.count)):
            frame = self._decoded(decoder, index)
            if index >= first:
                queue.write(frame)
            if queue.samples >= self.pace.rate or index == min(last, self.pace.count - 1):
                yield at, (block := self._read(queue))
                at += block.shape[1]

    def _read(self, queue: AudioFifo) -> Float:
        frame = queue.read()
        assert frame is not None, "frames were queued"
        samples = frame.to_ndarray()
        sides = len(frame.layout.channels)
        return as_float(samples if frame.format.is_planar else samples.reshape(-1, sides).T)

    def _decoder(self) -> AudioCodecContext:
        """A decoder that skips nothing: what is skipped is counted here."""
        decoder: AudioCodecContext = AudioCodecContext.create(self.pace.codec, "r")  # type: ignore[assignment]  # of sound
        head = self._packets.head
        decoder.extradata = opus.unskipped(head) if self.pace.codec == "opus" else head
        return decoder

    def _decoded(self, decoder: AudioCodecContext, index: int) -> Any:
        try:
            frames = decoder.decode(Packet(self._packets.packet(index)))
        except av.FFmpegError as error:
            raise MediaTruncated("the recording does not decode to its end") from error
        if len(frames) != 1 or frames[0].samples != self.pace.step:
            raise MediaTruncated("a packet of the recording does not decode whole")
        frames[0].pts = None
        return frames[0]


def patchwork(tape: Tape, channels: int, spans: Iterable[tuple[int, int]]) -> Iterator[Float]:
    """The recording with some stretches of samples decoded, and zeros in place of the rest."""
    pace, at = tape.pace, 0
    for run in runs(spans, pace):
        for place, block in tape.blocks(run.first, run.last):
            yield from _zeros(channels, place - at, pace.rate)
            heard = block[:, max(at - place, 0) : pace.total - place]
            at = max(at, place) + heard.shape[1]
            yield heard
    yield from _zeros(channels, pace.total - at, pace.rate)


def _zeros(channels: int, size: int, rate: int) -> Iterator[Float]:
    for left in range(size, 0, -rate):
        yield np.zeros((channels, min(left, rate)), np.float32)
