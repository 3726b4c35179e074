"""The events that a report is made of: of one period, and under one checkpoint."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from compliance.store.events import EventRow
from compliance.store.schema import audit_events, audit_leaves


def covered(
    connection: Connection, size: int, *, from_ms: int, to_ms: int, recording_id: str | None = None
) -> list[tuple[int, EventRow]]:
    """Events among the first ``size`` leaves that occurred in a period, each with its leaf, in leaf order.

    With ``recording_id`` those of one recording only, whenever they occurred.
    """
    statement = (
        select(audit_leaves.c.leaf_index, *audit_events.c)
        .join(audit_events, audit_leaves.c.event_id == audit_events.c.id)
        .where(audit_leaves.c.leaf_index < size)
        .order_by(audit_leaves.c.leaf_index)
    )
    if recording_id is None:
        statement = statement.where(
            audit_events.c.occurred_at_ms >= from_ms, audit_events.c.occurred_at_ms < to_ms
        )
    else:
        statement = statement.where(audit_events.c.recording_id == recording_id)
    names = [column.name for column in audit_events.c]
    return [
        (row[0], EventRow(**dict(zip(names, row[1:], strict=True)))) for row in connection.execute(statement)
    ]


def of_kinds(connection: Connection, kinds: Collection[str]) -> list[EventRow]:
    """Every event of some kinds, in the order in which they were written."""
    statement = select(audit_events).where(audit_events.c.kind.in_(list(kinds))).order_by(audit_events.c.seq)
    return [EventRow(**row._mapping) for row in connection.execute(statement)]
