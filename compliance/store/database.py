"""The database: one transaction at a time, on SQLite or PostgreSQL."""

from __future__ import annotations

import errno
import fcntl
import math
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InvalidatePoolError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.dml import ReturningInsert

from compliance.errors import DatabaseUnavailable, DiskFull, SettingInvalid, StateConflict

_BUSY_MS: Final = 30_000
_CONNECT_S: Final = 10
_IDLE_S: Final = 1.0
"""After this long a connection of the pool is asked whether it is alive, before it is used."""
_FELL_ASLEEP: Final = "25P03"
"""PostgreSQL's idle_in_transaction_session_timeout: the connection is gone."""
_MIGRATION_LOCK: Final = 0x636F6D706C7901
"""Any number will do, as long as no other program on the server takes it."""


class Database:
    """A database by its SQLAlchemy URL.

    Statements' parameters stay out of every error, and so out of logs.  Open it
    after a fork, never before: a connection shared by two processes is corrupt.
    """

    def __init__(self, url: str) -> None:
        """Prepare the engine; nothing is connected yet.

        Raises:
            SettingInvalid: the URL is not one of SQLite or PostgreSQL.
        """
        engine = _engine(url)
        self.is_sqlite: Final = engine.dialect.name == "sqlite"
        self._engine = engine
        self._turn = threading.Lock()
        # Forgetting to close leaves no connection open.  Not at exit: a fork must not close its parent's.
        weakref.finalize(self, engine.dispose).atexit = False
        self._file = engine.url.database if self.is_sqlite and engine.url.database != ":memory:" else None
        self._bare = engine.execution_options(is_write=None)
        self._write = engine.execution_options(is_write=True)
        self._read = (
            engine.execution_options(is_write=False)
            if self.is_sqlite
            else engine.execution_options(
                is_write=False, isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        )

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema up to date, or to an earlier revision; safe when several processes start at once.

        The first to take the lock migrates, the others wait and find nothing to do.

        Raises:
            DatabaseUnavailable, DiskFull: as ``begin``; the schema is as it was.
        """
        with _translated(), self._alone():
            if self._file:
                self._make_file(self._file)
            with self._write.begin() as connection:
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                _upgrade(connection, revision)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back on any exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE): a transaction
        that reads first and writes later would otherwise fail when another wrote
        in between.  Do not open a second one inside it.

        Raises:
            DatabaseUnavailable: no answer, or no commit; nothing was kept.
            DiskFull: no space for it; nothing was kept.
            StateConflict: the database refused the write (a key that exists, an audit row that stays).
        """
        with self._in_turn(), _translated(), self._write.begin() as connection:
            yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let the threads of this process write to SQLite one after another.

        It takes one writer at a time, and those that find it busy ask again after pauses that
        grow to a tenth of a second: who waits here instead goes on at once.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=_BUSY_MS / 1000):
            raise DatabaseUnavailable("the database did not answer: another write takes too long")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot to read from; writing in it is refused.

        Every statement in it sees the same moment, without which an audit log
        that grows meanwhile would seem to contradict its checkpoint.
        """
        with _translated(), self._read.begin() as connection:
            yield connection

    def scrub(self) -> None:
        """Drop old page images of SQLite's log, so that a destroyed key is not left in it."""
        if self.is_sqlite:
            with _translated(), self._bare.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold a lock on a file beside a SQLite database; it ends with the process, however that ends."""
        if not self._file:
            yield
            return
        handle = _open(f"{self._file}.lock")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make_file(self, path: str) -> None:
        """Create the file for its owner only, and switch it to a write-ahead log, which it remembers."""
        os.close(_open(path))
        with self._bare.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")


def insert_once(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless one with any of its unique keys is there; whether it was inserted.

    A plain insert that fails would abort the whole transaction on PostgreSQL.
    """
    return connection.execute(_insert_once(connection.dialect.name, table), values).first() is not None


@cache
def _insert_once(dialect: str, table: Table) -> ReturningInsert[Any]:
    """The statement, made once: to make it anew for each row takes longer than to execute it."""
    statement = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return statement.on_conflict_do_nothing().returning(*table.primary_key)


def values_of(row: object, table: Table) -> dict[str, Any]:
    """The attributes of a row that are columns of the table."""
    return {column.name: getattr(row, column.name) for column in table.c}


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ON CONFLICT, in the dialect of this connection."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _open(path: str) -> int:
    """A handle on a file for its owner only, made if it is not there."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "unknown")
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("there is no space for the database; nothing was written") from error
        raise DatabaseUnavailable(f"the database file cannot be opened ({code})") from error


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(url)
        if parsed.get_backend_name() == "postgresql":
            arguments = {"connect_timeout": _CONNECT_S, "application_name": "compliance"}
            return _pinged(create_engine(url, hide_parameters=True, connect_args=arguments))
    except (ArgumentError, NoSuchModuleError, ImportError):
        pass
    raise SettingInvalid("the database URL must begin with sqlite:/// or postgresql+psycopg://")


def _pinged(engine: Engine) -> Engine:
    """Ask a pooled connection whether it is alive still if it lay idle: the server may have gone meanwhile.

    One that was in use a moment ago is not asked; that would be a round trip in every four.
    """

    def ping(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() < record.info.get("idle_since", math.inf) + _IDLE_S:
            return  # in use a moment ago, or new
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", lambda _, record: record.info.update(idle_since=time.monotonic()))
    event.listen(engine, "checkout", ping)
    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_MS / 1000})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    """Leave transactions to SQLAlchemy, and let no commit be lost with the power.

    Pages that held deleted rows are zeroed (secure_delete), as wrapped keys are among them.
    """
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_MS}", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Begin as ``begin`` and ``read`` ask; not at all for a pragma that no transaction may hold."""
    is_write = connection.get_execution_options()["is_write"]
    if is_write is None:
        return
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if is_write else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "compliance.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into ours; causes keep their class, never their parameters."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if _is_full(error):
            raise DiskFull("the database has no space left on its disk; nothing was written") from error
        raise DatabaseUnavailable(f"the database did not answer: {_cause(error)}") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _FELL_ASLEEP:
            raise DatabaseUnavailable(f"the database gave up waiting: {_cause(error)}") from error
        raise StateConflict(f"the database refused the write: {_cause(error)}") from error
    except PoolTimeout as error:
        raise DatabaseUnavailable("the database has no connection free") from error


def _is_full(error: DBAPIError) -> bool:
    """SQLITE_FULL, or PostgreSQL's 53100 disk_full."""
    cause = error.orig
    return (
        getattr(cause, "sqlite_errorname", None) == "SQLITE_FULL"
        or getattr(cause, "sqlstate", None) == "53100"
    )


def _cause(error: DBAPIError) -> str:
    """The class of the driver's error and its code, without its text."""
    cause = error.orig
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "no code"
    return f"{type(cause).__name__} ({code})"
