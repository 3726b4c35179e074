"""Filling the tables of a log, past the service, which would take hours for millions of events."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Table

from benchmarks.audit_log import Row
from compliance.store.schema import audit_events, audit_index, audit_leaves, audit_terms

TABLES = (audit_events, audit_leaves, audit_index, audit_terms)
BATCH = 20_000


def load(sqlite_path: Path, postgres_url: str, rows: Iterable[Row], *, indexed: int) -> None:
    """Put the rows into both databases; those from ``indexed`` on are left for the service to index."""
    with ExitStack() as stack:
        lite = stack.enter_context(sqlite3.connect(sqlite_path))
        lite.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA temp_store=MEMORY;")
        _drop_indexes(lite.execute)
        post = stack.enter_context(psycopg.connect(postgres_url.replace("+psycopg", "")))
        post.execute("SET maintenance_work_mem = '512MB'")
        _drop_indexes(post.execute)
        for some in _batches(rows, indexed):
            for table in TABLES:
                _insert(lite, table, some[table])
                _copy(post, table, some[table])
        for statement in _indexes():
            lite.execute(statement)
            post.execute(statement)
        lite.commit()
        post.commit()
    _settled(sqlite_path, postgres_url)


def _batches(rows: Iterable[Row], indexed: int) -> Iterator[dict[Table, list[tuple[Any, ...]]]]:
    for some in _batched(rows):
        found = [row for row in some if row.leaf.leaf_index < indexed]
        yield {
            audit_events: [tuple(getattr(row.leaf.event, c.name) for c in audit_events.c) for row in some],
            audit_leaves: [(row.leaf.leaf_index, row.leaf.event_id) for row in some],
            audit_index: [tuple(getattr(row.index, c.name) for c in audit_index.c) for row in found],
            audit_terms: [
                (term, row.index.occurred_at_ms, row.index.leaf_index)
                for row in found
                for term in row.index.terms
            ],
        }


def _batched(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _insert(lite: sqlite3.Connection, table: Table, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * len(table.c))
    lite.executemany(f"INSERT INTO {table.name} ({_columns(table)}) VALUES ({marks})", rows)


def _copy(post: psycopg.Connection[Any], table: Table, rows: list[tuple[Any, ...]]) -> None:
    with post.cursor() as cursor, cursor.copy(f"COPY {table.name} ({_columns(table)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.c)


def _drop_indexes(execute: Any) -> None:
    """Indexes are made faster over a full table than kept up to date while it fills."""
    for index in audit_index.indexes:
        execute(f"DROP INDEX {index.name}")


def _indexes() -> Iterator[str]:
    for index in sorted(audit_index.indexes, key=lambda each: str(each.name)):
        columns = ", ".join(column.name for column in index.columns)
        yield f"CREATE INDEX {index.name} ON audit_index ({columns})"


def _settled(sqlite_path: Path, postgres_url: str) -> None:
    """Leave both as a service finds them: PostgreSQL keeps statistics by itself, SQLite has none."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as post:
        post.execute("VACUUM ANALYZE")
    lite = sqlite3.connect(sqlite_path)
    lite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    lite.close()
