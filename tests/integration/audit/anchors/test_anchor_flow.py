"""Checkpoints leave the house, outages are told once, and no second history is signed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from anchoring import SIGNER, write
from authority import TestAuthority, served
from sqlalchemy import Connection

from compliance.audit import canonical
from compliance.audit.anchors.anchorer import Anchorer
from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.guard import Guard, declared
from compliance.audit.anchors.outages import Outages
from compliance.audit.anchors.restoring import declare
from compliance.audit.anchors.rfc3161 import Authority, Pins
from compliance.audit.anchors.sink import NOTES, TOKENS, Held, Reach, Sink, name_of, size_of
from compliance.audit.anchors.stamper import Stamper
from compliance.audit.events import Actor
from compliance.audit.note import Checkpoint, SeedSigner, Verifier, sign
from compliance.audit.pulse import Pulse
from compliance.audit.sequencer import Sequencer
from compliance.errors import AnchorUnavailable, ArgumentInvalid, LogForked
from compliance.store import anchors, checkpoints, events
from compliance.store.database import Database

OFFICER = Actor(type="person", id="officer-1", role="officer")


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    ms: int = 1_700_000_000_000

    def __call__(self) -> int:
        """Unix time in milliseconds."""
        return self.ms


@dataclass
class Moody(FolderSink):
    """A folder that does not answer while it is down."""

    path: Path
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """A folder as any other."""
        FolderSink.__init__(self, self.path)

    def put(self, name: str, data: bytes) -> bytes:
        """Keep it, or fail."""
        self.asked.append(name)
        if self.is_down:
            raise AnchorUnavailable("down")
        return super().put(name, data)

    def read(self, prefix: str) -> Iterator[Held] | None:
        """What it holds, or fail."""
        if self.is_down:
            raise AnchorUnavailable("down")
        return super().read(prefix)


@pytest.fixture
def moody(tmp_path: Path) -> Moody:
    """A sink that works for now."""
    return Moody(tmp_path / "moody")


def own_key(_connection: Connection) -> Verifier:
    """The key of these logs, which name none."""
    return SIGNER.verifier


def seal(database: Database, *sinks: Sink, now_ms: int = 0) -> Checkpoint | None:
    """Seal as a process does that has just begun."""
    guard = Guard(database, sinks, own_key)
    return Sequencer(database, SIGNER, before_signing=guard).seal(now_ms)


def anchorer(database: Database, *sinks: Sink, clock: Clock | None = None) -> Anchorer:
    """An anchorer that knows of no outage."""
    clock = clock or Clock()
    return Anchorer(database, sinks, Outages(database, clock), clock)


def sizes(sink: Sink, prefix: str = NOTES) -> list[int | None]:
    """The sizes of what a sink holds."""
    return [size_of(each.name) for each in sink.read(prefix) or ()]


def kinds(database: Database) -> list[tuple[str, str | None]]:
    """Kind and reason of every event of the log itself."""
    with database.read() as connection:
        read = [canonical.decode(row.body) for row in events.page(connection, limit=1000)]
    return [(str(each["kind"]), each["reason"]) for each in read if each["recording_id"] is None]  # type: ignore[misc]


def test_each_sink_gets_the_newest_checkpoint_once(database: Database, sink: Sink, moody: Moody) -> None:
    """What was sealed since is one checkpoint; a sink that has it is not asked again."""
    keeping = anchorer(database, sink, moody)
    assert keeping.anchor() == 0
    for number in range(3):
        write(database, number)
        seal(database)
    assert keeping.anchor() == 2
    assert keeping.anchor() == 0
    write(database, 4)
    seal(database)
    assert keeping.anchor() == 2

    with database.read() as connection:
        newest = checkpoints.latest(connection)
        taken = anchors.newest(connection, sink.id)
    assert newest is not None
    assert taken is not None
    first = next(iter(sink.read(NOTES) or ()))
    assert (sizes(sink), first.data) == ([4, 3], newest.note.encode())
    assert taken.size == 4


def test_an_outage_is_one_event_and_one_line_and_stops_nobody(
    database: Database, moody: Moody, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While one sink is down the other is served; the outage is told once, and so is its end."""
    other, clock = FolderSink(tmp_path / "other"), Clock()
    keeping = anchorer(database, moody, other, clock=clock)
    moody.is_down = True
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            write(database, number)
            seal(database)
            assert keeping.anchor() == 1
            clock.ms += 60_000
    moody.is_down = False
    keeping.anchor()
    keeping.anchor()

    assert kinds(database) == [("anchor.failed", "anchor_unavailable"), ("anchor.resumed", None)]
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    # The failure is an event as well, and so under the second checkpoint: its size grows by two.
    assert sizes(other) == [4, 3, 1]
    assert sizes(moody) == [4]


