"""The inbox: every webhook event that was answered 2xx, before anything is done with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, select, update

from compliance.store.database import insert_once, values_of
from compliance.store.schema import inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One accepted event."""

    event_id: str
    dedupe_key: str | None = None
    """Egress id and terminal status: LiveKit may tell the same end under two event ids."""
    event: str
    """LiveKit's name of the event, such as ``egress_ended``."""
    egress_id: str | None = None
    room_sid: str | None = None
    received_at_ms: int
    handled_at_ms: int | None = None
    outcome: str | None = None
    body: bytes = field(repr=False)
    """The event, by ``seal.seal`` with the event id as context."""


def put(connection: Connection, row: InboxRow) -> bool:
    """Keep an event; False if one of its id or its dedupe key is already kept."""
    return insert_once(connection, inbox, values_of(row, inbox))


def unhandled(connection: Connection, limit: int = 100) -> list[InboxRow]:
    """Events nothing has been done with yet, in the order in which they came."""
    statement = (
        select(inbox)
        .where(inbox.c.handled_at_ms.is_(None))
        .order_by(inbox.c.received_at_ms, inbox.c.event_id)
        .limit(limit)
    )
    return [InboxRow(**row._mapping) for row in connection.execute(statement)]


def of_room(connection: Connection, room_sid: str) -> list[InboxRow]:
    """Every event of a room, handled or not, in the order in which they came."""
    statement = (
        select(inbox).where(inbox.c.room_sid == room_sid).order_by(inbox.c.received_at_ms, inbox.c.event_id)
    )
    return [InboxRow(**row._mapping) for row in connection.execute(statement)]


def mark(connection: Connection, event_id: str, outcome: str, now_ms: int) -> bool:
    """Write down that an event has been handled; False if it had been, or is not known.

    Done first in the transaction that handles the event, it keeps a second
    process from handling it as well: that one waits, and then sees False.
    """
    statement = update(inbox).where(inbox.c.event_id == event_id, inbox.c.handled_at_ms.is_(None))
    return connection.execute(statement.values(outcome=outcome, handled_at_ms=now_ms)).rowcount == 1


def handled(connection: Connection, *, before_ms: int, limit: int = 1000) -> list[InboxRow]:
    """Events that came before a time and were handled, the oldest first."""
    statement = (
        select(inbox)
        .where(inbox.c.handled_at_ms.is_not(None), inbox.c.received_at_ms < before_ms)
        .order_by(inbox.c.received_at_ms, inbox.c.event_id)
        .limit(limit)
    )
    return [InboxRow(**row._mapping) for row in connection.execute(statement)]


def remove(connection: Connection, event_ids: Collection[str]) -> int:
    """Forget events; how many there were."""
    return connection.execute(delete(inbox).where(inbox.c.event_id.in_(list(event_ids)))).rowcount
