"""A transport stream written (ISO 13818-1): two tables, one sound, at most one picture, and nothing else.

FFmpeg's muxer names itself and a service in every stream, puts tables where it likes, and
may add to a picture's packets.  This one writes what it is given, the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from compliance.redact.transport import PACKET, PAT, START, SYNC

PMT, VIDEO, AUDIO = 0x1000, 0x100, 0x101
"""Kinds of packet, by the numbers that FFmpeg gives them too."""
CLOCK = 90_000
"""Units of a timestamp in a second."""
WRAP = 1 << 33
KINDS = {"aac": 0x0F, "mp3": 0x03, "h264": 0x1B}
"""Stream types by FFmpeg's name of the codec (ISO 13818-1, table 2-34)."""
_IDS = {VIDEO: 0xE0, AUDIO: 0xC0}
_ROOM = PACKET - 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is heard or seen from one time on: some frames of sound, or one picture."""

    kind: int
    """``AUDIO`` or ``VIDEO``."""
    body: bytes
    pts: int
    dts: int
    is_entry: bool
    """Whether a player may begin here; then the tables are written before it."""


class Multiplex:
    """A stream as it is written to a file."""

    def __init__(self, file: IO[bytes], codec: str, *, has_picture: bool) -> None:
        """Nothing is written yet."""
        self._file = file
        self._tables = tables(codec, has_picture=has_picture)
        self._counters: dict[int, int] = {}

    def write(self, unit: Unit) -> None:
        """Write a unit; they come in the order of ``dts``."""
        if unit.is_entry or not self._counters:
            for kind, section in self._tables.items():
                self._packets(kind, section.ljust(_ROOM, b"\xff"))
        # The clock runs with the sound, which has a unit every tenth of a second; a picture may stand.
        clock = unit.dts if unit.kind == AUDIO else None
        self._packets(unit.kind, _framed(unit), _field(clock, is_entry=unit.is_entry))

    def _packets(self, kind: int, data: bytes, field: bytes = b"") -> None:
        flag = 0x40
        while data:
            room = _ROOM - len(field)
            part, data = data[:room], data[room:]
            field = _stuffed(field, room - len(part))
            number = self._counters.get(kind, 0)
            self._counters[kind] = (number + 1) % 16
            head = bytes([SYNC, flag | kind >> 8, kind & 0xFF, (0x30 if field else 0x10) | number])
            self._file.write(head + field + part)
            field, flag = b"", 0


def tables(codec: str, *, has_picture: bool) -> dict[int, bytes]:
    """The two tables as sections: where the programme is told, and what it is made of."""
    streams = [(KINDS["h264"], VIDEO)] * has_picture + [(KINDS[codec], AUDIO)]
    programme = b"".join(bytes([kind, 0xE0 | pid >> 8, pid & 0xFF, 0xF0, 0]) for kind, pid in streams)
    clock = bytes([0xE0 | AUDIO >> 8, AUDIO & 0xFF, 0xF0, 0])
    return {
        PAT: _section(0, bytes([0, 1, 0xE0 | PMT >> 8, PMT & 0xFF])),
        PMT: _section(2, clock + programme),
    }


def _section(table: int, data: bytes) -> bytes:
    """A table, number 1 of its kind, with its checksum."""
    size = 5 + len(data) + 4
    head = bytes([table, 0xB0 | size >> 8, size & 0xFF, 0, 1, 0xC1, 0, 0]) + data
    return b"\x00" + head + _crc(head).to_bytes(4, "big")


def _crc(data: bytes) -> int:
    """CRC-32 as MPEG has it: not reflected, not inverted."""
    value = 0xFFFFFFFF
    for each in data:
        value ^= each << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value


def _framed(unit: Unit) -> bytes:
    """A unit with its header: its length, where it can be told, and its times."""
    is_late = unit.pts != unit.dts
    times = _stamp(2 + is_late, unit.pts) + (_stamp(1, unit.dts) if is_late else b"")
    size = 3 + len(times) + len(unit.body)
    told = size if size < 1 << 16 else 0
    head = bytes([_IDS[unit.kind]]) + told.to_bytes(2, "big") + bytes([0x80, 0x80 | is_late << 6, len(times)])
    return START + head + times + unit.body


def _stamp(mark: int, time: int) -> bytes:
    time %= WRAP
    high, middle, low = time >> 30, time >> 15 & 0x7FFF, time & 0x7FFF
    return bytes([mark << 4 | high << 1 | 1]) + b"".join(
        (each << 1 | 1).to_bytes(2, "big") for each in (middle, low)
    )


def _field(clock: int | None, *, is_entry: bool) -> bytes:
    """The adaptation field: the clock, and that a player may begin here; empty where there is neither."""
    if clock is None and not is_entry:
        return b""
    told = b"" if clock is None else (clock % WRAP << 15 | 0x3F << 9).to_bytes(6, "big")
    return bytes([1 + len(told), is_entry << 6 | (clock is not None) << 4]) + told


def _stuffed(field: bytes, size: int) -> bytes:
    """The field longer by so many bytes, since a packet has one length."""
    if not size:
        return field
    if not field:
        return b"\x00" if size == 1 else bytes([size - 1, 0]) + b"\xff" * (size - 2)
    return bytes([field[0] + size]) + field[1:] + b"\xff" * size


def merged(*streams: Iterator[Unit]) -> Iterator[Unit]:
    """Units of several streams in the order of ``dts``."""
    heads = [next(each, None) for each in streams]
    while waiting := [(unit.dts, place) for place, unit in enumerate(heads) if unit]:
        place = min(waiting)[1]
        unit = heads[place]
        assert unit is not None, "only those that are there wait"
        yield unit
        heads[place] = next(streams[place], None)
