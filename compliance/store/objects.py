"""What an object store does, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

CHUNK: Final = 1024 * 1024
"""Bytes read at a time: memory stays flat however long the call was."""


class Objects(Protocol):
    """A place for objects by name.  Names are relative paths with ``/`` between their parts.

    No error names the object: a source's name may be made of room names and numbers.
    """

    def put(self, name: str, path: Path, *, content_type: str) -> None:
        """Store a file under a name, whole or not at all, replacing what was there."""

    def put_bytes(self, name: str, data: bytes, *, content_type: str) -> None:
        """Store bytes under a name, whole or not at all, replacing what was there."""

    def open(self, name: str) -> Iterator[bytes]:
        """The object's bytes, at most CHUNK at a time.

        Raises:
            SourceMissing: there is none of that name; raised here, not at the first chunk.
        """

    def size(self, name: str) -> int | None:
        """The object's length in bytes, or None if there is none of that name."""

    def names(self, prefix: str) -> Iterator[str]:
        """The names that begin with the prefix, in no order to rely on."""

    def delete(self, name: str) -> None:
        """Remove the object with everything kept of it; nothing happens if there is none.

        Raises:
            SourceNotDestroyed: the store refuses; the object is still there.
        """
