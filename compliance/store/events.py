"""The events of the audit log, as they are written and read; their tree is in ``tree``.

The table takes rows and never changes or loses one; triggers in the database
refuse UPDATE and DELETE.  What the bytes mean is the audit room's affair.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, Select, Text, bindparam, select, text

from compliance.store.database import insert_once
from compliance.store.schema import CHANGES, KEY_EVENTS, audit_events


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One event as it is stored."""

    seq: int = 0
    """Given by the database.  Not the order of commits: never ask for what is above the last one seen."""
    id: str
    recording_id: str | None = None
    kind: str
    occurred_at_ms: int
    body: bytes = field(repr=False)
    """The canonical bytes of which ``leaf_hash`` is the digest."""
    leaf_hash: bytes


def insert(
    connection: Connection,
    *,
    id: str,
    recording_id: str | None,
    kind: str,
    occurred_at_ms: int,
    body: bytes,
    leaf_hash: bytes,
) -> bool:
    """Add an event, which is pending from then on; False if one of that id is there, which then stays.

    A trigger makes the pending row, so that none of the two is ever without the other.
    """
    values = {
        "id": id,
        "recording_id": recording_id,
        "kind": kind,
        "occurred_at_ms": occurred_at_ms,
        "body": body,
        "leaf_hash": leaf_hash,
    }
    return insert_once(connection, audit_events, values)


def get(connection: Connection, event_id: str) -> EventRow | None:
    """The event of that id, or None."""
    return next(iter(_events(connection, select(audit_events).where(audit_events.c.id == event_id))), None)


def of_recording(connection: Connection, recording_id: str) -> list[EventRow]:
    """The events of one recording, in the order in which they were written."""
    statement = select(audit_events).where(audit_events.c.recording_id == recording_id)
    return _events(connection, statement.order_by(audit_events.c.seq))


def page(
    connection: Connection, *, recording_id: str | None = None, kind: str | None = None, limit: int = 50
) -> list[EventRow]:
    """The newest events, of one recording or one kind if named, in the order in which they were written."""
    statement = select(audit_events).order_by(audit_events.c.seq.desc()).limit(limit)
    if recording_id is not None:
        statement = statement.where(audit_events.c.recording_id == recording_id)
    if kind is not None:
        statement = statement.where(audit_events.c.kind == kind)
    return _events(connection, statement)[::-1]


def changes(connection: Connection, kind: str, limit: int = 50) -> list[EventRow]:
    """The newest events that tell of changed settings, policies or models, the last written first."""
    # The kind is spelled out: SQLite takes an index over some rows only for what is seen to be among them.
    named = bindparam("kind", kind, type_=Text, literal_execute=True)
    statement = select(audit_events).where(CHANGES, audit_events.c.kind == named)
    return _events(connection, statement.order_by(audit_events.c.seq.desc()).limit(limit))


def bodies(connection: Connection, event_ids: Collection[str]) -> dict[str, EventRow]:
    """Events by their ids; those that are not there are left out."""
    found = _events(connection, select(audit_events).where(audit_events.c.id.in_(event_ids)))
    return {row.id: row for row in found}


def of_keys(connection: Connection) -> list[EventRow]:
    """The events that tell by which keys the log is signed, in the order in which they were written."""
    statement = select(audit_events).where(text(KEY_EVENTS)).order_by(audit_events.c.seq)
    return _events(connection, statement)


def of_kind(connection: Connection, kind: str) -> list[EventRow]:
    """Every event of a kind, in the order in which they were written; for kinds of which there are few."""
    statement = select(audit_events).where(audit_events.c.kind == kind).order_by(audit_events.c.seq)
    return _events(connection, statement)


def _events(connection: Connection, statement: Select[tuple[object, ...]]) -> list[EventRow]:
    return [EventRow(**row._mapping) for row in connection.execute(statement)]
