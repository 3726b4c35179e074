"""``compliance recordings``: what became of them, and the way out of every hold."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from compliance import embedded, people
from compliance.api.models import RecordingsDocument, view
from compliance.audit import log
from compliance.audit.events import EventKind, event
from compliance.bootstrap import build
from compliance.cli import summary
from compliance.cli.process import operator, quiet
from compliance.cli.progress import WORDS, Bars
from compliance.cli.reasons import commands, exit_code, meaning, remedy
from compliance.cli.summary import because, safe
from compliance.errors import ArgumentInvalid
from compliance.keeping import erase as erasing
from compliance.keeping import holds
from compliance.parts import Parts
from compliance.pipeline import run_all
from compliance.records import RecordingId, Stage, State
from compliance.results import manifest_of
from compliance.settings import load
from compliance.store import recordings, work
from compliance.store.recordings import RecordingRow

app = typer.Typer(no_args_is_help=True, help="List recordings, see why one is held, and decide.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The recording's id, rec_ and 32 hex digits.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Why = Annotated[str, typer.Option(help="Why, in your own words. Kept encrypted; the log holds its digest.")]

_STYLES = {State.RELEASED: "green", State.HELD: "bold yellow", State.DESTROYED: "dim", State.ABSENT: "dim"}


@app.command("list")
def list_recordings(
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    after: Annotated[str | None, typer.Option(metavar="ID", help="Begin behind this one.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Recordings, newest first, with where each stands and why.  Being read, the list is on record."""
    parts = build(load(), seals=True)
    with parts.database.begin() as connection:
        rows = recordings.page(connection, state=state, after=after, limit=limit + 1)
        shown = rows[:limit]
        _read(connection, parts, "recordings", entries=len(shown))
    embedded.seal(parts)
    if as_json:
        following = shown[-1].id if len(rows) > limit else None
        body = RecordingsDocument(recordings=tuple(map(view, shown)), after=following)
        _write(body.model_dump(mode="json", by_alias=True))
    else:
        Console().print(table(shown))


@app.command()
def show(recording_id: Id, as_json: AsJson = False) -> None:
    """One recording: its stages, what was found and decided, and what can be done about a hold."""
    parts = build(load(), seals=True)
    with parts.database.begin() as connection:
        row = recordings.get(connection, recording_id)
        stages = stages_of(connection, row)
        _read(connection, parts, "recording", recording_id=row.id)
    embedded.seal(parts)
    manifest = manifest_of(parts, row)
    if as_json:
        _write(report(row, stages, manifest))
        return
    if manifest:
        summary.show(manifest)
    Console().print(summary.facts(_facts(row, stages, manifest)), highlight=False)


@app.command()
def retry(
    recording_id: Id,
    reason: Annotated[str, typer.Option(help="Why, in your own words.")] = "",
) -> None:
    """Send a held recording through its stages again, by the settings and policies of today.

    Without a broker the stages run here and now, also those of a run that was killed.
    Exit code 0: released, or sent to the workers.  3: held again.
    """
    settings = load()
    with Bars() as bars:
        parts = build(settings, progress=bars, seals=True)
        with parts.database.read() as connection:
            row = recordings.get(connection, recording_id)
        state, stage = row.state, row.stage or Stage.INTAKE
        if state is not State.PROCESSING:
            state, stage = people.retry_held(parts, row.id, operator(), reason), Stage.INTAKE
        if state is State.PROCESSING and settings.broker_url is None:
            with quiet():
                run_all(parts, row.id, stage)
    embedded.seal(parts)
    _end(parts, recording_id)


@app.command()
def release(recording_id: Id, reason: Why) -> None:
    """Release the redacted form of a held recording on your word; the reasons for the hold stay on record."""
    parts = build(load(), seals=True)
    people.release_held(parts, RecordingId(recording_id), operator(), reason)
    embedded.seal(parts)
    _end(parts, recording_id)