def restore(database: Database, size: int) -> None:
    """Make the log what a backup taken at that size holds."""
    triggers = [f"audit_{name}" for name in ("events", "leaves", "checkpoints", "tiles", "fences", "pending")]
    with database.begin() as connection:
        if database.is_sqlite:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in names.fetchall():
                if name != "audit_events_pending":
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            for table in triggers:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in (
            "DELETE FROM audit_events WHERE id NOT IN "
            f"(SELECT event_id FROM audit_leaves WHERE leaf_index < {size})",
            f"DELETE FROM audit_leaves WHERE leaf_index >= {size}",
            f"DELETE FROM audit_checkpoints WHERE size > {size}",
            "DELETE FROM audit_pending",
        ):
            connection.exec_driver_sql(statement)
        if not database.is_sqlite:
            for table in triggers:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def anchored(database: Database, sink: Sink, *batches: int, first: int = 0) -> None:
    """Seal events in batches of these sizes, numbered from ``first``, and anchor each checkpoint."""
    number = first
    for batch in batches:
        write(database, *range(number, number + batch))
        number += batch
        seal(database, sink)
        anchorer(database, sink).anchor()


def test_a_log_that_continues_its_anchors_is_signed(database: Database, sink: Sink) -> None:
    """A new process goes on where the last one stopped."""
    anchored(database, sink, 3, 4)
    write(database, 50)

    found = seal(database, sink)

    assert found is not None
    assert found.size == 8


