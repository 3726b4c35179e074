"""A recording written anew with its cuts: same container, codec, rate, channels and length.

With ``media``, the edge to FFmpeg through PyAV.  Nothing but sound and picture
goes over: tags, chapters, subtitles, attachments and cover art can say what was
said, or who said it.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from compliance.errors import DiskFull, MediaUnsupported
from compliance.records import Cut
from compliance.redact.audio import Bleeper, measured, patches
from compliance.redact.media import decode
from compliance.redact.pcm import ENCODERS, integers
from compliance.redact.reader import Native, Reader
from compliance.redact.sniff import PCM
from compliance.redact.tone import Float, Tone

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_MP3_KBPS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Encoding:
    """How a codec is written."""

    encoder: str
    format: str | None
    """FFmpeg's sample format; None keeps the decoder's."""


_ENCODINGS: Mapping[str, _Encoding] = MappingProxyType(
    {
        "opus": _Encoding(encoder="libopus", format="flt"),
        "aac": _Encoding(encoder="aac", format="fltp"),
        "mp3": _Encoding(encoder="libmp3lame", format="fltp"),
        "flac": _Encoding(encoder="flac", format=None),
        # FFmpeg has no Vorbis encoder to speak of; Ogg holds FLAC just as well, and loses nothing.
        "vorbis": _Encoding(encoder="flac", format="s16"),
    }
)


def rewrite(source: Path, target: Path, cuts: Sequence[Cut], *, tone: Tone) -> None:
    """Write ``source`` with its cuts to ``target``, whole or not at all.

    PCM and FLAC outside the cuts stay bit for bit; other codecs are encoded again
    at the source's bit rate.  The same input gives the same bytes.  Raises what
    ``probe`` raises, ArgumentInvalid for a cut that fits no channel, DiskFull.
    """
    with Reader(source) as reader, _whole(target) as file:
        parts = patches(cuts, rate=reader.rate, channels=reader.channels)
        parts = measured(parts, decode(source), rate=reader.rate, tone=tone)
        bleeper = Bleeper(parts, rate=reader.rate, tone=tone)
        if reader.codec in PCM:
            _patch(reader, file, bleeper)
        else:
            _encode(reader, file, bleeper, rate_of(source))


@contextmanager
def _whole(target: Path) -> Iterator[IO[bytes]]:
    """A file beside the target that takes its name once it is complete and on the disk."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb", opener=_private) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull("no space left for the redacted recording") from error
        raise
    finally:
        part.unlink(missing_ok=True)


class _Sink:
    """A file as PyAV writes it, which keeps the reason of a failure; PyAV's own error gives none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.failure: OSError | None = None
        self.tell, self.seek = file.tell, file.seek

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise


def _private(path: str, flags: int) -> int:
    """Open for this user alone: until it is verified, a redacted file is as secret as the original."""
    return os.open(path, flags, 0o600)


@contextmanager
def _output(file: IO[bytes], reader: Reader) -> Iterator[OutputContainer]:
    """The muxer: without tags or random serials, and exact to the sample where it may choose."""
    options = {"fflags": "+bitexact"}
    if reader.container.name == "mp4":
        # The edit list that trims the last frame counts in this unit, by default milliseconds.
        options["movie_timescale"] = str(reader.rate)
    if reader.container.name == "wav":
        options["rf64"] = "auto"
    sink = _Sink(file)
    try:
        with av.open(sink, "w", format=reader.container.muxer, options=options) as output:
            yield output
    except av.FFmpegError as error:
        if sink.failure:
            raise sink.failure from error
        raise MediaUnsupported(f"{reader.container.name} of this make cannot be written again") from error


def _patch(reader: Reader, file: IO[bytes], bleeper: Bleeper) -> None:
    """Copy the packets, putting new bytes where the cuts are: WAV, where bytes are samples."""
    with _output(file, reader) as output:
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
    with _output(file, reader) as output:
        stream = _stream(output, reader, bits)
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


def _stream(output: OutputContainer, reader: Reader, bits: int) -> AudioStream:
    """The encoder, set as near to the source as it can be."""
    how = _ENCODINGS[reader.codec]
    layout = "mono" if reader.channels == 1 else "stereo"
    stream: AudioStream = output.add_stream(how.encoder, rate=reader.rate, layout=layout)  # type: ignore[assignment]  # the stub knows no "libopus"
    context = stream.codec_context
    context.flags |= Flags.bitexact
    context.format = how.format or ("s32" if "32" in reader.audio.codec_context.format.name else "s16")
    context.options = _options(reader, how)
    if how.encoder != "flac":
        context.bit_rate = _bit_rate(reader, bits)
    return stream


def _options(reader: Reader, how: _Encoding) -> dict[str, str]:
    """The encoder's own settings; joint stereo is off, it lets one channel be heard in the other."""
    is_wide = "32" in reader.audio.codec_context.format.name
    match how.encoder:
        case "libopus":
            return {"application": "audio", "compression_level": "10", "vbr": "constrained"}
        case "libmp3lame":
            return {"joint_stereo": "0"}
        case "aac":
            return {"aac_ms": "0", "aac_is": "0"}
        case _ if is_wide and reader.codec == "flac":
            return {"bits_per_raw_sample": "24"} if _flac_bits(reader) <= 24 else {"strict": "experimental"}
        case _:
            return {}


def _flac_bits(reader: Reader) -> int:
    """Bits a sample by STREAMINFO (RFC 9639 8.2), which FFmpeg keeps as extra data."""
    info = reader.audio.codec_context.extradata or b""
    if len(info) < 14:
        raise MediaUnsupported("the FLAC stream has no header")
    return ((info[12] & 1) << 4 | info[13] >> 4) + 1


LEAST = 32_000
"""Bits a second for each channel below which Opus folds both sides of a call into one, cut or not."""


def _bit_rate(reader: Reader, bits: int) -> int:
    """The source's bit rate, or the nearest that the encoder takes and keeps channels apart at."""
    wanted = max(bits, LEAST * reader.channels if reader.channels > 1 else LEAST * 3 // 4)
    if reader.codec == "mp3":
        most = 320 if reader.rate >= 32_000 else 160 if reader.rate >= 16_000 else 64
        return 1000 * min(
            (each for each in _MP3_KBPS if each <= most), key=lambda each: abs(each * 1000 - wanted)
        )
    return min(wanted, (256_000 if reader.codec == "opus" else 6 * reader.rate) * reader.channels)


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
