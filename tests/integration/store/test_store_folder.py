"""Objects in a folder: nothing leaves the root, and nothing is half-written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.errors import DiskFull, ObjectNotAllowed, SourceMissing, StorageUnavailable
from compliance.store.folder import FolderObjects

TRICKS = [
    "",
    ".",
    "..",
    "../outside",
    "a/../../outside",
    "a/./b",
    "/etc/passwd",
    "a//b",
    "a/",
    "a\0b",
    "\ud800",
    ".partial/x",
    ".partial",
    "x" * 300,
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a secret beside it."""
    (tmp_path / "outside").write_bytes(b"secret")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_that_is_no_plain_path_is_refused(root: Path, name: str) -> None:
    """Dots, absolute paths, NUL and the like are object_not_allowed, whatever is asked."""
    objects = FolderObjects(root)
    for act in (
        lambda: objects.open(name),
        lambda: objects.size(name),
        lambda: objects.delete(name),
        lambda: objects.put_bytes(name, b"x", content_type="text/plain"),
    ):
        with pytest.raises(ObjectNotAllowed):
            act()
    assert (root.parent / "outside").read_bytes() == b"secret"


@pytest.mark.parametrize("link", ["file", "folder", "dangling", "chain"])
def test_a_link_that_leaves_the_root_is_refused(root: Path, link: str) -> None:
    """A link out of the root, of a file, a folder or in two steps, is object_not_allowed."""
    name = {"file": "x", "folder": "x/outside", "dangling": "x", "chain": "x"}[link]
    target = {"file": "../outside", "folder": "..", "dangling": "../new", "chain": "y"}[link]
    (root / "x").symlink_to(target)
    (root / "y").symlink_to("../outside")
    objects = FolderObjects(root)

    for act in (objects.open, objects.size, objects.delete):
        with pytest.raises(ObjectNotAllowed):
            act(name)
    with pytest.raises(ObjectNotAllowed):
        objects.put_bytes(name, b"x", content_type="text/plain")
    assert {each.name for each in root.parent.iterdir()} == {"outside", "root"}
    assert (root.parent / "outside").read_bytes() == b"secret"


def test_a_link_within_the_root_is_followed(root: Path) -> None:
    """A folder of the operator's may hold links to itself; listing names the file once."""
    (root / "real").mkdir()
    (root / "real" / "call.ogg").write_bytes(b"x")
    (root / "today").symlink_to("real")
    objects = FolderObjects(root)

    assert b"".join(objects.open("today/call.ogg")) == b"x"
    assert list(objects.names("")) == ["real/call.ogg"]


def test_a_folder_swapped_for_a_link_is_seen(root: Path) -> None:
    """A folder replaced by a link between the check and the use gives nothing away."""
    objects = FolderObjects(root)
    objects.put_bytes("a/outside", b"inside", content_type="text/plain")
    is_over = threading.Event()

    def swap() -> None:
        while not is_over.is_set():
            (root / "a").rename(root / "b")
            (root / "a").symlink_to("..")
            (root / "a").unlink()
            (root / "b").rename(root / "a")

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = set()
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        try:
            seen.add(b"".join(objects.open("a/outside")))
        except (ObjectNotAllowed, SourceMissing):
            continue
    is_over.set()
    swapper.join()

    assert seen <= {b"inside"}


def test_what_is_no_file_is_refused(root: Path) -> None:
    """A folder and a pipe are object_not_allowed; opening the pipe does not wait for a writer."""
    (root / "folder").mkdir()
    os.mkfifo(root / "pipe")
    objects = FolderObjects(root)

    for name in ("folder", "pipe"):
        with pytest.raises(ObjectNotAllowed):
            objects.open(name)


def test_files_are_their_owners_only(root: Path) -> None:
    """Files have mode 0600 and folders 0700, whatever the umask."""
    before = os.umask(0)
    try:
        FolderObjects(root).put_bytes("a/b/c", b"x", content_type="text/plain")
    finally:
        os.umask(before)

    assert stat.S_IMODE((root / "a/b/c").stat().st_mode) == 0o600
    assert {stat.S_IMODE((root / each).stat().st_mode) for each in ("a", "a/b", ".partial")} == {0o700}


def _files(root: Path) -> list[str]:
    return sorted(each.relative_to(root).as_posix() for each in root.rglob("*") if each.is_file())


def test_a_source_that_breaks_off_leaves_the_object_as_it_was(root: Path) -> None:
    """A put that fails in the middle leaves the old object, and no draft."""
    objects = FolderObjects(root)
    objects.put_bytes("a", b"old", content_type="text/plain")

    with pytest.raises((SourceMissing, StorageUnavailable)):
        objects.put("a", root / "not there", content_type="text/plain")
    with pytest.raises(ObjectNotAllowed):
        objects.put("a", root, content_type="text/plain")

    assert b"".join(objects.open("a")) == b"old"
    assert _files(root) == ["a"]


def test_a_full_disk_leaves_nothing_half_written(root: Path) -> None:
    """Where the system takes no more bytes, the object is as it was, no draft stays, and it is disk_full."""
    program = """
import resource, signal, sys
from pathlib import Path
from compliance.errors import DiskFull
from compliance.store.folder import FolderObjects
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
objects = FolderObjects(Path(sys.argv[1]))
objects.put_bytes("a", b"old", content_type="text/plain")
try:
    objects.put_bytes("a", bytes(300_000), content_type="text/plain")
except DiskFull as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    answer = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )

    assert "nothing half-written" in answer.stdout
    assert _files(root) == ["a"]
    assert (root / "a").read_bytes() == b"old"


def test_what_a_killed_writer_left_is_swept_after_a_day(root: Path) -> None:
    """The first put of a process removes drafts a day old, and no younger one."""
    (root / ".partial").mkdir()
    for name, age_s in (("old", 100_000), ("young", 10)):
        (root / ".partial" / name).write_bytes(b"x")
        os.utime(root / ".partial" / name, (0, time.time() - age_s))

    FolderObjects(root).put_bytes("a", b"x", content_type="text/plain")

    assert _files(root) == [".partial/young", "a"]
    assert list(FolderObjects(root).names("")) == ["a"]


def test_an_interrupted_writer_leaves_no_draft(root: Path) -> None:
    """An exception from what is being written is not changed, and its draft is removed."""

    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise DiskFull("elsewhere")

    with pytest.raises(DiskFull, match="elsewhere"):
        FolderObjects(root)._write("a", chunks())

    assert _files(root) == []
