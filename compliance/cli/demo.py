"""``compliance demo``: the main job on a sample call, from LiveKit's signed webhook to the checked log."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.text import Text

from compliance.api.auth import TokenRole, issue
from compliance.audit.keyring import trusted
from compliance.audit.verify import verify
from compliance.bootstrap import build
from compliance.cli import summary
from compliance.cli.demo_call import DemoCall, put_in_place
from compliance.cli.demo_server import Client, Credentials, serving
from compliance.cli.picture import drawn
from compliance.cli.process import quiet
from compliance.cli.progress import Bars
from compliance.cli.summary import BAD, DIM, GOOD, safe
from compliance.cli.token import created
from compliance.errors import StorageUnavailable
from compliance.parts import Parts
from compliance.records import State
from compliance.results import copy_out, manifest_of
from compliance.settings import Settings, load
from compliance.store import events, recordings
from compliance.store.recordings import RecordingRow

PATIENCE_S = 600
"""How long the demo waits for the sample, which takes some twenty seconds on two cores."""
_OVER = (State.RELEASED, State.HELD, State.ABSENT, State.DESTROYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold for the demo to succeed."""

    name: str
    held: bool
    detail: str = ""


def demo(
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for this run; <home>/demo/<time> if none is given."),
    ] = None,
) -> None:
    """Watch a sample call go through every stage, on this machine and with nothing else running.

    The real service starts on loopback with SQLite and folders, is told of a call by correctly
    signed LiveKit webhooks, and processes it.  Exit code 0 only if all of it held: released,
    verified, source destroyed, a replay without effect, audit log valid.
    """
    console = Console()
    base = load()
    home = (out or base.home / "demo" / _stamp()).absolute()
    call = put_in_place(home / "bucket", now_s=int(time.time()))
    credentials = Credentials.fresh()
    with quiet(), Bars() as bars:
        parts = build(settings_of(base, home, call, credentials), progress=bars, seals=True)
        parts.engines.load()
        with serving(parts, credentials) as client:
            row, checks = _play(parts, client, call, console)
    checks += _afterwards(parts, row, call)
    files = _finish(parts, row, call, console)
    console.print("", summary.facts([*_told(checks), ("folder", safe(home))]), sep="\n", highlight=False)
    parts.database.close()
    raise typer.Exit(0 if files and all(each.held for each in checks) else 1)


def settings_of(base: Settings, home: Path, call: DemoCall, credentials: Credentials) -> Settings:
    """The embedded default over a home of the demo's own, whatever the deployment is set to."""
    return load(
        home=home,
        models=base.models_dir,
        whisper_model=base.whisper_model,
        threads=base.threads,
        livekit_keys={credentials.key: credentials.secret},
        source_buckets=(f"file://{call.bucket}",),
        source_prefix="",
        policies=None,
        profile="default",
        business_places=(),
        **dict.fromkeys(("database_url", "broker_url", "output_bucket", "vault_bucket", "business_number")),
        **dict.fromkeys(("agent_place", "recorder_region", "audit_keys", "audit_fingerprint")),
    )


def _play(parts: Parts, client: Client, call: DemoCall, console: Console) -> tuple[RecordingRow, list[Check]]:
    """Post what LiveKit would, wait for the end, try a forgery and a replay, and read the result by HTTP."""
    console.print(safe(f"the service listens on http://127.0.0.1:{client.port}", DIM))
    checks = []
    forged = client.webhook(call.webhooks["egress_ended"], secret=SecretStr(secrets.token_urlsafe(32)))
    checks.append(Check(name="forged webhook", held=forged.status == 401, detail=f"answered {forged.status}"))
    for name, body in call.webhooks.items():
        answer = client.webhook(body)
        console.print(safe(f"POST /webhooks/livekit  {name}: {answer.status} in {answer.ms:.0f} ms", DIM))
        checks.append(Check(name=name, held=answer.status == 200, detail=f"answered {answer.status}"))
    row = _awaited(parts, call)
    checks.append(_replayed(parts, client, call, row))
    checks.append(_read(parts, client, row))
    return row, checks


def _awaited(parts: Parts, call: DemoCall) -> RecordingRow:
    """The recording once it is done, and nothing is owed any more.

    Raises:
        StorageUnavailable: it took longer than anybody would wait.
    """
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with parts.database.read() as connection:
            row = recordings.by_egress(connection, call.egress_id)
        if row and row.state in _OVER and not (row.state is State.RELEASED and row.reasons):
            return row
        time.sleep(0.1)
    raise StorageUnavailable(f"the sample call was not done within {PATIENCE_S} s")


