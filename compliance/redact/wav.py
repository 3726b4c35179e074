"""WAV read chunk by chunk, and its samples patched where they lie: everything else is copied by the system.

RIFF as Microsoft and IBM described it in 1991; RF64 above 4 GB (EBU Tech 3306).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from compliance.errors import MediaEmpty, MediaTruncated, MediaUnsupported
from compliance.records import Method
from compliance.redact.audio import Bleeper, Patch, within
from compliance.redact.meter import LEVEL_MS, measured
from compliance.redact.pcm import DECODERS, ENCODERS, WIDTHS, Bytes
from compliance.redact.tone import Float, Tone

_UNKNOWN = 0xFFFFFFFF
_PIECE = 1 << 24
"""Bytes copied at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Where the samples of a file lie."""

    fmt: bytes
    """The chunk that describes them."""
    at: int
    size: int
    """Bytes."""


def wave_in(file: BinaryIO, size: int) -> Wave:
    """Walk the chunks of a file of so many bytes to the samples, whose length must be filled in and there.

    Raises:
        MediaTruncated: it breaks off, or its recorder never filled in the length.
        MediaEmpty: it has no samples.
    """
    file.seek(12)
    fmt, wide = b"", 0
    while len(head := file.read(8)) == 8:
        name, length = head[:4], int.from_bytes(head[4:], "little")
        if name == b"data":
            length = wide if wide and length == _UNKNOWN else length
            _check(length, size - file.tell())
            return Wave(fmt=fmt, at=file.tell(), size=length)
        body = file.read(length) if name in (b"ds64", b"fmt ") and length < 1 << 16 else b""
        fmt = body if name == b"fmt " else fmt
        wide = int.from_bytes(body[8:16], "little") if name == b"ds64" else wide
        file.seek(length - len(body) + (length & 1), 1)
    raise MediaTruncated("the WAV file has no samples chunk")


def _check(length: int, rest: int) -> None:
    if length == 0 and rest == 0:
        raise MediaEmpty("the WAV file has no samples")
    if length == 0 or length > rest:
        raise MediaTruncated("the WAV header claims another length than is there")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What the samples of a file are."""

    codec: str
    rate: int
    channels: int

    @property
    def frame(self) -> int:
        """Bytes of one sample in every channel."""
        return self.channels * WIDTHS[self.codec]


