"""``compliance audit incident``: serious incidents with their deadlines (AI Act, Art. 73)."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from compliance import embedded
from compliance.audit.reports.incidents import Category, Incident
from compliance.audit.reports.reading import minute
from compliance.bootstrap import build
from compliance.cli.process import operator
from compliance.cli.summary import safe
from compliance.errors import ArgumentInvalid
from compliance.keeping import incidents
from compliance.settings import load

app = typer.Typer(no_args_is_help=True, help="Open, update, report, close and list serious incidents.")

Id = Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id.")]
What = Annotated[str, typer.Option(help="What, in your own words. Kept sealed.")]


def _ms(text: str | None, now_ms: int) -> int:
    """A time with its offset from UTC, such as 2026-11-27T09:30:00Z; now where none is given.

    Raises:
        ArgumentInvalid: it is none.
    """
    if text is None:
        return now_ms
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None:
        raise ArgumentInvalid("a time needs its offset from UTC, such as 2026-11-27T09:30:00Z")
    return int(parsed.astimezone(UTC).timestamp() * 1000)


@app.command("open")
def open_incident(
    category: Annotated[Category, typer.Option(help="It sets the deadline: 15, 10 or 2 days.")],
    reason: What,
    aware: Annotated[
        str | None,
        typer.Option(help="When somebody became aware, with offset. Unset: now.", show_default=False),
    ] = None,
) -> None:
    """Open an incident; its report is due at the time printed."""
    parts = build(load(), seals=True)
    now_ms = parts.now_ms()
    made = incidents.open_(parts, category, _ms(aware, now_ms), reason, operator())
    embedded.seal(parts)
    Console().print(
        safe(f"{made.id}: to be reported at once, at the latest {minute(made.deadline_at_ms)} UTC")
    )


@app.command("update")
def update_incident(incident: Id, reason: What) -> None:
    """Add what was learnt."""
    parts = build(load(), seals=True)
    incidents.update(parts, incident, reason, operator())
    embedded.seal(parts)
    Console().print(safe(f"{incident} is updated"))


@app.command("report")
def report_incident(
    incident: Id,
    authority: Annotated[str, typer.Option(help="The authority, as one word of your own: bnetza, ico.")],
    reason: What,
    sent: Annotated[
        str | None, typer.Option(help="When it was sent, with offset. Unset: now.", show_default=False)
    ] = None,
) -> None:
    """Put on record that it was reported to an authority.  Exit code 1: after its deadline."""
    parts = build(load(), seals=True)
    now_ms = parts.now_ms()
    is_in_time = incidents.report(parts, incident, authority, _ms(sent, now_ms), reason, operator())
    embedded.seal(parts)
    Console().print(safe(f"{incident} was reported {'in time' if is_in_time else 'LATE'}"))
    raise typer.Exit(0 if is_in_time else 1)


@app.command("close")
def close_incident(incident: Id, reason: What) -> None:
    """Close it."""
    parts = build(load(), seals=True)
    incidents.close(parts, incident, reason, operator())
    embedded.seal(parts)
    Console().print(safe(f"{incident} is closed"))


@app.command("list")
def list_incidents(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Every incident with its deadline.  Exit code 1: a report is overdue."""
    parts = build(load(), seals=True)
    found, now_ms = incidents.all_(parts), parts.now_ms()
    if as_json:
        sys.stdout.write(json.dumps(document(found, now_ms), indent=2) + "\n")
    else:
        Console().print(table(found, now_ms))
    raise typer.Exit(1 if any(each.stands(now_ms) == "OVERDUE" for each in found) else 0)


def document(found: list[Incident], now_ms: int) -> dict[str, Any]:
    """The incidents as a document, schema compliance/incidents/1."""
    return {
        "schema": "compliance/incidents/1",
        "incidents": [
            {
                "id": each.id,
                "category": each.category,
                "aware_at_ms": each.aware_at_ms,
                "deadline_at_ms": each.deadline_at_ms,
                "reported_at_ms": each.reported_at_ms,
                "updates": each.updates,
                "is_closed": each.is_closed,
                "is_overdue": each.stands(now_ms) == "OVERDUE",
            }
            for each in found
        ],
    }


def table(found: list[Incident], now_ms: int) -> Table:
    """The incidents for people."""
    shown = Table("incident", "category", "aware (UTC)", "due (UTC)", "stands", box=None, pad_edge=False)
    for each in found:
        times = (minute(each.aware_at_ms), minute(each.deadline_at_ms))
        shown.add_row(*map(safe, (each.id, each.category, *times, each.stands(now_ms))))
    return shown
