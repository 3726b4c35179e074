"""The log as files: whoever knows tlog-tiles can check it by nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compliance.audit import keys, layout, merkle
from compliance.audit.note import SeedSigner
from compliance.audit.sequencer import Sequencer
from compliance.cli.audit import app
from compliance.errors import AuditInvalid, EventUnsealed
from compliance.settings import load
from compliance.store.database import Database

SIGNER = SeedSigner(name=keys.ORIGIN, seed=bytes(range(32)))


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The empty database of a home."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path))
    database = Database(load().database)
    database.migrate()
    yield database
    database.close()


def grow(database: Database, start: int, stop: int, body: bytes = b"") -> None:
    """Seal events of some numbers."""
    columns = "id, kind, occurred_at_ms, body, leaf_hash"
    bodies = [b"%d" % number + body for number in range(start, stop)]
    rows = [(f"ev_{start + n}", each, merkle.leaf_hash(each)) for n, each in enumerate(bodies)]
    with database.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO audit_events ({columns}) VALUES (?, 'x', 0, ?, ?)", rows)
    Sequencer(database, SIGNER).seal(0)


def export(database: Database, folder: Path) -> int:
    """Write the files."""
    with database.read() as connection:
        return layout.export(connection, folder)


def entries(folder: Path, size: int) -> list[bytes]:
    """Every event, read as the format says."""
    found: list[bytes] = []
    for index in range(-(-size // 256)):
        width = min(256, size - index * 256)
        data = (folder / f"tile/entries/{index:03d}{'' if width == 256 else f'.p/{width}'}").read_bytes()
        while data:
            length = int.from_bytes(data[:2], "big")
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    return found


def naive(hashes: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it."""
    if len(hashes) == 1:
        return hashes[0]
    cut = 1
    while cut * 2 < len(hashes):
        cut *= 2
    return hashlib.sha256(b"\x01" + naive(hashes[:cut]) + naive(hashes[cut:])).digest()


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_the_files_prove_the_checkpoint(database: Database, tmp_path: Path, size: int) -> None:
    """The events in the bundles hash to the leaves in the tiles, and those to the root that is signed."""
    grow(database, 0, size)
    folder = tmp_path / "tiles"
    assert export(database, folder) == size

    origin, stated, root = (folder / "checkpoint").read_text().split("\n")[:3]
    hashes = [hashlib.sha256(b"\x00" + each).digest() for each in entries(folder, size)]
    level_0 = sorted(
        (path for path in (folder / "tile/0").rglob("*") if path.is_file()), key=lambda path: path.as_posix()
    )
    assert (origin, int(stated)) == (keys.ORIGIN, size)
    assert base64.b64decode(root) == naive(hashes)
    assert b"".join(path.read_bytes() for path in level_0) == b"".join(hashes)
    whole = size // 256
    level_1 = folder / f"tile/1/000.p/{whole}"
    assert level_1.exists() is bool(whole)
    if whole:
        expected = [naive(hashes[n * 256 : n * 256 + 256]) for n in range(whole)]
        assert level_1.read_bytes() == b"".join(expected)


def test_a_later_export_adds_to_it(database: Database, tmp_path: Path) -> None:
    """Whole tiles are written once; partial ones get new names; the checkpoint is the newest."""
    folder = tmp_path / "tiles"
    grow(database, 0, 300)
    export(database, folder)
    first = (folder / "tile/0/000").stat().st_mtime_ns
    grow(database, 300, 600)
    result = CliRunner().invoke(app, ["export-tiles", str(folder)])

    assert result.exit_code == 0
    assert "600 events" in result.stdout
    assert (folder / "tile/0/000").stat().st_mtime_ns == first
    assert {path.name for path in (folder / "tile/0").iterdir()} == {"000", "001", "001.p", "002.p"}
    assert not list(folder.rglob("*.part"))


def test_what_cannot_be_laid_out_is_told(database: Database, tmp_path: Path) -> None:
    """Without a checkpoint there is nothing; an event of 65,535 bytes fits, one byte more does not."""
    with pytest.raises(EventUnsealed):
        export(database, tmp_path / "tiles")
    grow(database, 0, 1, bytes(65_534))
    assert export(database, tmp_path / "tiles") == 1
    grow(database, 1, 2, bytes(65_535))
    with pytest.raises(AuditInvalid):
        export(database, tmp_path / "tiles")
    assert "\n1\n" in (tmp_path / "tiles" / "checkpoint").read_text()
