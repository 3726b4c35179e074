"""``compliance doctor``: what is present, what is missing, and how to get it."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from compliance.cli.checked_log import copies
from compliance.cli.checks import Check, Standing, examine
from compliance.settings import load

STYLES = {Standing.PRESENT: "green", Standing.NOTE: "yellow", Standing.MISSING: "bold red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say what this machine has, what it lacks, and how to get it.

    Looks at Python, packages, models, the home folder, the key, database, broker,
    buckets, LiveKit keys, disk, and the audit log's copies.  Changes nothing.
    Exit code 1 when something is missing.
    """
    settings = load()
    checks = (*examine(settings), *copies(settings))
    if as_json:
        typer.echo(json.dumps(document(checks), indent=2))
    else:
        Console().print(table(checks))
    if any(check.standing is Standing.MISSING for check in checks):
        raise typer.Exit(1)


def document(checks: tuple[Check, ...]) -> dict[str, object]:
    """The findings as one versioned document."""
    return {
        "schema": "compliance/doctor/1",
        "complete": all(check.standing is not Standing.MISSING for check in checks),
        "checks": [
            {"name": c.name, "standing": c.standing.value, "found": c.found, "remedy": c.remedy}
            for c in checks
        ],
    }


def table(checks: tuple[Check, ...]) -> Table:
    """The findings for people."""
    shown = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found", "how to mend it"):
        shown.add_column(heading, overflow="fold")
    for check in checks:
        style = STYLES[check.standing]
        shown.add_row(f"[{style}]{check.standing}[/]", *map(escape, (check.name, check.found, check.remedy)))
    return shown
