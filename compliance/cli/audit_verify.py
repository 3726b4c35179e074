"""``compliance audit verify``: whether the log is whole, in words, as a document, and as an exit code."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from compliance.audit.anchors import places, rfc3161
from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.sink import Sink
from compliance.audit.checks import outside
from compliance.audit.checks.exported import ExportedLog
from compliance.audit.checks.hashing import Progress as Told
from compliance.audit.checks.outside import Outside
from compliance.audit.checks.remembered import Remembered
from compliance.audit.checks.report import AuditReport
from compliance.audit.checks.source import Source, StoredLog
from compliance.audit.keyring import Keyring, read, trusted
from compliance.audit.note import Checkpoint
from compliance.audit.verify import Terms, check
from compliance.bootstrap import build
from compliance.cli import audit_report
from compliance.cli.sinks import told
from compliance.errors import AuditInvalid, DatabaseUnavailable, KeyMissing
from compliance.settings import Settings, load

UNCHECKED = audit_report.UNCHECKED


def verify_log(
    full: Annotated[
        bool,
        typer.Option("--full", help="Compute the whole log anew, not only what came since the last check."),
    ] = False,
    anchors: Annotated[
        list[str] | None,
        typer.Option(help="Sink to compare with, as in COMPLIANCE_ANCHORS, which it replaces. Repeatable."),
    ] = None,
    offline: Annotated[
        Path | None, typer.Option(help="Check a folder written by `export-tiles`; no database is asked.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Fingerprint of the key that must have signed: 64 hex digits.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON document instead of a table.")
    ] = False,
) -> None:
    """Check the log: edits, deletions, reordering, insertions, truncation, backdating, forks, other keys.

    The first time, and with --full, everything is computed anew from the stored bytes; otherwise what came
    after the checkpoint that was found valid last, and that the log continues it.  Where that finds anything,
    everything is checked.  The sinks are read too: their newest checkpoint, with --full all they hold.

    Exit code 0: valid.  1: something is invalid or missing, and the first event concerned is named.
    2: it cannot be checked, or not all of it, since no key, no database, no checkpoint or no sink is there.
    """
    settings = load()
    sinks = places.sinks(settings, anchors)
    try:
        report = (
            _of_database(settings, sinks, key, is_full=full)
            if offline is None
            else _of_folder(settings, offline, sinks, key)
        )
    except (KeyMissing, DatabaseUnavailable) as error:
        sys.stderr.write(f"the log cannot be checked: {error}\n")
        raise typer.Exit(UNCHECKED) from None
    _print(report, as_json=as_json)
    raise typer.Exit(audit_report.exit_code(report))


def _of_database(
    settings: Settings, sinks: tuple[Sink, ...], named: str | None, *, is_full: bool
) -> AuditReport:
    """The log of this deployment.  The sinks are read first: what they hold then is in the log already."""
    parts = build(settings)
    heard = outside.hear(sinks, _pins(settings), is_full=is_full)
    memory = Remembered(parts.home.path)
    with closing(parts.database), parts.database.read() as connection:
        source, pin = StoredLog(connection), named or parts.pin
        ring = read(connection) if pin else trusted(connection, None)
        terms = _terms(ring, pin, heard, memory, is_full=is_full)
        report = _checked(source, ring, terms)
        newest = source.newest()
        asked = tuple(told(connection, *each) for each in zip(sinks, report.sinks, strict=True))
    if report.is_valid and newest is not None:
        memory.keep(newest.note)
    return replace(report, sinks=asked)


def _of_folder(settings: Settings, folder: Path, sinks: tuple[Sink, ...], named: str | None) -> AuditReport:
    """A log that was exported, with the anchors and time stamps that lie beside it."""
    source = ExportedLog(folder)
    ring = source.keys()
    heard = outside.hear((*sinks, *_beside(folder)), _pins(settings), is_full=True)
    return _checked(
        source, ring, _terms(ring, named or settings.audit_fingerprint, heard, None, is_full=True)
    )


def _beside(folder: Path) -> tuple[Sink, ...]:
    """The folder itself as a sink, if checkpoints were put there."""
    return (FolderSink(folder),) if (folder / "checkpoints").is_dir() else ()


def _terms(
    ring: Keyring, named: str | None, heard: Outside, memory: Remembered | None, *, is_full: bool
) -> Terms:
    distrust = None
    if named is not None and not ring.trusts(named.lower()):
        newest = ring.fingerprint or "none that the log names"
        distrust = f"the keys that sign the log do not lead from {named}; the newest is {newest}"
    since: Checkpoint | None = None
    try:
        since = memory.checkpoint(ring) if memory is not None else None
    except AuditInvalid as error:
        distrust = distrust or str(error)
    return Terms(
        outside=heard,
        since=since,
        is_full=is_full or since is None,
        distrust=distrust,
        is_named=named is not None,
        now_ms=None if memory is None else time.time_ns() // 1_000_000,
    )


def _pins(settings: Settings) -> rfc3161.Pins | None:
    path = settings.timestamp_certificates
    return None if path is None else rfc3161.pins(path)


def _checked(source: Source, key: Keyring, terms: Terms) -> AuditReport:
    newest = source.newest()
    start = 0 if terms.is_full or terms.since is None else terms.since.size
    with _bar(max(0, (newest.size if newest else 0) - start)) as progress:
        return check(source, key, terms, progress)


@contextmanager
def _bar(total: int) -> Iterator[Told]:
    """A bar over the events, on standard error, and only where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("  events"), BarColumn(bar_width=32), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("events", total=total)
        yield lambda done: progress.update(task, advance=done)


def _print(report: AuditReport, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(audit_report.document(report), indent=2, sort_keys=True) + "\n")
        return
    console = Console()
    for shown in audit_report.shown(report, now_ms=time.time_ns() // 1_000_000):
        console.print(shown)
