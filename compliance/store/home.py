"""The folder of everything this deployment keeps."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from compliance.store.disk import refusals

_PLACE: Final = "the home folder"
_LOCK: Final = ".lock"


class Home:
    """``COMPLIANCE_HOME``: keys, vault, outputs, models and scratch, for its owner only."""

    def __init__(self, path: Path) -> None:
        """Make the folders, and let this process write nothing that others may read (umask 077).

        A home that was there keeps its own mode, as it may be a folder of the
        operator's; the folders in it are ours and are closed.

        Raises:
            DiskFull, StorageUnavailable: a folder cannot be made.
        """
        os.umask(0o077)
        self.path: Final = path
        self.keys: Final = path / "keys"
        self.vault: Final = path / "vault"
        self.outputs: Final = path / "outputs"
        self.models: Final = path / "models"
        self.runs: Final = path / "scratch"
        with refusals(_PLACE):
            for folder in (self.keys, self.vault, self.outputs, self.models, self.runs):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder of this run's own, removed at the end however it ends.

        It is locked while the process lives.  A process id would not do for a
        mark: it is used again, and means nothing in another container.
        """
        with refusals(_PLACE), _locked(self.runs / _LOCK):
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.runs))
            handle = _open(folder / _LOCK)
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)

    def sweep(self) -> int:
        """Remove what killed runs left in scratch; how many there were.  Call it at start."""
        with refusals(_PLACE), _locked(self.runs / _LOCK):
            left = [each for each in self.runs.iterdir() if each.is_dir() and not _is_alive(each)]
            for each in left:
                shutil.rmtree(each, ignore_errors=True)
        return len(left)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = _open(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _is_alive(folder: Path) -> bool:
    """Whether the run that made the folder still holds its lock."""
    handle = _open(folder / _LOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
