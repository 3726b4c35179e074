"""``compliance audit``: check the log, and look into it."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from compliance.audit.keyring import trusted
from compliance.audit.verify import AuditReport, Standing, verify
from compliance.bootstrap import build
from compliance.cli import audit_log, event, index, questions
from compliance.cli.printable import printable
from compliance.errors import DatabaseUnavailable, KeyMissing
from compliance.settings import load

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
            *([] if report.is_empty else [report_table(report)]), printable(summary(report)), sep="\n"
        )
    raise typer.Exit(exit_code(report))


app.command("list")(questions.list_events)
app.command("show")(event.show)
app.command("index")(index.index)


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
        table.add_row(each.check.value, standing, printable(each.event_id or ""), printable(each.why))
    return table


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=True) + "\n")
