"""Which container a file is, told from its first bytes alone.

A file's name is never asked: a playlist called ``call.wav`` handed to FFmpeg by
name would make it open whatever local files the playlist lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from compliance.errors import MediaEmpty, MediaUnreadable, MediaUnsupported
from compliance.redact import transport

HEAD = 4096
"""Bytes looked at; every signature on the list lies within them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container on the list, with the names FFmpeg has for it."""

    name: str
    demuxer: str
    muxer: str
    suffix: str
    media_type: str
    codecs: frozenset[str]
    """Audio codecs treated in it; any other is refused."""


PCM = frozenset(
    {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_alaw"}
)
"""Codecs of which the bytes are the samples."""


def _container(name: str, demuxer: str, suffix: str, media_type: str, codecs: str) -> Container:
    muxer = {"mov": "mp4", "matroska": "webm"}.get(demuxer, demuxer)
    return Container(
        name=name,
        demuxer=demuxer,
        muxer=muxer,
        suffix=suffix,
        media_type=media_type,
        codecs=frozenset(codecs.split()),
    )


CONTAINERS: Mapping[str, Container] = MappingProxyType(
    {
        each.name: each
        for each in (
            _container("ogg", "ogg", ".ogg", "audio/ogg", "opus vorbis flac"),
            _container("wav", "wav", ".wav", "audio/wav", " ".join(sorted(PCM))),
            _container("flac", "flac", ".flac", "audio/flac", "flac"),
            _container("mp3", "mp3", ".mp3", "audio/mpeg", "mp3"),
            _container("mp4", "mov", ".mp4", "video/mp4", "aac mp3 opus flac"),
            _container("webm", "matroska", ".webm", "video/webm", "opus"),
            _container("mpegts", "mpegts", ".ts", "video/mp2t", "aac mp3"),
        )
    }
)
"""The allow-list.  What is not on it is never opened."""


def sniff(path: Path) -> Container:
    """The container of a file; MediaEmpty without bytes, MediaUnreadable when none on the list.

    MediaUnsupported where the signature is known and the kind is not treated.
    """
    head = _head(path)
    if not head:
        raise MediaEmpty("the file has no bytes")
    if head[:4] == b"riff" or (head[:4] == b"\x1a\x45\xdf\xa3" and b"webm" not in head[:64]):
        raise MediaUnsupported("Wave64 and Matroska other than WebM are not treated")
    name = _signature(head) or ("mp3" if _is_mp3(path, head) else None)
    if name is None:
        raise MediaUnreadable("not a recording: neither Ogg, WAV, FLAC, MP3, MP4, WebM nor MPEG-TS")
    return CONTAINERS[name]


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise MediaUnreadable("not a regular file")
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError as error:
        raise MediaUnreadable("the file cannot be read") from error


def _signature(head: bytes) -> str | None:
    if head[:4] == b"OggS":
        return "ogg"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        return "mp4"
    if _is_stream(head):
        return "mpegts"
    return "webm" if head[:4] == b"\x1a\x45\xdf\xa3" else None


def _is_stream(head: bytes) -> bool:
    """Whether packets of a transport stream follow each other, three at least: a G may stand anywhere."""
    starts = head[:: transport.PACKET]
    return len(head) >= 3 * transport.PACKET and set(starts) == {transport.SYNC}


def _is_mp3(path: Path, head: bytes) -> bool:
    """Whether two MPEG layer III frames follow each other, after an ID3 tag if there is one.

    The sync word alone is eleven bits, which any text may hold by chance.
    """
    first = id3_size(head)
    with path.open("rb") as file:
        file.seek(first)
        body = file.read(HEAD)
    length = frame_size(body[:4])
    return length is not None and frame_size(body[length : length + 4]) is not None


def id3_size(head: bytes) -> int:
    """Bytes of the ID3v2 tag that begins a file, 0 without one."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    size = 0
    for each in head[6:10]:
        size = size << 7 | each & 0x7F
    return size + (20 if head[5] & 0x10 else 10)


_RATES = (44100, 48000, 32000)
_KBPS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def frame_size(header: bytes) -> int | None:
    """Bytes of the MPEG audio layer III frame with this header (ISO 11172-3 2.4.1.3), or None."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, kbps, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or kbps in (0, 15) or rate == 3:
        return None
    is_first = version == 3
    divisor = {3: 1, 2: 2, 0: 4}[version]
    slots = (144 if is_first else 72) * _KBPS[is_first][kbps] * 1000 // (_RATES[rate] // divisor)
    return slots + (header[2] >> 1 & 1)
