"""What holds of the database as a whole, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from compliance.errors import ComplianceError, DatabaseUnavailable, SettingInvalid, StateConflict
from compliance.store import events, tokens, tree
from compliance.store.database import Database
from compliance.store.schema import metadata

TOKEN = tokens.TokenRow(id="t", name="n", role="legal", digest="d", created_at_ms=1)


def test_the_migrations_make_the_schema_that_the_code_uses(database: Database) -> None:
    """After migrate nothing differs between the tables there are and the tables declared."""
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)

    assert differences == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    """A database that is up to date keeps its rows."""
    with database.begin() as connection:
        tokens.create(connection, TOKEN)

    database.migrate()

    with database.read() as connection:
        assert tokens.page(connection) == [TOKEN]


def test_several_processes_may_start_at_once(url: str) -> None:
    """Of processes that migrate an empty database at the same moment, each succeeds."""
    imports = "import sys; from compliance.store.database import Database"
    program = f"{imports}; sys.stdin.read(); Database(sys.argv[1]).migrate()"
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], stdin=subprocess.PIPE, env=environment)
        for _ in range(3)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.close()

    assert [process.wait(60) for process in started] == [0, 0, 0]


def test_a_transaction_is_whole_or_not_at_all(database: Database) -> None:
    """What was written before an exception is rolled back."""
    with pytest.raises(StateConflict), database.begin() as connection:
        [tokens.create(connection, each) for each in (TOKEN, TOKEN)]

    with database.read() as connection:
        assert tokens.page(connection) == []


def test_a_read_cannot_write(database: Database) -> None:
    """A write inside read is refused, and the connection serves the next transaction."""
    with pytest.raises(ComplianceError), database.read() as connection:
        tokens.create(connection, TOKEN)

    with database.begin() as connection:
        tokens.create(connection, TOKEN)


def test_a_read_sees_one_moment(database: Database) -> None:
    """What is committed while a read goes on is not seen by it."""
    with database.read() as reader:
        assert tokens.page(reader) == []
        with database.begin() as writer:
            tokens.create(writer, TOKEN)
        assert tokens.page(reader) == []


def test_errors_keep_values_to_themselves(database: Database) -> None:
    """Neither our error nor its cause shows what was to be written."""
    secret = tokens.TokenRow(id="t", name="+1 415 555 0100", role="legal", digest="d", created_at_ms=1)
    with database.begin() as connection:
        tokens.create(connection, TOKEN)

    with pytest.raises(StateConflict) as caught, database.begin() as connection:
        tokens.create(connection, secret)

    assert "415" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__cause__}"


def test_writers_wait_for_each_other(database: Database) -> None:
    """Transactions that read and then write, many at a time, lose no update."""
    with database.begin() as connection:
        tokens.create(connection, TOKEN)

    def add() -> None:
        for _ in range(5):
            with database.begin() as connection:
                tree.lock(connection)
                found = tokens.page(connection)[0].created_at_ms
                connection.execute(text("UPDATE tokens SET created_at_ms = :n"), {"n": found + 1})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as connection:
        assert tokens.page(connection)[0].created_at_ms == 21


def test_an_event_that_commits_late_is_not_passed_over(postgres_database: str) -> None:
    """An event with a lower number than those that have leaves already gets its leaf in its turn."""
    database = Database(postgres_database)
    database.migrate()

    def insert(connection: object, id: str) -> None:
        events.insert(
            connection,  # type: ignore[arg-type]
            id=id,
            recording_id=None,
            kind="k",
            occurred_at_ms=1,
            body=b"",
            leaf_hash=b"",
        )

    with database.begin() as late:
        insert(late, "ev_late")
        with database.begin() as connection:
            insert(connection, "ev_early")
        with database.begin() as connection:
            first = tree.append(connection, 0, 9)
    with database.begin() as connection:
        then = tree.append(connection, 1, 9)
        left = tree.unsealed(connection)
    database.close()

    assert [each.event_id for each in first] == ["ev_early"]
    assert [(each.leaf_index, each.event_id) for each in then] == [(1, "ev_late")]
    assert left == 0


def test_a_connection_that_died_while_it_lay_idle_is_replaced(postgres_database: str) -> None:
    """After the server went and came back, the next transaction works, and is not the one to find out."""
    database, killer = Database(postgres_database), Database(postgres_database)
    with database.begin() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    with killer.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    time.sleep(1.1)
    with database.begin() as connection:
        other = connection.execute(text("SELECT pg_backend_pid()")).scalar()
    for each in (database, killer):
        each.close()

    assert other != pid


def test_postgresql_refuses_truncate_too(postgres_database: str) -> None:
    """TRUNCATE, which fires no row trigger, does not empty the log."""
    database = Database(postgres_database)
    database.migrate()
    with pytest.raises(StateConflict), database.begin() as connection:
        connection.execute(text("TRUNCATE audit_events"))
    database.close()


def test_sqlite_loses_no_commit_with_the_power(tmp_path: Path) -> None:
    """SQLite keeps a write-ahead log, flushed at each commit, in files of its owner's."""
    path = tmp_path / "compliance.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    with database.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
    database.close()

    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("url", ["", "mysql://x/y", "nonsense", "postgresql+nodriver://x/y"])
def test_a_url_of_another_kind_is_a_wrong_setting(url: str) -> None:
    """A database that is neither SQLite nor PostgreSQL is refused before anything is connected."""
    with pytest.raises(SettingInvalid):
        Database(url)


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://u:secret@127.0.0.1:1/x", "sqlite:////nowhere/at/all.db"]
)
def test_a_database_that_does_not_answer_is_worth_another_try(url: str) -> None:
    """No answer is database_unavailable, and the password is not told."""
    with pytest.raises(DatabaseUnavailable) as caught:
        Database(url).migrate()

    assert "secret" not in str(caught.value)
