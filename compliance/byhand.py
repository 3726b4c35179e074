"""A file, or the files of one call, given by hand: the same stages in this process, with no server."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from compliance.audit import log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.errors import MediaError, PlaylistInvalid, SourceTooLarge
from compliance.intake.fetch import source_name, take
from compliance.intake.files import CallFile
from compliance.intake.recording import Sealed, close
from compliance.intake.segments import is_playlist, take_listed
from compliance.parts import Parts
from compliance.pipeline import run_all
from compliance.records import AgentKind, Party, RecordingId, Role, Stage, State
from compliance.redact.profile import choose
from compliance.reels import naming
from compliance.store import individuals, recordings, work
from compliance.store.recordings import RecordingRow

INTERRUPTED = "interrupted"
"""Why there is nothing of a recording whose user broke its run off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the user told about a file, or about the files of one call."""

    path: Path
    """The file, or the first of them."""
    profile: str
    agent_kind: AgentKind
    roles: tuple[Role, ...]
    parties: tuple[Party, ...]
    more: tuple[Path, ...] = ()
    """The other files of the same call."""
    offsets_ms: tuple[int, ...] = ()
    """Where each file begins in the call, one for each or none; without, all begin together."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file, in order."""
        return (self.path, *self.more)

    @property
    def files(self) -> tuple[CallFile, ...]:
        """What is kept of several files; a single one needs no such list."""
        offsets_ms = self.offsets_ms or (0,) * len(self.paths)
        first_ms = min(offsets_ms)
        files = (CallFile(offset_ms=ms - first_ms) for ms, _ in zip(offsets_ms, self.paths, strict=True))
        return tuple(files) if self.more else ()


def process(parts: Parts, order: Order, actor: Actor, *, last: Stage = Stage.RELEASE) -> RecordingRow:
    """Take the files in and run every stage up to ``last``; how it ended.

    Raises:
        MediaError, SourceTooLarge: it cannot be opened, is empty or too large; nothing was kept of it.
        ArgumentInvalid: there is no such profile.
        KeyboardInterrupt: the user broke it off; nothing of it is kept.
    """
    choose(parts.profiles, order.profile)
    recording_id = RecordingId(f"rec_{uuid.uuid4().hex}")
    try:
        for index, path in enumerate(order.paths):
            _take(parts, recording_id, path, index, len(order.paths))
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


def _take(parts: Parts, recording_id: RecordingId, path: Path, index: int, count: int) -> None:
    """One file into the vault."""
    with naming(index, count):
        max_bytes = parts.settings.source_max_bytes
        if not is_playlist(path):
            take(recording_id, path, parts.vault, max_bytes=max_bytes, name=source_name(index))
        elif count > 1:
            raise PlaylistInvalid("a playlist is a call of its own, not one file of several")
        else:
            take_listed(recording_id, path, parts.vault, max_bytes=max_bytes)


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
        sealed=close(Sealed(parties=order.parties, files=order.files), parts.key, recording_id),
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
