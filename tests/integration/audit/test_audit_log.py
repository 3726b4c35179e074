"""The log on a real database: what is written is sealed, and any tampering is seen and named."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from compliance.audit import keys, log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.merkle import leaf_hash, root
from compliance.audit.note import SeedSigner
from compliance.audit.sequencer import Sequencer
from compliance.audit.verify import AuditReport, Check, Standing, verify
from compliance.errors import AuditInvalid, DatabaseUnavailable, EventInvalid, StateConflict
from compliance.store import checkpoints, events, tokens, tree
from compliance.store.database import Database

SIGNER = SeedSigner(name=keys.ORIGIN, seed=bytes(range(32)))
PIPELINE = Actor(type="service", id="pipeline", role="pipeline")
RECORDING = "rec_" + "0" * 32


def numbered(number: int) -> AuditEvent:
    """An event that differs from others by its number."""
    return event(
        EventKind.STAGE_FAILED,
        recording_id=RECORDING,
        key=str(number),
        occurred_at_ms=1_700_000_000_000 + number,
        actor=PIPELINE,
        outcome="failure",
        reason="storage_unavailable",
        stage="transcribe",
        attempt=number,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database's file."""
    return tmp_path / "audit.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """An empty SQLite database."""
    database = Database(f"sqlite:///{path}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def sealed(database: Database) -> Database:
    """A log of nine events under three checkpoints, of sizes 3, 6 and 9."""
    sequencer = Sequencer(database, SIGNER)
    for batch in range(3):
        write(database, *range(batch * 3, batch * 3 + 3))
        sequencer.seal(batch)
    return database


def write(database: Database, *numbers: int) -> None:
    """Write events in one transaction."""
    with database.begin() as connection:
        for number in numbers:
            log.record(connection, numbered(number))


def checked(database: Database, signer: SeedSigner = SIGNER) -> AuditReport:
    """The report on the log."""
    with database.read() as connection:
        return verify(connection, signer.verifier)


def tamper(path: Path, *statements: str) -> None:
    """Do as an administrator could: drop the triggers and change what is there."""
    with sqlite3.connect(path) as connection:
        connection.create_function("leaf_hash", 1, leaf_hash)
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def at(number: int) -> str:
    """The id of an event, by its number."""
    return numbered(number).id


def test_a_sealed_log_is_valid_and_its_root_is_that_of_its_bytes(sealed: Database) -> None:
    """After sealing, every check passes, and the root follows from the stored bytes."""
    report = checked(sealed)
    with sealed.read() as connection:
        rows = events.of_recording(connection, RECORDING)

    assert report.is_valid
    assert (report.size, report.checkpoints, report.unsealed) == (9, 3, 0)
    assert report.root == root([leaf_hash(row.body) for row in rows])
    assert report.fingerprint == SIGNER.verifier.fingerprint


def test_a_step_tried_again_leaves_one_event(database: Database) -> None:
    """The same step recorded twice, before or after sealing, is one event with its first bytes."""
    sequencer = Sequencer(database, SIGNER)
    write(database, 1, 1)
    sequencer.seal(0)
    write(database, 1)

    assert sequencer.seal(1) is None
    assert checked(database).size == 1


def test_an_event_that_is_refused_stops_the_act(database: Database) -> None:
    """Business rows written in the transaction of a refused event are not kept."""

    def act() -> None:
        with database.begin() as connection:
            log.record(connection, numbered(1))
            event(
                EventKind.STAGE_FAILED,
                recording_id=RECORDING,
                key="2",
                occurred_at_ms=0,
                actor=PIPELINE,
                stage="she said her name is Ann",
            )

    with pytest.raises(EventInvalid):
        act()
    assert checked(database).unsealed == 0


@pytest.mark.parametrize("table", ["audit_events", "audit_pending"])
def test_without_its_event_an_act_does_not_happen(database: Database, table: str) -> None:
    """If the event, or its place among what is pending, cannot be written, the act's row is not kept."""
    with database.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    token = tokens.TokenRow(id="t", name="n", role="legal", digest="d", created_at_ms=1)

    def act() -> None:
        with database.begin() as connection:
            tokens.create(connection, token)
            log.record(connection, numbered(1))

    with pytest.raises(StateConflict):
        act()
    with database.read() as connection:
        assert tokens.page(connection) == []
        assert events.page(connection) == []


def test_events_that_no_checkpoint_covers_are_counted(sealed: Database) -> None:
    """What is not sealed yet is told, and the rest is valid."""
    write(sealed, 100, 101)
    report = checked(sealed)

    assert report.is_valid
    assert (report.size, report.unsealed) == (9, 2)


