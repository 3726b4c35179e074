"""Objects in a folder of this machine."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from compliance.errors import ObjectNotAllowed, SourceMissing, SourceNotDestroyed
from compliance.store.disk import refusals, write_all
from compliance.store.objects import CHUNK

_PARTIAL: Final = ".partial"
"""Where objects are written before they are renamed into place."""
_ABANDONED_S: Final = 86_400
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_PLACE: Final = "the folder of objects"


class FolderObjects:
    """Objects as files under a root.

    Each file is flushed to the disk before it is renamed into place, and its
    folder after, so that what is there is whole even after a power cut.
    """

    def __init__(self, root: Path) -> None:
        """Use a folder; it is made at the first write."""
        self._root: Final = Path(os.path.realpath(root))
        self._is_swept = False

    def put(self, name: str, path: Path, *, content_type: str) -> None:
        """See ``Objects``; the content type is left to the name's ending."""
        with refusals(_PLACE), path.open("rb") as file:
            self._write(name, iter(lambda: file.read(CHUNK), b""))

    def put_bytes(self, name: str, data: bytes, *, content_type: str) -> None:
        """See ``Objects``."""
        self._write(name, [data])

    def open(self, name: str) -> Iterator[bytes]:
        """See ``Objects``."""
        file = self._file(name)
        if file is None:
            raise SourceMissing(f"the object is not in {_PLACE}")
        chunks = _chunks(file)
        next(chunks)  # Begun, it closes the file even if nobody reads on.
        return chunks

    def size(self, name: str) -> int | None:
        """See ``Objects``."""
        file = self._file(name)
        if file is None:
            return None
        with file:
            return os.fstat(file.fileno()).st_size

    def names(self, prefix: str) -> Iterator[str]:
        """See ``Objects``; links are not followed, nor named."""
        base = prefix.rpartition("/")[0]
        start = self._root.joinpath(*self._parts(base)) if base else self._root
        found = (
            path.relative_to(self._root).as_posix()
            for folder, _, files in os.walk(start)
            for path in (Path(folder, file) for file in files)
            if not path.is_symlink()
        )
        return iter(sorted(name for name in found if name.startswith(prefix) and not _is_partial(name)))

    def delete(self, name: str) -> None:
        """See ``Objects``."""
        parts = self._parts(name)
        with suppress(SourceMissing), refusals(_PLACE), self._folder(parts[:-1]) as folder:
            try:
                os.unlink(parts[-1], dir_fd=folder)
            except OSError as error:
                if error.errno in _REFUSED:
                    raise SourceNotDestroyed("the folder does not let the file be removed") from error
                raise
            os.fsync(folder)

    def _write(self, name: str, chunks: Iterable[bytes]) -> None:
        parts = self._parts(name)
        with refusals(_PLACE), ExitStack() as stack:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            waiting = stack.enter_context(self._folder((_PARTIAL,), is_made=True))
            target = stack.enter_context(self._folder(parts[:-1], is_made=True))
            self._sweep(waiting)
            partial = secrets.token_hex(16)
            try:
                _fill(partial, waiting, chunks)
                os.rename(partial, parts[-1], src_dir_fd=waiting, dst_dir_fd=target)
            except BaseException:
                with suppress(OSError):
                    os.unlink(partial, dir_fd=waiting)
                raise
            os.fsync(target)

    def _file(self, name: str) -> BinaryIO | None:
        """The open file of that name, or None; never a device or a pipe, which might not end."""
        parts = self._parts(name)
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with refusals(_PLACE), self._folder(parts[:-1]) as folder:
                handle = os.open(parts[-1], flags, dir_fd=folder)
        except SourceMissing:
            return None
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise ObjectNotAllowed(f"the name is no file in {_PLACE}")
        return os.fdopen(handle, "rb")

    def _parts(self, name: str) -> tuple[str, ...]:
        """The parts of a name, links resolved.

        Raises:
            ObjectNotAllowed: it is no plain relative path, or a link leads it out of the root.
        """
        parts = name.split("/")
        if any(part in ("", ".", "..") for part in parts) or not _is_text(name) or _is_partial(name):
            raise ObjectNotAllowed("the name is not a plain relative path")
        with refusals(_PLACE):
            real = Path(os.path.realpath(self._root.joinpath(*parts)))
        if real == self._root or not real.is_relative_to(self._root):
            raise ObjectNotAllowed("the name leads out of the folder")
        return real.relative_to(self._root).parts

    @contextmanager
    def _folder(self, parts: tuple[str, ...], *, is_made: bool = False) -> Iterator[int]:
        """A handle on a folder under the root, reached step by step without following a link.

        Links were resolved before; one that is met now was put there in between.
        """
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        handle = os.open(self._root, flags)
        try:
            for part in parts:
                if is_made:
                    with suppress(FileExistsError):
                        os.mkdir(part, 0o700, dir_fd=handle)
                        os.fsync(handle)
                deeper = os.open(part, flags | os.O_NOFOLLOW, dir_fd=handle)
                os.close(handle)
                handle = deeper
            yield handle
        finally:
            os.close(handle)

    def _sweep(self, waiting: int) -> None:
        """Remove, once a process, what a killed writer left; a day untouched, nobody writes it any more."""
        if self._is_swept:
            return
        self._is_swept = True
        for each in os.listdir(waiting):
            with suppress(FileNotFoundError):
                if os.stat(each, dir_fd=waiting).st_mtime < time.time() - _ABANDONED_S:
                    os.unlink(each, dir_fd=waiting)


def _fill(name: str, folder: int, chunks: Iterable[bytes]) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(name, flags, 0o600, dir_fd=folder)
    try:
        for chunk in chunks:
            write_all(handle, chunk)
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """Nothing, and then the bytes; a generator that was never begun would leave the file open."""
    with file, refusals(_PLACE):
        yield b""
        while chunk := file.read(CHUNK):
            yield chunk


def _is_text(name: str) -> bool:
    """Whether the file system can take the name: no NUL, and no half of a surrogate pair."""
    return "\0" not in name and name.encode(errors="ignore").decode() == name


def _is_partial(name: str) -> bool:
    return name == _PARTIAL or name.startswith(f"{_PARTIAL}/")
