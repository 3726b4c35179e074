"""Opening the log for sealing: the keys are read, and the first is made where there is none."""

from __future__ import annotations

from pathlib import Path

from compliance.audit import keys, rotation
from compliance.audit.sequencer import Hook, Sequencer, nothing
from compliance.errors import KeyMissing
from compliance.store import checkpoints
from compliance.store.database import Database

LOST = (
    "the log is signed, but the key that signs it is not in {folder}: restore it from its backup, or, if "
    "it is lost for good, put another in its place with `compliance audit rotate-key --lost`"
)


def opened(
    database: Database, folder: Path, *, owner: str, now_ms: int, before_signing: Hook = nothing
) -> Sequencer:
    """The sequencer of this log, with the keys from the folder.

    Raises:
        KeyMissing: the log is signed already, and no key is here; or a key cannot be read.
        DiskFull, DatabaseUnavailable: the first key could not be made or told of.
    """
    held = keys.held(folder)
    if not held:
        if is_signed(database):
            raise KeyMissing(LOST.format(folder=folder))
        held = (keys.make(folder),)
    keys.publish(folder, held[0].verifier)
    with database.begin() as connection:
        is_first = rotation.announce(connection, held[0].verifier, now_ms)
    return Sequencer(database, *held, owner=owner, before_signing=before_signing, is_first=is_first)


def is_signed(database: Database) -> bool:
    """Whether the log has any checkpoint."""
    with database.read() as connection:
        return checkpoints.latest(connection) is not None


def opened_here(
    database: Database, folder: Path, *, owner: str, now_ms: int, before_signing: Hook = nothing
) -> Sequencer | None:
    """The same for a process that does other work too; None where the log's key is not on this machine."""
    if not keys.held(folder) and is_signed(database):
        return None
    return opened(database, folder, owner=owner, now_ms=now_ms, before_signing=before_signing)
