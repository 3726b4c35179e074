"""Whether a transport stream is whole, told from its packets' numbers and its units' lengths.

FFmpeg plays what there is of one and says nothing of the rest.  The packets of each kind are
numbered, modulo 16; a muxer that begins anew, as one does for each segment (splitmuxsink),
begins every kind anew with the number that it had at first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compliance.errors import MediaTruncated, MediaUnsupported
from compliance.redact.transport import PACKET, PAT, START, STUFFING, Bytes, Places, begins, packets_of, pids

MOST_KINDS = 64
"""A recording has four or five kinds of packet; hundreds are made to wear a reader out."""
_SOUND = range(0xC0, 0xE0)
"""The ids of units of sound."""


def check(path: Path) -> None:
    """Raise unless the stream is whole, by its own account.

    (1) It is packets to its end.  (2) None is encrypted.  (3) Those of each kind are numbered
    without a break, but where all begin anew: segments that were joined.  (4) Each unit of
    sound has the length that it tells.

    Raises:
        MediaTruncated: (1), (3) or (4) does not hold.
        MediaUnsupported: (2) does not hold, or it holds a multitude of kinds.
    """
    found: dict[int, _Kind] = {}
    seen = 0
    # (1)
    for packets in packets_of(path):
        # (2)
        if np.any(packets[:, 3] & 0xC0):
            raise MediaUnsupported("the transport stream is encrypted")
        # (3)
        kinds = pids(packets)
        for kind in np.unique(kinds).tolist():
            if kind != STUFFING:
                places = np.flatnonzero(kinds == kind)
                found.setdefault(kind, _Kind(is_needed=kind == PAT)).take(packets[places], seen + places)
        if len(found) > MOST_KINDS:
            raise MediaUnsupported("the transport stream holds too many kinds of packet")
        seen += len(packets)
    for kind, each in found.items():
        others = [other for number, other in found.items() if number != kind]
        if not all(_is_joint(jump, others) for jump in each.jumps):
            raise MediaTruncated("packets of the transport stream are missing")
    # (4)
    if any(each.left for each in found.values()):
        raise MediaTruncated("the transport stream breaks off within a unit of sound")


@dataclass(frozen=True, slots=True, order=True)
class _Joint:
    """Where a stream may have begun anew, as far as one kind of packet tells: behind one, up to the next."""

    at: int
    """The packet that has the number which the kind had at first."""
    behind: int
    """The one before it."""


@dataclass(slots=True)
class _Kind:
    """The packets of one kind, as they go by."""

    is_needed: bool
    """Whether a new muxer begins with one of them."""
    number: int = -1
    """Of the first one."""
    since: int = -1
    """Where the first one is."""
    until: int = -1
    """Where the last one is."""
    last: Bytes | None = None
    joints: list[_Joint] = field(default_factory=list)
    jumps: list[_Joint] = field(default_factory=list)
    """Those of the joints at which the number does not follow."""
    left: int = 0
    """Bytes of the last unit of sound that are still to come."""

    def take(self, packets: Bytes, places: Places) -> None:
        """The next packets and where they are."""
        numbers, carries = packets[:, 3].astype(np.int64) & 0x0F, (packets[:, 3] & 0x10 > 0).astype(np.int64)
        if self.last is None:
            self.number, self.since = int(numbers[0]), int(places[0])
        before = numbers[0] - carries[0] if self.last is None else self.last[3] & 0x0F
        behind = np.concatenate([[self.until], places[:-1]])
        is_joint = begins(packets) & (numbers == self.number)
        is_jump = (np.diff(numbers, prepend=np.int64(before)) - carries) % 16 != 0
        for at in np.flatnonzero(is_jump):
            is_jump[at] = not _is_excused(packets[at], packets[at - 1] if at else self.last)
        if np.any(is_jump & ~is_joint):
            raise MediaTruncated("packets of the transport stream are missing")
        self.joints += _joints(places, behind, is_joint)
        self.jumps += _joints(places, behind, is_jump)
        self.until, self.last = int(places[-1]), packets[-1].copy()
        self._measure(packets)

    def _measure(self, packets: Bytes) -> None:
        """Follow the length of units of sound: each has to be there before the next one begins."""
        sizes = _sizes(packets)
        starts = np.flatnonzero(begins(packets))
        come = int(sizes[: starts[0]].sum() if len(starts) else sizes.sum())
        self.left = max(self.left - come, 0)
        if not len(starts):
            return
        left = np.maximum(_told(packets[starts]) - np.add.reduceat(sizes, starts), 0)
        if self.left or np.any(left[:-1]):
            raise MediaTruncated("a unit of sound of the transport stream is not whole")
        self.left = int(left[-1])

    def may_begin_at(self, place: int) -> bool:
        """Whether the first packet of this kind from a place on may be the first of a new muxer."""
        if not self.since < place <= self.until:
            return not self.is_needed
        found = bisect_left(self.joints, place, key=lambda joint: joint.at)
        return found < len(self.joints) and self.joints[found].behind < place


def _joints(places: Places, behind: Places, chosen: NDArray[np.bool_]) -> Iterator[_Joint]:
    return (
        _Joint(at, past) for at, past in zip(places[chosen].tolist(), behind[chosen].tolist(), strict=True)
    )


def _is_joint(jump: _Joint, others: list[_Kind]) -> bool:
    """Whether there is a place round a jump at which every kind may begin anew.

    If there is one, the first packet behind it of some kind is such a place too.
    """
    places = {jump.at}
    for each in others:
        low = bisect_left(each.joints, jump.behind + 1, key=lambda joint: joint.at)
        high = bisect_left(each.joints, jump.at, key=lambda joint: joint.at)
        places.update(joint.at for joint in each.joints[low:high])
    return any(all(each.may_begin_at(place) for each in others) for place in places)


def _is_excused(packet: Bytes, past: Bytes | None) -> bool:
    """Whether a packet says itself that its number does not follow, or is the one before sent once more."""
    is_said = bool(packet[3] & 0x20 and packet[4] and packet[5] & 0x80)
    return is_said or (past is not None and np.array_equal(packet, past))


def _sizes(packets: Bytes) -> Places:
    """Bytes that each packet carries."""
    fields = np.where(packets[:, 3] & 0x20 > 0, 1 + packets[:, 4].astype(np.int64), 0)
    return np.where(packets[:, 3] & 0x10 > 0, np.maximum(PACKET - 4 - fields, 0), 0)


def _told(packets: Bytes) -> Places:
    """Bytes of the unit of sound that begins in each packet, as it tells; 0 of others, which may not."""
    heads = PACKET - _sizes(packets)
    rows, places = np.arange(len(packets))[:, None], np.minimum(heads[:, None] + np.arange(6), PACKET - 1)
    read = packets[rows, places].astype(np.int64)
    is_sound = (heads + 6 <= PACKET) & np.all(read[:, :3] == np.frombuffer(START, np.uint8), axis=1)
    is_sound &= (read[:, 3] >= _SOUND.start) & (read[:, 3] < _SOUND.stop)
    length = read[:, 4] << 8 | read[:, 5]
    return np.where(is_sound & (length > 0), length + 6, 0)
