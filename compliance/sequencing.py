"""The sequencer's process: it reads the key, seals the log, and does nothing else.

It knows the log and the database, and none of what reads recordings or listens to the
network: the less there is in the process that holds the key, the less can go wrong in it.
``compliance audit sequence`` becomes this process, and ``compliance serve`` starts it.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from compliance.audit import keys
from compliance.audit.anchors.guard import AnyOf, Keys
from compliance.audit.anchors.keeper import Keeper, keeper
from compliance.audit.anchors.keeping import keeping
from compliance.audit.keyring import trusted
from compliance.audit.note import Verifier, Verifies
from compliance.audit.opening import opened
from compliance.audit.sealing import Sealing
from compliance.audit.sequencer import Hook, Sequencer
from compliance.errors import ComplianceError
from compliance.settings import Settings, load
from compliance.store.database import Database
from compliance.store.home import Home

PARENT_S: Final = 1.0
"""How often a sequencer beside a service looks whether that is alive."""


def command(*, is_once: bool = False, beside: int | None = None) -> list[str]:
    """What starts this process."""
    options = [*(["--once"] if is_once else []), *(["--beside", str(beside)] if beside is not None else [])]
    return [sys.executable, "-m", "compliance.sequencing", *options]


def sequencer(settings: Settings, database: Database, guard: Hook) -> Sequencer:
    """The sequencer of the log, with its keys; ``guard`` is asked before it signs.

    Raises:
        KeyMissing, DiskFull, DatabaseUnavailable: see ``opened``.
    """
    Home(settings.home)
    database.migrate()
    folder, owner = audit_folder(settings), process_name()
    made = opened(database, folder, owner=owner, now_ms=now_ms(), before_signing=guard)
    sys.stderr.write(f"The audit log is signed by the key {made.fingerprint}\n")
    return made


def keeper_of(settings: Settings, database: Database, *, signs: bool) -> Keeper:
    """What is done with the log's checkpoints; ``signs``: by a process that signs them, too.

    Raises:
        SettingInvalid: the file of a secret or of certificates cannot be read.
    """
    return keeper(settings, database, key_of_log(settings, signs=signs), now_ms)


def key_of_log(settings: Settings, *, signs: bool) -> Keys:
    """How the keys of the log are found in it, from the trusted one on.

    A log that names no key yet may be one whose database was lost: then what lies
    elsewhere is checked by the keys that lie here.  Who signs knows them all.
    """

    def found(connection: Connection) -> Verifies:
        ring = trusted(connection, pin(settings))
        return ring if ring.terms else AnyOf(keys=_known(audit_folder(settings), signs=signs))

    return found


def _known(folder: Path, *, signs: bool) -> tuple[Verifier, ...]:
    if signs:
        return tuple(each.verifier for each in keys.held(folder))
    here = keys.published(folder)
    return () if here is None else (here,)


def audit_folder(settings: Settings) -> Path:
    """Where the keys lie that sign the log."""
    return settings.audit_keys or settings.home / "keys"


def pin(settings: Settings) -> str | None:
    """Fingerprint of the key in which trust in the log begins: as set, or of the public key that lies here.

    Raises:
        KeyMissing: what lies here is no public key.
    """
    here = keys.published(audit_folder(settings))
    return settings.audit_fingerprint or (here.fingerprint if here else None)


def process_name() -> str:
    """This process, in leases and as a sequencer."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def is_of(owner: str, pid: int) -> bool:
    """Whether a name is that of a process of this machine with that id."""
    return owner.startswith(f"{socket.gethostname()[:40]}:{pid}:")


def now_ms() -> int:
    """Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def run(settings: Settings, *, is_once: bool, beside: int | None) -> None:
    """Seal once, or until the process is told to end.

    Raises:
        ComplianceError: it was to be done once, and could not.
    """
    with closing(Database(settings.database)) as database:
        kept = keeper_of(settings, database, signs=True)
        if is_once:
            sequencer(settings, database, kept.guard).seal(now_ms())
            return
        over = _ending(beside)
        with keeping(kept, settings.anchor_s):
            Sealing(lambda: sequencer(settings, database, kept.guard), now_ms).run(over)


def _ending(beside: int | None) -> threading.Event:
    """Set when the process is told to end, or when the one it runs beside is gone.

    Beside another it leaves Ctrl-C to that one, whose last events it has yet to seal.
    """
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, (lambda *_: over.set()) if beside is None else signal.SIG_IGN)
    if beside is not None:
        threading.Thread(target=_watch, args=(beside, over), daemon=True).start()
    return over


def _watch(parent: int, over: threading.Event) -> None:
    while os.getppid() == parent and not over.wait(PARENT_S):
        pass
    over.set()


def main() -> None:
    """Read the options and run; an error is one line on stderr and its exit code."""
    parser = argparse.ArgumentParser(prog="compliance audit sequence")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--beside", type=int)
    options = parser.parse_args()
    try:
        settings = load()
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
        logging.getLogger("compliance").setLevel(settings.log_level.upper())
        run(settings, is_once=options.once, beside=options.beside)
    except ComplianceError as error:
        sys.stderr.write(f"error: {error} [{error.reason}]\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
