"""Carrying retention out: what is due is decided with its event, and destroyed until it is gone.

The decision and what it owes are one transaction; a crash after it loses
nothing, since the debt is paid by the next round.  A hold that was placed before
the decision stops it, as both take the recording's row; one that comes after it
stops what is still owed for as long as it lasts.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from compliance import tidy
from compliance.artifacts import media_of
from compliance.audit.events import EventKind
from compliance.duties.retention import OF_RECORDINGS, Thing, due
from compliance.errors import ComplianceError
from compliance.intake.fetch import is_source
from compliance.keeping import erase
from compliance.keeping.plan import Entry, Standing, plan
from compliance.keeping.telling import KEEPER, conflict, tell
from compliance.originals import source_digests
from compliance.parts import Parts
from compliance.records import RecordingId, Stage, State
from compliance.redact.hls import PLAYLIST
from compliance.release import COPIES_LEFT, MANIFEST
from compliance.store import debts, erasing, holds, inbox, payloads, recordings
from compliance.store.debts import DebtRow
from compliance.store.inbox import InboxRow

_log = logging.getLogger(__name__)

_OUTPUTS = (Thing.REDACTED_RECORDING, Thing.TRANSCRIPT, Thing.MANIFEST)
RETENTION = "retention"


def carry_out(parts: Parts) -> int:
    """Decide what is due, pay what is owed, and go on with erasures; how many things were destroyed."""
    erase.carry_on_all(parts)
    for entry in plan(parts):
        if entry.standing is Standing.DUE:
            _decide(parts, entry)
        elif entry.standing is Standing.CONTRADICTION:
            _contradiction(parts, entry)
    return _pay_all(parts) + _forget_webhooks(parts)


def _decide(parts: Parts, entry: Entry) -> None:
    """Owe a thing's destruction, unless somebody holds or moved the recording meanwhile."""
    with parts.database.begin() as connection:
        row = recordings.lock(connection, entry.recording_id)
        if row.state is not State.RELEASED or holds.of_recording(connection, row.id):
            return
        debt = DebtRow(recording_id=row.id, thing=entry.thing, decided_at_ms=parts.now_ms())
        if debts.decide(connection, debt):
            tell(
                connection,
                parts,
                EventKind.RETENTION_EXPIRED,
                KEEPER,
                recording_id=row.id,
                key=entry.thing,
                thing=entry.thing.value,
                clock=None if entry.due.clock is None else entry.due.clock.id,
                due_at_ms=entry.due.at_ms,
                policies={parts.retention.ref.file: parts.retention.ref.sha256},
            )


def _contradiction(parts: Parts, entry: Entry) -> None:
    with parts.database.begin() as connection:
        conflict(
            connection,
            parts,
            KEEPER,
            recording_id=entry.recording_id,
            thing=entry.thing.value,
            between=("least", "most"),
            decided="kept",
            key=parts.retention.ref.sha256,
        )


def _pay_all(parts: Parts) -> int:
    with parts.database.read() as connection:
        rows = debts.unpaid(connection)
    return sum(_paid(parts, row) for row in rows)


def _paid(parts: Parts, debt: DebtRow) -> bool:
    """Destroy a thing and say so; False if that failed, or a hold is on it now, and it is tried again."""
    try:
        if _is_held(parts, debt.recording_id):
            return False
        _destroy(parts, debt)
        with parts.database.begin() as connection:
            if debts.pay(connection, debt, parts.now_ms()):
                _told(connection, parts, debt)
        _end(parts, debt.recording_id)
    except ComplianceError as error:
        _log.warning("%s of %s is not destroyed yet: %s", debt.thing, debt.recording_id, error.reason)
        return False
    return True


def _is_held(parts: Parts, recording_id: str) -> bool:
    with parts.database.read() as connection:
        return bool(holds.of_recording(connection, recording_id))