def test_an_empty_log_is_not_called_valid(database: Database) -> None:
    """A log without any checkpoint has nothing that could be checked."""
    assert checked(database).is_empty


def test_a_late_commit_is_sealed_in_its_turn(database: Database) -> None:
    """An event with a lower number than others that are sealed already gets its leaf at the next seal."""
    sequencer = Sequencer(database, SIGNER)
    insert(database, seq=50, id="ev_early")
    sequencer.seal(0)
    insert(database, seq=7, id="ev_late")

    checkpoint = sequencer.seal(1)

    assert checkpoint is not None
    assert checkpoint.size == 2
    with database.read() as connection:
        assert tree.leaf_of(connection, "ev_late") == 1


def insert(database: Database, *, seq: int, id: str) -> None:
    """Write an event under a number of our choice, as a transaction does that began early and ended late."""
    columns = "seq, id, kind, occurred_at_ms, body, leaf_hash"
    statement = f"INSERT INTO audit_events ({columns}) VALUES (?, ?, 'x', 0, ?, ?)"
    with database.begin() as connection:
        connection.exec_driver_sql(statement, (seq, id, b"{}", leaf_hash(b"{}")))


SWAP = (
    "UPDATE audit_leaves SET event_id = 'aside' WHERE leaf_index = 3",
    f"UPDATE audit_leaves SET event_id = '{at(3)}' WHERE leaf_index = 4",
    f"UPDATE audit_leaves SET event_id = '{at(4)}' WHERE leaf_index = 3",
)
EDITED = "CAST(replace(body, 'unavailable', 'available') AS BLOB)"
EDIT = f"UPDATE audit_events SET body = {EDITED}"
EDIT_BOTH = f"{EDIT}, leaf_hash = leaf_hash({EDITED})"
COPY = "'ev_copy', recording_id, kind, occurred_at_ms, body, leaf_hash"
UNLIMITED = (
    "CREATE TABLE plain AS SELECT * FROM audit_leaves",
    "DROP TABLE audit_leaves",
    "ALTER TABLE plain RENAME TO audit_leaves",
)
FORGED = "INSERT INTO audit_events (id, recording_id, kind, occurred_at_ms, body, leaf_hash)"


