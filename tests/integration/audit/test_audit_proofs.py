"""Proofs from stored tiles, on a real database: they are the tree's own, and take few reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, text

from compliance.audit import keys, merkle, proofs
from compliance.audit.note import SeedSigner
from compliance.audit.sequencer import Sequencer
from compliance.audit.stored import StoredTree
from compliance.audit.tiles import WIDTH, Edge
from compliance.errors import ArgumentInvalid, AuditInvalid, EventUnsealed
from compliance.store import checkpoints, events, tree
from compliance.store.database import Database

SIGNER = SeedSigner(name=keys.ORIGIN, seed=bytes(range(32)))
SQUARE = WIDTH * WIDTH
SIZES = [*range(1, 131), 255, 256, 257, 511, 512, 513, SQUARE - 1, SQUARE, SQUARE + 1, SQUARE + WIDTH + 1]
BODIES = [b"%d" % number for number in range(SIZES[-1])]
LEAVES = [merkle.leaf_hash(body) for body in BODIES]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A log with a checkpoint at each of the sizes."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('log') / 'audit.db'}")
    database.migrate()
    sequencer, start = Sequencer(database, SIGNER), 0
    for size in SIZES:
        write(database, start, size)
        sequencer.seal(size)
        start = size
    write(database, start, start + 1)
    yield database
    database.close()


def write(database: Database, start: int, stop: int) -> None:
    """Write the events of some numbers."""
    statement = (
        "INSERT INTO audit_events (id, kind, occurred_at_ms, body, leaf_hash) VALUES (?, 'x', 0, ?, ?)"
    )
    bodies = [b"%d" % number for number in range(start, stop)]
    rows = [(f"ev_{body.decode()}", body, merkle.leaf_hash(body)) for body in bodies]
    with database.begin() as connection:
        connection.exec_driver_sql(statement, rows)


@contextmanager
def counted(connection: Connection) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    seen: list[str] = []

    def see(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", see)
    yield seen
    event.remove(connection, "before_cursor_execute", see)


def near(size: int) -> st.SearchStrategy[int]:
    """Leaves of a tree: any, and those beside the places where tiles begin and end."""
    edges = {0, size - 1, *(at + off for at in (WIDTH, 2 * WIDTH, SQUARE) for off in (-1, 0, 1))}
    return st.integers(0, size - 1) | st.sampled_from(sorted(each for each in edges if each < size))


@settings(max_examples=300)
@given(data=st.data(), size=st.sampled_from(SIZES))
def test_an_inclusion_proof_from_tiles_is_the_trees_own(
    database: Database, data: st.DataObject, size: int
) -> None:
    """Of any leaf under any checkpoint the proof is the one of the definition, and it holds."""
    index = data.draw(near(size))
    with database.read() as connection:
        proof = proofs.inclusion(connection, f"ev_{index}", size)

    assert proof.leaf_index == index
    assert proof.check(BODIES[index], SIGNER.verifier).size == size
    if size <= 513:
        assert proof.hashes == merkle.inclusion_proof(LEAVES[:size], index)


@settings(max_examples=300)
@given(sizes=st.tuples(st.sampled_from(SIZES), st.sampled_from(SIZES)).map(sorted))
def test_a_consistency_proof_from_tiles_is_the_trees_own(database: Database, sizes: list[int]) -> None:
    """Of any two checkpoints the proof holds, and is the one of the definition."""
    first, second = sizes
    with database.read() as connection:
        hashes = proofs.consistency(connection, first, second)
    roots = [merkle.root(LEAVES[:size]) for size in sizes]

    assert merkle.verify_consistency(first, second, hashes, *roots)
    if second <= 513:
        assert hashes == merkle.consistency_proof(LEAVES[:second], first)


@pytest.mark.parametrize("size", SIZES)
def test_every_checkpoint_signs_the_root_of_its_leaves(database: Database, size: int) -> None:
    """At each size, and so on either side of whole tiles, the root is the definition's and the edge's."""
    with database.read() as connection:
        row = checkpoints.of_size(connection, size)
        edge = StoredTree(connection, size).edge()

    assert row is not None
    assert row.root == edge.root == merkle.root(LEAVES[:size])
    assert edge == Edge().extended(LEAVES[:size])[0]


def test_a_proof_takes_few_reads(database: Database) -> None:
    """Of a log of 65,793 events a proof reads at most two tiles a level, and its edge one."""
    with database.read() as connection, counted(connection) as seen:
        StoredTree(connection, SIZES[-1]).edge()
        for_edge = len(seen)
        proofs.inclusion(connection, "ev_70", SIZES[-1])

    assert for_edge <= 3
    assert len(seen) - for_edge <= 3 + 6


def test_what_no_checkpoint_covers_has_no_proof(database: Database) -> None:
    """An event that is pending, or newer than the checkpoint named, is told from one that is not there."""
    with database.read() as connection:
        with pytest.raises(EventUnsealed):
            proofs.inclusion(connection, f"ev_{SIZES[-1]}")
        with pytest.raises(EventUnsealed):
            proofs.inclusion(connection, "ev_9", 9)
        with pytest.raises(ArgumentInvalid):
            proofs.inclusion(connection, "ev_none")
        with pytest.raises(ArgumentInvalid):
            proofs.inclusion(connection, "ev_9", 300)
        with pytest.raises(ArgumentInvalid):
            proofs.consistency(connection, 9, 8)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_tiles WHERE level = 0 AND tile_index = 0",
        "UPDATE audit_tiles SET hashes = zeroblob(8192) WHERE level = 0 AND tile_index = 0",
        "UPDATE audit_tiles SET hashes = zeroblob(31) WHERE level = 0 AND tile_index = 0",
        "UPDATE audit_tiles SET root = zeroblob(32) WHERE level = 0 AND tile_index = 1",
        "UPDATE audit_events SET leaf_hash = zeroblob(32) WHERE id = 'ev_599'",
        "DELETE FROM audit_events WHERE id = 'ev_599'",
    ],
)
def test_what_was_altered_proves_nothing(tmp_path: Path, statement: str) -> None:
    """A proof is checked before it is handed out: altered or missing tiles and leaves give none."""
    database = Database(f"sqlite:///{tmp_path / 'audit.db'}")
    database.migrate()
    write(database, 0, 600)
    Sequencer(database, SIGNER).seal(0)
    with database.begin() as connection:
        triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
        for name in list(triggers):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))

    with database.read() as connection, pytest.raises(AuditInvalid):
        proofs.inclusion(connection, "ev_3")
    database.close()


OLDER = {
    "audit_events": "seq, id, recording_id, kind, occurred_at_ms, body, leaf_hash",
    "audit_leaves": "leaf_index, event_id",
    "audit_checkpoints": "size, root, note, created_at_ms",
}
"""The tables of the log as the first schema had them."""


def test_a_log_from_before_tiles_is_given_them(tmp_path: Path) -> None:
    """The migration makes the tiles of what has leaves, and pending what has none."""
    newer, database = (Database(f"sqlite:///{tmp_path / name}") for name in ("newer.db", "older.db"))
    newer.migrate()
    write(newer, 0, 600)
    Sequencer(newer, SIGNER).seal(0)
    write(newer, 600, 603)
    database.migrate("0001")
    with newer.read() as source, database.begin() as target:
        before = [tree.tile(source, level, 0) for level in (0, 1)]
        for table, columns in OLDER.items():
            rows = source.execute(text(f"SELECT {columns} FROM {table} ORDER BY 1")).all()
            places = ", ".join(f":{name}" for name in columns.split(", "))
            values = [dict(zip(columns.split(", "), row, strict=True)) for row in rows]
            target.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)
    newer.close()

    database.migrate()

    with database.read() as connection:
        assert [tree.tile(connection, level, 0) for level in (0, 1)] == before
        assert tree.unsealed(connection) == 3
        assert proofs.inclusion(connection, "ev_3").check(b"3", SIGNER.verifier).size == 600
    assert Sequencer(database, SIGNER).seal(1) is not None
    with database.read() as connection:
        assert events.get(connection, "ev_602") is not None
        assert tree.leaf_of(connection, "ev_602") == 602
    database.close()
