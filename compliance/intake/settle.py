"""The recording of an egress: made when it starts, settled once when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from sqlalchemy import Connection

from compliance.audit import events as audit
from compliance.audit import log
from compliance.intake.endings import Absent, Ending, Fetch, FetchCall, Held, ending_of
from compliance.intake.events import EgressEvent, Phase, parse
from compliance.intake.parts import IntakeParts
from compliance.intake.receive import ACTOR
from compliance.intake.recording import Sealed, close, id_of, open_
from compliance.records import Stage, State
from compliance.store import recordings, work
from compliance.store.inbox import InboxRow
from compliance.store.recordings import RecordingRow


def begin(
    connection: Connection, event: EgressEvent, row: InboxRow, parts: IntakeParts, now_ms: int
) -> RecordingRow:
    """The recording of an egress, made if it is not there yet: its end may have come before its start."""
    made = RecordingRow(
        id=id_of(event, row.event_id),
        state=State.RECEIVED,
        stage=Stage.INTAKE,
        profile=parts.profile,
        agent_kind=parts.agent_kind,
        roles=event.roles,
        egress_id=event.egress_id,
        room_sid=event.room_sid,
        created_at_ms=row.received_at_ms,
        updated_at_ms=now_ms,
    )
    if recordings.insert(connection, made):
        received(connection, made, now_ms)
    return recordings.get(connection, made.id)


def end(
    connection: Connection,
    event: EgressEvent,
    row: InboxRow,
    info: Mapping[str, Any],
    parts: IntakeParts,
    now_ms: int,
) -> None:
    """Settle how an egress ended, once.

    A second end of the same egress counts only if the first left no file and
    this one brings it: what is being processed is not begun again.
    """
    found = begin(connection, event, row, parts, now_ms)
    ending = ending_of(event, parts.allowed)
    if found.state is State.RECEIVED or (
        found.state is State.ABSENT and isinstance(ending, Fetch | FetchCall)
    ):
        amend(connection, found, event, ending, info, parts, now_ms)
        settle(connection, found, event, ending, now_ms)


def reconsider(connection: Connection, recording_id: str, parts: IntakeParts, *, now_ms: int) -> State:
    """Decide a held or absent recording anew by the settings of today, from the event that ended it.

    The way out of ``object_not_allowed``: the bucket is put on the list, and the
    recording is retried.  Gives the state it is in afterwards; that of a
    recording which no webhook ended, or which is not waiting, does not change.

    Raises:
        RecordingUnknown: there is no recording of that id.
    """
    found = recordings.get(connection, recording_id)
    info = open_(found, parts.key).event
    if not info or found.state not in (State.HELD, State.ABSENT):
        return found.state
    event = parse(Phase.ENDED, {"egressInfo": info})
    assert isinstance(event, EgressEvent), "only the end of an egress is kept with a recording"
    ending = ending_of(event, parts.allowed)
    amend(connection, found, event, ending, info, parts, now_ms)
    settle(connection, found, event, ending, now_ms)
    return recordings.get(connection, recording_id).state


def amend(
    connection: Connection,
    found: RecordingRow,
    event: EgressEvent,
    ending: Ending,
    info: Mapping[str, Any],
    parts: IntakeParts,
    now_ms: int,
) -> None:
    """Add what the end told: when the first sample was taken, the channels, and where the objects are."""
    sealed, started_at_ms, roles = Sealed(event=dict(info)), None, event.roles
    if isinstance(ending, Fetch):
        sealed = Sealed(event=dict(info), source=ending.source, manifest=ending.manifest, live=ending.live)
        started_at_ms = ending.file.started_at_ms
    elif isinstance(ending, Held):
        sealed = Sealed(event=dict(info), files=ending.files)
    elif isinstance(ending, FetchCall):
        sealed = Sealed(event=dict(info), files=ending.files)
        # Two words for two sides of one file would be taken for those of two files.
        started_at_ms, roles = ending.started_at_ms, ()
    recordings.amend(
        connection,
        found.id,
        now_ms=now_ms,
        roles=roles,
        room_sid=event.room_sid,
        started_at_ms=started_at_ms,
        sources=tuple({"kind": kind, "bucket": each.bucket} for kind, each in sealed.sources),
        sealed=close(sealed, parts.key, found.id),
    )


def settle(
    connection: Connection, found: RecordingRow, event: EgressEvent, ending: Ending, now_ms: int
) -> None:
    """Put the recording where its ending leads, and plan the work where there is some."""
    match ending:
        case Fetch() | FetchCall():
            _move(connection, found, State.PROCESSING, (), now_ms)
            work.plan(connection, found.id, Stage.INTAKE, now_ms)
        case Held() as held:
            _move(connection, found, State.HELD, held.reasons, now_ms)
            _held(connection, found, held, now_ms)
        case Absent(reason=reason):
            _move(connection, found, State.ABSENT, (reason,), now_ms)
            _absent(connection, found, event, reason, now_ms)
        case _:
            assert_never(ending)


def _move(
    connection: Connection, found: RecordingRow, state: State, reasons: tuple[str, ...], now_ms: int
) -> None:
    recordings.move(
        connection,
        found.id,
        state=state,
        stage=Stage.INTAKE,
        reasons=reasons,
        now_ms=now_ms,
        expected=(found.state,),
    )


def received(connection: Connection, made: RecordingRow, now_ms: int) -> None:
    told = audit.event(
        audit.EventKind.RECORDING_RECEIVED,
        recording_id=made.id,
        key="received",
        occurred_at_ms=now_ms,
        actor=ACTOR,
        origin="webhook",
        profile=made.profile,
        egress_id=made.egress_id,
        room_sid=made.room_sid,
    )
    log.record(connection, told)


def _held(connection: Connection, found: RecordingRow, held: Held, now_ms: int) -> None:
    """One event each time it is held: a retry under the old settings is held again."""
    told = audit.event(
        audit.EventKind.RECORDING_HELD,
        recording_id=found.id,
        key=f"intake:{held.reason}:{now_ms}",
        occurred_at_ms=now_ms,
        actor=ACTOR,
        reason=held.reason,
        reasons=list(held.reasons),
        stage=Stage.INTAKE,
    )
    log.record(connection, told)


def _absent(
    connection: Connection, found: RecordingRow, event: EgressEvent, reason: str, now_ms: int
) -> None:
    told = audit.event(
        audit.EventKind.RECORDING_ABSENT,
        recording_id=found.id,
        key=f"{event.status}:{now_ms}",
        occurred_at_ms=now_ms,
        actor=ACTOR,
        outcome="failure",
        reason=reason,
        status=event.status.lower(),
        egress_id=event.egress_id,
    )
    log.record(connection, told)
