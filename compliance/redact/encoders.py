"""How each codec is written: the encoders, set as near to the source as they can be.

An edge to FFmpeg through PyAV.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer

from compliance.errors import MediaUnsupported
from compliance.redact import aac, opus
from compliance.redact.pace import Pace
from compliance.redact.reader import Reader

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


def is_lossy(codec: str) -> bool:
    """Whether a codec is written at a bit rate."""
    return _ENCODINGS[codec].encoder != "flac"


def encoder_in(output: OutputContainer, reader: Reader, bits: int) -> AudioStream:
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


def packet_encoder(reader: Reader, pace: Pace) -> tuple[AudioCodecContext, int]:
    """An encoder of packets like those of the source, open, and how far what it gives out lies behind.

    Opus by CELT alone ("lowdelay"), as the source's are; AAC without the noise that a
    decoder makes up, which would differ with where it began.
    """
    how = _ENCODINGS[pace.codec]
    encoder: AudioCodecContext = AudioCodecContext.create(how.encoder, "w")  # type: ignore[assignment]  # of sound
    encoder.flags |= Flags.bitexact
    encoder.sample_rate, encoder.time_base = pace.rate, Fraction(1, pace.rate)
    encoder.layout, encoder.format = "mono" if reader.channels == 1 else "stereo", str(how.format)
    encoder.bit_rate = _bit_rate(reader, pace.bits)
    encoder.options = _options(reader, how) | _own(pace)
    encoder.open()
    if pace.codec == "aac":
        return encoder, aac.AHEAD
    head = opus.head(encoder.extradata)
    assert head is not None, "libopus writes a header"
    return encoder, head.pre_skip


def _own(pace: Pace) -> dict[str, str]:
    if pace.codec == "aac":
        return {"aac_pns": "0"}
    return {"application": "lowdelay", "frame_duration": f"{pace.step * 1000 / opus.RATE:g}"}


def frame_encoder(reader: Reader, bits: int) -> AudioCodecContext:
    """An encoder of frames for a stream, open: each can be decoded without the bits of those before it."""
    how = _ENCODINGS[reader.codec]
    encoder = AudioCodecContext.create(how.encoder, "w")
    assert isinstance(encoder, AudioCodecContext), "those listed are of sound"
    encoder.flags |= Flags.bitexact
    encoder.sample_rate, encoder.time_base = reader.rate, Fraction(1, reader.rate)
    encoder.layout, encoder.format = "mono" if reader.channels == 1 else "stereo", how.format or "fltp"
    encoder.bit_rate = _bit_rate(reader, bits)
    encoder.options = _options(reader, how) | ({"reservoir": "0"} if reader.codec == "mp3" else {})
    encoder.open()
    return encoder


def _options(reader: Reader, how: _Encoding) -> dict[str, str]:
    """The encoder's own settings; joint stereo is off, it lets one channel be heard in the other."""
    is_wide = "32" in reader.audio.codec_context.format.name
    match how.encoder:
        case "libopus":
            return {"application": "audio", "compression_level": "10", "vbr": "constrained"}
        case "libmp3lame":
            # Its psychoacoustics off: twice as fast, and by 5 dB nearer to telephone speech.
            return {"joint_stereo": "0", "compression_level": "7"}
        case "aac":
            return {"aac_ms": "0", "aac_is": "0", "aac_pns": "0"}
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


AAC_LEAST = 72_000
"""The same for AAC, whose encoder otherwise changes the noise of a quiet line more than may be."""


def _bit_rate(reader: Reader, bits: int) -> int:
    """The source's bit rate, or the nearest that the encoder takes and keeps channels apart at."""
    wanted = max(bits, LEAST * reader.channels if reader.channels > 1 else LEAST * 3 // 4)
    if reader.codec == "mp3":
        most = 320 if reader.rate >= 32_000 else 160 if reader.rate >= 16_000 else 64
        return 1000 * min(
            (each for each in _MP3_KBPS if each <= most), key=lambda each: abs(each * 1000 - wanted)
        )
    if reader.codec == "aac":
        wanted = max(wanted, AAC_LEAST * reader.channels)
    return min(wanted, (256_000 if reader.codec == "opus" else 6 * reader.rate) * reader.channels)
