"""The tables of the audit log: events, the leaves of their tree, and its checkpoints.

All three take rows and never change or lose one; triggers in the database
refuse UPDATE and DELETE.  What the bytes mean is the audit room's affair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Select, func, select, text

from compliance.store.database import insert_once
from compliance.store.schema import audit_checkpoints, audit_events, audit_leaves

_SEQUENCER_LOCK = 0x636F6D706C7902


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    """An event's place in the tree, with the event; None if the event is not there."""

    leaf_index: int
    event_id: str
    event: EventRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A signed statement of the tree's size and root."""

    size: int
    root: bytes
    note: str
    """The C2SP note with its signatures."""
    created_at_ms: int


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
    """Add an event; False if one of that id is there, which then stays as it is."""
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


def pending(connection: Connection, limit: int = 1000) -> list[EventRow]:
    """Events that have no leaf yet, in the order in which they were written.

    Found by the missing leaf: an event that commits late has a lower number than
    others that are in the tree already, and would be passed over by counting on.
    """
    statement = (
        select(audit_events)
        .outerjoin(audit_leaves, audit_leaves.c.event_id == audit_events.c.id)
        .where(audit_leaves.c.event_id.is_(None))
        .order_by(audit_events.c.seq)
        .limit(limit)
    )
    return _events(connection, statement)


def unsealed(connection: Connection) -> int:
    """How many events have no leaf yet."""
    statement = (
        select(func.count())
        .select_from(audit_events.outerjoin(audit_leaves, audit_leaves.c.event_id == audit_events.c.id))
        .where(audit_leaves.c.event_id.is_(None))
    )
    return int(connection.execute(statement).scalar_one())


def lock(connection: Connection) -> None:
    """Wait until no other transaction is appending leaves, and keep others waiting until this one ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEQUENCER_LOCK})


def size(connection: Connection) -> int:
    """How many leaves the tree has, by its highest leaf index."""
    highest = connection.execute(select(func.max(audit_leaves.c.leaf_index))).scalar()
    return 0 if highest is None else int(highest) + 1


def append_leaves(connection: Connection, start: int, event_ids: Iterable[str]) -> None:
    """Give events the leaves from ``start`` on.  Call ``lock`` first, in the same transaction.

    Raises:
        StateConflict: (on leaving ``begin``) a leaf or an event is taken already.
    """
    rows = [{"leaf_index": index, "event_id": each} for index, each in enumerate(event_ids, start)]
    if rows:
        connection.execute(audit_leaves.insert(), rows)


def leaves(connection: Connection, start: int, stop: int) -> list[LeafRow]:
    """The leaves ``start`` up to, not including, ``stop``, each with its event.

    A gap in the indices, or a leaf whose event is gone, is there to be seen by the caller.
    """
    statement = (
        select(audit_leaves.c.leaf_index, audit_leaves.c.event_id, *audit_events.c)
        .outerjoin(audit_events, audit_leaves.c.event_id == audit_events.c.id)
        .where(audit_leaves.c.leaf_index >= start, audit_leaves.c.leaf_index < stop)
        .order_by(audit_leaves.c.leaf_index)
    )
    return [
        LeafRow(leaf_index=index, event_id=event_id, event=None if event[0] is None else _event(*event))
        for index, event_id, *event in connection.execute(statement)
    ]


def leaf_of(connection: Connection, event_id: str) -> int | None:
    """The leaf index of an event, or None while it is pending."""
    statement = select(audit_leaves.c.leaf_index).where(audit_leaves.c.event_id == event_id)
    return connection.execute(statement).scalar()


def add_checkpoint(connection: Connection, row: CheckpointRow) -> bool:
    """Keep a checkpoint; False if there is one of that size, which then stays."""
    values = {"size": row.size, "root": row.root, "note": row.note, "created_at_ms": row.created_at_ms}
    return insert_once(connection, audit_checkpoints, values)


def latest_checkpoint(connection: Connection) -> CheckpointRow | None:
    """The checkpoint of the largest tree, or None before the first."""
    statement = select(audit_checkpoints).order_by(audit_checkpoints.c.size.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else CheckpointRow(**row._mapping)


def checkpoints(connection: Connection) -> list[CheckpointRow]:
    """Every checkpoint, from the smallest tree on."""
    statement = select(audit_checkpoints).order_by(audit_checkpoints.c.size)
    return [CheckpointRow(**row._mapping) for row in connection.execute(statement)]


def _events(connection: Connection, statement: Select[tuple[object, ...]]) -> list[EventRow]:
    return [EventRow(**row._mapping) for row in connection.execute(statement)]


def _event(
    seq: int, id: str, recording_id: str | None, kind: str, occurred_at_ms: int, body: bytes, leaf_hash: bytes
) -> EventRow:
    return EventRow(
        seq=seq,
        id=id,
        recording_id=recording_id,
        kind=kind,
        occurred_at_ms=occurred_at_ms,
        body=body,
        leaf_hash=leaf_hash,
    )
