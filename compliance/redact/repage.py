"""Opus in Ogg written again with some packets replaced.

A page in which nothing changes is copied as it stands, so that an hour costs what its cuts cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance.redact.ogg import CONTINUED, LAST, OpusFile, checksum, paged, with_crc

_TAGS = b"OpusTags" + bytes(8)
"""Comments that say nothing, not even who wrote them (RFC 7845 5.2)."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Pages in a row that share no packet with others."""

    first: int
    last: int


def rewritten(source: OpusFile, step: int, fresh: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    """The file's bytes with some packets replaced, in the order of their numbers; ``step`` samples a packet.

    Header pages carry the source's header and no comments.  Pages keep their packets and
    their clock; one that overflows becomes two.
    """
    head = source.first
    yield source.read(head.at, head.end)
    yield paged(head.serial, head.sequence + 1, 0, 0, [_TAGS])
    shift, replaced = head.sequence + 2 - source.pages[0].sequence, _Replaced(fresh)
    for group in _groups(source):
        low = source.ends[group.first - 1] if group.first else 0
        bodies = dict(replaced.below(source.ends[group.last]))
        if bodies:
            parts = list(_remade(source, group, low, step, bodies, shift))
            shift += len(parts) - (group.last + 1 - group.first)
            yield from parts
        else:
            yield _copied(source, group, shift)


class _Replaced:
    """Packets made anew, taken as the pages come to them."""

    def __init__(self, fresh: Iterable[tuple[int, bytes]]) -> None:
        self._rest = iter(fresh)
        self._next = next(self._rest, None)

    def below(self, end: int) -> Iterator[tuple[int, bytes]]:
        while self._next is not None and self._next[0] < end:
            yield self._next
            self._next = next(self._rest, None)


def _groups(source: OpusFile) -> Iterator[_Group]:
    first = 0
    for number in range(len(source.pages)):
        is_last = number + 1 == len(source.pages)
        if is_last or not source.pages[number + 1].flags & CONTINUED:
            yield _Group(first, number)
            first = number + 1


def _copied(source: OpusFile, group: _Group, shift: int) -> bytes:
    """Pages as they stand, bar their numbers where pages before them became more or fewer."""
    if not shift:
        return source.read(source.pages[group.first].at, source.pages[group.last].end)
    return b"".join(
        _renumbered(source.read(page.at, page.end), page.sequence + shift)
        for page in source.pages[group.first : group.last + 1]
    )


def _renumbered(page: bytes, sequence: int) -> bytes:
    bare = page[:18] + (sequence & 0xFFFFFFFF).to_bytes(4, "little") + bytes(4) + page[26:]
    return with_crc(bare, checksum(bare))


def _remade(
    source: OpusFile, group: _Group, low: int, step: int, bodies: Mapping[int, bytes], shift: int
) -> Iterator[bytes]:
    """The pages of a group anew, each with the packets that ended with it."""
    number = source.pages[group.first].sequence + shift
    for place in range(group.first, group.last + 1):
        page, high = source.pages[place], source.ends[place]
        packets = [bodies.get(index) or source.packet(index) for index in range(low, high)]
        before = _before(source, place, high - low, step)
        parts = list(_fitting(packets))
        done = 0
        for part in parts:
            done += len(part)
            is_last = done == len(packets)
            granule = page.granule if is_last else before + done * step
            yield paged(page.serial, number, page.flags & LAST if is_last else 0, granule, part)
            number += 1
        low = high


def _before(source: OpusFile, place: int, count: int, step: int) -> int:
    """The clock when a page begins.  The last is trimmed: it cannot be counted back from."""
    page = source.pages[place]
    told = (each.granule for each in reversed(source.pages[:place]) if each.granule >= 0)
    return next(told, 0 if page.flags & LAST else page.granule - count * step)


def _fitting(packets: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Packets in as few pages as hold them: 255 pieces each."""
    part: list[bytes] = []
    pieces = 0
    for packet in packets:
        more = len(packet) // 255 + 1
        if part and pieces + more > 255:
            yield part
            part, pieces = [], 0
        part.append(packet)
        pieces += more
    if part:
        yield part
