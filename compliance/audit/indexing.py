"""Filling the tables of questions from the log, in its order, and comparing them with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from compliance.audit.facts import index_row
from compliance.store import event_index, recordings, tree
from compliance.store.database import Database
from compliance.store.event_index import IndexRow

STEP: Final = 2_000
"""Leaves taken in one transaction."""
COMPARED: Final = 1_000
"""Leaves compared in one statement."""
NAMED: Final = 20
"""Events that are named at most, should many be hidden."""


def _nobody(_done: int, _all: int) -> None:
    """Tell nobody."""


def catch_up(database: Database, most: int | None = None) -> int:
    """Make findable what was sealed since, ``most`` leaves of it; how many of the log's can be found then.

    Of two that do it at once one waits, and finds it done.

    Raises:
        DatabaseUnavailable: nothing more was made findable; the log is as it was.
    """
    done = 0
    while most is None or done < most:
        before, after = _step(database, min(STEP, STEP if most is None else most - done))
        done += after - before
        if after == before:
            break
    return after


def _step(database: Database, most: int) -> tuple[int, int]:
    """Take the next leaves; how many could be found before and after."""
    with database.read() as connection:  # most of the time there is nothing to do, and nobody is kept waiting
        start, sealed = event_index.size(connection), tree.size(connection)
    if start >= sealed:
        return start, start
    with database.begin() as connection:
        event_index.lock(connection)
        start = event_index.size(connection)
        leaves = tree.leaves(connection, start, start + most)
        event_index.append(connection, _rows(connection, leaves))
    return start, leaves[-1].leaf_index + 1 if leaves else start


def _rows(connection: Connection, leaves: Sequence[tree.LeafRow]) -> list[IndexRow]:
    """The leaves by what can be asked for."""
    named = {leaf.event.recording_id or "" for leaf in leaves if leaf.event is not None}
    egresses = recordings.egress_ids(connection, named)
    return [index_row(leaf, egresses) for leaf in leaves]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """How the tables of questions compare with the log."""

    size: int
    """Events of the log that were compared."""
    hidden: tuple[str, ...]
    """Ids of events that a question would miss or misplace, the first few, in the log's order."""
    surplus: int
    """Entries of which the log knows nothing."""

    @property
    def is_right(self) -> bool:
        """Whether every event is found by all that it is, and nothing else is."""
        return not self.hidden and self.surplus == 0


def compare(connection: Connection, progress: Callable[[int, int], None] = _nobody) -> IndexReport:
    """Read the log and look up each event as a question would; somebody may have hidden some.

    ``connection`` must read from one snapshot.  ``progress`` is told how many of how many are done.
    """
    size, hidden, terms = event_index.size(connection), list[str](), 0
    for start in range(0, size, COMPARED):
        leaves = tree.leaves(connection, start, min(start + COMPARED, size))
        rows = _rows(connection, leaves)
        terms += sum(len(row.terms) for row in rows)
        hidden += [row.event_id for row in event_index.missing(connection, rows)]
        progress(start + len(leaves), size)
    stored_rows, stored_terms = event_index.sizes(connection)
    surplus = max(0, stored_rows - size) + max(0, stored_terms - terms)
    return IndexReport(size=size, hidden=tuple(hidden[:NAMED]), surplus=surplus)
