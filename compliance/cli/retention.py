"""``compliance retention``: what goes when and by which rule, and carrying it out."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from compliance import embedded
from compliance.audit.events import EventKind
from compliance.bootstrap import build
from compliance.cli.process import operator
from compliance.cli.summary import safe
from compliance.keeping.carry import carry_out
from compliance.keeping.plan import Entry, Standing, plan
from compliance.keeping.telling import tell
from compliance.parts import Parts
from compliance.settings import load
from compliance.store import debts
from compliance.store.debts import ErasureRow

SCHEMA: Final = "compliance/retention-plan/1"

app = typer.Typer(no_args_is_help=True, help="Say what is kept until when, and destroy what is due.")

_STYLES = {Standing.DUE: "yellow", Standing.OWED: "yellow", Standing.CONTRADICTION: "bold red"}


@app.command("plan")
def show_plan(
    standing: Annotated[Standing | None, typer.Option(help="Only what stands so.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """What of each released recording goes when, and by which rule.  Being read, the plan is on record."""
    parts = build(load(), seals=True)
    entries = [each for each in plan(parts) if standing in (None, each.standing)]
    with parts.database.begin() as connection:
        waiting = [each for each in debts.unfinished(connection) if each.blocked_by]
        tell(
            connection,
            parts,
            EventKind.ACCESS_LIST,
            operator(),
            key=secrets.token_hex(16),
            object="retention_plan",
            entries=len(entries),
        )
    embedded.seal(parts)
    if as_json:
        sys.stdout.write(json.dumps(document(parts, entries, waiting), indent=2, ensure_ascii=False) + "\n")
        return
    console = Console()
    console.print(table(entries))
    for each in waiting:
        what = each.recording_id or "an individual"
        console.print(safe(f"erasure {each.id} of {what} waits for a person: {each.blocked_by}", "yellow"))


@app.command()
def run() -> None:
    """Destroy now what is due, and go on with erasures; `compliance serve` and workers do so every hour."""
    parts = build(load(), seals=True)
    count = carry_out(parts)
    embedded.seal(parts)
    Console().print(safe(f"{count} things destroyed"))


def document(parts: Parts, entries: Sequence[Entry], waiting: Sequence[ErasureRow]) -> dict[str, Any]:
    """The plan as a document, schema compliance/retention-plan/1."""
    return {
        "schema": SCHEMA,
        "policy": {"file": parts.retention.ref.file, "sha256": parts.retention.ref.sha256},
        "made_at_ms": parts.now_ms(),
        "entries": [_entry(each) for each in entries],
        "erasures": [
            {"id": each.id, "recording": each.recording_id, "reason": each.blocked_by} for each in waiting
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    clock = entry.due.clock
    return {
        "recording": entry.recording_id,
        "profile": entry.profile,
        "thing": entry.thing.value,
        "standing": entry.standing.value,
        "came_at_ms": entry.came_at_ms,
        "due_at_ms": entry.due.at_ms,
        "earliest_ms": entry.due.earliest_ms,
        "latest_ms": entry.due.latest_ms,
        "clock": None
        if clock is None
        else {"id": clock.id, "citation": clock.citation, "confidence": clock.confidence.value},
    }


def table(entries: Sequence[Entry]) -> Table:
    """The plan for people; days in UTC."""
    shown = Table(box=None, pad_edge=False)
    for name in ("recording", "thing", "stands", "goes (UTC)", "by"):
        shown.add_column(name, overflow="fold", no_wrap=name == "recording")
    for each in entries:
        clock = each.due.clock
        rule = "schedule" if clock is None else f"{clock.citation} ({clock.confidence})"
        shown.add_row(
            safe(each.recording_id),
            safe(each.thing.replace("_", " ")),
            safe(each.standing.replace("_", " "), _STYLES.get(each.standing, "")),
            safe(_day(each.due.at_ms)),
            safe(rule, "dim"),
        )
    return shown


def _day(unix_ms: int | None) -> str:
    if unix_ms is None:
        return "a person decides"
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d")
