"""A recording written anew with its cuts: same container, codec, rate, channels and length.

With ``media``, the edge to FFmpeg through PyAV.  Nothing but sound and picture
goes over: tags, chapters, subtitles, attachments and cover art can say what was
said, or who said it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.packet import Packet
from av.stream import Stream

from compliance.records import Cut
from compliance.redact.audio import Bleeper, measured, patches
from compliance.redact.encoders import encoder_in
from compliance.redact.media import decode
from compliance.redact.output import muxer, whole
from compliance.redact.pace import Pace
from compliance.redact.pcm import ENCODERS, integers
from compliance.redact.reader import Native, Reader
from compliance.redact.remux import remux
from compliance.redact.sniff import PCM
from compliance.redact.splice import Earlier, splice
from compliance.redact.tape import paced
from compliance.redact.tone import Float, Tone


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
    with Reader(source) as reader, whole(target) as file:
        parts = patches(cuts, rate=reader.rate, channels=reader.channels)
        if pace := paced(source):
            splice(source, file, parts, pace, tone=tone, earlier=_earlier(before, reader, pace))
            return
        parts = measured(parts, decode(source), rate=reader.rate, tone=tone)
        bleeper = Bleeper(parts, rate=reader.rate, tone=tone)
        if reader.codec in PCM:
            _patch(reader, file, bleeper)
        elif reader.container.name == "mpegts":
            remux(source, file, bleeper, rate_of(source))
        else:
            _encode(reader, file, bleeper, rate_of(source))


def _earlier(before: Made | None, reader: Reader, pace: Pace) -> Earlier | None:
    """What was made before, if its packets are in step: another version may have encoded it again."""
    if before is None or (found := paced(before.path)) is None:
        return None
    is_in_step = replace(found, bits=pace.bits, settled=pace.settled) == pace
    parts = patches(before.cuts, rate=reader.rate, channels=reader.channels)
    return Earlier(path=before.path, parts=parts) if is_in_step else None


def _patch(reader: Reader, file: IO[bytes], bleeper: Bleeper) -> None:
    """Copy the packets, putting new bytes where the cuts are: WAV, where bytes are samples."""
    with muxer(file, reader) as output:
        stream = output.add_stream_from_template(reader.audio)
        at = 0
        for packet in reader.packets():
            if packet.size:
                changed, count = _patched(packet, reader, bleeper, at)
                changed.stream = stream
                output.mux(changed)
                at += count


def _patched(packet: Packet[Any], reader: Reader, bleeper: Bleeper, at: int) -> tuple[Packet[Any], int]:
    encode = ENCODERS[reader.codec]
    width = encode(np.zeros(1, np.float32)).shape[1]
    samples = np.frombuffer(bytes(packet), np.uint8).reshape(-1, reader.channels, width)
    pieces = list(bleeper.pieces(at, len(samples)))
    if not pieces:
        return packet, len(samples)
    samples = samples.copy()
    for channel, place, made in pieces:
        samples[place, channel] = encode(made)
    changed = Packet(samples.tobytes())
    changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
    changed.duration = packet.duration
    return changed, len(samples)


def _encode(reader: Reader, file: IO[bytes], bleeper: Bleeper, bits: int) -> None:
    """Decode, cut, encode; pictures are copied past, packet by packet."""
    with muxer(file, reader) as output:
        stream = encoder_in(output, reader, bits)
        video = output.add_stream_from_template(reader.video) if reader.video else None

        def copy(packet: Packet[Any]) -> None:
            packet.stream = _some(video)
            output.mux(packet)

        at = 0
        for block in reader.blocks(copy if video else None):
            output.mux(stream.encode(_frame(_cut(block, bleeper, at), stream, reader.rate, at)))
            at += block.shape[1]
        output.mux(stream.encode(None))


def _some(stream: Stream | None) -> Stream:
    assert stream is not None, "packets of a picture come only where there is one"
    return stream


def _cut(block: Native, bleeper: Bleeper, at: int) -> Native:
    """The block with its cuts, in its own type: whole numbers never pass through float."""
    changed = block.copy()
    for channel, place, made in bleeper.pieces(at, block.shape[1]):
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
    size, start, end = 0, None, Fraction(0)
    with Reader(path) as reader:
        for packet in reader.packets():
            if packet.pts is not None and packet.time_base is not None:
                size += packet.size
                start = packet.pts * packet.time_base if start is None else start
                end = (packet.pts + (packet.duration or 0)) * packet.time_base
    seconds = end - (start or 0)
    return round(size * 8 / seconds) if seconds > 0 else 0
