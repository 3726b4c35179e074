"""A file given by hand: the same stages in this process, with no server."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from compliance.audit import log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.errors import MediaError, SourceTooLarge
from compliance.intake.fetch import take
from compliance.intake.recording import Sealed, close
from compliance.intake.segments import is_playlist, take_listed
from compliance.parts import Parts
from compliance.pipeline import run_all
from compliance.records import AgentKind, Party, RecordingId, Role, Stage, State
from compliance.redact.profile import choose
from compliance.store import individuals, recordings, work
from compliance.store.recordings import RecordingRow

INTERRUPTED = "interrupted"
"""Why there is nothing of a recording whose user broke its run off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the user told about a file."""

    path: Path
    profile: str
    agent_kind: AgentKind
    roles: tuple[Role, ...]
    parties: tuple[Party, ...]


def process(parts: Parts, order: Order, actor: Actor, *, last: Stage = Stage.RELEASE) -> RecordingRow:
    """Take a file in and run every stage up to ``last``; how it ended.

    Raises:
        MediaError, SourceTooLarge: it cannot be opened, is empty or too large; nothing was kept of it.
        ArgumentInvalid: there is no such profile.
        KeyboardInterrupt: the user broke it off; nothing of it is kept.
    """
    choose(parts.profiles, order.profile)
    recording_id = RecordingId(f"rec_{uuid.uuid4().hex}")
    try:
        taken = take_listed if is_playlist(order.path) else take
        taken(recording_id, order.path, parts.vault, max_bytes=parts.settings.source_max_bytes)
    except (MediaError, SourceTooLarge) as error:
        parts.vault.destroy(recording_id)
        _reject(parts, recording_id, actor, error.reason)
        raise
    _register(parts, recording_id, order, actor)
    try:
        run_all(parts, recording_id, last=last)
    except KeyboardInterrupt:
        _abandon(parts, recording_id, actor)
        raise
    with parts.database.read() as connection:
        return recordings.get(connection, recording_id)


def _register(parts: Parts, recording_id: RecordingId, order: Order, actor: Actor) -> None:
    """The recording, its first stage planned, and the event of both."""
    now_ms = parts.now_ms()
    row = RecordingRow(
        id=recording_id,
        state=State.PROCESSING,
        stage=Stage.INTAKE,
        profile=order.profile,
        agent_kind=order.agent_kind,
        roles=order.roles,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
        sealed=close(Sealed(parties=order.parties), parts.key, recording_id),
    )
    received = event(
        EventKind.RECORDING_RECEIVED,
        recording_id=recording_id,
        key="received",
        occurred_at_ms=now_ms,
        actor=actor,
        origin="file",
        profile=order.profile,
    )
    with parts.database.begin() as connection:
        recordings.insert(connection, row)
        for party in order.parties:
            if party.role is Role.CALLER and party.number is not None:
                individuals.appear(
                    connection, individuals.pseudonym(connection, parts.key, party.number), recording_id
                )
        work.plan(connection, recording_id, Stage.INTAKE, now_ms)
        log.record(connection, received)


def _abandon(parts: Parts, recording_id: RecordingId, actor: Actor) -> None:
    """Keep nothing of a run that its user broke off; the file is still theirs, and can be given again."""
    now_ms = parts.now_ms()
    with parts.database.begin() as connection:
        work.forget(connection, recording_id, list(Stage))
        recordings.move(
            connection,
            recording_id,
            state=State.ABSENT,
            stage=None,
            reasons=(INTERRUPTED,),
            now_ms=now_ms,
        )
        log.record(connection, _rejected(recording_id, actor, INTERRUPTED, now_ms))
    parts.vault.destroy(recording_id)


def _reject(parts: Parts, recording_id: RecordingId, actor: Actor, reason: str) -> None:
    """The event of a file that was not even taken in."""
    told = _rejected(recording_id, actor, reason, parts.now_ms())
    with parts.database.begin() as connection:
        log.record(connection, told)


def _rejected(recording_id: RecordingId, actor: Actor, reason: str, now_ms: int) -> AuditEvent:
    return event(
        EventKind.FILE_REJECTED,
        recording_id=recording_id,
        key="rejected",
        occurred_at_ms=now_ms,
        actor=actor,
        outcome="failure",
        reason=reason,
    )