@app.command()
def destroy(
    recording_id: Id,
    reason: Why,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy a recording for good: its source, its vault and its outputs.  The log keeps what was done."""
    parts = build(load(), seals=True)
    with parts.database.read() as connection:
        recordings.get(connection, recording_id)
    if not is_sure:
        _confirm(recording_id)
    people.destroy_held(parts, RecordingId(recording_id), operator(), reason)
    embedded.seal(parts)
    _end(parts, recording_id)


@app.command()
def hold(
    recording_id: Id,
    matter: Annotated[str, typer.Option(help="What the case is called. Kept sealed.")],
) -> None:
    """Place a legal hold: until it ends nothing of the recording is destroyed, whatever a schedule says."""
    parts = build(load(), seals=True)
    hold_id = holds.place(parts, recording_id, matter, operator())
    embedded.seal(parts)
    Console().print(safe(f"{recording_id} is under legal hold {hold_id}"))


@app.command()
def unhold(
    recording_id: Id,
    matter: Annotated[str, typer.Option(help="The matter whose hold ends.")],
    reason: Why,
) -> None:
    """End a matter's legal hold; what had waited for it, an erasure too, is then carried out."""
    parts = build(load(), seals=True)
    left = holds.end(parts, recording_id, matter, operator(), reason)
    embedded.seal(parts)
    still = f"; {left} more on it" if left else "; none is on it any more"
    Console().print(safe(f"the hold on {recording_id} has ended{still}"))


@app.command()
def erase(
    recording_id: Id,
    reason: Why,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Destroy a recording and all that is sealed of it; the log still proves that it was there.

    Exit code 1: a store refuses, and it is tried again by itself.  2: a legal hold forbids it; it waits.
    """
    parts = build(load(), seals=True)
    with parts.database.read() as connection:
        recordings.get(connection, recording_id)
    if not is_sure:
        _confirm(recording_id)
    try:
        is_done = erasing.erase_recording(parts, RecordingId(recording_id), operator(), reason)
    finally:
        embedded.seal(parts)
    Console().print(
        safe(f"{recording_id} is {'erased' if is_done else 'not erased whole; it is tried again'}")
    )
    raise typer.Exit(0 if is_done else 1)


def _confirm(recording_id: str) -> None:
    """Ask the person at the terminal.

    Raises:
        ArgumentInvalid: there is none who could answer.
    """
    if not sys.stdin.isatty():
        raise ArgumentInvalid("nobody is here to be asked; say --yes to destroy it without a question")
    if not typer.confirm(f"Destroy {recording_id} for good?", err=True):
        raise typer.Exit(1)


def _end(parts: Parts, recording_id: str) -> None:
    """Say where the recording stands now, and end with the exit code of that."""
    with parts.database.read() as connection:
        row = recordings.get(connection, recording_id)
    console = Console()
    console.print(safe(f"{row.id} is {row.state}").append_text(safe(f"  {_advice(row)}", "dim")))
    for reason in row.reasons:
        console.print(because(reason))
    raise typer.Exit(exit_code(row.reasons) if row.state is State.HELD else 0)


def _advice(row: RecordingRow) -> str:
    """What comes next."""
    return f"compliance recordings show {row.id}" if row.state is not State.DESTROYED else ""


def _read(connection: Connection, parts: Parts, what: str, **fields: Any) -> None:
    """Put a read on record, in the transaction that reads."""
    recording_id = fields.pop("recording_id", None)
    kind = EventKind.ACCESS_LIST if "entries" in fields else EventKind.ACCESS_READ
    told = event(
        kind,
        recording_id=recording_id,
        key=secrets.token_hex(16),
        occurred_at_ms=parts.now_ms(),
        actor=operator(),
        object=what,
        **fields,
    )
    log.record(connection, told)


def stages_of(connection: Connection, row: RecordingRow) -> dict[Stage, str]:
    """How each stage stands: done, failed, running or waiting."""
    return {stage: _standing(connection, row, stage) for stage in Stage}


def _standing(connection: Connection, row: RecordingRow, stage: Stage) -> str:
    left = work.output(connection, row.id, stage)
    if left is not None:
        return "failed" if left.sha256 is None else "done"
    return "running" if row.state is State.PROCESSING and row.stage is stage else "waiting"


def report(row: RecordingRow, stages: dict[Stage, str], manifest: dict[str, Any] | None) -> dict[str, Any]:
    """One recording as a document, schema compliance/recording-report/1."""
    return {
        "schema": "compliance/recording-report/1",
        "recording": view(row).model_dump(mode="json"),
        "stages": [{"stage": stage.value, "standing": standing} for stage, standing in stages.items()],
        "reasons": [
            {"reason": each, "meaning": meaning(each), "remedy": remedy(each)} for each in row.reasons
        ],
        "manifest": manifest,
    }


def table(rows: Sequence[RecordingRow]) -> Table:
    """Recordings for people, times in UTC; reasons stand under the state."""
    shown = Table(box=None, pad_edge=False)
    shown.add_column("id", no_wrap=True)
    shown.add_column("received (UTC)", no_wrap=True)
    shown.add_column("state", overflow="fold")
    for row in rows:
        state = safe(row.state, _STYLES.get(row.state, ""))
        for reason in row.reasons:
            state.append("\n").append_text(safe(reason, "dim"))
        shown.add_row(safe(row.id), _time(row.created_at_ms)[:-3], state)
    return shown


def _facts(
    row: RecordingRow, stages: dict[Stage, str], manifest: dict[str, Any] | None
) -> list[tuple[str, Any]]:
    """What the manifest does not tell."""
    egress = f"egress {row.egress_id or 'none'} · room {row.room_sid or 'none'}"
    seconds = (manifest or {}).get("timings", {})
    walked = [f"{WORDS[stage]}: {each}" + _took(seconds.get(stage)) for stage, each in stages.items()]
    facts: list[tuple[str, Any]] = [
        ("id", safe(row.id)),
        ("state", safe(row.state, _STYLES.get(row.state, ""))),
        ("received", safe(f"{_time(row.created_at_ms)} UTC · {egress}")),
        ("stages", lines(walked)),
    ]
    facts += [("because", because(reason)) for reason in row.reasons]
    ways = [each.replace("ID", row.id) for each in commands(row.state)]
    return facts + ([("you can", lines(ways))] if ways else [])


def lines(texts: Sequence[str]) -> Text:
    """Texts one below the other."""
    return Text("\n").join(map(safe, texts))


def _took(seconds: float | None) -> str:
    return "" if seconds is None else f" ({seconds:.1f} s)"


def _time(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _write(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
