"""A log that was exported into a folder of tiles (C2SP tlog-tiles): checked without a database.

checkpoint               the newest signed checkpoint
tile/entries/<N>[.p/<W>] events, each behind its length in two bytes
checkpoints/ timestamps/ what the sinks hold, if it was put beside them
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.guard import Loss, loss
from compliance.audit.anchors.sink import TOKENS, size_of
from compliance.audit.checks.exported_keys import keyring
from compliance.audit.checks.source import Hashed
from compliance.audit.events import EventKind
from compliance.audit.keyring import Keyring
from compliance.audit.merkle import leaf_hash, root
from compliance.audit.note import parse_checkpoint, text_of
from compliance.audit.tiles import WIDTH, path
from compliance.errors import ArgumentInvalid, AuditInvalid
from compliance.store.checkpoints import CheckpointRow
from compliance.store.events import EventRow
from compliance.store.tree import LeafRow

_LENGTH_BYTES: Final = 2


class ExportedLog:
    """The log in a folder.  It has one checkpoint; the bundles are read one at a time."""

    def __init__(self, folder: Path) -> None:
        """Read the checkpoint.

        Raises:
            ArgumentInvalid: there is no export in the folder.
        """
        self._folder: Final = folder
        try:
            self._note: Final = (folder / "checkpoint").read_text(encoding="utf-8")
            self._stated: Final = parse_checkpoint(text_of(self._note))
        except (OSError, UnicodeDecodeError, AuditInvalid) as error:
            raise ArgumentInvalid("the folder holds no exported log (checkpoint, tile/entries)") from error
        self._bundle: tuple[int, list[bytes]] = (-1, [])

    def newest(self) -> CheckpointRow | None:
        """See ``Source``."""
        return CheckpointRow(size=self._stated.size, root=self._stated.root, note=self._note, created_at_ms=0)

    def checkpoints(self, above: int, limit: int) -> list[CheckpointRow]:
        """See ``Source``."""
        newest = self.newest()
        return [newest] if newest is not None and newest.size > above else []

    def hashed(self, start: int, stop: int) -> list[Hashed]:
        """See ``Source``; with no stored hash to compare with."""
        return [(index, _id(body), body, leaf_hash(body)) for index, body in self._bodies(start, stop)]

    def leaves(self, start: int, stop: int) -> list[LeafRow]:
        """See ``Source``; with the row that the bytes themselves give."""
        return [_row(index, body) for index, body in self._bodies(start, stop)]

    def size(self) -> int:
        """See ``Source``: as many as the checkpoint says, or fewer if a bundle breaks off before."""
        short = (n for n in self._numbers() if len(self._entries(n)) < self._width(n))
        first = next(short, None)
        return self._stated.size if first is None else first * WIDTH + len(self._entries(first))

    def unsealed(self) -> int:
        """None: only what is under the checkpoint is exported."""
        return 0

    def root(self, start: int, stop: int) -> bytes:
        """See ``Source``; computed from the events, since tiles would have to be believed."""
        bodies = self._bodies(start, stop)
        if len(bodies) != stop - start:
            raise AuditInvalid("events are missing from the export")
        return root(leaf_hash(body) for _, body in bodies)

    def tokens(self) -> Iterator[tuple[int, bytes]]:
        """See ``Source``: those that were put beside the tiles."""
        held = FolderSink(self._folder).read(TOKENS) or ()
        return ((size_of(each.name) or 0, each.data) for each in held)

    def note(self, size: int) -> str | None:
        """See ``Source``."""
        return self._note if size == self._stated.size else None

    def keys(self) -> Keyring:
        """The keys of the log, as its events tell of them.

        Raises:
            AuditInvalid: an event that tells of a key cannot be read.
        """
        return keyring((index, body) for n in self._numbers() for index, body in self._bundle_of(n))

    def losses(self) -> tuple[Loss, ...]:
        """See ``Source``; every event is looked at."""
        kind = f'"kind":"{EventKind.LOG_RESTORED}"'.encode()
        found = (body for number in self._numbers() for body in self._entries(number))
        return tuple(loss(body) for body in found if kind in body)

    def taken(self, sink: str) -> int | None:
        """None: the books are not exported."""
        return None

    def _bodies(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        """The events that are there of those asked for, to the first that is not."""
        found: list[tuple[int, bytes]] = []
        for index in range(max(start, 0), min(stop, self._stated.size)):
            entries = self._entries(index // WIDTH)
            if index % WIDTH >= len(entries):
                break
            found.append((index, entries[index % WIDTH]))
        return found

    def _numbers(self) -> range:
        """The numbers of the bundles."""
        return range(-(-self._stated.size // WIDTH))

    def _bundle_of(self, number: int) -> list[tuple[int, bytes]]:
        return list(enumerate(self._entries(number), number * WIDTH))

    def _width(self, number: int) -> int:
        """How many events a bundle should hold."""
        return min(WIDTH, self._stated.size - number * WIDTH)

    def _entries(self, number: int) -> list[bytes]:
        """The events of a bundle."""
        if self._bundle[0] != number:
            place = self._folder / path("entries", number, self._width(number))
            self._bundle = (number, _split(place.read_bytes()) if place.is_file() else [])
        return self._bundle[1]


def _split(bundle: bytes) -> list[bytes]:
    """The entries of a bundle, to where it breaks off."""
    found, at = [], 0
    while at + _LENGTH_BYTES <= len(bundle):
        length = int.from_bytes(bundle[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES
        if at + length > len(bundle):
            break
        found.append(bundle[at : at + length])
        at += length
    return found


def _row(index: int, body: bytes) -> LeafRow:
    """A leaf by its bytes alone; what they say of themselves is checked when they are read."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = {}
    read = read if isinstance(read, dict) else {}
    event = EventRow(
        id=str(read.get("id", "")),
        recording_id=read.get("recording_id"),
        kind=str(read.get("kind", "")),
        occurred_at_ms=read.get("occurred_at_ms", 0),
        body=body,
        leaf_hash=leaf_hash(body),
    )
    return LeafRow(leaf_index=index, event_id=event.id, event=event)


def _id(body: bytes) -> str:
    return _row(0, body).event_id
