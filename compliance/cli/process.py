"""``compliance process``: one file, or the files of one call, through every stage, in this process."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from compliance import byhand, embedded, manifest, replay
from compliance.audit.events import Actor
from compliance.bootstrap import build
from compliance.byhand import Order
from compliance.cli import summary
from compliance.cli.progress import Bars
from compliance.cli.reasons import by_reason, exit_code, file_number, meaning
from compliance.consent.phone import require_number
from compliance.errors import (
    ArgumentInvalid,
    ComplianceError,
    MediaEmpty,
    MediaTruncated,
    PlaylistInvalid,
    SourceTooLarge,
)
from compliance.intake.several import LONGEST_APART_MS
from compliance.manifest import Manifest
from compliance.parts import Parts
from compliance.records import AgentKind, Decision, Party, Release, Role, State
from compliance.release import as_json
from compliance.results import copy_out, manifest_of, require_writable
from compliance.settings import Settings, load
from compliance.store.recordings import RecordingRow
from compliance.strands import MOST_CHANNELS

FAILED = 1
DESTROYED = 4
"""Nothing was released, and nobody has to decide: the policy on consent had it destroyed."""


def operator() -> Actor:
    """Whoever has a shell on this machine, by the number of their account; its name may be a person's."""
    return Actor(type="person", id=f"uid:{os.getuid()}", role="engineer")


def process(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="OGG/Opus, WAV, FLAC, MP3, MP4/M4A, WebM, MPEG-TS, or an HLS playlist; mono or stereo. "
            "Several are one call, recorded side by side, as one file a speaker.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for the outputs.  [default: ./<recording id>]", show_default=False
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Redaction profile; compliance policy check lists them.  [default: COMPLIANCE_PROFILE]",
            show_default=False,
        ),
    ] = None,
    caller: Annotated[
        str | None,
        typer.Option(metavar="+1…", help="The caller's number; without it the strictest law applies."),
    ] = None,
    business: Annotated[
        str | None,
        typer.Option(
            metavar="+1…",
            help="The business's number.  [default: COMPLIANCE_BUSINESS_NUMBER]",
            show_default=False,
        ),
    ] = None,
    agent: Annotated[
        AgentKind | None,
        typer.Option(help="Who the agent is.  [default: COMPLIANCE_AGENT_KIND]", show_default=False),
    ] = None,
    roles: Annotated[
        str,
        typer.Option(
            metavar="LEFT,RIGHT",
            help="Who speaks on each channel, or in each file of several: agent, caller or unknown.",
        ),
    ] = "agent,caller",
    offset_ms: Annotated[
        list[int] | None,
        typer.Option(
            metavar="MS",
            help="Of several files, when each began, in milliseconds: once for each.  [default: together]",
            show_default=False,
        ),
    ] = None,
    as_json_: Annotated[
        bool, typer.Option("--json", help="Print the manifest to stdout, and nothing else.")
    ] = False,
) -> None:
    """Redact one recording: transcribe, find what must not be kept, cut it, and listen again.

    Several files are one call: what is asked in one is answered in another.  No file is touched
    itself.  Exit code 0: released.  3: held for a person; what was redacted is written all the
    same.  4: what was taken in is destroyed, as obligations.yaml orders; nothing is written.
    2: a file or an option cannot be used.  1: a failure.
    """
    settings = load()
    order = Order(
        path=files[0],
        more=tuple(files[1:]),
        offsets_ms=_offsets(offset_ms or [], len(files)),
        profile=profile or settings.profile,
        agent_kind=agent or AgentKind(settings.agent_kind),
        roles=(sides := _roles(roles, most=2 if len(files) == 1 else MOST_CHANNELS)),
        parties=_parties(settings, sides, caller, business),
    )
    require_writable(out or Path())
    with Bars() as bars:
        parts = build(settings, progress=bars, seals=True)
        row = _run(parts, order)
    if parts.sequencer is not None and parts.sequencer.is_first:
        typer.echo(f"The audit log is signed by a new key: {parts.sequencer.fingerprint}", err=True)
    is_destroyed = row.state is State.DESTROYED
    document = _epitaph(parts, row) if is_destroyed else manifest_of(parts, row)
    if document is None:
        raise _refusal(row, order)
    written = [] if is_destroyed else copy_out(parts, row, document, out or Path(row.id))
    if as_json_:
        sys.stdout.write(as_json(document))
    else:
        summary.show(document, written)
    raise typer.Exit(_ended(row))


