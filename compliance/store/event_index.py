"""The tables in which questions find sealed events, by what they ask for.

Filled from the log, in its order, by services and by whoever asks; the log itself
is as fast as if they were not there.  What is shown comes from the log, never from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select, text, tuple_

from compliance.store.schema import audit_index, audit_terms

_INDEXER_LOCK: Final = 0x636F6D706C7903


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """One sealed event, by what can be asked for."""

    leaf_index: int
    event_id: str
    kind: str
    area: str
    """The kind up to its first dot."""
    occurred_at_ms: int
    actor: str
    outcome: str
    recording_id: str | None = None
    egress_id: str | None = None
    """The egress it names, or that its recording came from."""
    terms: tuple[int, ...] = ()


def lock(connection: Connection) -> None:
    """Let nobody else fill the tables until this transaction ends."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _INDEXER_LOCK})


def size(connection: Connection) -> int:
    """How many leaves of the log can be found."""
    highest = connection.execute(select(func.max(audit_index.c.leaf_index))).scalar()
    return 0 if highest is None else int(highest) + 1


def append(connection: Connection, rows: Iterable[IndexRow]) -> None:
    """Make events findable, in the order of their leaves.  Call ``lock`` first.

    Raises:
        StateConflict: (on leaving ``begin``) one of them was there.
    """
    found = list(rows)
    if found:
        connection.execute(audit_index.insert(), [_columns(row) for row in found])
    terms = [
        {"term": term, "occurred_at_ms": row.occurred_at_ms, "leaf_index": row.leaf_index}
        for row in found
        for term in set(row.terms)
    ]
    if terms:
        connection.execute(audit_terms.insert(), terms)


def _columns(row: IndexRow) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in audit_index.c}


def missing(connection: Connection, rows: Sequence[IndexRow]) -> list[IndexRow]:
    """Those of the rows that are not there as they are, or lack a term: events that a question would miss."""
    if not rows:
        return []
    named = audit_index.c.leaf_index.in_([row.leaf_index for row in rows])
    stored = {
        each.leaf_index: each._asdict() for each in connection.execute(select(audit_index).where(named))
    }
    wanted = [(term, row.occurred_at_ms, row.leaf_index) for row in rows for term in row.terms]
    place = tuple_(audit_terms.c.term, audit_terms.c.occurred_at_ms, audit_terms.c.leaf_index)
    found = connection.execute(select(audit_terms).where(place.in_(wanted))) if wanted else ()
    lacking = {leaf for _, _, leaf in set(wanted) - {tuple(each) for each in found}}
    return [row for row in rows if row.leaf_index in lacking or stored.get(row.leaf_index) != _columns(row)]


def sizes(connection: Connection) -> tuple[int, int]:
    """How many rows and how many terms there are, counted through."""
    counted = (select(func.count()).select_from(table) for table in (audit_index, audit_terms))
    rows, terms = (int(connection.execute(each).scalar_one()) for each in counted)
    return rows, terms
