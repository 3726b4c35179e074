"""What others hold of the log, as was known when the export was asked for: anchors, time stamps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from compliance.audit.note import encoded
from compliance.audit.proofs import consistency
from compliance.evidence.bag import Bag
from compliance.store import anchors, checkpoints
from compliance.store.anchors import TimestampRow
from compliance.store.checkpoints import CheckpointRow

FOLDER = "log/timestamps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The largest checkpoint that a sink had taken."""

    sink: str
    size: int
    anchored_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A time stamp over a checkpoint, and the proof that the log of the bundle grew from that."""

    size: int
    stated_at_ms: int
    """The time that the authority states."""
    token: str
    checkpoint: str
    growth: str | None
    """Paths in the bundle; no growth where it is the very checkpoint of the events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """What is known of others' copies."""

    anchors: tuple[Anchor, ...] = ()
    timestamps: tuple[Timestamp, ...] = ()


def witnessed(
    connection: Connection, checkpoint: CheckpointRow, leaves: Iterable[int], before_ms: int, bag: Bag
) -> Witnessed:
    """Anchors up to the checkpoint; of the time stamps the first over each of the leaves, and the newest.

    Only what had come back before ``before_ms`` (Unix time), so that the same request
    finds the same later too.
    """
    most = checkpoint.size
    firsts = [anchors.timestamp_over(connection, leaf + 1, most, before_ms) for leaf in leaves]
    newest = anchors.timestamp_over(connection, 0, most, before_ms, is_newest=True)
    wanted = {row.size: row for row in (newest, *firsts) if row is not None}
    return Witnessed(
        anchors=tuple(
            Anchor(sink=row.sink, size=row.size, anchored_at_ms=row.anchored_at_ms)
            for row in anchors.before(connection, most, before_ms)
        ),
        timestamps=tuple(_timestamp(connection, wanted[size], checkpoint, bag) for size in sorted(wanted)),
    )


def _timestamp(connection: Connection, row: TimestampRow, newer: CheckpointRow, bag: Bag) -> Timestamp:
    """Lay a time stamp into the bag, the note that it is over, and the proof of growth."""
    older = checkpoints.of_size(connection, row.size)
    assert older is not None, "a time stamp is over a checkpoint"
    place, growth = f"{FOLDER}/{row.size}", None
    bag.add(f"{place}/token.tsr", [row.token])
    bag.add_text(f"{place}/checkpoint", older.note)
    if older.size < newer.size:
        growth = f"{place}/consistency"
        bag.add_text(growth, grown(connection, older, newer))
    return Timestamp(
        size=row.size,
        stated_at_ms=row.stated_at_ms,
        token=f"{place}/token.tsr",
        checkpoint=f"{place}/checkpoint",
        growth=growth,
    )


def grown(connection: Connection, older: CheckpointRow, newer: CheckpointRow) -> str:
    """A proof that the log only grew, as the body that C2SP tlog-witness describes."""
    hashes = consistency(connection, older.size, newer.size)
    return "\n".join([f"old {older.size}", *map(encoded, hashes), "", newer.note])
