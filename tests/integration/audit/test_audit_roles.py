"""PostgreSQL roles: the service cannot alter the log, nor the sequencer, and both do their work."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from logevents import numbered, recording
from sqlalchemy import text
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from compliance.audit import keyring, log
from compliance.audit.opening import opened
from compliance.audit.verify import verify
from compliance.bootstrap import build
from compliance.cli.audit import app
from compliance.errors import StateConflict
from compliance.settings import load
from compliance.store import recordings
from compliance.store.database import Database
from compliance.store.roles import SEQUENCER, SERVICE


@pytest.fixture(scope="module")
def own_database(postgres_url: str) -> Iterator[str]:
    """The URL of the owner of a database of this module's."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        yield postgres_url.rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def urls(own_database: str) -> Iterator[dict[str, str]]:
    """The database, migrated by its owner, by the URL of a user of each role."""
    with closing(Database(own_database)) as owner:
        owner.migrate()
    printed = CliRunner().invoke(app, ["roles"]).stdout
    plain, found = own_database.replace("+psycopg", ""), {}
    with psycopg.connect(plain, autocommit=True) as connection:
        for _ in range(2):  # twice: it may be run again after each migration
            connection.execute(printed)  # type: ignore[call-overload]
        for role in (SERVICE, SEQUENCER):
            user, password = f"{role}_{secrets.token_hex(4)}", secrets.token_hex(8)
            connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{password}' IN ROLE {role}")  # type: ignore[call-overload]
            url = make_url(own_database).set(username=user, password=password)
            found[role] = url.render_as_string(hide_password=False)
        yield found
        for role in (SERVICE, SEQUENCER):
            connection.execute(f"DROP ROLE {make_url(found[role]).username}")  # type: ignore[call-overload]


def test_they_work_together(urls: dict[str, str], tmp_path: Path) -> None:
    """The service builds its parts and writes rows and events, the sequencer seals, the service checks."""
    parts = build(load(home=tmp_path, database_url=urls[SERVICE]))
    with closing(Database(urls[SEQUENCER])) as sequencer, closing(parts.database) as service:
        with service.begin() as connection:
            recordings.insert(connection, recording("rec_1"))
            log.record(connection, numbered(1))
        sequencer.migrate()
        sealer = opened(sequencer, tmp_path / "keys", owner="s", now_ms=0)
        checkpoint = sealer.seal(0)
        with service.begin() as connection:
            log.record(connection, numbered(2))
        sealer.seal(1)
        with service.read() as connection:
            report = verify(connection, keyring.trusted(connection, None))

    assert checkpoint is not None
    assert checkpoint.size == 2
    assert (report.is_valid, report.size) == (True, 3)


SEALED = ("audit_leaves", "audit_tiles", "audit_checkpoints", "audit_fences")
COLUMNS = {
    "audit_events": "kind",
    "audit_pending": "seq",
    "audit_leaves": "event_id",
    "audit_tiles": "root",
    "audit_checkpoints": "note",
    "audit_fences": "owner",
}
ALTERATIONS = [
    statement.format(table, COLUMNS[table])
    for table in COLUMNS
    for statement in ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}", "DROP TABLE {0}")
] + [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in COLUMNS]


def refuses(url: str, statement: str) -> bool:
    """Whether it is refused for want of rights, rather than by a trigger."""
    with closing(Database(url)) as database:
        try:
            with database.begin() as connection:
                connection.execute(text(statement))
        except StateConflict as error:
            return "InsufficientPrivilege" in str(error)
    return False


@pytest.mark.parametrize("statement", ALTERATIONS)
def test_the_service_cannot_alter_the_log(urls: dict[str, str], statement: str) -> None:
    """It has no right to change, remove or empty a table of the log, nor to turn off what guards it."""
    assert refuses(urls[SERVICE], statement)


@pytest.mark.parametrize("table", SEALED)
def test_the_service_cannot_grow_the_tree(urls: dict[str, str], table: str) -> None:
    """Leaves, tiles, checkpoints and fences are not the service's to write."""
    assert refuses(urls[SERVICE], f"INSERT INTO {table} DEFAULT VALUES")


@pytest.mark.parametrize("statement", [each for each in ALTERATIONS if each != "DELETE FROM audit_pending"])
def test_nor_can_the_sequencer(urls: dict[str, str], statement: str) -> None:
    """It has no right to alter the log either, but to take off the list what has a leaf."""
    assert refuses(urls[SEQUENCER], statement)


@pytest.mark.parametrize("table", ["recordings", "inbox", "participants", "tokens", "vault_keys", "work"])
def test_the_sequencer_sees_nothing_else(urls: dict[str, str], table: str) -> None:
    """What the log tells of is none of the sequencer's affair."""
    assert refuses(urls[SEQUENCER], f"SELECT * FROM {table}")
    assert not refuses(urls[SERVICE], f"SELECT * FROM {table}")


def test_no_event_is_written_without_being_pending(urls: dict[str, str]) -> None:
    """An event that is inserted by hand, past our code, waits to be sealed like any other."""
    with closing(Database(urls[SERVICE])) as database:
        with database.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO audit_events (id, kind, occurred_at_ms, body, leaf_hash) "
                    "VALUES ('ev_by_hand', 'x', 0, '', '')"
                )
            )
        with database.read() as connection:
            joined = (
                "SELECT count(*) FROM audit_events JOIN audit_pending USING (seq) WHERE id = 'ev_by_hand'"
            )
            waiting = connection.execute(text(joined)).scalar()

    assert waiting == 1
