"""MPEG transport streams (ISO 13818-1): told from their packets, without decoding, whether one is whole.

FFmpeg skips what is missing of one and says nothing.  Each packet is numbered, modulo 16,
and each audio unit tells its length; so most losses show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.errors import MediaTruncated, MediaUnsupported

PACKET = 188
SYNC = 0x47
PAT = 0
STUFFING = 0x1FFF
SOUND = range(0xC0, 0xE0)
"""The ids of units of sound."""
START = b"\x00\x00\x01"
"""How a unit begins."""
_TABLES = 0x20
"""Kinds below this are tables of the standard's own."""
_AT_ONCE = 16_384

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]


def check(path: Path) -> None:
    """Raise unless the stream is whole, by its own account.

    (1) It is packets to its end, each where it must be.  (2) None is encrypted.  (3) Those of each
    kind are numbered without a break, but where a muxer began anew: segments that were joined.
    (4) The last unit of sound has the length that it tells.

    Raises:
        MediaTruncated: (1), (3) or (4) does not hold.
        MediaUnsupported: (2) does not hold.
    """
    counters = _Counters()
    for packets in packets_of(path):
        if np.any(packets[:, 3] & 0xC0):
            raise MediaUnsupported("the transport stream is encrypted")
        counters.take(packets)
    counters.finish()


def packets_of(path: Path) -> Iterator[Bytes]:
    """The packets, many at a time, as rows."""
    with path.open("rb") as file:
        while data := file.read(PACKET * _AT_ONCE):
            if len(data) % PACKET:
                raise MediaTruncated("the transport stream breaks off within a packet")
            packets = np.frombuffer(data, np.uint8).reshape(-1, PACKET)
            if np.any(packets[:, 0] != SYNC):
                raise MediaTruncated("a packet of the transport stream is not where it must be")
            yield packets


def pids(packets: Bytes) -> Places:
    """Which kind each packet is of."""
    return (packets[:, 1].astype(np.int64) & 0x1F) << 8 | packets[:, 2]


def body(packet: Bytes) -> bytes:
    """What a packet carries, without its header and adaptation field."""
    start = 4 + (1 + int(packet[4]) if packet[3] & 0x20 else 0)
    return packet[start:].tobytes() if packet[3] & 0x10 else b""


@dataclass(slots=True)
class _Unit:
    """A unit of sound on its way: what it tells of its length, and how much of it came."""

    told: int
    come: int = 0


@dataclass(slots=True)
class _Counters:
    """The packets' numbers as they go by, for each kind."""

    seen: int = 0
    """Packets of all kinds before these."""
    first: dict[int, int] = field(default_factory=dict)
    last: dict[int, tuple[int, Bytes]] = field(default_factory=dict)
    """The last packet of each kind, with its place in the stream."""
    units: dict[int, _Unit] = field(default_factory=dict)
    anew: int = -1
    """Where a table last came with the number that the first one had, as it does when a muxer begins anew."""

    def take(self, packets: Bytes) -> None:
        """The next packets."""
        kinds, numbers = pids(packets), packets[:, 3] & 0x0F
        if PAT in kinds:
            self.first.setdefault(PAT, int(numbers[kinds == PAT][0]))
        anew = self.seen + np.flatnonzero((kinds == PAT) & (numbers == self.first.get(PAT, -1)))
        for kind in np.unique(kinds):
            if kind != STUFFING:
                self._follow(int(kind), packets, np.flatnonzero(kinds == kind), anew)
        self.anew = int(anew[-1]) if len(anew) else self.anew
        self.seen += len(packets)

    def _follow(self, kind: int, packets: Bytes, places: Places, anew: Places) -> None:
        """Those of one kind; only where a number does not follow is a packet looked at by itself."""
        own = packets[places]
        numbers, carries = own[:, 3].astype(np.int64) & 0x0F, (own[:, 3] & 0x10 > 0).astype(np.int64)
        self.first.setdefault(kind, int(numbers[0]))
        was, before = self.last.get(kind, (-1, None))
        start = numbers[0] - carries[0] if before is None else int(before[3] & 0x0F)
        for at in np.flatnonzero((np.diff(numbers, prepend=start) - carries) % 16):
            past, past_at = (before, was) if at == 0 else (own[at - 1], self.seen + int(places[at - 1]))
            earlier = anew[anew < self.seen + places[at]]
            table = int(earlier[-1]) if len(earlier) else self.anew
            if not self._may_break(kind, own[at], past, is_anew=table > past_at):
                raise MediaTruncated("packets of the transport stream are missing")
        self.last[kind] = self.seen + int(places[-1]), own[-1].copy()
        self._measure(kind, own)

    def _may_break(self, kind: int, packet: Bytes, past: Bytes | None, *, is_anew: bool) -> bool:
        """Whether a number that does not follow is no loss: said so, sent twice, or of a muxer begun anew."""
        is_said = bool(packet[3] & 0x20 and packet[4] and packet[5] & 0x80)
        is_again = past is not None and np.array_equal(packet, past)
        is_first = bool(packet[3] & 0x0F == self.first[kind] and packet[1] & 0x40)
        return is_said or is_again or (is_first and (is_anew or kind < _TABLES))

    def _measure(self, kind: int, own: Bytes) -> None:
        """Follow the length of the last unit of sound."""
        starts = np.flatnonzero(own[:, 1] & 0x40)
        if len(starts):
            self.units[kind] = _Unit(told=_told(body(own[starts[-1]])))
            own = own[starts[-1] :]
        if kind in self.units and self.units[kind].told:
            self.units[kind].come += sum(len(body(each)) for each in own)

    def finish(self) -> None:
        """At the end of the stream."""
        if any(unit.come < unit.told for unit in self.units.values()):
            raise MediaTruncated("the transport stream breaks off within a unit of sound")


def _told(head: bytes) -> int:
    """Bytes of a unit of sound with its header, as that tells; 0 of a picture, which need not tell."""
    is_sound = head[:3] == START and len(head) > 5 and head[3] in SOUND
    return int.from_bytes(head[4:6], "big") + 6 if is_sound and any(head[4:6]) else 0
