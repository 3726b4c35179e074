"""The tables of the log's tree: what is pending, leaves, tiles, and who seals.

What is pending goes once it has a leaf; the other tables take rows and never
change or lose one.  Triggers in the database see to both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, literal, select, text

from compliance.store.database import insert_once
from compliance.store.events import EventRow
from compliance.store.schema import (
    audit_events,
    audit_fences,
    audit_leaves,
    audit_pending,
    audit_tiles,
)

_SEQUENCER_LOCK = 0x636F6D706C7902

PATIENCE_MS = 15_000
"""How long who has that lock may do nothing in the database before it is taken from him."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    """An event's place in the tree, with the event; None if the event is not there."""

    leaf_index: int
    event_id: str
    event: EventRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TileRow:
    """A whole tile of the tree."""

    level: int
    tile_index: int
    root: bytes
    """The root of the subtree that the tile spans."""
    hashes: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceRow:
    """Who seals, from which size of the tree on.  The highest number is the one that may."""

    fence: int
    owner: str
    size: int
    taken_at_ms: int


def lock(connection: Connection) -> None:
    """Wait until no other transaction is appending leaves, and keep others waiting until this one ends.

    The server ends it for one that falls asleep over it, who finds his connection gone when
    he wakes.  On SQLite every transaction that writes has that lock anyway.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(
            text(
                "SELECT set_config('idle_in_transaction_session_timeout', :patience, true), "
                "pg_advisory_xact_lock(:key)"
            ),
            {"patience": f"{PATIENCE_MS}ms", "key": _SEQUENCER_LOCK},
        )


def fence(connection: Connection) -> int:
    """The number of whoever took over the sealing last; 0 before the first."""
    return int(connection.execute(select(func.coalesce(func.max(audit_fences.c.fence), 0))).scalar_one())


def take_over(connection: Connection, row: FenceRow) -> bool:
    """Let the row's owner seal from now on; False if another took that number first."""
    return insert_once(
        connection,
        audit_fences,
        {"fence": row.fence, "owner": row.owner, "size": row.size, "taken_at_ms": row.taken_at_ms},
    )


def unsealed(connection: Connection) -> int:
    """How many events have no leaf yet."""
    return int(connection.execute(select(func.count()).select_from(audit_pending)).scalar_one())


def is_pending(connection: Connection) -> bool:
    """Whether any event has no leaf yet."""
    return connection.execute(select(audit_pending.c.seq).limit(1)).first() is not None


def size(connection: Connection) -> int:
    """How many leaves the tree has, by its highest leaf index."""
    highest = connection.execute(select(func.max(audit_leaves.c.leaf_index))).scalar()
    return 0 if highest is None else int(highest) + 1


def append(connection: Connection, start: int, limit: int) -> list[LeafRow]:
    """Give the first pending events the leaves from ``start`` on; those leaves, in order.

    Which events those are is decided in one statement, by the pending rows it sees:
    one that commits later is pending still, whatever its number.  Call ``lock``
    first, in the same transaction.

    Raises:
        StateConflict: (on leaving ``begin``) a leaf or an event is taken already.
    """
    place = literal(start) - 1 + func.row_number().over(order_by=audit_pending.c.seq)
    taken = (
        select(place, audit_events.c.id)
        .join(audit_pending, audit_pending.c.seq == audit_events.c.seq)
        .order_by(audit_pending.c.seq)
        .limit(limit)
    )
    connection.execute(audit_leaves.insert().from_select(["leaf_index", "event_id"], taken))
    rows = leaves(connection, start, start + limit)
    sealed = (
        select(audit_events.c.seq)
        .join(audit_leaves, audit_leaves.c.event_id == audit_events.c.id)
        .where(audit_leaves.c.leaf_index >= start)
    )
    connection.execute(delete(audit_pending).where(audit_pending.c.seq.in_(sealed)))
    return rows


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


def hashed(
    connection: Connection, start: int, stop: int
) -> list[tuple[int, str, bytes | None, bytes | None]]:
    """Of the leaves from ``start`` up to ``stop``: number, event's id, its bytes and its stored hash.

    It is what hashing them all again takes and no more, which is several times as fast as ``leaves``.
    """
    statement = (
        select(
            audit_leaves.c.leaf_index, audit_leaves.c.event_id, audit_events.c.body, audit_events.c.leaf_hash
        )
        .outerjoin(audit_events, audit_leaves.c.event_id == audit_events.c.id)
        .where(audit_leaves.c.leaf_index >= start, audit_leaves.c.leaf_index < stop)
        .order_by(audit_leaves.c.leaf_index)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(statement)]


def leaf_of(connection: Connection, event_id: str) -> int | None:
    """The leaf index of an event, or None while it is pending."""
    statement = select(audit_leaves.c.leaf_index).where(audit_leaves.c.event_id == event_id)
    return connection.execute(statement).scalar()


def leaf_hashes(connection: Connection, start: int, stop: int) -> list[bytes]:
    """The hashes of the leaves ``start`` up to, not including, ``stop``, as they were stored."""
    statement = (
        select(audit_events.c.leaf_hash)
        .join(audit_leaves, audit_leaves.c.event_id == audit_events.c.id)
        .where(audit_leaves.c.leaf_index >= start, audit_leaves.c.leaf_index < stop)
        .order_by(audit_leaves.c.leaf_index)
    )
    return [bytes(each) for each in connection.execute(statement).scalars()]


def add_tiles(connection: Connection, rows: Iterable[TileRow]) -> None:
    """Keep whole tiles.

    Raises:
        StateConflict: (on leaving ``begin``) one is there already.
    """
    values = [
        {"level": row.level, "tile_index": row.tile_index, "root": row.root, "hashes": row.hashes}
        for row in rows
    ]
    if values:
        connection.execute(audit_tiles.insert(), values)


def tile(connection: Connection, level: int, tile_index: int) -> bytes | None:
    """The 256 hashes of a whole tile, or None if it is not there."""
    where = (audit_tiles.c.level == level, audit_tiles.c.tile_index == tile_index)
    return connection.execute(select(audit_tiles.c.hashes).where(*where)).scalar()


def tile_roots(connection: Connection, level: int, start: int, stop: int) -> list[bytes]:
    """The roots of the whole tiles ``start`` up to, not including, ``stop`` of a level."""
    statement = (
        select(audit_tiles.c.root)
        .where(audit_tiles.c.level == level)
        .where(audit_tiles.c.tile_index >= start, audit_tiles.c.tile_index < stop)
        .order_by(audit_tiles.c.tile_index)
    )
    return [bytes(each) for each in connection.execute(statement).scalars()]


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
