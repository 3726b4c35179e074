"""A bag (RFC 8493) as it is filled, listed and packed into a ZIP that is the same each time it is made."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from compliance.errors import ArgumentInvalid
from compliance.evidence.verify_alone import (
    CHUNK,
    PAYLOAD,
    TAGS,
    Entry,
    directory_entry,
    ending,
    is_safe,
    listed,
    local_header,
    moment,
    stamp,
)
from compliance.store.disk import refusals

DATA = "data/"
"""Where the payload lies; everything else is a tag file."""
_PLACE = "the folder of the bundle"


@dataclass(slots=True, kw_only=True)
class Bag:
    """A bag in a folder, with the digest and size of each file that was put into it."""

    folder: Path
    sha256: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def add(self, path: str, chunks: Iterable[bytes]) -> str:
        """Write a file, streaming; its SHA-256.

        Raises:
            ArgumentInvalid: the path is not one that every system takes, or is taken.
            DiskFull, StorageUnavailable: it could not be written.
        """
        if not is_safe(path) or path in self.sha256:
            raise ArgumentInvalid("a file's name cannot stand in a bundle, or stands there already")
        place, digest, size = self.folder / path, hashlib.sha256(), 0
        with refusals(_PLACE):
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += file.write(chunk)
        self.sha256[path], self.sizes[path] = digest.hexdigest(), size
        return self.sha256[path]

    def add_text(self, path: str, text: str) -> str:
        """Write a small file of UTF-8; its SHA-256."""
        return self.add(path, [text.encode()])

    @property
    def payload(self) -> tuple[int, int]:
        """Bytes and number of the files under data/: what RFC 8493 (2.2.2) calls the Payload-Oxum."""
        sizes = [size for path, size in self.sizes.items() if path.startswith(DATA)]
        return sum(sizes), len(sizes)

    def describe(self, export_id: str, created_at_ms: int, matter: str) -> None:
        """What a bag says of itself (2.1.1, 2.2.2)."""
        octets, count = self.payload
        self.add_text("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        lines = (
            f"External-Identifier: {export_id}",
            f"External-Description: {matter}",
            f"Bagging-Date: {moment(created_at_ms):%Y-%m-%d}",
            f"Payload-Oxum: {octets}.{count}",
        )
        self.add_text("bag-info.txt", "".join(f"{line}\n" for line in lines))

    def close(self) -> str:
        """Write both lists; the SHA-256 of the second, which stands for all that is in the bag."""
        self.add_text(PAYLOAD, listed(self.sha256, is_payload=True))
        return self.add_text(TAGS, listed(self.sha256, is_payload=False))


def pack(bag: Bag, target: Path, *, base: str, created_at_ms: int) -> None:
    """Write the bag as a ZIP, by a method that leaves no choice.

    Files are sorted by name, stored without compression, dated by the export and described
    alike, and the ZIP holds nothing else, so that whoever checks it can say of every byte what it must be.

    Raises:
        DiskFull, StorageUnavailable: it could not be written.
    """
    at, entries = stamp(created_at_ms), []
    with refusals(_PLACE), target.open("xb") as file:
        for path in sorted(bag.sha256):
            entries.append(_store(file, f"{base}/{path}", bag.folder / path, bag.sizes[path], at))
        start = file.tell()
        for each in entries:
            file.write(directory_entry(each, at))
        file.write(ending(len(entries), start, file.tell() - start))
        file.flush()
        os.fsync(file.fileno())


def _store(file: IO[bytes], name: str, source: Path, size: int, at: int) -> Entry:
    """One file with its header, whose CRC is known only behind it."""
    head, crc = file.tell(), 0
    file.write(local_header(name, size, 0, at))
    start = file.tell()
    for chunk in _chunks(source):
        crc = zlib.crc32(chunk, crc)
        file.write(chunk)
    file.seek(head)
    file.write(local_header(name, size, crc, at))
    file.seek(0, os.SEEK_END)
    return Entry(name, head, start, size, crc)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(CHUNK), b"")
