"""What the file system refuses, in our own errors."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from compliance.errors import DiskFull, ObjectNotAllowed, SourceMissing, StorageUnavailable

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TRICKS: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.EINVAL})


@contextmanager
def refusals(place: str) -> Iterator[None]:
    """Turn an OSError into ours.  ``place`` is our word for where, such as "the vault"; paths are left out.

    Raises:
        DiskFull: no space, or over the quota.
        SourceMissing: no such file.
        ObjectNotAllowed: a link where none may be, or a folder where a file should be.
        StorageUnavailable: anything else; perhaps it passes.
    """
    try:
        yield
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, "unknown")
        if error.errno in _FULL:
            raise DiskFull(f"no space left in {place} ({code}); nothing half-written was kept") from error
        if error.errno == errno.ENOENT:
            raise SourceMissing(f"the object is not in {place}") from error
        if error.errno in _TRICKS:
            raise ObjectNotAllowed(f"the name is no file in {place} ({code})") from error
        raise StorageUnavailable(f"{place} cannot be used ({code})") from error


def write_all(handle: int, data: bytes) -> None:
    """Write every byte: the system may take fewer at a time, and near a full disk does."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]