def _destroy(parts: Parts, debt: DebtRow) -> None:
    """Remove the thing; nothing happens where it is gone."""
    if debt.thing == Thing.ORIGINAL:
        for name in [each for each in parts.vault.names(debt.recording_id) if is_source(each)]:
            parts.vault.delete(debt.recording_id, name)
        return
    for name in list(parts.outputs.names(f"{debt.recording_id}/")):
        if thing_of(name.rpartition("/")[2]) == debt.thing:
            parts.outputs.delete(name)


def thing_of(file: str) -> Thing:
    """What an output is."""
    if file == MANIFEST:
        return Thing.MANIFEST
    is_sound = media_of(file) is not None or file == PLAYLIST
    return Thing.REDACTED_RECORDING if is_sound else Thing.TRANSCRIPT


def _told(connection: Connection, parts: Parts, debt: DebtRow) -> None:
    """An original that is destroyed has an event of its own; the others were told when it was decided."""
    if debt.thing != Thing.ORIGINAL:
        return
    row = recordings.get(connection, debt.recording_id)
    tell(
        connection,
        parts,
        EventKind.SOURCE_DELETED,
        KEEPER,
        recording_id=row.id,
        key=RETENTION,
        objects=1,
        **source_digests(connection, row),
    )


def _end(parts: Parts, recording_id: str) -> None:
    """When nothing of a recording is left, it is destroyed: its vault, and what is sealed of it."""
    with parts.database.begin() as connection:
        row = recordings.lock(connection, recording_id)
        owed = debts.decided(connection)
        unpaid = {(each.recording_id, each.thing) for each in debts.unpaid(connection)}
        gone = {thing for thing in _OUTPUTS if (row.id, thing) in owed - unpaid}
        is_vaulted = (row.id, Thing.ORIGINAL) not in owed - unpaid and any(
            is_source(each) for each in parts.vault.names(row.id)
        )
        if row.state is not State.RELEASED or len(gone) < len(_OUTPUTS) or is_vaulted:
            return
        if holds.of_recording(connection, row.id):
            return
        recordings.move(
            connection,
            row.id,
            state=State.DESTROYED,
            stage=Stage.RELEASE,
            reasons=(COPIES_LEFT,),
            now_ms=parts.now_ms(),
            expected=(State.RELEASED,),
        )
        tell(
            connection,
            parts,
            EventKind.RECORDING_DESTROYED,
            KEEPER,
            recording_id=row.id,
            key=RETENTION,
            authority=RETENTION,
            reasons=[str(Thing(each)) for each in OF_RECORDINGS if (row.id, each) in owed],
        )
        rows = erasing.empty(connection, row)
        values = payloads.erase(connection, now_ms=parts.now_ms(), recording_id=row.id)
        tell(
            connection,
            parts,
            EventKind.PAYLOAD_ERASED,
            KEEPER,
            recording_id=row.id,
            key=RETENTION,
            subject="recording",
            rows=rows,
            payloads=values,
        )
    tidy.pay_or_leave(parts, RecordingId(recording_id))


def _forget_webhooks(parts: Parts) -> int:
    """Remove webhooks whose time is over, unless a recording of their room is under a legal hold."""
    with parts.database.begin() as connection:
        held = [recordings.get(connection, each) for each in holds.held(connection)]
        kept = {each.room_sid for each in held} | {each.egress_id for each in held}
        old = [
            each
            for each in inbox.handled(connection, before_ms=parts.now_ms())
            if _is_over(parts, each) and not {each.room_sid, each.egress_id} & (kept - {None})
        ]
        if not old:
            return 0
        count = inbox.remove(connection, [each.event_id for each in old])
        tell(
            connection,
            parts,
            EventKind.RETENTION_EXPIRED,
            KEEPER,
            key=f"{Thing.WEBHOOKS}:{old[0].event_id}",
            thing=Thing.WEBHOOKS.value,
            entries=count,
            policies={parts.retention.ref.file: parts.retention.ref.sha256},
        )
    return count


def _is_over(parts: Parts, row: InboxRow) -> bool:
    at_ms = due(parts.retention, Thing.WEBHOOKS, parts.settings.profile, row.received_at_ms).at_ms
    return at_ms is not None and at_ms <= parts.now_ms()