def patched(source: Path, file: IO[bytes], parts: Sequence[Patch], form: Form, *, tone: Tone) -> None:
    """Write ``source`` with its patches to ``file``, and no chunk but those that its samples need.

    Raises:
        MediaUnsupported: its frames are of another length than their samples.
    """
    with source.open("rb") as original:
        wave = wave_in(original, source.stat().st_size)
        if int.from_bytes(wave.fmt[12:14], "little") != form.frame:
            raise MediaUnsupported("the frames of the WAV file are of another length than their samples")
        sound = _Sound(file=original, at=wave.at, form=form, total=wave.size // form.frame)
        file.write(_header(_bare(wave.fmt), sound.size, sound.total))
        begin = file.tell()
        _copy(original, wave.at, file, sound.size)
        toned = _measured(sound, within(parts, sound.total), tone)
        bleeper = Bleeper(toned, rate=form.rate, tone=tone)
        for at, size in _stretches(toned, form.rate):
            file.seek(begin + at * form.frame)
            file.write(sound.changed(at, size, bleeper))


def _bare(fmt: bytes) -> bytes:
    """The fields of a format, without what may stand behind them."""
    match fmt[:2]:
        case b"\x01\x00":  # plain PCM
            return fmt[:16]
        case b"\xfe\xff":  # extensible: valid bits, speakers, and the format proper
            return fmt[:16] + (22).to_bytes(2, "little") + fmt[18:40]
        case _:
            return fmt[:16] + bytes(2)


def _header(fmt: bytes, size: int, frames: int) -> bytes:
    """Everything before the samples; formats other than plain PCM also count their frames."""
    fact = b"" if len(fmt) == 16 else b"fact" + (4).to_bytes(4, "little") + _counted(frames)
    chunks = b"fmt " + len(fmt).to_bytes(4, "little") + fmt + fact
    riff = 4 + len(chunks) + 8 + size + (size & 1)
    if riff < _UNKNOWN:
        return b"RIFF" + riff.to_bytes(4, "little") + b"WAVE" + chunks + b"data" + size.to_bytes(4, "little")
    sizes = b"".join(each.to_bytes(8, "little") for each in (riff + 36, size, frames))
    ds64 = b"ds64" + (28).to_bytes(4, "little") + sizes + bytes(4)
    return b"RF64" + bytes([255] * 4) + b"WAVE" + ds64 + chunks + b"data" + bytes([255] * 4)


def _counted(frames: int) -> bytes:
    return min(frames, _UNKNOWN).to_bytes(4, "little")


def _copy(original: BinaryIO, at: int, file: IO[bytes], size: int) -> None:
    """The samples, and the byte that fills up an odd number of them."""
    file.flush()
    done = _by_the_system(original, at, file, size)
    original.seek(at + done)
    for left in range(size - done, 0, -_PIECE):
        piece = original.read(min(left, _PIECE))
        if len(piece) < min(left, _PIECE):
            raise MediaTruncated("the recording became shorter while it was read")
        file.write(piece)
    file.write(bytes(size & 1))


def _by_the_system(original: BinaryIO, at: int, file: IO[bytes], size: int) -> int:
    """How many bytes the kernel copied by itself; none where it cannot between these two files."""
    begin, done = file.tell(), 0
    while done < size:
        try:
            copied = os.copy_file_range(
                original.fileno(), file.fileno(), size - done, at + done, begin + done
            )
        except (AttributeError, OSError):
            break
        if not copied:
            break
        done += copied
    file.seek(begin + done)
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """The samples of a file, wherever they are asked for."""

    file: BinaryIO
    at: int
    form: Form
    total: int

    @property
    def size(self) -> int:
        """Bytes of all whole frames."""
        return self.total * self.form.frame

    def stored(self, first: int, size: int) -> Bytes:
        """So many frames as they stand in the file (frames, channels, width)."""
        self.file.seek(self.at + first * self.form.frame)
        body = self.file.read(max(min(size, self.total - first), 0) * self.form.frame)
        return np.frombuffer(body, np.uint8).reshape(-1, self.form.channels, WIDTHS[self.form.codec])

    def changed(self, first: int, size: int, bleeper: Bleeper) -> bytes:
        """So many frames with what belongs in them."""
        samples = self.stored(first, size).copy()
        for channel, place, made in bleeper.pieces(first, len(samples)):
            samples[place, channel] = ENCODERS[self.form.codec](made)
        return samples.tobytes()

    def heard(self, first: int, last: int, piece: int) -> Iterator[tuple[int, Float]]:
        """The sound from here to there in pieces, each with its place."""
        decode = DECODERS[self.form.codec]
        for at in range(first, last, piece):
            stored = self.stored(at, min(piece, last - at))
            sides = [decode(stored[:, side]) for side in range(self.form.channels)]
            yield at, np.stack(sides)


def _measured(sound: _Sound, parts: Sequence[Patch], tone: Tone) -> tuple[Patch, ...]:
    return tuple(level for part in parts for level in _level(sound, part, tone))


def _level(sound: _Sound, part: Patch, tone: Tone) -> tuple[Patch, ...]:
    rate = sound.form.rate
    last = min(part.end, part.start + (LEVEL_MS + tone.fade_ms) * rate // 1000)
    heard = sound.heard(part.start, last, rate) if part.method is Method.TONE else ()
    return measured([part], heard, rate=rate, tone=tone)


def _stretches(parts: Sequence[Patch], rate: int) -> Iterator[tuple[int, int]]:
    """What is patched in any channel, at most a second at a time: place and length."""
    done = 0
    for part in sorted(parts):
        for at in range(max(part.start, done), part.end, rate):
            yield at, min(rate, part.end - at)
        done = max(done, part.end)
