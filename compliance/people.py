"""What a person decides about a held recording: release it, destroy it, or try again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Connection

from compliance import release, tidy
from compliance.artifacts import MEDIA
from compliance.audit import log
from compliance.audit.events import Actor, EventKind, event
from compliance.errors import ArgumentInvalid, StateConflict, UnderHold
from compliance.intake import rooms
from compliance.intake.fetch import source_name
from compliance.intake.recording import files_of, open_
from compliance.intake.settle import reconsider
from compliance.manifest import plain
from compliance.parts import Parts
from compliance.records import Decision, Output, RecordingId, Release, Stage, State
from compliance.release import MANIFEST, OUTPUTS, Written
from compliance.run import Run, begin
from compliance.store import holds, recordings, work

STATEMENTS = "statements"
"""The vault's place for people's own words, under their digest; it outlives the recordings."""
BY_PERSON = "released_by_person"


def release_held(parts: Parts, recording_id: RecordingId, actor: Actor, statement: str) -> None:
    """Release the redacted form of a held recording, as it was verified, on a person's word.

    Raises:
        StateConflict: it is not held, or was held before anything was redacted.
        ArgumentInvalid: no reason was given.
    """
    run = _held(parts, recording_id)
    digest = keep(parts, statement)
    outputs = _outputs(run, actor)
    release.publish(run, outputs)
    with parts.database.begin() as connection:
        _move(connection, run, State.PROCESSING)
        reasons = run.row.reasons
        _told(
            connection, run, actor, EventKind.PERSON_RELEASED, statement_sha256=digest, reasons=list(reasons)
        )
        release.commit_released(connection, run, outputs, (BY_PERSON, *reasons))
    tidy.pay_or_leave(parts, recording_id)


def destroy_held(parts: Parts, recording_id: RecordingId, actor: Actor, statement: str) -> None:
    """Destroy a recording: vault, source and outputs.

    The decision is written down first, with what it owes; what cannot be
    destroyed at once is destroyed by the sweeper.

    Raises:
        StateConflict: it is being processed, or gone already.
        UnderHold: a legal hold forbids it.
        ArgumentInvalid: no reason was given.
    """
    run = begin(parts, recording_id, Stage.RELEASE, 1)
    was = run.row.state
    if was not in (State.HELD, State.RELEASED, State.ABSENT):
        raise StateConflict(
            f"recording {recording_id} is {was}; only a held or released one can be destroyed"
        )
    digest = keep(parts, statement)
    with parts.database.begin() as connection:
        reasons = list(run.row.reasons)
        _told(connection, run, actor, EventKind.PERSON_DESTROYED, statement_sha256=digest, reasons=reasons)
        release.commit_destroyed(connection, run, authority="person", expected=(was,))
        if holds.of_recording(connection, recording_id):
            raise UnderHold(f"a legal hold is on {recording_id}: compliance recordings unhold ends it")
    tidy.pay_or_leave(parts, recording_id)


def retry_held(parts: Parts, recording_id: RecordingId, actor: Actor, statement: str = "") -> State:
    """Send a held recording through all its stages again, with the settings and policies of today.

    One that came by webhook is decided anew from the event that ended it, and
    fetched again; of a file given by hand the vault's copy is used.

    Raises:
        StateConflict: it is not held, or was given by hand and no copy of it is left.
    """
    run = _held(parts, recording_id)
    sealed = open_(run.row, parts.key)
    is_by_hand = not (sealed.event or sealed.members)
    wanted = {source_name(index) for index in range(len(files_of(sealed)))}
    if is_by_hand and not wanted <= set(parts.vault.names(run.id)):
        raise StateConflict(f"nothing is left of {recording_id} to try again with; process the file anew")
    digest = keep(parts, statement) if statement else None
    with parts.database.begin() as connection:
        work.forget(connection, recording_id, list(Stage))
        stage = str(Stage.INTAKE)
        _told(connection, run, actor, EventKind.PERSON_RETRIED, stage=stage, statement_sha256=digest)
        if not is_by_hand:
            again = rooms.reconsider if sealed.members else reconsider
            return again(connection, recording_id, parts.intake, now_ms=parts.now_ms())
        _move(connection, run, State.PROCESSING, stage=Stage.INTAKE)
        work.plan(connection, recording_id, Stage.INTAKE, parts.now_ms())
    return State.PROCESSING


def _move(
    connection: Connection,
    run: Run,
    state: State,
    *,
    stage: Stage = Stage.RELEASE,
) -> None:
    """Move a recording on from where this person saw it.

    Raises:
        StateConflict: it is no longer there; somebody else decided first.
    """
    now_ms, was = run.parts.now_ms(), (run.row.state,)
    recordings.move(connection, run.id, state=state, stage=stage, reasons=(), now_ms=now_ms, expected=was)


def _held(parts: Parts, recording_id: RecordingId) -> Run:
    """The run of a held recording."""
    run = begin(parts, recording_id, Stage.RELEASE, 1)
    if run.row.state is not State.HELD:
        raise StateConflict(f"recording {recording_id} is {run.row.state}, not held")
    return run


def keep(parts: Parts, statement: str) -> str:
    """A person's own words into the vault; only their digest goes into the log."""
    if not statement.strip():
        raise ArgumentInvalid("a reason must be given")
    body = statement.strip().encode()
    digest = hashlib.sha256(body).hexdigest()
    parts.vault.put(STATEMENTS, digest, body)
    return digest


def _outputs(run: Run, actor: Actor) -> tuple[Output, ...]:
    """The files of a held recording, its manifest saying now that it is released."""
    vault = run.parts.vault
    names = set(vault.names(run.id))
    if f"{OUTPUTS}{MANIFEST}" not in names or MEDIA not in names:
        raise StateConflict(f"{run.id} was held before it was redacted; retry or destroy it")
    document: dict[str, Any] = json.loads(vault.get(run.id, OUTPUTS + MANIFEST))
    if not document["outputs"]:
        raise StateConflict(
            f"the profile of {run.id} keeps no redacted files of held recordings; retry or destroy it"
        )
    released = Release(
        decision=Decision.RELEASED,
        reasons=(BY_PERSON, *run.row.reasons),
        by=actor.id,
        searched=tuple(document["release"]["searched"]),
    )
    document["release"] = plain(released)
    made: Written = release.written(MANIFEST, release.as_json(document).encode())
    vault.put(run.id, OUTPUTS + MANIFEST, made.body or b"")
    outputs = tuple(Output(file=each["file"], sha256=each["sha256"]) for each in document["outputs"])
    return (*outputs, made.output)


def _told(connection: Connection, run: Run, actor: Actor, kind: EventKind, **fields: Any) -> None:
    """The event of a person's act; each act is one."""
    now_ms = run.parts.now_ms()
    told = event(
        kind, recording_id=run.id, key=f"{kind}:{now_ms}", occurred_at_ms=now_ms, actor=actor, **fields
    )
    log.record(connection, told)
