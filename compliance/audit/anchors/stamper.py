"""Has the newest checkpoint time-stamped, and writes the stamp's digest into the log.

The stamp says that everything under the checkpoint was there by its time.  Its
digest, which nobody could know before, says that everything after it in the log
came later.  So what lies between two stamps was written between their times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from compliance.audit import log
from compliance.audit.anchors.outages import Outages
from compliance.audit.anchors.rfc3161 import Authority
from compliance.audit.anchors.sink import TOKENS, Sink, name_of
from compliance.audit.events import AuditEvent, EventKind, event
from compliance.audit.pulse import ACTOR
from compliance.store import anchors, checkpoints
from compliance.store.anchors import TimestampRow
from compliance.store.checkpoints import CheckpointRow
from compliance.store.database import Database


class Stamper:
    """Asks an authority so often, as long as the log grows."""

    def __init__(
        self,
        database: Database,
        authority: Authority,
        sinks: Sequence[Sink],
        outages: Outages,
        now_ms: Callable[[], int],
        *,
        every_s: int,
    ) -> None:
        """Nothing is asked yet."""
        self._database: Final = database
        self._authority: Final = authority
        self._sinks: Final = tuple(sinks)
        self._outages: Final = outages
        self._now_ms: Final = now_ms
        self._every_ms: Final = every_s * 1000

    def stamp_if_due(self) -> TimestampRow | None:
        """Have the newest checkpoint stamped if the last stamp is that old; the stamp, if there is a new one.

        What the authority raises is an event and not an error; it is asked again the next time.

        Raises:
            DatabaseUnavailable: nothing was kept; the authority is asked again.
        """
        with self._database.read() as connection:
            newest, last = checkpoints.latest(connection), anchors.newest_timestamp(connection)
        if newest is None or (last is not None and not self._is_due(newest, last)):
            return None
        given = self._outages.tried(self._authority.id, lambda: self._authority.stamp(newest.note.encode()))
        return None if given is None else self._kept(newest, *given)

    def _is_due(self, newest: CheckpointRow, last: TimestampRow) -> bool:
        return newest.size > last.size and self._now_ms() - last.received_at_ms >= self._every_ms

    def _kept(self, checkpoint: CheckpointRow, token: bytes, stated_at_ms: int) -> TimestampRow:
        row = TimestampRow(
            size=checkpoint.size,
            token_sha256=sha256(token).hexdigest(),
            stated_at_ms=stated_at_ms,
            received_at_ms=self._now_ms(),
            token=token,
        )
        with self._database.begin() as connection:
            anchors.add_timestamp(connection, row)
            log.record(connection, self._told(checkpoint, row))
        for sink in self._sinks:
            self._give(sink, checkpoint, row)
        return row

    def _told(self, checkpoint: CheckpointRow, row: TimestampRow) -> AuditEvent:
        return event(
            EventKind.LOG_TIMESTAMPED,
            recording_id=None,
            key=row.token_sha256,
            occurred_at_ms=row.received_at_ms,
            actor=ACTOR,
            size=row.size,
            root_sha256=checkpoint.root.hex(),
            token_sha256=row.token_sha256,
            stated_at_ms=row.stated_at_ms,
            authority_sha256=self._authority.pins.fingerprint,
        )

    def _give(self, sink: Sink, checkpoint: CheckpointRow, row: TimestampRow) -> None:
        """The token to where nobody here can reach it, with the note that it is over."""

        def put() -> bytes:
            sink.put(name_of(row.size), checkpoint.note.encode())
            return sink.put(name_of(row.size, prefix=TOKENS), row.token)

        self._outages.tried(sink.id, put)