def test_a_restored_backup_is_not_signed_on(
    database: Database, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    """After a restore nothing is signed, whether the log is shorter than its anchor or has outgrown it."""
    anchored(database, sink, 3, 4)
    restore(database, 3)
    for more in ([50], range(51, 60)):
        write(database, *more)
        with caplog.at_level(logging.ERROR), pytest.raises(LogForked) as caught:
            seal(database, sink)

    assert caught.value.reason == "log_forked"
    assert "7 events" in caplog.text
    assert "3 events" in caplog.text
    with database.read() as connection:
        newest = checkpoints.latest(connection)
    assert newest is not None
    assert newest.size == 3


def test_an_empty_database_under_an_old_key_is_not_signed(
    database: Database, sink: Sink, tmp_path: Path
) -> None:
    """A log that begins anew while a sink knows an older one is a fork from the start."""
    anchored(database, sink, 2)
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    fresh.migrate()
    write(fresh, 9)

    with pytest.raises(LogForked):
        seal(fresh, sink)
    fresh.close()


def test_notes_of_others_stop_nobody(database: Database, sink: Sink) -> None:
    """Whoever may write into a sink cannot stop the log by notes that its key did not sign, or by rubbish."""
    anchored(database, sink, 2)
    stranger = SeedSigner(name=SIGNER.name, seed=bytes(32))
    text = Checkpoint(origin=SIGNER.name, size=900, root=bytes(32)).text
    sink.put(name_of(900), sign(text, stranger).encode())
    sink.put(name_of(901), b"\xff rubbish")
    write(database, 50)

    assert seal(database, sink) is not None


def test_an_outage_of_a_sink_stops_nobody(database: Database, moody: Moody) -> None:
    """What cannot be read says nothing; the log is signed on."""
    anchored(database, moody, 2)
    moody.is_down = True
    write(database, 50)

    assert seal(database, moody) is not None


def test_a_declared_restore_lets_the_log_go_on_and_only_that_one(database: Database, sink: Sink) -> None:
    """Naming both checkpoints in the log is the way out, and serves for no other loss."""
    anchored(database, sink, 3, 2, 2)
    restore(database, 3)
    guard = Guard(database, [sink], own_key)
    conflict = guard.look()
    assert conflict is not None

    declare(database, conflict, OFFICER, statement_sha256="ab" * 32, now_ms=int(time.time() * 1000))

    anchored(database, sink, 1, first=50)
    with database.read() as connection:
        (loss,) = declared(connection)
    assert (loss.size, loss.anchored_size) == (3, 7)
    assert guard.look() is None
    time.sleep(1.1)  # S3 tells the second at which it took an object
    anchored(database, sink, 1, first=60)
    restore(database, 5)
    write(database, 70)
    with pytest.raises(LogForked):
        seal(database, sink)


def test_nothing_is_declared_without_a_conflict(database: Database, sink: Sink) -> None:
    """A log that continues its anchors has no loss to declare."""
    anchored(database, sink, 3)
    found = Guard(database, [sink], own_key).look()

    with pytest.raises(ArgumentInvalid):
        declare(database, found, OFFICER, statement_sha256="ab" * 32, now_ms=1)


def test_a_stamp_bounds_the_log_from_both_sides(database: Database, sink: Sink) -> None:
    """The checkpoint is stamped, the stamp's digest is the log's next event, and the sink has both."""
    authority, clock = TestAuthority(lambda: datetime.fromtimestamp(1_700_000_100, UTC)), Clock()
    with served(authority) as url:
        stamper = Stamper(
            database,
            Authority(url, Pins(authority.pem)),
            [sink],
            Outages(database, clock),
            clock,
            every_s=3600,
        )
        assert stamper.stamp_if_due() is None
        write(database, 1, 2)
        seal(database)
        row = stamper.stamp_if_due()
        again = stamper.stamp_if_due()
        seal(database)
        early = stamper.stamp_if_due()
        clock.ms += 3_600_000
        late = stamper.stamp_if_due()

    assert row is not None
    assert late is not None
    assert (again, early) == (None, None)
    assert (row.size, row.stated_at_ms, late.size) == (2, 1_700_000_100_000, 3)
    assert sizes(sink) == [3, 2]
    assert sizes(sink, TOKENS) == [3, 2]
    with database.read() as connection:
        told = [
            canonical.decode(each.body)["fields"] for each in events.of_kind(connection, "log.timestamped")
        ]
        note = checkpoints.of_size(connection, 2)
        assert [each.token_sha256 for each in anchors.timestamps(connection)] == [
            row.token_sha256,
            late.token_sha256,
        ]
    assert note is not None
    assert told[0]["token_sha256"] == row.token_sha256  # type: ignore[index, call-overload]
    assert Pins(authority.pem).stated_at_ms(row.token, note.note.encode()) == row.stated_at_ms


def test_an_authority_that_fails_is_told_once_and_asked_again(database: Database) -> None:
    """While it is down nothing stops; once it answers the stamp is taken."""
    authority, clock = TestAuthority(), Clock()
    write(database, 1)
    seal(database)
    with served(authority) as url:
        outages = Outages(database, clock)
        stamper = Stamper(database, Authority(url, Pins(authority.pem)), [], outages, clock, every_s=10)
        authority.is_down = True
        assert [stamper.stamp_if_due() for _ in range(3)] == [None] * 3
        authority.is_down = False
        assert stamper.stamp_if_due() is not None

    told = [kind for kind, _ in kinds(database)]
    assert told == ["anchor.failed", "anchor.resumed", "log.timestamped"]


def test_an_authority_of_another_root_is_refused(database: Database) -> None:
    """A stamp of somebody else's is not kept."""
    clock = Clock()
    write(database, 1)
    seal(database)
    with served(TestAuthority()) as url:
        pinned = Authority(url, Pins(TestAuthority().pem))
        stamper = Stamper(database, pinned, [], Outages(database, clock), clock, every_s=10)
        assert stamper.stamp_if_due() is None

    assert kinds(database) == [("anchor.failed", "timestamp_invalid")]
    with database.read() as connection:
        assert anchors.timestamps(connection) == []


def test_the_log_tells_what_a_copy_is(moody: Moody) -> None:
    """A folder never counts as a witness."""
    assert moody.reach is Reach.COPY


def test_the_log_itself_is_told_of(database: Database) -> None:
    """One beat an interval, however many processes beat."""
    clock = Clock()
    one, other = (
        Pulse(database, component=name, heartbeat_s=60, now_ms=clock) for name in ("serve", "worker")
    )
    for _ in range(3):
        one.beat()
        other.beat()
        clock.ms += 60_000
    told = [kind for kind, _ in kinds(database)]
    assert told == ["log.heartbeat"] * 3
