"""A stream that ``multiplex`` wrote, read back: where a player may begin, and that nothing else is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from compliance.errors import MediaTruncated
from compliance.redact.multiplex import AUDIO, KINDS, PMT, VIDEO, tables
from compliance.redact.transport import PACKET, PAT, START, Bytes, body, packets_of, pids

_FIELD = 0x50
"""What an adaptation field may tell: the clock, and that a player may begin here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A place at which a player may begin: tables, and behind them a unit that needs none before it."""

    offset: int
    """Bytes from the start."""
    time: int
    """Of the unit, in units of ``multiplex.CLOCK``."""


def entries(path: Path) -> Iterator[Entry]:
    """The places at which a player may begin.

    Raises:
        MediaTruncated: it is no transport stream, or not whole.
    """
    offset, table = 0, -1
    for packets in packets_of(path):
        kinds = pids(packets)
        starts = np.flatnonzero((packets[:, 1] & 0x40 > 0) & (kinds != PMT))
        for at in starts:
            if kinds[at] == PAT:
                table = offset + PACKET * int(at)
            elif table >= 0:
                yield Entry(offset=table, time=_time(body(packets[at])))
                table = -1
        offset += packets.size


def _time(head: bytes) -> int:
    """When a unit is heard or seen, by its header."""
    if not _is_plain(head):
        raise MediaTruncated("a unit of the transport stream has no time")
    high, middle, low = (
        head[9] >> 1 & 7,
        int.from_bytes(head[10:12], "big"),
        int.from_bytes(head[12:14], "big"),
    )
    return high << 30 | middle >> 1 << 15 | low >> 1


def is_bare(path: Path, codec: str, *, has_picture: bool) -> bool:
    """Whether there are two tables as we write them, sound and picture, and nothing beside.

    Names of services and of whoever wrote it, languages, data: each is a packet of another kind, a
    descriptor in a table, or an extension of a header.
    """
    if codec not in KINDS:
        return False
    known = tables(codec, has_picture=has_picture)
    return all(_is_bare(packets, known) for packets in packets_of(path))


def _is_bare(packets: Bytes, known: dict[int, bytes]) -> bool:
    kinds, starts = pids(packets), packets[:, 1] & 0x40 > 0
    if not np.all(np.isin(kinds, [*known, VIDEO, AUDIO])):
        return False
    told = [known[int(kinds[at])] for at in np.flatnonzero(np.isin(kinds, [*known]))]
    rows = packets[np.isin(kinds, [*known])]
    is_known = all(
        body(row).rstrip(b"\xff") == one.rstrip(b"\xff") for row, one in zip(rows, told, strict=True)
    )
    fields = packets[packets[:, 3] & 0x20 > 0]
    is_plain = not np.any(fields[fields[:, 4] > 0][:, 5] & ~np.uint8(_FIELD))
    units = packets[starts & np.isin(kinds, [VIDEO, AUDIO])]
    return is_known and is_plain and all(_is_plain(body(row)) for row in units)


def _is_plain(head: bytes) -> bool:
    """Whether a unit's header holds times and nothing else."""
    return len(head) >= 14 and head[:3] == START and (head[7], head[8]) in ((0x80, 5), (0xC0, 10))
