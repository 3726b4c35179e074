"""Answering questions to the audit log, page by page or all of it, with memory that stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Connection

from compliance.audit import canonical
from compliance.audit.merkle import leaf_hash
from compliance.audit.question import Question
from compliance.errors import AuditInvalid
from compliance.store import event_index, event_scan, events
from compliance.store.database import Database
from compliance.store.event_scan import Found, Walk

FIRST_LOOK: Final = 200
"""Entries looked at in one statement at first, and four times as many in each that follows."""
LARGEST_LOOK: Final = 32_000
MOST_LOOKED_AT: Final = 4_000
"""Entries after which a page for somebody who waits ends short of its limit; the next goes on from there."""
STEP: Final = 1_000
"""Events read at once for an export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One event that was found, as the log has it."""

    leaf_index: int
    event_id: str
    body: bytes | None = field(repr=False)
    """The stored bytes; None if the event is no longer there."""
    is_whole: bool
    """Whether the bytes are the ones that were written, by their digest."""

    def document(self) -> dict[str, Any]:
        """The event as it was written; of one that was altered so that nobody can read it, only that."""
        if self.body is None:
            return {"id": self.event_id, "unreadable": "the event is no longer there"}
        try:
            return dict(canonical.decode(self.body))
        except AuditInvalid as error:
            return {"id": self.event_id, "unreadable": str(error)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some events of an answer."""

    hits: tuple[Hit, ...]
    size: int
    """The answer is of the first so many events of the log."""
    after: tuple[int, int] | None
    """Where the next page begins; None at the end."""


def begin(connection: Connection, *, is_oldest_first: bool = False) -> Walk:
    """A walk through the log as it stands now."""
    return Walk(size=event_index.size(connection), is_oldest_first=is_oldest_first)


def page(
    connection: Connection, question: Question, walk: Walk, limit: int, *, most: int | None = None
) -> Page:
    """The next events that fit, ``limit`` at most, in order of time.

    With ``most``, no more than about so many entries are looked at: the page may then be short, or
    empty, with more to come, and takes no longer where one event in a million fits than where each does.
    """
    found, after = _found(connection, question, walk, limit, most)
    return Page(hits=_hits(connection, found), size=walk.size, after=after)


def count(connection: Connection, question: Question, walk: Walk) -> int:
    """How many events fit in the whole walk."""
    return event_scan.count(connection, question.wanted, walk)


def everything(database: Database, question: Question, walk: Walk) -> Iterator[Hit]:
    """Every event that fits, each part from a snapshot of its own: the log of that size never changes."""
    place: Walk | None = walk
    while place is not None:
        with database.read() as connection:
            found = page(connection, question, place, STEP)
        yield from found.hits
        place = None if found.after is None else replace(walk, after=found.after)


def added(connection: Connection, question: Question, start: int, stop: int) -> tuple[Hit, ...]:
    """What fits among the leaves from ``start`` to ``stop``, in the log's order: for whoever follows it."""
    return _hits(connection, event_scan.added(connection, question.wanted, start, stop))


def _found(
    connection: Connection, question: Question, walk: Walk, limit: int, most: int | None
) -> tuple[Sequence[Found], tuple[int, int] | None]:
    """What fits, and where the next page begins."""
    wanted, found, look, looked_at = question.wanted, list[Found](), FIRST_LOOK, 0
    driver = event_scan.driver(connection, wanted, walk)
    place: Walk | None = walk
    while place is not None and len(found) <= limit and (most is None or looked_at < most):
        more = limit + 1 - len(found)
        some, after = event_scan.scan(connection, driver, wanted, place, look=look, limit=more)
        found += some
        looked_at, look = looked_at + look, min(look * 4, LARGEST_LOOK)
        place = None if after is None else replace(walk, after=after)
    if len(found) > limit:
        last = found[limit - 1]
        return found[:limit], (last.occurred_at_ms, last.leaf_index)
    return found, None if place is None else place.after


def _hits(connection: Connection, found: Sequence[Found]) -> tuple[Hit, ...]:
    """What was found, with its bytes."""
    rows = events.bodies(connection, [each.event_id for each in found])
    return tuple(_hit(each, rows.get(each.event_id)) for each in found)


def _hit(found: Found, row: events.EventRow | None) -> Hit:
    body = None if row is None else row.body
    is_whole = row is not None and leaf_hash(row.body) == row.leaf_hash
    return Hit(leaf_index=found.leaf_index, event_id=found.event_id, body=body, is_whole=is_whole)