@pytest.mark.parametrize(
    ("statements", "check", "standing", "concerned"),
    [
        pytest.param(
            [f"{EDIT} WHERE id = '{at(4)}'"], Check.BODIES, Standing.INVALID, at(4), id="flip a byte"
        ),
        pytest.param(
            [f"{EDIT_BOTH} WHERE id = '{at(4)}'"],
            Check.TREE,
            Standing.INVALID,
            at(3),
            id="edit with its digest",
        ),
        pytest.param(
            [f"UPDATE audit_events SET leaf_hash = zeroblob(32) WHERE id = '{at(4)}'"],
            Check.BODIES,
            Standing.INVALID,
            at(4),
            id="edit the digest",
        ),
        pytest.param(
            [f"UPDATE audit_events SET occurred_at_ms = 1 WHERE id = '{at(4)}'"],
            Check.BODIES,
            Standing.INVALID,
            at(4),
            id="backdate the row",
        ),
        pytest.param(
            [f"UPDATE audit_events SET recording_id = NULL WHERE id = '{at(4)}'"],
            Check.BODIES,
            Standing.INVALID,
            at(4),
            id="hide from its recording",
        ),
        pytest.param(
            [f"DELETE FROM audit_events WHERE id = '{at(4)}'"],
            Check.EVENTS,
            Standing.MISSING,
            at(4),
            id="drop an event",
        ),
        pytest.param(
            ["DELETE FROM audit_leaves WHERE leaf_index = 4"],
            Check.ORDER,
            Standing.INVALID,
            at(5),
            id="drop a leaf",
        ),
        pytest.param(
            [
                f"DELETE FROM audit_events WHERE id = '{at(4)}'",
                "DELETE FROM audit_leaves WHERE leaf_index = 4",
                "UPDATE audit_leaves SET leaf_index = leaf_index - 1 WHERE leaf_index = 5",
                "UPDATE audit_leaves SET leaf_index = leaf_index - 1 WHERE leaf_index = 6",
                "UPDATE audit_leaves SET leaf_index = leaf_index - 1 WHERE leaf_index = 7",
                "UPDATE audit_leaves SET leaf_index = leaf_index - 1 WHERE leaf_index = 8",
            ],
            Check.LENGTH,
            Standing.MISSING,
            at(8),
            id="drop and close the gap",
        ),
        pytest.param(SWAP, Check.TREE, Standing.INVALID, at(4), id="swap two events"),
        pytest.param(
            [*UNLIMITED, f"UPDATE audit_leaves SET event_id = '{at(3)}' WHERE leaf_index = 4"],
            Check.TREE,
            Standing.INVALID,
            at(3),
            id="repeat an event in place of another",
        ),
        pytest.param(
            [*UNLIMITED, f"INSERT INTO audit_leaves VALUES (9, '{at(3)}')"],
            Check.LENGTH,
            Standing.INVALID,
            at(3),
            id="repeat an event at the end",
        ),
        pytest.param(
            [
                f"{FORGED} SELECT {COPY} FROM audit_events WHERE id = '{at(3)}'",
                "UPDATE audit_leaves SET event_id = 'ev_copy' WHERE leaf_index = 4",
            ],
            Check.BODIES,
            Standing.INVALID,
            "ev_copy",
            id="repeat an event under a new id",
        ),
        pytest.param(
            ["DELETE FROM audit_leaves WHERE leaf_index >= 7"],
            Check.LENGTH,
            Standing.MISSING,
            at(6),
            id="cut off the end",
        ),
        pytest.param(
            ["DELETE FROM audit_leaves", "DELETE FROM audit_events"],
            Check.LENGTH,
            Standing.MISSING,
            None,
            id="cut off everything",
        ),
        pytest.param(
            [
                f"{FORGED} VALUES ('ev_new', NULL, 'x', 0, x'78', leaf_hash(x'78'))",
                "INSERT INTO audit_leaves VALUES (9, 'ev_new')",
            ],
            Check.LENGTH,
            Standing.INVALID,
            "ev_new",
            id="insert at the end",
        ),
        pytest.param(
            [
                f"{FORGED} VALUES ('ev_new', NULL, 'x', 0, x'78', leaf_hash(x'78'))",
                "INSERT INTO audit_leaves VALUES (-1, 'ev_new')",
            ],
            Check.ORDER,
            Standing.INVALID,
            "ev_new",
            id="insert before the first",
        ),
        pytest.param(
            ["UPDATE audit_checkpoints SET note = replace(note, '3', '4') WHERE size = 3"],
            Check.CHECKPOINTS,
            Standing.INVALID,
            at(2),
            id="edit a checkpoint",
        ),
        pytest.param(
            ["UPDATE audit_checkpoints SET root = zeroblob(32) WHERE size = 6"],
            Check.CHECKPOINTS,
            Standing.INVALID,
            at(5),
            id="edit a checkpoint's row",
        ),
        pytest.param(
            ["UPDATE audit_checkpoints SET size = 8 WHERE size = 9"],
            Check.CHECKPOINTS,
            Standing.INVALID,
            at(7),
            id="shorten the newest checkpoint",
        ),
        pytest.param(
            ["DELETE FROM audit_checkpoints WHERE size = 9"],
            Check.LENGTH,
            Standing.INVALID,
            at(6),
            id="drop the newest checkpoint",
        ),
    ],
)
def test_tampering_is_seen_and_the_event_named(
    sealed: Database,
    path: Path,
    statements: list[str],
    check: Check,
    standing: Standing,
    concerned: str | None,
) -> None:
    """Whatever is done to the log below its newest checkpoint fails a check that names the event concerned.

    Where only the tree shows it, the event named is the first of those that one checkpoint added.
    """
    tamper(path, *statements)
    report = checked(sealed)

    assert not report.is_valid
    finding = next(each for each in report.findings if each.check is check)
    assert (finding.standing, finding.event_id) == (standing, concerned)
    assert report.first is not None


BROKEN_ENDS = [
    "DELETE FROM audit_checkpoints WHERE size = 9",
    "DELETE FROM audit_leaves WHERE leaf_index = 8",
    "UPDATE audit_checkpoints SET root = zeroblob(32) WHERE size = 9",
    "UPDATE audit_checkpoints SET note = replace(note, '9', '8') WHERE size = 9",
    f"INSERT INTO audit_leaves VALUES (9, '{at(100)}')",
]
BROKEN_BELOW = [
    f"{EDIT_BOTH} WHERE id = '{at(4)}'",
    f"DELETE FROM audit_events WHERE id = '{at(4)}'",
    *SWAP[:1],
]


@pytest.mark.parametrize("statement", BROKEN_ENDS + BROKEN_BELOW)
def test_a_new_sequencer_does_not_sign_a_second_history(sealed: Database, path: Path, statement: str) -> None:
    """When the log is no longer what its latest checkpoint says, a process that starts signs nothing."""
    write(sealed, 100)
    tamper(path, statement)

    refuses(sealed, Sequencer(sealed, SIGNER))


