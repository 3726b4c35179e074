"""Where the checked log is read from: a database, or what was exported of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from sqlalchemy import Connection

from compliance.audit.anchors.guard import Loss, declared
from compliance.audit.stored import StoredTree
from compliance.store import anchors, checkpoints, tree
from compliance.store.checkpoints import CheckpointRow
from compliance.store.tree import LeafRow

Hashed = tuple[int, str, bytes | None, bytes | None]
"""A leaf as the first pass needs it: its number, its event's id, the stored bytes and their stored hash."""

LOWEST: Final = -(2**63)


class Source(Protocol):
    """A log to be checked.  All of it must be from one moment."""

    def newest(self) -> CheckpointRow | None:
        """The checkpoint of the largest tree, or None."""
        ...

    def checkpoints(self, above: int, limit: int) -> list[CheckpointRow]:
        """The checkpoints of trees larger than that, the smallest first."""
        ...

    def hashed(self, start: int, stop: int) -> list[Hashed]:
        """The leaves ``start`` up to ``stop``, for hashing."""
        ...

    def leaves(self, start: int, stop: int) -> list[LeafRow]:
        """The same with all that is known of their events."""
        ...

    def size(self) -> int:
        """How many leaves there are, by the highest number."""
        ...

    def unsealed(self) -> int:
        """Events that have no leaf yet."""
        ...

    def root(self, start: int, stop: int) -> bytes:
        """The root over some leaves by the stored tiles; AuditInvalid if they are not there."""
        ...

    def tokens(self) -> Iterator[tuple[int, bytes]]:
        """The time-stamp tokens that lie with the log, each with the size of its checkpoint."""
        ...

    def note(self, size: int) -> str | None:
        """The note of the checkpoint of that size, or None."""
        ...

    def losses(self) -> tuple[Loss, ...]:
        """The losses that were declared in the log."""
        ...

    def taken(self, sink: str) -> int | None:
        """The size of the largest checkpoint that a sink took, by our own books; None if of none is known."""
        ...


class StoredLog:
    """The log in a database, read from one snapshot (``Database.read``)."""

    def __init__(self, connection: Connection) -> None:
        """Nothing is read yet."""
        self._connection: Final = connection

    def newest(self) -> CheckpointRow | None:
        """See ``Source``."""
        return checkpoints.latest(self._connection)

    def checkpoints(self, above: int, limit: int) -> list[CheckpointRow]:
        """See ``Source``."""
        return checkpoints.page(self._connection, above, limit)

    def hashed(self, start: int, stop: int) -> list[Hashed]:
        """See ``Source``."""
        return tree.hashed(self._connection, start, stop)

    def leaves(self, start: int, stop: int) -> list[LeafRow]:
        """See ``Source``."""
        return tree.leaves(self._connection, start, stop)

    def size(self) -> int:
        """See ``Source``."""
        return tree.size(self._connection)

    def unsealed(self) -> int:
        """See ``Source``."""
        return tree.unsealed(self._connection)

    def root(self, start: int, stop: int) -> bytes:
        """See ``Source``."""
        return StoredTree(self._connection, stop).root(start, stop)

    def tokens(self) -> Iterator[tuple[int, bytes]]:
        """See ``Source``."""
        return ((row.size, row.token) for row in anchors.timestamps(self._connection))

    def note(self, size: int) -> str | None:
        """See ``Source``."""
        row = checkpoints.of_size(self._connection, size)
        return None if row is None else row.note

    def losses(self) -> tuple[Loss, ...]:
        """See ``Source``."""
        return declared(self._connection)

    def taken(self, sink: str) -> int | None:
        """See ``Source``."""
        row = anchors.newest(self._connection, sink)
        return None if row is None else row.size
