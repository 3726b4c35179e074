"""Walking one index of the audit log's events, newest or oldest first.

Each question walks the index of one of its conditions and looks at so many
entries at most: so a page takes no longer in a log of a billion events than in
one of a thousand, whatever was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select, tuple_

from compliance.store.schema import audit_index, audit_terms

_PROBE: Final = 500
_FEW: Final = ("recording_id", "egress_id")
"""One call has some dozens of events, whatever else is asked."""

Driver: TypeAlias = "tuple[str, str | int] | None"
"""The one condition whose index is walked: a column or ``term``, and its value; None walks time alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; all of it must hold."""

    since_ms: int | None = None
    until_ms: int | None = None
    kinds: tuple[str, ...] = ()
    """Any of these; empty for every kind."""
    area: str | None = None
    """Kinds up to their first dot."""
    actor: str | None = None
    outcome: str | None = None
    recording_id: str | None = None
    egress_id: str | None = None
    terms: tuple[int, ...] = ()

    @property
    def drivers(self) -> tuple[tuple[str, str | int], ...]:
        """The conditions that have an index, those that leave least first as a rule."""
        kind = self.kinds[0] if len(self.kinds) == 1 else None
        named = (
            ("recording_id", self.recording_id),
            ("egress_id", self.egress_id),
            *(("term", each) for each in self.terms),
            ("kind", kind),
            ("actor", self.actor),
            ("area", self.area),
            ("outcome", self.outcome),
        )
        return tuple((name, value) for name, value in named if value is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Which part of which log is gone through, and which way."""

    size: int
    """Only the first so many leaves: a log that grows changes nothing of an answer under way."""
    is_oldest_first: bool = False
    after: tuple[int, int] | None = None
    """Behind this place: time and leaf index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One event that was found, and where the log has it."""

    occurred_at_ms: int
    leaf_index: int
    event_id: str


def driver(connection: Connection, wanted: Wanted, walk: Walk) -> Driver:
    """The condition that leaves least: among few entries there is little to pass over.

    Nobody counts further than some hundreds; between conditions that leave more, the order of
    ``drivers`` decides.
    """
    candidates = wanted.drivers
    if len(candidates) < 2 or candidates[0][0] in _FEW:
        return candidates[0] if candidates else None
    counted = [_probed(connection, each, wanted, walk) for each in candidates]
    return candidates[counted.index(min(counted))]


def _probed(connection: Connection, chosen: Driver, wanted: Wanted, walk: Walk) -> int:
    some = _entries(chosen, wanted, walk).limit(_PROBE).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def scan(
    connection: Connection, chosen: Driver, wanted: Wanted, walk: Walk, *, look: int, limit: int
) -> tuple[Sequence[Found], tuple[int, int] | None]:
    """What fits among the next ``look`` entries of an index, ``limit`` at most, in order.

    With it comes the place of the last entry looked at, if there may be others behind it and
    none that fits was left over; else None.
    """
    rest = _rest(chosen, wanted)
    if rest is None:
        look = min(look, limit)
    entries = _entries(chosen, wanted, walk).order_by(*_order(chosen, walk)).limit(look).subquery()
    fitting = select(entries.c.occurred_at_ms, audit_index.c.leaf_index, audit_index.c.event_id).join(
        audit_index, audit_index.c.leaf_index == entries.c.leaf_index
    )
    if rest is not None:
        fitting = fitting.where(rest)
    place = (entries.c.occurred_at_ms, entries.c.leaf_index)
    ordered = fitting.order_by(*_directed(place, walk)).limit(limit)
    found = [
        Found(occurred_at_ms=when, leaf_index=leaf, event_id=event_id)
        for when, leaf, event_id in connection.execute(ordered)
    ]
    if len(found) == limit:
        return found, None
    last = select(*place).order_by(*_directed(place, walk)).offset(look - 1).limit(1)
    row = connection.execute(last).one_or_none()
    return found, None if row is None else (row[0], row[1])


def count(connection: Connection, wanted: Wanted, walk: Walk) -> int:
    """How many events fit, counted through."""
    chosen = driver(connection, wanted, walk)
    entries = _entries(chosen, wanted, walk).subquery()
    statement = select(func.count()).select_from(entries)
    rest = _rest(chosen, wanted)
    if rest is not None:
        statement = statement.join(audit_index, audit_index.c.leaf_index == entries.c.leaf_index).where(rest)
    return int(connection.execute(statement).scalar_one())


def added(connection: Connection, wanted: Wanted, start: int, stop: int) -> Sequence[Found]:
    """What fits among the leaves from ``start`` up to, not including, ``stop``, in the order of the log."""
    index = audit_index.c
    statement = select(index.occurred_at_ms, index.leaf_index, index.event_id).where(
        index.leaf_index >= start, index.leaf_index < stop, *_window(index, wanted)
    )
    rest = _rest(None, wanted)
    if rest is not None:
        statement = statement.where(rest)
    rows = connection.execute(statement.order_by(index.leaf_index))
    return [Found(occurred_at_ms=when, leaf_index=leaf, event_id=id) for when, leaf, id in rows]


def _entries(chosen: Driver, wanted: Wanted, walk: Walk) -> Select[tuple[int, int]]:
    """The entries of one index within the window of time, behind the place where the walk stands."""
    table = audit_terms if chosen is not None and chosen[0] == "term" else audit_index
    place = (table.c.occurred_at_ms, table.c.leaf_index)
    statement = select(*place).where(table.c.leaf_index < walk.size, *_window(table.c, wanted))
    if chosen is not None:
        statement = statement.where(table.c[chosen[0]] == chosen[1])
    if walk.after is not None:
        reached = tuple_(*walk.after)
        statement = statement.where(
            tuple_(*place) > reached if walk.is_oldest_first else tuple_(*place) < reached
        )
    return statement


def _window(columns: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    bounds = []
    if wanted.since_ms is not None:
        bounds.append(columns.occurred_at_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        bounds.append(columns.occurred_at_ms < wanted.until_ms)
    return bounds


def _order(chosen: Driver, walk: Walk) -> list[ColumnElement[Any]]:
    table = audit_terms if chosen is not None and chosen[0] == "term" else audit_index
    return _directed((table.c.occurred_at_ms, table.c.leaf_index), walk)


def _directed(columns: Iterable[ColumnElement[Any]], walk: Walk) -> list[ColumnElement[Any]]:
    return [each.asc() if walk.is_oldest_first else each.desc() for each in columns]


def _rest(chosen: Driver, wanted: Wanted) -> ColumnElement[bool] | None:
    """What is asked for besides the condition whose index is walked."""
    others = [_condition(each) for each in wanted.drivers if each != chosen]
    if len(wanted.kinds) > 1:
        others.append(audit_index.c.kind.in_(wanted.kinds))
    return and_(*others) if others else None


def _condition(driver: tuple[str, str | int]) -> ColumnElement[bool]:
    """A condition on the row of ``audit_index`` at hand."""
    name, value = driver
    if name != "term":
        return audit_index.c[name] == value
    return exists().where(
        audit_terms.c.term == value,
        audit_terms.c.occurred_at_ms == audit_index.c.occurred_at_ms,
        audit_terms.c.leaf_index == audit_index.c.leaf_index,
    )
