"""Ogg read page by page (RFC 3533), and the packets of Opus in it (RFC 7845)."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from compliance.errors import MediaTruncated

_HEAD = struct.Struct("<4sBBqIIIB")
CONTINUED, FIRST, LAST = 1, 2, 4
"""Flags of a page: it begins with the rest of a packet; it begins the stream; it ends it."""

_REVERSED = bytes(int(f"{each:08b}"[::-1], 2) for each in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """A page's header, and where its parts lie."""

    at: int
    flags: int
    granule: int
    """Samples up to the end of the last packet that ends here; -1 where none does."""
    serial: int
    sequence: int
    crc: int
    segments: int
    size: int
    """Bytes of the body."""

    @property
    def body(self) -> int:
        """Where the body begins."""
        return self.at + _HEAD.size + self.segments

    @property
    def end(self) -> int:
        """Where the next page begins."""
        return self.body + self.size


def pages(file: BinaryIO) -> Iterator[tuple[Page, bytes]]:
    """Every page from here to the end of the file, with its bytes.

    Raises:
        MediaTruncated: what follows is no page, or it breaks off.
    """
    at = file.tell()
    while head := file.read(_HEAD.size):
        if len(head) < _HEAD.size or head[:4] != b"OggS":
            raise MediaTruncated("an Ogg page is broken")
        _, _, flags, granule, serial, sequence, crc, segments = _HEAD.unpack(head)
        lacing = file.read(segments)
        page = Page(at, flags, granule, serial, sequence, crc, segments, size=sum(lacing))
        whole = head + lacing + file.read(page.size)
        if len(whole) < page.end - page.at:
            raise MediaTruncated("the Ogg stream has no last page")
        yield page, whole
        at = page.end


def checksum(page: bytes) -> int:
    """The CRC of a page whose own is zero (RFC 3533 6): zlib's, with all bits turned round."""
    reflected = ~zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) & 0xFFFFFFFF
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")


def with_crc(page: bytes, crc: int) -> bytes:
    """A page's bytes with another checksum."""
    return page[:22] + crc.to_bytes(4, "little") + page[26:]


