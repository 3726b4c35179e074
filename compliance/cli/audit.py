"""``compliance audit``: check the log, and look into it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.audit import canonical
from compliance.audit.events import EventKind
from compliance.audit.keyring import trusted
from compliance.audit.verify import AuditReport, Standing, verify
from compliance.bootstrap import build
from compliance.cli import audit_log
from compliance.errors import ArgumentInvalid, AuditInvalid, DatabaseUnavailable, KeyMissing
from compliance.settings import load
from compliance.store import events, tree

app = typer.Typer(no_args_is_help=True, help="Check the audit log, and look into it.")
app.command("sequence")(audit_log.sequence)
app.command("rotate-key")(audit_log.rotate_key)
app.command("roles")(audit_log.roles)
app.command("export-tiles")(audit_log.export_tiles)

Json = Annotated[bool, typer.Option("--json", help="Print a JSON document instead of a table.")]

VALID, INVALID, UNCHECKED = 0, 1, 2
"""The exit codes of ``verify``."""

_COLOURS = {Standing.VALID: "green", Standing.INVALID: "bold red", Standing.MISSING: "bold red"}


@app.command("verify")
def verify_log(as_json: Json = False) -> None:
    """Compute the log anew from its stored bytes and compare it with every signed checkpoint.

    Exit code 0: valid.  1: something was altered, removed or added, and the first event concerned is named.
    2: it cannot be checked, since there is no checkpoint, no key or no database.
    """
    try:
        parts = build(load())
        with parts.database.read() as connection:
            report = verify(connection, trusted(connection, parts.pin))
    except (KeyMissing, DatabaseUnavailable) as error:
        sys.stderr.write(f"the log cannot be checked: {error}\n")
        raise typer.Exit(UNCHECKED) from None
    if as_json:
        _write(report_document(report))
    else:
        Console().print(
            *([] if report.is_empty else [report_table(report)]), _text(summary(report)), sep="\n"
        )
    raise typer.Exit(exit_code(report))


@app.command("list")
def list_events(
    recording: Annotated[str | None, typer.Option(help="Only events of this recording.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only events of this kind, such as recording.released.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """The newest events, in the order in which they were written."""
    if kind is not None and kind not in set(EventKind):
        raise ArgumentInvalid("there is no such kind of event; docs/events.md lists them")
    with build(load()).database.read() as connection:
        rows = events.page(connection, recording_id=recording, kind=kind, limit=limit)
    if as_json:
        _write({"schema": "compliance/audit-events/1", "events": [_readable(row) for row in rows]})
    else:
        Console().print(events_table(rows))


@app.command("show")
def show(
    event_id: Annotated[str, typer.Argument(help="Id of the event, ev_ and 32 hex digits.")],
    as_json: Json = False,
) -> None:
    """One event with all its fields, and its place in the tree."""
    with build(load()).database.read() as connection:
        row, leaf = events.get(connection, event_id), tree.leaf_of(connection, event_id)
    if row is None:
        raise ArgumentInvalid("there is no event of that id")
    place: dict[str, Any] = {"leaf_index": leaf, "leaf_hash": row.leaf_hash.hex()}
    if as_json:
        _write({"schema": "compliance/audit-event/1", "event": _readable(row), **place})
    else:
        Console().print_json(json.dumps(_readable(row) | place))


def exit_code(report: AuditReport) -> int:
    """0 for a valid log, 1 for one that is not, 2 where there was nothing to check."""
    if not report.is_valid:
        return INVALID
    return UNCHECKED if report.is_empty else VALID


def summary(report: AuditReport) -> str:
    """The report in a sentence or two."""
    unsealed = f" {report.unsealed} not covered by a checkpoint yet." if report.unsealed else ""
    if report.first is not None:
        event = report.first.event_id or "the log as a whole"
        return f"NOT VALID. First concerned: {event}: {report.first.why}.{unsealed}"
    if report.is_empty:
        return f"Nothing to check: the log has no checkpoint.{unsealed}"
    covered = f"{report.size} events under {report.checkpoints} checkpoints"
    return f"Valid: {covered}, key {report.fingerprint}.{unsealed}"


def report_document(report: AuditReport) -> dict[str, Any]:
    """The report as a JSON document."""
    findings = [
        {
            "check": each.check.value,
            "standing": each.standing.value,
            "why": each.why,
            "event_id": each.event_id,
            "leaf_index": each.leaf_index,
        }
        for each in report.findings
        if not report.is_empty
    ]
    return {
        "schema": "compliance/audit-report/1",
        "verdict": ("valid", "invalid", "unchecked")[exit_code(report)],
        "size": report.size,
        "checkpoints": report.checkpoints,
        "unsealed": report.unsealed,
        "root": report.root.hex(),
        "key_fingerprint": report.fingerprint,
        "checks": findings,
    }


def report_table(report: AuditReport) -> Table:
    """The checks as a table for people."""
    table = Table("Check", "Standing", "First event concerned", "Why", title="Audit log")
    for each in report.findings:
        standing = Text(each.standing.value, style=_COLOURS[each.standing])
        table.add_row(each.check.value, standing, _text(each.event_id or ""), _text(each.why))
    return table


def events_table(rows: list[events.EventRow]) -> Table:
    """Events as a table for people, times in UTC."""
    table = Table("Time (UTC)", "Kind", "Recording", "Actor", "Outcome", "Id")
    for row in rows:
        read = _readable(row)
        actor, outcome = (
            read.get("actor", {}),
            " ".join(filter(None, (read.get("outcome"), read.get("reason")))),
        )
        cells = (
            _time(row.occurred_at_ms),
            row.kind,
            row.recording_id or "",
            actor.get("id", ""),
            outcome,
            row.id,
        )
        table.add_row(*(_text(str(each)) for each in cells))
    return table


def _readable(row: events.EventRow) -> dict[str, Any]:
    """The event's stored bytes as a document; of bytes that cannot be read, only that."""
    try:
        return dict(canonical.decode(row.body))
    except AuditInvalid as error:
        return {"id": row.id, "kind": row.kind, "unreadable": str(error)}


def _text(text: str) -> Text:
    """The text with nothing in it that a terminal would obey: rows of an altered log may hold anything."""
    return Text(
        "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text), overflow="fold"
    )


def _time(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=True) + "\n")
