"""``compliance audit``: check the log, and look into it."""

from __future__ import annotations

import typer

from compliance.cli import (
    audit_anchor,
    audit_log,
    audit_verify,
    event,
    incidents,
    index,
    individuals,
    questions,
    reports,
    signing,
)

app = typer.Typer(no_args_is_help=True, help="Check the audit log, look into it, and report from it.")
app.command("verify")(audit_verify.verify_log)
app.command("list")(questions.list_events)
app.command("show")(event.show)
app.command("index")(index.index)
app.command("report")(reports.report)
app.command("review")(signing.review)
app.command("disclose")(signing.disclose)
app.command("erase")(individuals.erase)
app.add_typer(incidents.app, name="incident")
app.command("anchor")(audit_anchor.anchor)
app.command("restored")(audit_anchor.restored)
app.command("sequence")(audit_log.sequence)
app.command("rotate-key")(audit_log.rotate_key)
app.command("roles")(audit_log.roles)
app.command("export-tiles")(audit_log.export_tiles)
