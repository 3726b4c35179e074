"""``compliance audit``: seal the log, guard its key, and hand it to others' tools."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from compliance import sequencing
from compliance.audit import keys, layout, rotation
from compliance.audit.events import Actor
from compliance.audit.note import SeedSigner
from compliance.errors import ArgumentInvalid, KeyMissing
from compliance.settings import load
from compliance.store.database import Database
from compliance.store.roles import statements


def sequence(
    is_once: Annotated[bool, typer.Option("--once", help="Seal what is pending now, and end.")] = False,
    beside: Annotated[int | None, typer.Option(metavar="PID", help="End when that process does.")] = None,
) -> None:
    """Seal the log: give new events their place, and sign a checkpoint over them, within a second.

    This process alone reads the key (COMPLIANCE_AUDIT_KEYS).  `compliance serve` starts one by
    itself; with COMPLIANCE_AUDIT_SEQUENCER=false it does not, and this command runs elsewhere.
    Several may run: one seals at a time.
    """
    # Becomes that process, rather than hold the key beside all that the command line has loaded.
    arguments = sequencing.command(is_once=is_once, beside=beside)
    os.execv(arguments[0], arguments)  # noqa: S606 - no shell is wanted


def rotate_key(
    overlap: Annotated[
        int, typer.Option(min=1, help="Checkpoints that the old key and the new one sign together.")
    ] = rotation.OVERLAP,
    is_lost: Annotated[
        bool,
        typer.Option("--lost", help="The old key is gone: begin with one that it cannot vouch for."),
    ] = False,
) -> None:
    """Have a new key sign the log.  Run it where the keys lie; the sequencer takes it up by itself.

    The old key signs the new one in, and both sign for a while, so that whoever trusts the old one
    comes to trust the new one.  After a loss nothing leads from the one to the other: tell everybody
    who checks the log the new fingerprint.
    """
    settings = load()
    folder = sequencing.audit_folder(settings)
    with closing(Database(settings.database)) as database:
        database.migrate()
        made = _replaced(database, folder) if is_lost else _rotated(database, folder, overlap)
    typer.echo(f"New key: {made.verifier.fingerprint}")
    typer.echo("Tell it to everybody who checks the log, and back it up apart from the database.")


def roles() -> None:
    """Print the SQL that makes PostgreSQL's roles: who may write events, who may seal, who owns the tables.

    Run it once as the owner of the tables, after `compliance` has made them; it holds no passwords.
    """
    typer.echo(statements())


def export_tiles(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; what is there is added to.")],
) -> None:
    """Write the log as files: checkpoint, tiles and events, as C2SP tlog-tiles lays them out.

    Other tools check the log by them, and a web server can hand them out as they are.
    """
    with closing(Database(load().database)) as database, database.read() as connection:
        size = layout.export(connection, folder)
    typer.echo(f"{size} events in {folder}")


def _rotated(database: Database, folder: Path, overlap: int) -> SeedSigner:
    with database.begin() as connection:
        old = rotation.in_office(connection, keys.held(folder))
        made = keys.make(folder)
        rotation.rotate(
            connection, old, made.verifier, actor=_operator(), overlap=overlap, now_ms=sequencing.now_ms()
        )
    return made


def _replaced(database: Database, folder: Path) -> SeedSigner:
    """The key that takes the place of a lost one, which is really not here."""
    with database.begin() as connection:
        try:
            rotation.in_office(connection, keys.held(folder))
        except KeyMissing:
            made = keys.make(folder)
            rotation.replace_lost(connection, made.verifier, actor=_operator(), now_ms=sequencing.now_ms())
            return made
    raise ArgumentInvalid("the key that signs the log is here, so it is not lost; leave out --lost")


def _operator() -> Actor:
    from compliance.cli.process import operator  # with the pipeline, which the other commands do not need

    return operator()
