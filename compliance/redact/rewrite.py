"""A recording written anew with its cuts: same container, codec, rate, channels and length.

With ``media``, the edge to FFmpeg through PyAV.  Nothing but sound and picture
goes over: tags, chapters, subtitles, attachments and cover art can say what was
said, or who said it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from compliance.ahead import beforehand
from compliance.records import Cut
from compliance.redact.audio import Bleeper, Patch, patches
from compliance.redact.encoders import encoder_in, is_lossy
from compliance.redact.meter import levelled
from compliance.redact.output import muxer, whole
from compliance.redact.pace import Pace
from compliance.redact.pcm import integers
from compliance.redact.reader import Reader
from compliance.redact.remux import remux
from compliance.redact.samples import Native
from compliance.redact.sniff import PCM
from compliance.redact.splice import Earlier, splice
from compliance.redact.tape import strip_of
from compliance.redact.tone import Float, Tone
from compliance.redact.wav import Form, patched


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The same recording with the cuts that were made in it before."""

    path: Path
    cuts: tuple[Cut, ...]


def rewrite(
    source: Path, target: Path, cuts: Sequence[Cut], *, tone: Tone, before: Made | None = None
) -> None:
    """Write ``source`` with its cuts to ``target``, whole or not at all.

    Outside the cuts PCM and FLAC stay bit for bit and Opus packet by packet, in Ogg and
    WebM and where ``paced`` allows it; the rest is encoded again at the source's bit rate.
    The same input gives the same bytes, and sooner with what was made ``before``.  Raises
    what ``probe`` raises, ArgumentInvalid for a cut that fits no channel, DiskFull.
    """
    with Reader(source) as reader, whole(target) as file, strip_of(source) as strip:
        parts = patches(cuts, rate=reader.rate, channels=reader.channels)
        if strip:
            with _earlier(before, reader, strip.pace) as earlier:
                splice(reader, file, parts, strip, tone=tone, earlier=earlier)
            return
        if reader.codec in PCM:
            form = Form(codec=reader.codec, rate=reader.rate, channels=reader.channels)
            patched(source, file, parts, form, tone=tone)
        elif reader.container.name == "mpegts":
            remux(source, file, parts, tone, rate_of(source))
        else:
            _encode(reader, file, parts, tone, rate_of(source) if is_lossy(reader.codec) else 0)


@contextmanager
def _earlier(before: Made | None, reader: Reader, pace: Pace) -> Iterator[Earlier | None]:
    """What was made before, if its packets are in step: another version may have encoded it again."""
    with nullcontext() if before is None else strip_of(before.path) as strip:
        found = strip and replace(strip.pace, bits=pace.bits, settled=pace.settled)
        if before is None or strip is None or found != pace:
            yield None
            return
        parts = patches(before.cuts, rate=reader.rate, channels=reader.channels)
        yield Earlier(strip=strip, parts=parts)


def _encode(reader: Reader, file: IO[bytes], parts: Sequence[Patch], tone: Tone, bits: int) -> None:
    """Decode, cut, encode; pictures are copied past, packet by packet."""
    with muxer(file, reader) as output:
        stream = encoder_in(output, reader, bits)
        video = output.add_stream_from_template(reader.video) if reader.video else None
        pictures: deque[Packet[Any]] = deque()
        blocks = reader.blocks(pictures.append if video else None)
        for at, block, near in levelled(beforehand(blocks), parts, rate=reader.rate, tone=tone):
            bleeper = Bleeper(near, rate=reader.rate, tone=tone)
            output.mux(stream.encode(_frame(_cut(block, bleeper, at), stream, reader.rate, at)))
            _copy(pictures, output, video)
        output.mux(stream.encode(None))
        _copy(pictures, output, video)


def _copy(pictures: deque[Packet[Any]], output: OutputContainer, video: Stream | None) -> None:
    """The packets of a picture that have come by since."""
    for _ in range(len(pictures)):
        packet = pictures.popleft()
        packet.stream = _some(video)
        output.mux(packet)


def _some(stream: Stream | None) -> Stream:
    assert stream is not None, "packets of a picture come only where there is one"
    return stream


def _cut(block: Native, bleeper: Bleeper, at: int) -> Native:
    """The block with its cuts, in its own type: whole numbers never pass through float."""
    pieces = list(bleeper.pieces(at, block.shape[1]))
    changed = block.copy() if pieces else block
    for channel, place, made in pieces:
        changed[channel, place] = _as_native(made, block)
    return changed


def _as_native(made: Float, block: Native) -> Native:
    return made if block.dtype.kind == "f" else integers(made, 8 * block.dtype.itemsize)


def _frame(block: Native, stream: AudioStream, rate: int, at: int) -> AudioFrame:
    """The block as a frame at its place."""
    kind = {"f4": "fltp", "f8": "dblp", "i2": "s16p", "i4": "s32p"}[block.dtype.str[1:]]
    layout = stream.codec_context.layout.name
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format=kind, layout=layout)
    frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
    frame.pts = at
    return frame


def rate_of(path: Path) -> int:
    """Bits a second of the audio alone, over the whole file; its header may say anything."""
    size, start, end = 0, None, 0
    with Reader(path) as reader:
        for packet in reader.packets():
            if packet.pts is not None:
                size += packet.size
                start = packet.pts if start is None else start
                end = packet.pts + (packet.duration or 0)
        seconds = (end - (start or 0)) * (reader.audio.time_base or 0)
    return round(size * 8 / seconds) if seconds > 0 else 0