def paged(serial: int, sequence: int, flags: int, granule: int, packets: Sequence[bytes]) -> bytes:
    """A page of whole packets."""
    lacing = b"".join(b"\xff" * (len(each) // 255) + bytes([len(each) % 255]) for each in packets)
    head = _HEAD.pack(b"OggS", 0, flags, granule, serial, sequence & 0xFFFFFFFF, 0, len(lacing))
    page = head + lacing + b"".join(packets)
    return with_crc(page, checksum(page))


@dataclass(slots=True)
class OpusFile:
    """An Ogg file of one Opus stream, its packets at hand by their number, the header's not counted."""

    file: BinaryIO
    first: Page
    """The header's."""
    pages: list[Page]
    """Those of the sound."""
    ends: list[int]
    """For each page, how many packets have ended with it."""
    starts: NDArray[np.int64]
    sizes: NDArray[np.int32]
    firsts: NDArray[np.uint8]
    """The first byte of each packet; any byte, of an empty one."""
    _split: Mapping[int, bytes] = field(repr=False)
    """Packets that lie on several pages."""

    @property
    def count(self) -> int:
        """How many packets there are."""
        return len(self.starts)

    @property
    def head(self) -> bytes:
        """The stream's header."""
        return self.read(self.first.body, self.first.end)

    def packet(self, index: int) -> bytes:
        """The bytes of a packet."""
        start = int(self.starts[index])
        return self._split.get(index) or self.read(start, start + int(self.sizes[index]))

    def read(self, start: int, end: int) -> bytes:
        """The bytes from here to there.

        From wherever the file stands, so that threads do not disturb each other; and not
        through a map, which takes the process with it when the file is cut short meanwhile.

        Raises:
            MediaTruncated: they are no longer there.
        """
        found = os.pread(self.file.fileno(), end - start, start)
        if len(found) < end - start:
            raise MediaTruncated("the recording became shorter while it was read")
        return found

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()


def opened(path: Path) -> OpusFile | None:
    """The file, or None where it is no such file, or one whose pages are not to be copied.

    Not if a checksum is wrong, or the header is not on two pages and more of its own.
    """
    file = path.open("rb")
    try:
        found = _indexed(file)
    except MediaTruncated:
        found = None
    if found is None:
        file.close()
    return found


def _indexed(file: BinaryIO) -> OpusFile | None:
    walk = pages(file)
    first, whole = next(walk, (None, b""))
    if first is None or not _is_sound(first, whole) or not whole[first.body :].startswith(b"OpusHead"):
        return None
    return _cut_up(file, first, walk) if _skip_tags(walk) else None


def _is_sound(page: Page, whole: bytes) -> bool:
    return checksum(with_crc(whole, 0)) == page.crc


def _skip_tags(walk: Iterator[tuple[Page, bytes]]) -> bool:
    """Whether the comments follow and end with a page, so that the sound begins one (RFC 7845 3)."""
    for number, (page, whole) in enumerate(walk):
        body, lacing = whole[page.body - page.at :], _lacing(page, whole)
        if not _is_sound(page, whole) or (not number and not body.startswith(b"OpusTags")):
            return False
        if (lacing < 255).any():
            return bool(lacing[-1] < 255 and np.count_nonzero(lacing < 255) == 1)
    return False


def _lacing(page: Page, whole: bytes) -> NDArray[np.uint8]:
    """The lengths of a page's pieces; one under 255 ends a packet."""
    return np.frombuffer(whole, np.uint8, page.segments, _HEAD.size)


@dataclass(slots=True)
class _Index:
    """Where packets lie, as pages go by."""

    pages: list[Page] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    starts: list[NDArray[np.int64]] = field(default_factory=list)
    sizes: list[NDArray[np.int32]] = field(default_factory=list)
    firsts: list[NDArray[np.uint8]] = field(default_factory=list)
    split: dict[int, bytes] = field(default_factory=dict)
    rest: bytes = b""
    """The beginning of a packet that the next page goes on with."""

    def take(self, page: Page, whole: bytes) -> bool:
        """Take in the next page, if it goes on where the last one ended."""
        if bool(page.flags & CONTINUED) != bool(self.rest) or not _is_sound(page, whole):
            return False
        lacing, body = _lacing(page, whole), page.body - page.at
        until = np.cumsum(lacing, dtype=np.int64)[lacing < 255] + body
        since = np.concatenate(([body], until))[: len(until)]
        size = (until - since).astype(np.int32)
        first = np.frombuffer(whole + b"\0", np.uint8)[since]
        if self.rest and len(until):
            joined = self.split[self._count] = self.rest + whole[body : int(until[0])]
            size[0], first[0], self.rest = len(joined), joined[0], b""
        self.rest += whole[int(until[-1]) if len(until) else body :]
        self.starts.append(since + page.at)
        self.sizes.append(size)
        self.firsts.append(first)
        self.ends.append(self._count + len(until))
        self.pages.append(page)
        return True

    @property
    def _count(self) -> int:
        return self.ends[-1] if self.ends else 0


def _cut_up(file: BinaryIO, first: Page, walk: Iterator[tuple[Page, bytes]]) -> OpusFile | None:
    """Where each packet lies; None where one never ends."""
    index = _Index()
    if not all(index.take(page, whole) for page, whole in walk) or index.rest or not index.ends[-1:] > [0]:
        return None
    return OpusFile(
        file=file,
        first=first,
        pages=index.pages,
        ends=index.ends,
        starts=np.concatenate(index.starts),
        sizes=np.concatenate(index.sizes),
        firsts=np.concatenate(index.firsts),
        _split=index.split,
    )
