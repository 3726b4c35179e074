"""The second pass: every event is read, and compared with its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from compliance.audit import canonical
from compliance.audit.checks.report import Check, Found
from compliance.audit.checks.source import Source
from compliance.errors import AuditInvalid
from compliance.store.events import EventRow
from compliance.store.tree import LeafRow

STEP: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An event as its own bytes tell it, at its place."""

    leaf_index: int
    id: str
    kind: str
    at_ms: int
    fields: dict[str, Any]


def read_all(source: Source, start: int, stop: int, found: Found) -> Iterator[Read]:
    """Every event that can be read, in the order of the leaves; say which cannot."""
    while start < stop and (rows := source.leaves(start, min(start + STEP, stop))):
        yield from (each for each in (_read(row, found) for row in rows) if each is not None)
        start += STEP


def _read(leaf: LeafRow, found: Found) -> Read | None:
    if leaf.event is None:
        return None
    try:
        read = canonical.decode(leaf.event.body)
    except AuditInvalid as error:
        found.add(Check.BODIES, str(error), event_id=leaf.event_id, leaf_index=leaf.leaf_index)
        return None
    if why := _disagreement(leaf.event, read):
        found.add(Check.BODIES, why, event_id=leaf.event_id, leaf_index=leaf.leaf_index)
    return _told(leaf.leaf_index, read)


def _told(leaf_index: int, read: dict[str, Any]) -> Read | None:
    id, kind, at_ms, fields = (read[name] for name in ("id", "kind", "occurred_at_ms", "fields"))
    if not isinstance(at_ms, int) or not isinstance(fields, dict):
        return None
    return Read(leaf_index=leaf_index, id=str(id), kind=str(kind), at_ms=at_ms, fields=fields)


def _disagreement(event: EventRow, read: dict[str, Any]) -> str | None:
    """How an event's bytes and its row disagree, or None: readers find events by the row."""
    for name in ("id", "recording_id", "kind", "occurred_at_ms"):
        if read[name] != getattr(event, name):
            return f"its row gives another {name} than its stored bytes"
    return None
