"""The secrets of this deployment as files, and the key of look-ups derived from one of them."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from compliance.errors import KeyMissing
from compliance.store.disk import refusals, write_all
from compliance.store.seal import KEY_BYTES, derive

NAME: Final = "vault.key"


def deployment_key(folder: Path) -> bytes:
    """The key under which the vault is encrypted, in ``folder/vault.key``; see ``secret``."""
    return secret(folder, NAME)


def secret(folder: Path, name: str) -> bytes:
    """A secret of this deployment, 32 random bytes in a file of mode 0600, made at first use.

    It is linked into place whole: of several processes that start at once one
    makes it, and none reads a half-written one.

    Raises:
        KeyMissing: it cannot be read, is not 32 bytes, or others than its owner may read it.
        DiskFull: there was no space to make it.
    """
    path = folder / name
    if not path.exists():
        _make(folder, path)
    return _read(path)


def lookup_key(key: bytes) -> bytes:
    """The key of look-up digests; who holds it can test guesses, but unseal nothing."""
    return derive(key, b"lookup")


def lookup(lookup_key: bytes, value: str) -> str:
    """The digest by which a number is found (HMAC-SHA-256, hex).

    A plain hash would not do: there are few enough numbers to try them all.
    """
    return hmac.new(lookup_key, value.encode(), sha256).hexdigest()


def _make(folder: Path, path: Path) -> None:
    draft = folder / f".{path.name}.{secrets.token_hex(8)}"
    with refusals("the folder of keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _fill(draft, secrets.token_bytes(KEY_BYTES))
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        _flush(folder)


def _fill(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush(folder: Path) -> None:
    """See the name itself to the disk: what is encrypted under a key that a power cut loses is lost."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise KeyMissing(f"the key {path} cannot be read") from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyMissing(f"the key {path} may be read by others than its owner: chmod 600 it, if nobody has")
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"the key {path} is not {KEY_BYTES} bytes long; restore it from a backup")
    return key