def _ended(row: RecordingRow) -> int:
    """The exit code of how a recording ended."""
    if row.state is State.RELEASED:
        return 0
    return DESTROYED if row.state is State.DESTROYED else exit_code(row.reasons)


def _epitaph(parts: Parts, row: RecordingRow) -> dict[str, Any]:
    """The manifest of what was destroyed for the sake of consent: its verdict, and nothing else is left."""
    with parts.database.read() as connection:
        was = replay.kept(connection, row.id).verdict
    made = manifest.document(
        Manifest(
            recording=row.id,
            profile=row.profile,
            roles=row.roles,
            release=Release(decision=Decision.DESTROYED, reasons=()),
            timings={},
        )
    )
    return {**made, "consent": was, "policies": was["policies"]}


def _run(parts: Parts, order: Order) -> RecordingRow:
    """Every stage, the log sealed at the end however it ended.

    Weights are looked at first: without them nothing should be taken in.
    """
    parts.home.sweep()
    _ = parts.engines.refs
    try:
        with quiet() as failures:
            row = byhand.process(parts, order, operator())
            if row.state is State.ABSENT:
                failures.clear()  # the refusal says it
            return row
    except MediaEmpty as error:
        path = order.paths[(error.file or 1) - 1]
        raise MediaEmpty(f"{path}: {meaning(error.reason)}") from error
    except (PlaylistInvalid, MediaTruncated) as error:
        path = order.paths[(error.file or 1) - 1]
        raise type(error)(f"{path}: {error}") from error
    except SourceTooLarge as error:
        limit = parts.settings.source_max_bytes
        raise ArgumentInvalid(
            f"{order.paths[(error.file or 1) - 1]} is over the {limit} bytes of COMPLIANCE_SOURCE_MAX_BYTES"
        ) from error
    finally:
        embedded.seal(parts)


class _Failures(logging.Handler):
    """Keeps what the pipeline says of stages that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.addFilter(logging.Filter("compliance.pipeline"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep log lines back: libraries talk through logging, and what fails is told by us.

    Gives the pipeline's own lines about stages that failed; those that are
    still in the list at the end are printed.
    """
    root, failures = logging.getLogger(), _Failures()
    kept = list(root.handlers)
    root.handlers = [failures]
    try:
        yield failures.lines
    finally:
        root.handlers = kept
        for line in failures.lines:
            typer.echo(summary.safe(line).plain, err=True)


def _refusal(row: RecordingRow, order: Order) -> ComplianceError:
    """The error for which a file was refused, as a sentence."""
    reason = row.reasons[0] if row.reasons else ComplianceError.reason
    number = next((found for each in row.reasons if (found := file_number(each))), 1)
    return (by_reason(reason) or ComplianceError)(f"{order.paths[number - 1]}: {meaning(reason)}")


def _offsets(given: list[int], count: int) -> tuple[int, ...]:
    """When each file begins.

    Raises:
        ArgumentInvalid: not one for each file, or so far apart that they are of no one call.
    """
    if given and max(given) - min(given) > LONGEST_APART_MS:
        raise ArgumentInvalid("the files of one call begin within a day")
    if given and len(given) != count:
        raise ArgumentInvalid(f"--offset-ms is given once for each file: {count} times, not {len(given)}")
    return tuple(given)


def _roles(given: str, *, most: int) -> tuple[Role, ...]:
    """Roles, by channel or by file.

    Raises:
        ArgumentInvalid: too many of them, or a word that is none.
    """
    names = [each.strip().lower() for each in given.split(",")]
    if len(names) > most or any(each not in set(Role) for each in names):
        raise ArgumentInvalid("--roles takes agent, caller or unknown, one a channel, as in agent,caller")
    return tuple(Role(each) for each in names)


def _parties(
    settings: Settings, roles: tuple[Role, ...], caller: str | None, business: str | None
) -> tuple[Party, ...]:
    """The two sides; a side whose number is not given stays out, and counts as unknown."""
    given = {Role.AGENT: business or settings.business_number, Role.CALLER: caller}
    return tuple(
        Party(
            role=role,
            number=require_number(number),
            channel=roles.index(role) if role in roles else None,
            joined_ms=None,
        )
        for role, number in given.items()
        if number
    )
