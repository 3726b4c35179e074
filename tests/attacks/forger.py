"""What an administrator of the database can do, and what one can do who has the key as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import rfc8785
from sqlalchemy import Connection, text

from compliance.audit import canonical
from compliance.audit.events import EventKind
from compliance.audit.merkle import leaf_hash
from compliance.audit.note import SeedSigner
from compliance.audit.sequencer import Sequencer
from compliance.store import checkpoints, tree
from compliance.store.database import Database

TABLES: Final = ("audit_events", "audit_leaves", "audit_checkpoints", "audit_tiles", "audit_fences",
                 "audit_pending", "audit_anchors", "audit_timestamps")  # fmt: skip
ENOUGH: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event as it stands in the log."""

    id: str
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """What its bytes say."""
        return dict(canonical.decode(self.body))

    def changed(self, **changes: Any) -> Entry:
        """The same event, saying something else in bytes that are as canonical."""
        told = self.told | changes
        return Entry(id=str(told["id"]), body=rfc8785.dumps(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A log as somebody would have it: its events, and after which of them a checkpoint stands."""

    entries: tuple[Entry, ...]
    cuts: tuple[int, ...]

    def without(self, *places: int) -> Story:
        """The story with some events left out, and its checkpoints moved up."""
        gone = set(places)
        entries = tuple(each for n, each in enumerate(self.entries) if n not in gone)
        cuts = (cut - sum(place < cut for place in gone) for cut in self.cuts)
        return Story(entries=entries, cuts=tuple(sorted({each for each in cuts if each > 0})))

    def told_otherwise(self, place: int, entry: Entry) -> Story:
        """The story with another event at a place."""
        entries = (*self.entries[:place], entry, *self.entries[place + 1 :])
        return replace(self, entries=entries)

    def unstamped(self, place: int) -> Story:
        """The story without the time stamps that were told of from a place on: they are of another story."""
        kind = EventKind.LOG_TIMESTAMPED.value
        later = range(place, len(self.entries))
        return self.without(*(n for n in later if self.entries[n].told["kind"] == kind))


def story(database: Database) -> Story:
    """The log as it is."""
    with database.read() as connection:
        rows = tree.leaves(connection, 0, ENOUGH)
        cuts = tuple(each.size for each in checkpoints.page(connection, 0, ENOUGH))
    entries = tuple(Entry(id=row.event_id, body=row.event.body) for row in rows if row.event)
    return Story(entries=entries, cuts=cuts)


def rewrite(database: Database, told: Story, signer: SeedSigner, *, stamped: int) -> None:
    """Put another story in the log's place, every checkpoint signed: what the key can do.

    The books of anchors are emptied, and of the stamps those over more than ``stamped`` events.
    """
    with database.begin() as connection:
        unlock(connection)
        for table in TABLES[:-1]:
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text(f"DELETE FROM audit_timestamps WHERE size > {stamped}"))
    start = 0
    for cut in told.cuts:
        with database.begin() as connection:
            for entry in told.entries[start:cut]:
                insert(connection, entry)
        Sequencer(database, signer).seal(0)
        start = cut


def insert(connection: Connection, entry: Entry, seq: int | None = None) -> None:
    """Put an event into its table, with the hash that its bytes have."""
    told = entry.told
    values = {
        "id": entry.id,
        "recording_id": told["recording_id"],
        "kind": told["kind"],
        "at": told["occurred_at_ms"],
        "body": entry.body,
        "hash": leaf_hash(entry.body),
    }
    names, marks = (
        "id, recording_id, kind, occurred_at_ms, body, leaf_hash",
        ":id, :recording_id, :kind, :at, :body, :hash",
    )
    if seq is not None:
        names, marks, values = f"seq, {names}", f":seq, {marks}", values | {"seq": seq}
    connection.execute(text(f"INSERT INTO audit_events ({names}) VALUES ({marks})"), values)


def unlock(connection: Connection) -> None:
    """Take the triggers away that keep rows as they are; the one that fills ``audit_pending`` stays."""
    if connection.dialect.name == "sqlite":
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
        for name in names.all():
            if name != "audit_events_pending":
                connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in TABLES:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    connection.execute(text("ALTER TABLE audit_events ENABLE TRIGGER audit_events_pending"))


def run(database: Database, statements: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Change the tables as their administrator can."""
    with database.begin() as connection:
        unlock(connection)
        for statement, values in statements:
            connection.execute(text(statement), values)


def renumber(database: Database, ids: Sequence[str]) -> None:
    """Give the leaves to these events, in this order."""
    with database.begin() as connection:
        unlock(connection)
        connection.execute(text("DELETE FROM audit_leaves"))
        rows = [{"leaf": n, "id": each} for n, each in enumerate(ids)]
        connection.execute(text("INSERT INTO audit_leaves (leaf_index, event_id) VALUES (:leaf, :id)"), rows)
        connection.execute(text("DELETE FROM audit_pending"))
