"""A transport stream written anew with its cuts; an edge to FFmpeg through PyAV.

The sound is decoded, cut and encoded again; the picture goes past packet by packet.  A
stream has nowhere to say that an encoder's first samples are not to be heard: so they are
never written, and each frame lies where the one lay that it replaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.packet import Packet

from compliance.ahead import beforehand
from compliance.errors import MediaUnsupported
from compliance.redact.audio import Bleeper, Patch
from compliance.redact.encoders import frame_encoder
from compliance.redact.meter import levelled
from compliance.redact.multiplex import AUDIO, CLOCK, VIDEO, Multiplex, Unit, merged
from compliance.redact.reader import Reader
from compliance.redact.samples import as_float
from compliance.redact.tone import Float, Tone

UNIT_MS = 100
"""So much sound goes into one unit: the clock, which is told with each, may not rest longer."""
_AHEAD = {"aac": 1024, "mp3": 1105}
"""Samples that an encoder gives out before the first one it was given."""


def remux(source: Path, file: IO[bytes], parts: Sequence[Patch], tone: Tone, bits: int) -> None:
    """Write the stream ``source`` with its cuts.

    A player may begin at each keyframe of the picture, and without a picture at every second unit.

    Raises:
        MediaError: as ``media.probe``.
    """
    with Reader(source) as reader, Reader(source) as other:
        has_picture = other.video is not None
        output = Multiplex(file, reader.codec, has_picture=has_picture)
        sound = _sound(reader, parts, tone, bits, is_entry=not has_picture)
        for unit in merged(_pictures(other), sound) if has_picture else sound:
            output.write(unit)


def _pictures(reader: Reader) -> Iterator[Unit]:
    """The packets of the picture, as they are."""
    for packet in reader.pictures():
        if packet.pts is None or packet.dts is None:
            raise MediaUnsupported("a picture of the recording has no time")
        yield Unit(
            kind=VIDEO, body=bytes(packet), pts=packet.pts, dts=packet.dts, is_entry=packet.is_keyframe
        )


def _sound(
    reader: Reader, parts: Sequence[Patch], tone: Tone, bits: int, *, is_entry: bool
) -> Iterator[Unit]:
    """The sound with its cuts, encoded again."""
    encoder = frame_encoder(reader, bits)
    each = max(UNIT_MS * reader.rate // (1000 * encoder.frame_size), 1)
    frames, number = _frames(reader, parts, tone, encoder), 0
    while body := b"".join(islice(frames, each)):
        past = Fraction(number * each * encoder.frame_size, reader.rate)
        time = round((Fraction(reader.origin_s) + past) * CLOCK)
        yield Unit(kind=AUDIO, body=body, pts=time, dts=time, is_entry=is_entry and number % 2 == 0)
        number += 1


def _frames(
    reader: Reader, parts: Sequence[Patch], tone: Tone, encoder: AudioCodecContext
) -> Iterator[bytes]:
    """The encoder's frames, from that which begins with the first sample on, as long as the sound.

    Some silence goes before the first sample, so that it comes to lie at the start of a frame.
    """
    ahead, step, whole = _AHEAD[reader.codec], encoder.frame_size, _whole(reader, encoder)
    given = -ahead % step
    skipped, made = (given + ahead) // step, 0
    packets = (
        encoder.encode(_frame(np.zeros((reader.channels, given), np.float32), 0, encoder)) if given else []
    )
    for block in _cut(reader, parts, tone):
        packets += encoder.encode(_frame(block, given, encoder))
        given += block.shape[1]
        if made == 0 and packets and packets[0].pts != -ahead:
            raise MediaUnsupported("the encoder begins elsewhere than it is known to")
        yield from (whole(each) for each in packets[max(skipped - made, 0) :])
        made, packets = made + len(packets), []
    packets = encoder.encode(None)
    yield from (whole(each) for each in packets[: given // step + skipped - made])


def _whole(reader: Reader, encoder: AudioCodecContext) -> Callable[[Packet[Any]], bytes]:
    """Gives a packet as it stands in a stream: MP3's is whole, AAC's wants its header (ISO 13818-7, 6.2)."""
    if reader.codec != "aac":
        return bytes
    told = int.from_bytes((encoder.extradata or bytes(2))[:2], "big")
    profile, rate, channels = (told >> 11) - 1, told >> 7 & 15, told >> 3 & 15
    fixed = 0xFFF1 << 40 | profile << 38 | rate << 34 | channels << 30 | 0x7FF << 2

    def whole(packet: Packet[Any]) -> bytes:
        return (fixed | (packet.size + 7) << 13).to_bytes(7, "big") + bytes(packet)

    return whole


def _cut(reader: Reader, parts: Sequence[Patch], tone: Tone) -> Iterator[Float]:
    for at, block, near in levelled(beforehand(reader.blocks()), parts, rate=reader.rate, tone=tone):
        yield Bleeper(near, rate=reader.rate, tone=tone).apply(as_float(block), at)


def _frame(block: Float, at: int, encoder: AudioCodecContext) -> AudioFrame:
    """The block as a frame at its place."""
    layout = encoder.layout.name
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
    frame.sample_rate, frame.time_base = encoder.sample_rate, Fraction(1, encoder.sample_rate)
    frame.pts = at
    return frame
