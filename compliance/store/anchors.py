"""The tables of what left the house: which checkpoint each sink took, and the time stamps that came back.

They take rows and never change or lose one.  They serve those who look from
here; what counts is what the sinks themselves hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from compliance.store.database import insert_once
from compliance.store.schema import audit_anchors, audit_timestamps


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRow:
    """A checkpoint that a sink took."""

    sink: str
    """The sink's id."""
    size: int
    anchored_at_ms: int
    receipt: bytes = field(repr=False)
    """What the sink answered: a version's id, or the body of an endpoint's answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampRow:
    """A time-stamp token over a checkpoint."""

    size: int
    token_sha256: str
    stated_at_ms: int
    """The time the authority states; Unix milliseconds."""
    received_at_ms: int
    token: bytes = field(repr=False)
    """The authority's answer (RFC 3161, TimeStampResp, DER)."""


def add(connection: Connection, row: AnchorRow) -> bool:
    """Keep that a sink took a checkpoint; False if that is known."""
    values = {each: getattr(row, each) for each in ("sink", "size", "anchored_at_ms", "receipt")}
    return insert_once(connection, audit_anchors, values)


def newest(connection: Connection, sink: str) -> AnchorRow | None:
    """The largest checkpoint that a sink took, or None."""
    statement = select(audit_anchors).where(audit_anchors.c.sink == sink)
    row = connection.execute(statement.order_by(audit_anchors.c.size.desc()).limit(1)).one_or_none()
    return None if row is None else AnchorRow(**row._mapping)


def before(connection: Connection, size: int, at_ms: int) -> list[AnchorRow]:
    """The largest checkpoint that each sink had taken by then, none larger than ``size``; by sink."""
    is_known = (audit_anchors.c.size <= size, audit_anchors.c.anchored_at_ms <= at_ms)
    largest = (
        select(audit_anchors.c.sink, func.max(audit_anchors.c.size).label("size"))
        .where(*is_known)
        .group_by(audit_anchors.c.sink)
        .subquery()
    )
    is_largest = (audit_anchors.c.sink == largest.c.sink) & (audit_anchors.c.size == largest.c.size)
    statement = select(audit_anchors).join(largest, is_largest).order_by(audit_anchors.c.sink)
    return [AnchorRow(**row._mapping) for row in connection.execute(statement)]


def add_timestamp(connection: Connection, row: TimestampRow) -> bool:
    """Keep a time stamp; False if it is there."""
    names = ("size", "token_sha256", "stated_at_ms", "received_at_ms", "token")
    return insert_once(connection, audit_timestamps, {each: getattr(row, each) for each in names})


def newest_timestamp(connection: Connection) -> TimestampRow | None:
    """The time stamp that came last, or None."""
    statement = select(audit_timestamps).order_by(audit_timestamps.c.received_at_ms.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else TimestampRow(**row._mapping)


def timestamps(connection: Connection, least: int = 0) -> list[TimestampRow]:
    """The time stamps over checkpoints of at least that size, the smallest first."""
    statement = select(audit_timestamps).where(audit_timestamps.c.size >= least)
    ordered = statement.order_by(audit_timestamps.c.size, audit_timestamps.c.token_sha256)
    return [TimestampRow(**row._mapping) for row in connection.execute(ordered)]


def timestamp_over(
    connection: Connection, least: int, most: int, at_ms: int, *, is_newest: bool = False
) -> TimestampRow | None:
    """The first time stamp, or the newest, over a checkpoint of such a size that had come back by then."""
    table = audit_timestamps.c
    statement = select(audit_timestamps).where(table.size.between(least, most), table.received_at_ms <= at_ms)
    place = (table.size.desc(), table.token_sha256) if is_newest else (table.size, table.token_sha256)
    row = connection.execute(statement.order_by(*place).limit(1)).one_or_none()
    return None if row is None else TimestampRow(**row._mapping)


def count(connection: Connection, sink: str) -> int:
    """How many checkpoints a sink took."""
    statement = select(func.count()).select_from(audit_anchors).where(audit_anchors.c.sink == sink)
    return int(connection.execute(statement).scalar_one())
