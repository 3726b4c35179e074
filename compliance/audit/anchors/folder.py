"""A folder as a sink.  On this machine's disk it is a copy, and no witness."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from compliance.audit.anchors.sink import LIMIT, Held, Reach
from compliance.store.disk import refusals, write_all

_PLACE: Final = "the folder of anchors"


class FolderSink:
    """Files for their owner only, written once.

    A second file of one name with other bytes is kept beside the first, under the
    name with a number: two checkpoints of one size are the very thing to look for.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is made yet."""
        self._path: Final = path

    @property
    def id(self) -> str:
        """See ``Sink``."""
        return f"folder-{sha256(str(self._path).encode()).hexdigest()[:12]}"

    @property
    def where(self) -> str:
        """See ``Sink``."""
        return f"file://{self._path}"

    @property
    def reach(self) -> Reach:
        """A copy: who may change the database may change files, and nothing tells a mounted disk apart."""
        return Reach.COPY

    def put(self, name: str, data: bytes) -> bytes:
        """See ``Sink``; what is there already with the same bytes is not written again."""
        with refusals(_PLACE):
            path = self._path / name
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for number in count(1):
                place = path if number == 1 else path.with_name(f"{path.name}.{number}")
                if _written(place, data):
                    return b""
        raise AssertionError("the numbers do not end")

    def read(self, prefix: str) -> Iterator[Held] | None:
        """See ``Sink``."""
        folder = self._path / prefix
        with refusals(_PLACE):
            paths = sorted(folder.iterdir()) if folder.is_dir() else []
        return (_held(prefix, path) for path in paths if not path.name.startswith("."))


def _written(path: Path, data: bytes) -> bool:
    """Whether the data stands there now; False if other bytes do."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return path.read_bytes() == data
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    return True


def _held(prefix: str, path: Path) -> Held:
    with refusals(_PLACE), path.open("rb") as file:
        kept_at_ms, data = os.fstat(file.fileno()).st_mtime_ns // 1_000_000, file.read(LIMIT)
    return Held(name=prefix + path.name, data=data, kept_at_ms=kept_at_ms)