@pytest.mark.parametrize("statement", BROKEN_ENDS)
def test_a_running_sequencer_does_not_sign_a_second_history(
    database: Database, path: Path, statement: str
) -> None:
    """Nor does one that has been running.

    What it has read it does not read again: alterations further down are for ``verify`` to find.
    """
    sequencer = Sequencer(database, SIGNER)
    write(database, *range(9))
    sequencer.seal(0)
    write(database, 100)
    tamper(path, statement)

    refuses(database, sequencer)


def refuses(database: Database, sequencer: Sequencer) -> None:
    """Check that sealing is refused and leaves no checkpoint behind."""
    with database.read() as connection:
        before = checkpoints.every(connection)
    with pytest.raises(AuditInvalid):
        sequencer.seal(1)
    with database.read() as connection:
        assert checkpoints.every(connection) == before


def test_an_altered_event_is_not_sealed(database: Database, path: Path) -> None:
    """An event that was changed before it was sealed stops the sequencer, by name."""
    write(database, 1)
    tamper(path, f"{EDIT} WHERE id = '{at(1)}'")

    with pytest.raises(AuditInvalid, match=at(1)):
        Sequencer(database, SIGNER).seal(0)


def test_another_key_does_not_go_on_from_this_ones_log(sealed: Database) -> None:
    """With a new key nothing is signed on top, and every checkpoint is called invalid."""
    other = SeedSigner(name=keys.ORIGIN, seed=bytes(32))
    write(sealed, 100)

    with pytest.raises(AuditInvalid, match="not signed by"):
        Sequencer(sealed, other).seal(9)
    first = checked(sealed, other).first
    assert first is not None
    assert first.check is Check.CHECKPOINTS


@pytest.fixture
def postgres(postgres_database: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    database = Database(postgres_database)
    database.migrate()
    yield database
    database.close()


@pytest.mark.parametrize("kind", ["database", "postgres"])
def test_two_sequencers_take_turns(kind: str, request: pytest.FixtureRequest) -> None:
    """Two that seal at once never give an event two leaves, and the log they leave is valid."""
    database: Database = request.getfixturevalue(kind)
    sequencers = [Sequencer(database, SIGNER), Sequencer(database, SIGNER)]
    failures: list[Exception] = []

    def work(sequencer: Sequencer, numbers: range) -> None:
        try:
            for number in numbers:
                write(database, number)
                sequencer.seal(number)
        except Exception as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(each, range(start, start + 20)))
        for start, each in ((0, sequencers[0]), (100, sequencers[1]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    report = checked(database)
    assert failures == []
    assert report.is_valid
    assert (report.size, report.unsealed) == (40, 0)


def test_one_that_slept_cannot_sign_over_anothers_work(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that falls asleep as it is about to sign loses its turn to another, and its signature is void."""
    monkeypatch.setattr(tree, "PATIENCE_MS", 2_000)
    is_asleep = threading.Event()

    def doze(*_: object) -> None:
        is_asleep.set()
        time.sleep(4)

    write(postgres, 1)
    sleeper = Sequencer(postgres, SIGNER, owner="sleeper", before_signing=doze)
    with ThreadPoolExecutor(1) as pool:
        asleep = pool.submit(sleeper.seal, 1)
        assert is_asleep.wait(60)
        taken = Sequencer(postgres, SIGNER, owner="other").seal(2)
        with pytest.raises(DatabaseUnavailable):
            asleep.result()
    write(postgres, 2)
    again = Sequencer(postgres, SIGNER, owner="sleeper").seal(3)

    assert taken is not None
    assert again is not None
    assert (taken.size, again.size) == (1, 2)
    assert checked(postgres).is_valid
    with postgres.read() as connection:
        assert [row.created_at_ms for row in checkpoints.every(connection)] == [2, 3]


def test_triggers_refuse_edits_by_ordinary_means(sealed: Database, path: Path) -> None:
    """Without dropping the triggers first, no row of the log can be changed or removed."""
    for table in ("audit_events", "audit_leaves", "audit_checkpoints"):
        with sqlite3.connect(path) as connection, pytest.raises(sqlite3.IntegrityError):
            connection.execute(f"DELETE FROM {table}")
        connection.close()


def test_a_log_longer_than_one_step_is_sealed_and_checked(database: Database) -> None:
    """Reading in steps loses and repeats nothing."""
    write(database, *range(4_001))
    checkpoint = Sequencer(database, SIGNER).seal(0)
    write(database, 5_000)
    restarted = Sequencer(database, SIGNER)

    assert checkpoint is not None
    assert checkpoint.size == 4_001
    assert restarted.seal(1) is not None
    assert checked(database).is_valid
