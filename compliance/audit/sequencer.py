"""The sequencer: gives written events their place in the tree and signs a checkpoint over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection

from compliance.audit.merkle import Frontier, leaf_hash
from compliance.audit.note import Checkpoint, Signer
from compliance.errors import AuditInvalid
from compliance.store import events
from compliance.store.database import Database

STEP: Final = 2_000
"""Rows read at once: enough to be fast, few enough to keep memory flat."""


class Sequencer:
    """Turns pending events into leaves, in the order in which they were written.

    It remembers the tree's frontier from one call to the next.  The first call
    in a process reads every leaf, and so finds out whether the log still is what
    the latest checkpoint says; later calls read what was added by others only.
    """

    def __init__(self, database: Database, signer: Signer) -> None:
        """A sequencer that has read nothing yet."""
        self._database: Final = database
        self._signer: Final = signer
        self._frontier = Frontier()

    def seal(self, now_ms: int) -> Checkpoint | None:
        """Take every pending event into the tree and sign the new checkpoint; None if there was none.

        Of two that seal at once, one waits and finds nothing left.

        Raises:
            AuditInvalid: the leaves do not match the latest checkpoint, or that is not signed by this key.
                Nothing is signed then: a second history under the same key could not be told from the first.
            DatabaseUnavailable: nothing was sealed; the events stay pending.
        """
        with self._database.begin() as connection:
            events.lock(connection)
            known = self._caught_up(connection)
            grown = _take_pending(connection, known)
            checkpoint = Checkpoint(origin=self._signer.name, size=grown.size, root=grown.root)
            if grown.size > known.size:
                self._publish(connection, checkpoint, now_ms)
        self._frontier = grown
        return checkpoint if grown.size > known.size else None

    def _caught_up(self, connection: Connection) -> Frontier:
        """The frontier at the latest checkpoint, to which it must lead."""
        latest = events.latest_checkpoint(connection)
        size = 0 if latest is None else latest.size
        if self._frontier.size > size or events.size(connection) != size:
            raise AuditInvalid(f"the log's leaves do not end where its latest checkpoint does, at {size}")
        frontier = self._frontier
        for start in range(frontier.size, size, STEP):
            rows = events.leaves(connection, start, min(start + STEP, size))
            frontier = frontier.extended(_hashes(row.event for row in rows))
        if latest is not None:
            signed = self._signer.verifier.checkpoint_of(latest.note)
            if not (signed.size, signed.root) == (latest.size, latest.root) == (frontier.size, frontier.root):
                raise AuditInvalid(f"the log's leaves do not match its latest checkpoint, of size {size}")
        return frontier

    def _publish(self, connection: Connection, checkpoint: Checkpoint, now_ms: int) -> None:
        row = events.CheckpointRow(
            size=checkpoint.size,
            root=checkpoint.root,
            note=self._signer.note(checkpoint.text),
            created_at_ms=now_ms,
        )
        if not events.add_checkpoint(connection, row):
            raise AuditInvalid(f"there is a checkpoint of size {checkpoint.size} already")


def _take_pending(connection: Connection, frontier: Frontier) -> Frontier:
    """The frontier after every pending event was given its leaf."""
    while rows := events.pending(connection, STEP):
        events.append_leaves(connection, frontier.size, (row.id for row in rows))
        frontier = frontier.extended(_hashes(rows))
        if len(rows) < STEP:
            break
    return frontier


def _hashes(rows: Iterable[events.EventRow | None]) -> Iterator[bytes]:
    """The leaf hashes of events, made anew from their bytes: an altered event is not sealed as it is."""
    for row in rows:
        if row is None:
            raise AuditInvalid("an event that has a leaf is no longer there")
        if leaf_hash(row.body) != row.leaf_hash:
            raise AuditInvalid(f"the stored bytes of {row.id} are not the ones that were written")
        yield row.leaf_hash
