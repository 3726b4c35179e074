"""Gives the newest checkpoint to every sink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from compliance.audit.anchors.outages import Outages
from compliance.audit.anchors.sink import Sink, name_of
from compliance.store import anchors, checkpoints
from compliance.store.anchors import AnchorRow
from compliance.store.checkpoints import CheckpointRow
from compliance.store.database import Database


class Anchorer:
    """Keeps the sinks up to date.  One that fails keeps no other waiting but for its own patience."""

    def __init__(
        self, database: Database, sinks: Sequence[Sink], outages: Outages, now_ms: Callable[[], int]
    ) -> None:
        """Nothing is sent yet."""
        self._database: Final = database
        self._sinks: Final = tuple(sinks)
        self._outages: Final = outages
        self._now_ms: Final = now_ms

    def anchor(self) -> int:
        """Give each sink the newest checkpoint unless it has it; how many took it.

        What a sink raises is an event and not an error; the next time it is given
        what is newest then, which vouches for all that was missed.

        Raises:
            DatabaseUnavailable: the checkpoint could not be read, or that it was taken not be written.
        """
        with self._database.read() as connection:
            newest = checkpoints.latest(connection)
            behind = [each for each in self._sinks if newest and _is_behind(connection, each, newest)]
        return sum(self._give(each, newest) for each in behind if newest)

    def _give(self, sink: Sink, row: CheckpointRow) -> bool:
        receipt = self._outages.tried(sink.id, lambda: sink.put(name_of(row.size), row.note.encode()))
        if receipt is None:
            return False
        taken = AnchorRow(sink=sink.id, size=row.size, anchored_at_ms=self._now_ms(), receipt=receipt)
        with self._database.begin() as connection:
            anchors.add(connection, taken)
        return True


def _is_behind(connection: Connection, sink: Sink, newest: CheckpointRow) -> bool:
    taken = anchors.newest(connection, sink.id)
    return taken is None or taken.size != newest.size