def _replayed(parts: Parts, client: Client, call: DemoCall, row: RecordingRow) -> Check:
    """Post the last webhook again: LiveKit does so whenever it has not heard the answer."""
    before = _state(parts, row)
    answer = client.webhook(call.webhooks["egress_ended"])
    time.sleep(0.5)  # were there an effect, the worker would have been woken for it
    is_idle = answer.body.get("receipt") == "replayed" and _state(parts, row) == before
    detail = f"answered {answer.status}, {'nothing' if is_idle else 'something'} happened"
    return Check(name="webhook replayed", held=answer.status == 200 and is_idle, detail=detail)


def _state(parts: Parts, row: RecordingRow) -> tuple[RecordingRow, int]:
    """What an effect would change: the recording's row and its events."""
    with parts.database.read() as connection:
        return recordings.get(connection, row.id), len(events.of_recording(connection, row.id))


def _read(parts: Parts, client: Client, row: RecordingRow) -> Check:
    """Read the recording by HTTP, with a token made for it."""
    issued = issue("demo", TokenRole.ENGINEER, now_ms=parts.now_ms(), days=1)
    with parts.database.begin() as connection:
        created(connection, issued)
    answer = client.get(f"/v1/recordings/{row.id}", issued.token)
    held = answer.status == 200 and answer.body["recording"]["state"] == row.state
    detail = f"GET /v1/recordings/{row.id} answered {answer.status}"
    return Check(name="read by HTTP", held=held, detail=detail)


def _afterwards(parts: Parts, row: RecordingRow, call: DemoCall) -> list[Check]:
    """What must be so once everything is stopped and sealed."""
    manifest = manifest_of(parts, row)
    verification = (manifest or {}).get("verification") or {}
    left = len(call.leftovers)
    with parts.database.read() as connection:
        report = verify(connection, trusted(connection, parts.pin))
    covered = f"{report.size} events, {report.checkpoints} signed checkpoints, {report.unsealed} outside them"
    return [
        Check(name="released", held=row.state is State.RELEASED, detail=f"the recording is {row.state}"),
        Check(name="verification clean", held=bool(verification.get("is_clean"))),
        Check(name="outputs as listed", held=_is_whole(parts, row, manifest), detail="by SHA-256"),
        Check(name="source destroyed", held=left == 0, detail=f"files left in the bucket: {left}"),
        Check(
            name="audit log valid",
            held=report.is_valid and not report.is_empty and report.unsealed == 0,
            detail=covered,
        ),
    ]


def _is_whole(parts: Parts, row: RecordingRow, manifest: dict[str, Any] | None) -> bool:
    """Whether every file the manifest lists is there with its digest."""
    if manifest is None or row.state is not State.RELEASED:
        return False
    folder = parts.home.outputs / row.id
    return all(
        hashlib.sha256((folder / each["file"]).read_bytes()).hexdigest() == each["sha256"]
        for each in manifest["outputs"]
    )


def _finish(parts: Parts, row: RecordingRow, call: DemoCall, console: Console) -> list[Path]:
    """Show the run, and draw its picture beside the outputs; the files there are."""
    manifest = manifest_of(parts, row)
    if manifest is None:
        return []
    files = _files(parts, row, manifest)
    if files[0].name != "manifest.json":  # a recording that is held early has no other file
        picture = files[0].with_name("timeline.svg")
        picture.write_text(drawn(manifest, call.original, files[0]), encoding="utf-8")
        files.append(picture)
    summary.show(manifest, files, console)
    return files


def _files(parts: Parts, row: RecordingRow, manifest: dict[str, Any]) -> list[Path]:
    """The run's files: released ones where they lie, held ones copied out of the vault."""
    if row.state is not State.RELEASED:
        return copy_out(parts, row, manifest, parts.home.path / "held")
    folder = parts.home.outputs / row.id
    return [folder / each["file"] for each in manifest["outputs"]] + [folder / "manifest.json"]


def _told(checks: list[Check]) -> list[tuple[str, Text]]:
    """The checks as labelled lines."""
    return [(each.name, _word(each).append_text(safe(f"  {each.detail}", DIM))) for each in checks]


def _word(check: Check) -> Text:
    return safe("ok", GOOD) if check.held else safe("FAILED", BAD)


def _stamp() -> str:
    """A name for this run's folder."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
