"""``compliance audit``: check the log, and look into it."""

from __future__ import annotations

import typer

from compliance.cli import audit_anchor, audit_log, audit_verify, event, index, questions

app = typer.Typer(no_args_is_help=True, help="Check the audit log, and look into it.")
app.command("verify")(audit_verify.verify_log)
app.command("list")(questions.list_events)
app.command("show")(event.show)
app.command("index")(index.index)
app.command("anchor")(audit_anchor.anchor)
app.command("restored")(audit_anchor.restored)
app.command("sequence")(audit_log.sequence)
app.command("rotate-key")(audit_log.rotate_key)
app.command("roles")(audit_log.roles)
app.command("export-tiles")(audit_log.export_tiles)
