"""What is owed: erasures that were asked for, and what retention decided to destroy."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from compliance.store.database import insert_once, values_of
from compliance.store.schema import erasures, retention_debts


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRow:
    """One erasure, of a recording or of an individual."""

    id: str
    recording_id: str | None = None
    individual: str | None = None
    """The person's pseudonym; emptied when it is done."""
    actor: str
    actor_role: str
    requested_at_ms: int
    blocked_by: str | None = None
    """The reason for which it waits for a person."""
    finished_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtRow:
    """One thing of one recording that retention decided to destroy."""

    recording_id: str
    thing: str
    decided_at_ms: int
    paid_at_ms: int | None = None


def ask(connection: Connection, row: ErasureRow) -> None:
    """Write down that an erasure was asked for."""
    connection.execute(erasures.insert().values(**values_of(row, erasures)))


def unfinished(connection: Connection) -> list[ErasureRow]:
    """Erasures that are not done, the oldest first; those that wait for a person among them."""
    statement = (
        select(erasures)
        .where(erasures.c.finished_at_ms.is_(None))
        .order_by(erasures.c.requested_at_ms, erasures.c.id)
    )
    return [ErasureRow(**row._mapping) for row in connection.execute(statement)]


def block(connection: Connection, erasure_id: str, reason: str | None) -> bool:
    """Say for which reason an erasure waits for a person (None: no longer); whether that is news."""
    known = select(erasures.c.blocked_by).where(erasures.c.id == erasure_id)
    is_news = connection.execute(known).scalar() != reason
    if is_news:
        connection.execute(update(erasures).where(erasures.c.id == erasure_id).values(blocked_by=reason))
    return is_news


def finish(connection: Connection, erasure_id: str, now_ms: int) -> bool:
    """Mark an erasure done, and forget whose it was; False if it was done."""
    statement = update(erasures).where(erasures.c.id == erasure_id, erasures.c.finished_at_ms.is_(None))
    values = {"finished_at_ms": now_ms, "individual": None, "blocked_by": None}
    return connection.execute(statement.values(**values)).rowcount == 1


def decide(connection: Connection, row: DebtRow) -> bool:
    """Owe the destruction of a thing; False if that is decided already."""
    return insert_once(connection, retention_debts, values_of(row, retention_debts))


def unpaid(connection: Connection) -> list[DebtRow]:
    """What was decided and is not destroyed, the oldest first."""
    statement = (
        select(retention_debts)
        .where(retention_debts.c.paid_at_ms.is_(None))
        .order_by(retention_debts.c.decided_at_ms, retention_debts.c.recording_id)
    )
    return [DebtRow(**row._mapping) for row in connection.execute(statement)]


def decided(connection: Connection) -> set[tuple[str, str]]:
    """Every recording and thing whose destruction is decided or done."""
    statement = select(retention_debts.c.recording_id, retention_debts.c.thing)
    return {(row.recording_id, row.thing) for row in connection.execute(statement)}


def pay(connection: Connection, row: DebtRow, now_ms: int) -> bool:
    """Mark a thing destroyed; False if it was marked."""
    statement = update(retention_debts).where(
        retention_debts.c.recording_id == row.recording_id,
        retention_debts.c.thing == row.thing,
        retention_debts.c.paid_at_ms.is_(None),
    )
    return connection.execute(statement.values(paid_at_ms=now_ms)).rowcount == 1
