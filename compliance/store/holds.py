"""The table of legal holds: which recordings may not be destroyed, and for which matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from compliance.store.database import values_of
from compliance.store.schema import legal_holds


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """One hold on one recording."""

    id: str
    recording_id: str
    matter: str
    """Commitment to the matter's name, which is kept sealed (``payloads``)."""
    placed_at_ms: int
    released_at_ms: int | None = None


def place(connection: Connection, row: HoldRow) -> None:
    """Place a hold."""
    connection.execute(legal_holds.insert().values(**values_of(row, legal_holds)))


def of_recording(connection: Connection, recording_id: str) -> list[HoldRow]:
    """The holds in force on a recording, the oldest first."""
    return _in_force(connection, (recording_id,))


def release(connection: Connection, hold_id: str, now_ms: int) -> bool:
    """End a hold; False if it had ended."""
    statement = update(legal_holds).where(legal_holds.c.id == hold_id, legal_holds.c.released_at_ms.is_(None))
    return connection.execute(statement.values(released_at_ms=now_ms)).rowcount == 1


def held(connection: Connection) -> dict[str, int]:
    """Every recording under a hold, with the number of its holds."""
    statement = select(legal_holds.c.recording_id).where(legal_holds.c.released_at_ms.is_(None))
    counts: dict[str, int] = {}
    for each in connection.execute(statement).scalars():
        counts[each] = counts.get(each, 0) + 1
    return counts


def _in_force(connection: Connection, recording_ids: Iterable[str]) -> list[HoldRow]:
    statement = (
        select(legal_holds)
        .where(legal_holds.c.recording_id.in_(list(recording_ids)), legal_holds.c.released_at_ms.is_(None))
        .order_by(legal_holds.c.placed_at_ms, legal_holds.c.id)
    )
    return [HoldRow(**row._mapping) for row in connection.execute(statement)]
