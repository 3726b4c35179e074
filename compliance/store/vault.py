"""The vault: what must be destroyed one day, encrypted until then, one key a recording.

Destroying the key destroys every copy of the objects, those in backups of the
object store as well (NIST SP 800-88 Rev. 1 §2.5, cryptographic erase).
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Connection, func, select

from compliance.errors import ObjectNotAllowed, SourceMissing, StateConflict
from compliance.store import stream
from compliance.store.database import Database, insert_once, upsert
from compliance.store.disk import refusals
from compliance.store.objects import Objects
from compliance.store.schema import vault_keys
from compliance.store.seal import KEY_BYTES, SALT_BYTES, seal, unseal

_TYPE: Final = "application/octet-stream"
_SCRATCH: Final = "the scratch folder"


class Vault:
    """Encrypted objects of recordings.

    It opens transactions of its own: never call it inside ``database.begin()``,
    where on SQLite it would wait for its caller.
    """

    def __init__(
        self,
        objects: Objects,
        database: Database,
        key: bytes,
        *,
        scratch: Path | None = None,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        """Keep objects in ``objects`` and their keys, wrapped under ``key``, in ``database``.

        ``scratch`` holds encrypted objects until they are whole (the system's own folder by default).
        """
        self._objects: Final = objects
        self._database: Final = database
        self._key: Final = key
        self._scratch: Final = scratch
        self._clock: Final = clock

    def put_stream(self, recording_id: str, name: str, chunks: Iterable[bytes]) -> str:
        """Store bytes as they come; the SHA-256 of the plaintext, in hex.

        Raises:
            StateConflict: the recording's key is destroyed.
            DiskFull: nothing was stored.
        """
        place = _place(recording_id, name)
        key = self._make_key(recording_id)
        digest = sha256()
        sealed = stream.encrypt(
            key,
            _context(recording_id, name),
            _hashed(chunks, digest.update),
            salt=secrets.token_bytes(SALT_BYTES),
        )
        with refusals(_SCRATCH), tempfile.NamedTemporaryFile(dir=self._scratch, prefix="vault-") as file:
            _fill(file, sealed)
            self._objects.put(place, Path(file.name), content_type=_TYPE)
        return digest.hexdigest()

    def put(self, recording_id: str, name: str, data: bytes) -> str:
        """Store bytes; their SHA-256, in hex."""
        return self.put_stream(recording_id, name, [data])

    def open(self, recording_id: str, name: str) -> Iterator[bytes]:
        """The plaintext, a chunk at a time; only its end shows that it is whole.

        Raises:
            SourceMissing: no such object, or its key is destroyed.
            SealBroken: it was altered, cut off or moved, or the deployment key is another.
        """
        key = self._read_key(recording_id)
        sealed = self._objects.open(_place(recording_id, name))
        chunks = stream.decrypt(key, _context(recording_id, name), sealed)
        return chain([next(chunks)], chunks)

    def get(self, recording_id: str, name: str) -> bytes:
        """The whole plaintext; for what fits into memory."""
        return b"".join(self.open(recording_id, name))

    def copy_to(self, recording_id: str, name: str, path: Path) -> None:
        """Write the plaintext to a file, which appears whole or not at all."""
        chunks = self.open(recording_id, name)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with refusals(_SCRATCH):
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.writelines(chunks)
                draft.replace(path)
            except BaseException:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
                raise

    def names(self, recording_id: str) -> list[str]:
        """What is kept of a recording."""
        prefix = _place(recording_id, "")
        return [each.removeprefix(prefix) for each in self._objects.names(prefix)]

    def delete(self, recording_id: str, name: str) -> None:
        """Remove one object; nothing happens if there is none."""
        self._objects.delete(_place(recording_id, name))

    def destroy(self, recording_id: str) -> None:
        """Destroy the recording's key, then remove its objects; may be repeated.

        The key goes first: should the rest fail, nothing can be read any more, and
        another call removes what is left.  Nothing can be put there afterwards.

        Raises:
            SourceNotDestroyed: the object store refuses to delete; the key is gone all the same.
        """
        prefix = _place(recording_id, "")
        with self._database.begin() as connection:
            _destroy_key(connection, recording_id, self._clock())
        self._database.scrub()
        for name in list(self._objects.names(prefix)):
            self._objects.delete(name)

    def _make_key(self, recording_id: str) -> bytes:
        """The recording's key, made if it has none; of two that make it at once one wins."""
        fresh = seal(self._key, secrets.token_bytes(KEY_BYTES), _key_context(recording_id))
        with self._database.begin() as connection:
            insert_once(connection, vault_keys, {"recording_id": recording_id, "wrapped": fresh})
            wrapped = _wrapped(connection, recording_id)
        if wrapped is None:
            raise StateConflict(f"the vault of {recording_id} is destroyed")
        return unseal(self._key, wrapped, _key_context(recording_id))

    def _read_key(self, recording_id: str) -> bytes:
        """Read afresh each time: a key kept in memory would outlive its destruction."""
        with self._database.read() as connection:
            wrapped = _wrapped(connection, recording_id)
        if wrapped is None:
            raise SourceMissing(f"the vault holds nothing of {recording_id}")
        return unseal(self._key, wrapped, _key_context(recording_id))


def _wrapped(connection: Connection, recording_id: str) -> bytes | None:
    statement = select(vault_keys.c.wrapped).where(vault_keys.c.recording_id == recording_id)
    return connection.execute(statement).scalar()


def _destroy_key(connection: Connection, recording_id: str, now_ms: int) -> None:
    """Empty the key's row, or leave an empty one; the time of the first destruction stays."""
    statement = upsert(connection, vault_keys).values(recording_id=recording_id, destroyed_at_ms=now_ms)
    first = func.coalesce(vault_keys.c.destroyed_at_ms, now_ms)
    emptied = {"wrapped": None, "destroyed_at_ms": first}
    connection.execute(statement.on_conflict_do_update(index_elements=["recording_id"], set_=emptied))


def _place(recording_id: str, name: str) -> str:
    if not recording_id or "/" in recording_id:
        raise ObjectNotAllowed("not the id of a recording")
    return f"{recording_id}/{name}"


def _context(recording_id: str, name: str) -> bytes:
    """What a stream is bound to; JSON, so that no two pairs read the same."""
    return json.dumps([recording_id, name]).encode()


def _key_context(recording_id: str) -> bytes:
    return b"vault_keys/" + recording_id.encode()


def _hashed(chunks: Iterable[bytes], update: Callable[[bytes], None]) -> Iterator[bytes]:
    for chunk in chunks:
        update(chunk)
        yield chunk


def _fill(file: IO[bytes], chunks: Iterable[bytes]) -> None:
    for chunk in chunks:
        file.write(chunk)
    file.flush()
