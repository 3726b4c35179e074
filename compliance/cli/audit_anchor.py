"""``compliance audit anchor``: give the sinks what is newest; ``restored``: go on after a restored backup."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated

import typer
from rich.console import Console

from compliance import people
from compliance.audit.anchors.restoring import declare
from compliance.bootstrap import build
from compliance.cli import audit_report, sinks
from compliance.cli.process import operator
from compliance.cli.summary import safe
from compliance.errors import ArgumentInvalid, LogForked
from compliance.settings import load

Json = Annotated[bool, typer.Option("--json", help="Print a JSON document instead of a table.")]


def anchor(as_json: Json = False) -> None:
    """Give every sink the newest checkpoint now, and say what each holds.

    The service does so each minute and when it stops; this is for logs that are only written by hand.
    Exit code 1 where a sink did not take it.
    """
    settings = load()
    if not settings.anchors:
        raise ArgumentInvalid("no sink is set: COMPLIANCE_ANCHORS says where checkpoints go")
    parts = build(settings)
    if conflict := parts.keeper.guard.look():
        raise LogForked(f"nothing is anchored: {conflict}")
    parts.keeper.anchor()
    with parts.database.read() as connection:
        standing = sinks.reports(connection, parts.keeper.sinks)
    if as_json:
        document = {"schema": "compliance/anchors/1", "sinks": [audit_report.sink(each) for each in standing]}
        sys.stdout.write(json.dumps(document, indent=2, sort_keys=True) + "\n")
    else:
        now_ms = time.time_ns() // 1_000_000
        Console().print(audit_report.sinks_table(standing, now_ms=now_ms))
    raise typer.Exit(0 if all(sinks.is_newest(each, standing) for each in standing) else 1)


def restored(
    reason: Annotated[str, typer.Option(help="Why, in your own words; kept in the vault, never in the log.")],
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Declare that the database was restored from a backup, so that the log may be signed again.

    Reads the sinks, names the checkpoint that was anchored and the one from which the log goes on, and
    writes both into the log for good.  What lies between is lost, and every later check says so.
    """
    parts = build(load())
    conflict = parts.keeper.guard.look()
    if conflict is None:
        raise ArgumentInvalid("the log continues every anchor that can be read: there is nothing to declare")
    Console(stderr=True).print(safe(f"{conflict}."))
    if not is_sure:
        _confirm()
    digest = people.keep(parts, reason)
    told = declare(parts.database, conflict, operator(), statement_sha256=digest, now_ms=parts.now_ms())
    Console().print(safe(f"Declared in {told.id}. The log is signed again within a minute."))


def _confirm() -> None:
    """Ask the person at the terminal.

    Raises:
        ArgumentInvalid: there is none who could answer.
    """
    if not sys.stdin.isatty():
        raise ArgumentInvalid("nobody is here to be asked; say --yes to declare it without a question")
    if not typer.confirm("Declare these events lost, for good and for all to see?", err=True):
        raise typer.Exit(1)
