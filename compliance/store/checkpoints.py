"""The table of signed checkpoints.  It takes rows and never changes or loses one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from compliance.store.database import insert_once
from compliance.store.schema import audit_checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A signed statement of the tree's size and root."""

    size: int
    root: bytes
    note: str
    """The C2SP note with its signatures."""
    created_at_ms: int


def add(connection: Connection, row: CheckpointRow) -> bool:
    """Keep a checkpoint; False if there is one of that size, which then stays."""
    values = {"size": row.size, "root": row.root, "note": row.note, "created_at_ms": row.created_at_ms}
    return insert_once(connection, audit_checkpoints, values)


def latest(connection: Connection) -> CheckpointRow | None:
    """The checkpoint of the largest tree, or None before the first."""
    return _first(connection, select(audit_checkpoints).order_by(audit_checkpoints.c.size.desc()))


def of_size(connection: Connection, size: int) -> CheckpointRow | None:
    """The checkpoint of the tree of that size, or None."""
    return _first(connection, select(audit_checkpoints).where(audit_checkpoints.c.size == size))


def covering(connection: Connection, leaf_index: int) -> CheckpointRow | None:
    """The first checkpoint that covers a leaf, or None."""
    statement = select(audit_checkpoints).where(audit_checkpoints.c.size > leaf_index)
    return _first(connection, statement.order_by(audit_checkpoints.c.size))


def count_from(connection: Connection, size: int) -> int:
    """How many checkpoints there are of that size or a larger one."""
    statement = select(func.count()).select_from(audit_checkpoints).where(audit_checkpoints.c.size >= size)
    return int(connection.execute(statement).scalar_one())


def every(connection: Connection) -> list[CheckpointRow]:
    """Every checkpoint, from the smallest tree on."""
    statement = select(audit_checkpoints).order_by(audit_checkpoints.c.size)
    return [CheckpointRow(**row._mapping) for row in connection.execute(statement)]


def page(connection: Connection, above: int, limit: int) -> list[CheckpointRow]:
    """The checkpoints of trees larger than ``above``, from the smallest on."""
    statement = select(audit_checkpoints).where(audit_checkpoints.c.size > above)
    rows = connection.execute(statement.order_by(audit_checkpoints.c.size).limit(limit))
    return [CheckpointRow(**row._mapping) for row in rows]


def _first(connection: Connection, statement: Select[tuple[object, ...]]) -> CheckpointRow | None:
    row = connection.execute(statement.limit(1)).one_or_none()
    return None if row is None else CheckpointRow(**row._mapping)
