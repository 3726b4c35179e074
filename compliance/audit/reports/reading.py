"""Reading the log for a report: one query, of the events that a checkpoint covers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from compliance.audit import keyring
from compliance.audit.merkle import leaf_hash
from compliance.audit.reports.values import Basis
from compliance.store import checkpoints, events, report_events, tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One event, as a report reads it."""

    id: str
    leaf_index: int
    kind: str
    at_ms: int
    recording_id: str | None
    actor: str
    outcome: str
    reason: str | None
    fields: Mapping[str, Any]

    @property
    def day(self) -> str:
        """The day on which it occurred, in UTC."""
        return day(self.at_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The events that were asked for, in the log's order, and what the answer rests on."""

    events: tuple[Told, ...]
    basis: Basis

    def of(self, *kinds: str) -> tuple[Told, ...]:
        """Events of some kinds; a kind that ends with a dot stands for all that begin so."""
        return tuple(
            each
            for each in self.events
            if any(each.kind == kind or (kind.endswith(".") and each.kind.startswith(kind)) for kind in kinds)
        )

    def by_recording(self) -> dict[str, list[Told]]:
        """Events of each recording."""
        found: dict[str, list[Told]] = {}
        for each in self.events:
            if each.recording_id is not None:
                found.setdefault(each.recording_id, []).append(each)
        return found


def read(
    connection: Connection,
    *,
    from_ms: int,
    to_ms: int,
    now_ms: int,
    recording_id: str | None = None,
    filters: tuple[str, ...] = (),
) -> Reading:
    """Every event of a period that the newest checkpoint covers.

    An event whose bytes were altered is counted and left out: a report must not
    repeat what the log does not prove.
    """
    checkpoint = checkpoints.latest(connection)
    size = 0 if checkpoint is None else checkpoint.size
    rows = report_events.covered(connection, size, from_ms=from_ms, to_ms=to_ms, recording_id=recording_id)
    whole = [(index, row) for index, row in rows if _is_whole(row)]
    basis = Basis(
        from_ms=from_ms,
        to_ms=to_ms,
        filters=filters,
        size=size,
        root="" if checkpoint is None else checkpoint.root.hex(),
        key_fingerprint=keyring.read(connection, size).fingerprint,
        checkpoint_at_ms=None if checkpoint is None else checkpoint.created_at_ms,
        unsealed=tree.unsealed(connection),
        altered=len(rows) - len(whole),
        made_at_ms=now_ms,
    )
    return Reading(events=tuple(told_of(row, index) for index, row in whole), basis=basis)


def _is_whole(row: events.EventRow) -> bool:
    """Whether its bytes are the ones that were written."""
    body: object = row.body  # SQLite takes text in their place, which is none of ours
    return isinstance(body, bytes) and leaf_hash(body) == row.leaf_hash


def told_of(row: events.EventRow, leaf_index: int = -1) -> Told:
    """An event's row as a report reads it; -1 for a leaf that is not known."""
    told = json.loads(row.body)
    return Told(
        id=row.id,
        leaf_index=leaf_index,
        kind=told["kind"],
        at_ms=told["occurred_at_ms"],
        recording_id=told["recording_id"],
        actor=told["actor"]["id"],
        outcome=told["outcome"],
        reason=told["reason"],
        fields=told["fields"],
    )


def moment(unix_ms: int) -> datetime:
    """A time in UTC."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC)


def day(unix_ms: int) -> str:
    """Its day, as 2026-11-27."""
    return moment(unix_ms).strftime("%Y-%m-%d")


def minute(unix_ms: int | None) -> str:
    """Its minute, as 2026-11-27 09:30; empty where there is none."""
    return "" if unix_ms is None else moment(unix_ms).strftime("%Y-%m-%d %H:%M")


def month(unix_ms: int) -> str:
    """Its month, as 2026-11."""
    return moment(unix_ms).strftime("%Y-%m")


def week(unix_ms: int) -> str:
    """Its week by ISO 8601, as 2026-W48."""
    year, number, _ = moment(unix_ms).isocalendar()
    return f"{year}-W{number:02d}"
