"""The files of the keys that sign the log's checkpoints.  Only the sequencer reads them.

``audit.key`` is the first; ``audit.2.key`` and so on are those that took over from it.
``audit.pub`` is the public half of the first: whoever checks the log begins with it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from compliance.audit.keyring import ORIGIN
from compliance.audit.note import SeedSigner, Verifier
from compliance.store.disk import refusals
from compliance.store.keys import secret

NAME: Final = "audit.key"

PUBLIC: Final = "audit.pub"


def held(folder: Path) -> tuple[SeedSigner, ...]:
    """The keys that are in the folder, the oldest first.

    Raises:
        KeyMissing: one cannot be read, is not 32 bytes, or others than its owner may read it.
    """
    return tuple(_signer(folder, name) for name in _names(folder))


def make(folder: Path) -> SeedSigner:
    """A new key beside those that are there, in a file of mode 0600.

    Raises:
        KeyMissing, DiskFull: it cannot be made.
    """
    last = _names(folder)[-1:]
    return _signer(folder, NAME if not last else f"audit.{_number(last[0]) + 1}.key")


def publish(folder: Path, key: Verifier) -> None:
    """Put the public key beside the private one, once: the key by which this machine checks the log.

    Raises:
        DiskFull, StorageUnavailable: it cannot be written.
    """
    path = folder / PUBLIC
    if not path.exists():
        with refusals("the folder of keys"):
            path.write_text(f"{key}\n", encoding="utf-8")


def published(folder: Path) -> Verifier | None:
    """The public key that lies here, or None.

    Raises:
        KeyMissing: what lies there is none.
    """
    path = folder / PUBLIC
    return Verifier.parse(path.read_text(encoding="utf-8")) if path.exists() else None


def _names(folder: Path) -> list[str]:
    return sorted((path.name for path in folder.glob("audit*.key")), key=_number)


def _number(name: str) -> int:
    """1 for ``audit.key``, 2 for ``audit.2.key``."""
    middle = name.removeprefix("audit").removesuffix("key").strip(".")
    return int(middle) if middle.isdigit() else 1


def _signer(folder: Path, name: str) -> SeedSigner:
    return SeedSigner(name=ORIGIN, seed=secret(folder, name))
