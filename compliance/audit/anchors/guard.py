"""Refuses to sign a second history: what was anchored must be the beginning of this log.

Whoever restores yesterday's database and signs on has two logs under one key, and
cannot say any more which is true.  The sinks still know.  So the log is compared
with them before it is signed, and where they disagree a person has to say so, in
the log, before it goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import Connection

from compliance.audit.anchors.sink import NOTES, Held, Sink, size_of
from compliance.audit.canonical import decode
from compliance.audit.events import EventKind
from compliance.audit.note import Checkpoint, Verifier, Verifies
from compliance.audit.stored import StoredTree
from compliance.errors import AuditInvalid, ComplianceError, LogForked
from compliance.store import checkpoints, events
from compliance.store.checkpoints import CheckpointRow
from compliance.store.database import Database

_log = logging.getLogger(__name__)

Keys = Callable[[Connection], Verifies]
"""Finds the keys of the log in the log itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Keys of which any one is believed: those that lie here, of a log that names none yet."""

    keys: tuple[Verifier, ...]

    @property
    def fingerprint(self) -> str:
        """See ``Verifies``."""
        return self.keys[-1].fingerprint if self.keys else ""

    def checkpoint_of(self, note: str) -> Checkpoint:
        """See ``Verifies``."""
        for key in self.keys:
            with suppress(AuditInvalid):
                return key.checkpoint_of(note)
        raise AuditInvalid("none of the keys that are known here signed the note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A checkpoint that was anchored and is not the beginning of this log."""

    where: str
    """The sink that holds it."""
    anchored: Checkpoint
    newest: CheckpointRow | None
    """The newest checkpoint of this log, or None before the first."""

    def __str__(self) -> str:
        """Both, as an operator reads them."""
        ours = f"{self.newest.size} events, {self.newest.root.hex()}" if self.newest else "no checkpoint"
        theirs = f"{self.anchored.size} events, {self.anchored.root.hex()}"
        return f"{self.where} holds a checkpoint of {theirs}; this log has {ours}, which does not continue it"


class Guard:
    """Compares the log with its anchors, now and then and before the first signature."""

    def __init__(self, database: Database, sinks: Sequence[Sink], keys: Keys) -> None:
        """Nothing is read yet."""
        self._database: Final = database
        self._sinks: Final = tuple(sinks)
        self._keys: Final = keys
        self._has_looked = False
        self._conflict: Conflict | None = None

    def __call__(self, connection: Connection, checkpoint: Checkpoint) -> None:
        """Let the checkpoint be signed, or not (``Sequencer.before_signing``).

        The tree about to be signed continues the newest checkpoint, which the sequencer
        sees to; so that one is compared, outside of this transaction and once a minute.

        Raises:
            LogForked: an anchor says otherwise.
        """
        if not self._has_looked:
            self.look()
        if self._conflict is not None:
            raise LogForked(f"nothing is signed: {self._conflict}")

    def look(self) -> Conflict | None:
        """Read the newest anchors and compare them; what contradicts this log, or None.

        A sink that does not answer says nothing: an outage stops no service.

        Raises:
            DatabaseUnavailable: the log could not be read; what was known stays.
        """
        found = next((each for each in map(self._conflict_at, self._sinks) if each), None)
        if found is not None and found != self._conflict:
            _log.error("the log is not signed any further: %s [%s]", found, LogForked.reason)
        self._has_looked, self._conflict = True, found
        return found

    def _conflict_at(self, sink: Sink) -> Conflict | None:
        """What the newest anchors of one sink say against this log.

        Names come by size, the largest first.  The first that is no part of a
        declared loss decides; all its versions are looked at, since the second of
        a size is the very thing to find.
        """
        for versions in _by_name(sink):
            with self._database.read() as connection:
                key, newest = self._keys(connection), checkpoints.latest(connection)
                anchored = [(each, believed) for each in versions if (believed := _believed(key, each))]
                against = [pair for pair in anchored if not is_beginning(connection, pair[1], newest)]
                lost = declared(connection) if against else ()
            for held, each in against:
                if not any(one.covers(each, held.kept_at_ms) for one in lost):
                    return Conflict(where=sink.where, anchored=each, newest=newest)
            if anchored and not against:
                return None
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A declared loss: the log went on from ``size`` though it had been anchored up to ``anchored_size``."""

    size: int
    anchored_size: int
    anchored_root: str
    event_id: str
    declared_at_ms: int

    def covers(self, anchored: Checkpoint, kept_at_ms: int) -> bool:
        """Whether the checkpoint is the one declared lost, or one between, kept before that was declared.

        One that a sink took later belongs to the log as it went on, and its loss is another.
        """
        if kept_at_ms > self.declared_at_ms:
            return False
        if anchored.size == self.anchored_size:
            return anchored.root.hex() == self.anchored_root
        return self.size < anchored.size < self.anchored_size


def declared(connection: Connection) -> tuple[Loss, ...]:
    """Every loss that was declared in the log."""
    rows = events.of_kind(connection, EventKind.LOG_RESTORED.value)
    return tuple(loss(row.body) for row in rows)


def loss(body: bytes) -> Loss:
    """The loss that a ``log.restored`` event declares, from its stored bytes.

    Raises:
        AuditInvalid: they are no event's bytes.
    """
    read = decode(body)
    fields = read["fields"]
    assert isinstance(fields, dict), "the registry admits nothing else"
    return Loss(
        size=int(str(fields["size"])),
        anchored_size=int(str(fields["anchored_size"])),
        anchored_root=str(fields["anchored_sha256"]),
        event_id=str(read["id"]),
        declared_at_ms=int(str(read["occurred_at_ms"])),
    )


def is_beginning(connection: Connection, anchored: Checkpoint, newest: CheckpointRow | None) -> bool:
    """Whether this log begins with what was anchored."""
    if anchored.size == 0:
        return True
    if newest is None or anchored.size > newest.size:
        return False
    try:
        return StoredTree(connection, anchored.size).root(0, anchored.size) == anchored.root
    except AuditInvalid:
        return False


def _believed(key: Verifies, held: Held) -> Checkpoint | None:
    """The checkpoint that a note of ours states; of others nothing follows for what may be signed."""
    try:
        return key.checkpoint_of(held.note or "")
    except AuditInvalid:
        return None


def _by_name(sink: Sink) -> Iterator[list[Held]]:
    """What a sink holds, size by size; an outage ends it."""
    try:
        for _, versions in groupby(sink.read(NOTES) or (), key=lambda each: size_of(each.name)):
            yield list(versions)
    except ComplianceError as error:
        _log.warning("%s cannot be read: %s [%s]", sink.id, error, error.reason)
