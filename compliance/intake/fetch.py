"""The recording's bytes into the vault: read once, hashed on the way, never whole in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from compliance.errors import MediaChanging, MediaEmpty, MediaUnreadable, ObjectNotAllowed, SourceTooLarge
from compliance.intake.objects import SourceObject
from compliance.records import RecordingId
from compliance.store.objects import Objects
from compliance.store.vault import Vault

SOURCE = "source"
"""The original's name in the vault; the first one's, of several."""

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What now lies in the vault."""

    sha256: str
    size_bytes: int


def source_name(index: int) -> str:
    """The name in the vault of one of a call's originals, counted from 0."""
    return SOURCE if index == 0 else f"{SOURCE}-{index + 1}"


def is_source(name: str) -> bool:
    """Whether an original lies under that name."""
    return name == SOURCE or name.startswith(f"{SOURCE}-")


def fetch(
    recording_id: RecordingId,
    source: SourceObject,
    stores: Mapping[str, Objects],
    vault: Vault,
    *,
    max_bytes: int,
    name: str = SOURCE,
) -> Fetched:
    """Bring the object that a webhook named into the vault, under ``name``.

    ``stores`` holds one store for each entry of the setting ``source_buckets``;
    a folder's refuses names that leave it, through links too.

    Raises:
        ObjectNotAllowed: the bucket is not on the list (any more), or the name leaves it.
        SourceMissing: the object is not there.
        SourceTooLarge: it is over the limit.
        MediaEmpty: it has no bytes.
        StorageUnavailable: a store did not answer; worth another try.
    """
    if source.bucket not in stores:
        raise ObjectNotAllowed(f"the object of {recording_id} lies in a bucket that is not allowed")
    store = stores[source.bucket]
    size = store.size(source.key)
    if size is not None and size > max_bytes:  # known before a byte is moved
        raise SourceTooLarge(f"the object of {recording_id} has {size} bytes; {max_bytes} are allowed")
    return into_vault(recording_id, store.open(source.key), vault, max_bytes, name)


def take(
    recording_id: RecordingId, path: Path, vault: Vault, *, max_bytes: int, name: str = SOURCE
) -> Fetched:
    """Bring a file given by hand into the vault, under ``name``.  The file is the user's and stays.

    Raises:
        MediaUnreadable: it cannot be opened.
        SourceTooLarge, MediaEmpty: as for ``fetch``.
        MediaChanging: somebody wrote to it meanwhile.
    """
    try:
        with path.open("rb") as file:
            before = _written(file)
            taken = into_vault(recording_id, iter(lambda: file.read(_CHUNK), b""), vault, max_bytes, name)
            if _written(file) != before:
                raise MediaChanging(f"{path} changed while it was read")
            return taken
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise MediaUnreadable(f"{path} cannot be read: {error.strerror}") from error


def _written(file: IO[bytes]) -> tuple[int, int]:
    """When a file was written to, and how long it is."""
    found = os.fstat(file.fileno())
    return found.st_mtime_ns, found.st_size


def into_vault(
    recording_id: RecordingId, chunks: Iterable[bytes], vault: Vault, max_bytes: int, name: str = SOURCE
) -> Fetched:
    """Put the bytes of a recording into the vault, under ``name``.

    Raises:
        SourceTooLarge, MediaEmpty: as for ``fetch``.
    """
    meter = _Meter(recording_id, max_bytes)
    sha256 = vault.put_stream(recording_id, name, meter.through(chunks))
    if meter.size_bytes == 0:
        vault.delete(recording_id, name)
        raise MediaEmpty(f"the file of {recording_id} has no bytes")
    return Fetched(sha256=sha256, size_bytes=meter.size_bytes)


class _Meter:
    """Counts the bytes that pass, and stops them at the limit: a size told beforehand is only a claim."""

    def __init__(self, recording_id: RecordingId, max_bytes: int) -> None:
        self.size_bytes = 0
        self._recording_id = recording_id
        self._max_bytes = max_bytes

    def through(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size_bytes += len(chunk)
            if self.size_bytes > self._max_bytes:
                raise SourceTooLarge(
                    f"the file of {self._recording_id} has more than the {self._max_bytes} bytes allowed"
                )
            yield chunk
