"""The log as a folder of files, laid out as C2SP tlog-tiles has it: for others' tools, and for a web server.

checkpoint                    the newest signed checkpoint
tile/<L>/<N>[.p/<W>]          hashes, 256 a tile, fewer at the right edge
tile/entries/<N>[.p/<W>]      events, each behind its length in two bytes
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from compliance.audit.stored import StoredTree
from compliance.audit.tiles import WIDTH, path, widths
from compliance.errors import AuditInvalid, EventUnsealed
from compliance.store import checkpoints, tree
from compliance.store.disk import refusals

LENGTH_BYTES = 2
"""Before each entry stands its length, the more significant byte first."""


def export(connection: Connection, folder: Path) -> int:
    """Write the log of the newest checkpoint; its size.

    Whole tiles that are there from an earlier export stay, as they never change.
    The checkpoint comes last, so that all it speaks of is there.

    Raises:
        EventUnsealed: there is no checkpoint yet.
        AuditInvalid: a leaf, an event or a tile is missing.
        DiskFull, StorageUnavailable: a file cannot be written.
    """
    newest = checkpoints.latest(connection)
    if newest is None:
        raise EventUnsealed("the log has no checkpoint yet")
    for name, data in _files(connection, newest.size, folder):
        _write(folder / name, data)
    _write(folder / "checkpoint", newest.note.encode())
    return newest.size


def _files(connection: Connection, size: int, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files that are not there yet, with what belongs into them."""
    stored = StoredTree(connection, size)
    for level, index, width in _tiles(size):
        name = path(level, index, width)
        if not (folder / name).exists():
            yield name, b"".join(stored.hashes(level, index))
        bundle = path("entries", index, width)
        if level == 0 and not (folder / bundle).exists():
            yield bundle, _bundle(connection, index * WIDTH, index * WIDTH + width)


def _tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, number and width of every tile of a tree."""
    for level, rest in enumerate(widths(size)):
        whole = size // WIDTH ** (level + 1)
        yield from ((level, index, WIDTH) for index in range(whole))
        if rest:
            yield level, whole, rest


def _bundle(connection: Connection, start: int, stop: int) -> bytes:
    """The events of some leaves, one after another."""
    rows = tree.leaves(connection, start, stop)
    bodies = [row.event.body for row in rows if row.event is not None]
    if len(bodies) != stop - start:
        raise AuditInvalid(f"an event between the leaves {start} and {stop} is no longer there")
    return b"".join(_entry(body) for body in bodies)


def _entry(body: bytes) -> bytes:
    if len(body) >= 1 << (8 * LENGTH_BYTES):
        raise AuditInvalid("an event is longer than the 65,535 bytes that tlog-tiles has room for")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def _write(target: Path, data: bytes) -> None:
    """Put a file into place whole."""
    with refusals("the folder of tiles"):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        draft.write_bytes(data)
        draft.replace(target)
