"""The vault over real databases and real object stores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from compliance.errors import ObjectNotAllowed, SealBroken, SourceMissing, StateConflict
from compliance.store.database import Database
from compliance.store.folder import FolderObjects
from compliance.store.objects import Objects
from compliance.store.vault import Vault

KEY = b"k" * 32


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Database]:
    """A SQLite database, for tests of what lies in the objects."""
    database = Database(f"sqlite:///{tmp_path / 'compliance.db'}")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> FolderObjects:
    """A folder of objects."""
    return FolderObjects(tmp_path / "vault")


def test_a_large_object_comes_back_whole(objects: Objects, embedded: Database, tmp_path: Path) -> None:
    """What is streamed into the vault comes back, with its SHA-256, and lies encrypted."""
    vault = Vault(objects, embedded, KEY, scratch=tmp_path)
    data = os.urandom(2 * 1024 * 1024) + b"spoken words" * 1000
    parts = [data[start : start + 700_001] for start in range(0, len(data), 700_001)]

    digest = vault.put_stream("rec_1", "source", parts)
    vault.copy_to("rec_1", "source", tmp_path / "copy")

    assert digest == sha256(data).hexdigest()
    assert vault.get("rec_1", "source") == data
    assert (tmp_path / "copy").read_bytes() == data
    assert b"spoken" not in b"".join(objects.open("rec_1/source"))
    assert vault.names("rec_1") == ["source"]


def test_what_is_destroyed_stays_destroyed(database: Database, folder: FolderObjects) -> None:
    """After destroy, once or twice, nothing of the recording can be read or put; others are untouched."""
    vault = Vault(folder, database, KEY)
    for recording in ("rec_1", "rec_2"):
        vault.put(recording, "words.json", b"words")
    kept = b"".join(folder.open("rec_1/words.json"))

    vault.destroy("rec_1")
    vault.destroy("rec_1")
    folder.put_bytes("rec_1/words.json", kept, content_type="application/octet-stream")

    with pytest.raises(SourceMissing):
        vault.get("rec_1", "words.json")
    with pytest.raises(StateConflict):
        vault.put("rec_1", "words.json", b"again")
    assert vault.get("rec_2", "words.json") == b"words"


def test_a_recording_destroyed_before_anything_was_kept_stays_so(
    database: Database, folder: FolderObjects
) -> None:
    """Destroy of an unknown recording keeps anything from being put there later."""
    vault = Vault(folder, database, KEY)
    vault.destroy("rec_9")

    with pytest.raises(StateConflict):
        vault.put("rec_9", "late", b"x")


def test_no_trace_of_a_destroyed_key_is_left_on_disk(
    embedded: Database, folder: FolderObjects, tmp_path: Path
) -> None:
    """Neither SQLite's file nor its log holds the wrapped key any more."""
    vault = Vault(folder, embedded, KEY)
    for number in range(20):
        vault.put(f"rec_{number}", "x", b"x")
    with embedded.read() as connection:
        query = "SELECT wrapped FROM vault_keys WHERE recording_id = 'rec_1'"
        wrapped = connection.exec_driver_sql(query).scalar()
    assert isinstance(wrapped, bytes)
    pieces = [wrapped[start : start + 8] for start in range(0, len(wrapped) - 8, 8)]
    assert all(piece in _bytes(tmp_path) for piece in pieces[1:])

    vault.destroy("rec_1")

    assert not any(piece in _bytes(tmp_path) for piece in pieces)


def _bytes(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in sorted(folder.glob("compliance.db*")))


def test_objects_moved_about_do_not_open(embedded: Database, folder: FolderObjects) -> None:
    """An object under another name, or of another recording, is broken."""
    vault = Vault(folder, embedded, KEY)
    for recording in ("rec_1", "rec_2"):
        for name in ("a", "b"):
            vault.put(recording, name, b"the same")

    for other in ("rec_1/b", "rec_2/a"):
        folder.put_bytes("rec_1/a", b"".join(folder.open(other)), content_type="x/y")
        with pytest.raises(SealBroken):
            vault.get("rec_1", "a")


def test_another_deployment_key_opens_nothing(embedded: Database, folder: FolderObjects) -> None:
    """With a key that is not the deployment's, neither reading nor writing works."""
    Vault(folder, embedded, KEY).put("rec_1", "a", b"x")
    other = Vault(folder, embedded, b"o" * 32)

    with pytest.raises(SealBroken):
        other.get("rec_1", "a")
    with pytest.raises(SealBroken):
        other.put("rec_1", "b", b"x")


def test_a_broken_object_leaves_no_copy(embedded: Database, folder: FolderObjects, tmp_path: Path) -> None:
    """A copy of an object that is cut off does not appear, not even its beginning."""
    vault = Vault(folder, embedded, KEY)
    vault.put("rec_1", "a", bytes(3 * 1024 * 1024))
    sealed = b"".join(folder.open("rec_1/a"))
    folder.put_bytes("rec_1/a", sealed[: 36 + 2 * (1024 * 1024 + 16)], content_type="x/y")
    target = tmp_path / "copies"
    target.mkdir()

    with pytest.raises(SealBroken):
        vault.copy_to("rec_1", "a", target / "copy")

    assert list(target.iterdir()) == []


def test_an_object_is_replaced_and_deleted(embedded: Database, folder: FolderObjects) -> None:
    """The last put counts; a deleted object is missing, and deleting it again does nothing."""
    vault = Vault(folder, embedded, KEY)
    vault.put("rec_1", "a", b"first")
    vault.put("rec_1", "a", b"")
    assert vault.get("rec_1", "a") == b""

    vault.delete("rec_1", "a")
    vault.delete("rec_1", "a")

    with pytest.raises(SourceMissing):
        vault.open("rec_1", "a")


def test_a_source_that_breaks_off_puts_nothing(
    embedded: Database, folder: FolderObjects, tmp_path: Path
) -> None:
    """When the bytes stop coming, no object appears and scratch is empty."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise SourceMissing("gone")

    with pytest.raises(SourceMissing, match="gone"):
        Vault(folder, embedded, KEY, scratch=scratch).put_stream("rec_1", "a", chunks())

    assert list(folder.names("")) == []
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("recording", "name"), [("", "a"), ("rec_1/..", "a"), ("rec_1", "../a"), ("rec_1", "")]
)
def test_names_that_leave_the_recording_are_refused(
    embedded: Database, folder: FolderObjects, recording: str, name: str
) -> None:
    """Nothing is put outside a recording's own place."""
    with pytest.raises(ObjectNotAllowed):
        Vault(folder, embedded, KEY).put(recording, name, b"x")
