"""The recording's bytes into the vault, from a folder and by hand."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest

from compliance.errors import MediaEmpty, MediaUnreadable, ObjectNotAllowed, SourceMissing, SourceTooLarge
from compliance.intake.fetch import SOURCE, fetch, take
from compliance.intake.objects import SourceObject
from compliance.records import RecordingId
from compliance.store.folder import FolderObjects
from compliance.store.vault import Vault

ID = RecordingId("rec_" + "a1" * 16)
BUCKET = "file:///srv/calls"


@pytest.fixture
def vault(tmp_path, database) -> Vault:
    return Vault(FolderObjects(tmp_path / "vault"), database, bytes(32))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "calls"
    made.mkdir()
    return made


def bring(vault, folder, key: str, *, max_bytes: int = 1000, bucket: str = BUCKET):
    source = SourceObject(bucket=bucket, key=key)
    return fetch(ID, source, {BUCKET: FolderObjects(folder)}, vault, max_bytes=max_bytes)


def test_an_object_is_hashed_on_its_way(vault, folder):
    """What lies in the vault is what lay in the folder, and the digest is that of the plain bytes."""
    (folder / "a.ogg").write_bytes(b"sound" * 20)
    found = bring(vault, folder, "a.ogg")
    assert (found.sha256, found.size_bytes) == (hashlib.sha256(b"sound" * 20).hexdigest(), 100)
    assert vault.get(ID, SOURCE) == b"sound" * 20


def test_a_file_by_hand_is_taken_and_stays(vault, folder):
    """A file given by hand goes the same way and is not touched."""
    path = folder / "call with spaces.wav"
    path.write_bytes(b"sound")
    assert take(ID, path, vault, max_bytes=5).size_bytes == 5
    assert path.read_bytes() == b"sound"
    assert vault.get(ID, SOURCE) == b"sound"


@pytest.mark.parametrize("size", [6, 3_000_000])
def test_what_is_over_the_limit_is_not_kept(vault, folder, size):
    """One byte more than allowed, or far more: it is refused, and nothing of it stays in the vault."""
    (folder / "a.ogg").write_bytes(bytes(size))
    for attempt in (
        lambda: bring(vault, folder, "a.ogg", max_bytes=5),
        lambda: take(ID, folder / "a.ogg", vault, max_bytes=5),
    ):
        with pytest.raises(SourceTooLarge):
            attempt()
    assert vault.names(ID) == []


def test_a_size_that_was_lied_about_is_found_out(vault, folder):
    """A store that names no size is counted while it is read."""
    (folder / "a.ogg").write_bytes(bytes(6))

    class Silent(FolderObjects):
        def size(self, name: str) -> int | None:
            return None

    with pytest.raises(SourceTooLarge):
        fetch(ID, SourceObject(bucket=BUCKET, key="a.ogg"), {BUCKET: Silent(folder)}, vault, max_bytes=5)
    assert vault.names(ID) == []


def test_an_empty_object_is_told(vault, folder):
    """No bytes are no recording, and leave nothing behind."""
    (folder / "a.ogg").touch()
    with pytest.raises(MediaEmpty):
        bring(vault, folder, "a.ogg")
    assert vault.names(ID) == []


def test_a_missing_object_is_told(vault, folder):
    """It may have been destroyed, or never written."""
    with pytest.raises(SourceMissing):
        bring(vault, folder, "a.ogg")


def test_a_bucket_that_is_no_longer_allowed_is_refused(vault, folder):
    """The list is asked again when the object is fetched, not only when the webhook came."""
    with pytest.raises(ObjectNotAllowed):
        bring(vault, folder, "a.ogg", bucket="elsewhere")


def test_links_that_leave_the_folder_are_refused(vault, folder, tmp_path):
    """A link to a file or a folder outside is not followed, whatever the name looks like."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    (folder / "file.ogg").symlink_to(tmp_path / "outside" / "secret")
    (folder / "sub").symlink_to(tmp_path / "outside")
    for name in ("file.ogg", "sub/secret", "../outside/secret"):
        with pytest.raises(ObjectNotAllowed):
            bring(vault, folder, name)
    assert vault.names(ID) == []


@pytest.mark.parametrize("name", ["absent.ogg", "."])
def test_a_file_that_cannot_be_opened_is_told(vault, folder, name):
    """Absent, or a folder: bad input, with the path that the user gave."""
    with pytest.raises(MediaUnreadable):
        take(ID, folder / name, vault, max_bytes=5)


def test_memory_stays_flat(vault, folder):
    """A large object passes in pieces."""
    with (folder / "a.ogg").open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    bring(vault, folder, "a.ogg", max_bytes=1 << 30)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20
