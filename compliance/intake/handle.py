"""From a row of the inbox to what it changes: a participant, a recording, work to be done.

Each row is handled in one transaction, with its audit events; the row is marked
first in it, so that of two processes that take the same row one does nothing.
"""

from __future__ import annotations

import json
import logging

from sqlalchemy import Connection

from compliance.audit import events as audit
from compliance.audit import log
from compliance.errors import TransientError
from compliance.intake import rooms
from compliance.intake.clues import clues_of, to_json
from compliance.intake.endings import outcome_of
from compliance.intake.events import (
    EgressEvent,
    Event,
    ParticipantEvent,
    Phase,
    parse,
    parse_room,
)
from compliance.intake.parties import e164
from compliance.intake.parts import IntakeParts
from compliance.intake.receive import ACTOR
from compliance.intake.settle import begin, end
from compliance.store import inbox, participants
from compliance.store.inbox import InboxRow
from compliance.store.participants import ParticipantRow
from compliance.store.seal import seal, unseal

_log = logging.getLogger(__name__)


def drain(parts: IntakeParts, *, now_ms: int, limit: int = 100) -> int:
    """Handle what waits in the inbox, in the order in which it came; how many rows were handled.

    A row that cannot be handled stays and is tried again the next time; it does
    not keep others waiting, and it is not forgotten.

    Raises:
        TransientError: the database did not answer; what was handled until then is kept.
    """
    with parts.database.read() as connection:
        rows = inbox.unhandled(connection, limit)
    count = sum(_handled_alone(row, parts, now_ms) for row in rows)
    _settle_overdue(parts, now_ms)
    return count


def _settle_overdue(parts: IntakeParts, now_ms: int) -> None:
    """Settle rooms that were waited for long enough; what cannot be settled is tried again."""
    try:
        rooms.settle_overdue(parts, now_ms=now_ms)
    except TransientError:
        raise
    except Exception as error:
        _log.error("a room could not be settled: %s", type(error).__name__)


def _handled_alone(row: InboxRow, parts: IntakeParts, now_ms: int) -> bool:
    try:
        with parts.database.begin() as connection:
            return handle(connection, row, parts, now_ms=now_ms)
    except TransientError:
        raise
    except Exception as error:
        # Its message may hold what the event holds, so only its type is named.
        _log.error("inbox row %s could not be handled: %s", row.event_id, type(error).__name__)
        return False


def handle(connection: Connection, row: InboxRow, parts: IntakeParts, *, now_ms: int) -> bool:
    """Do what one event asks for, in the caller's transaction; False if it had been done.

    Raises:
        SealBroken: the row's body is not what was put into the inbox.
    """
    body = json.loads(unseal(parts.key, row.body, row.event_id.encode("ascii")))
    event = parse(row.event, body) or parse_room(row.event, body)
    if not inbox.mark(connection, row.event_id, _outcome(event, parts), now_ms):
        return False
    if isinstance(event, ParticipantEvent):
        _note(connection, event, parts)
    elif isinstance(event, EgressEvent) and rooms.is_gathered(event, parts):
        rooms.note(connection, event, row, body["egressInfo"], parts, now_ms)
    elif isinstance(event, EgressEvent) and event.phase is Phase.ENDED:
        end(connection, event, row, body["egressInfo"], parts, now_ms)
    elif isinstance(event, EgressEvent) and event.phase is Phase.STARTED and event.egress_id:
        begin(connection, event, row, parts, now_ms)
    return True


def _outcome(event: Event | None, parts: IntakeParts) -> str:
    """What the row is marked with, for those who look into the inbox."""
    if isinstance(event, EgressEvent):
        return "noted" if rooms.is_gathered(event, parts) else outcome_of(event, parts.allowed)
    return "ignored" if event is None else "noted"


def _note(connection: Connection, event: ParticipantEvent, parts: IntakeParts) -> None:
    """Add the participant to its room; the number in clear only sealed, and as its person's pseudonym."""
    participants.save(connection, _row(connection, event, parts))
    kind = audit.EventKind.PARTICIPANT_LEFT if event.has_left else audit.EventKind.PARTICIPANT_JOINED
    log.record(
        connection,
        audit.event(
            kind,
            recording_id=None,
            key=f"{event.room_sid}:{event.participant_sid}",
            occurred_at_ms=event.at_ms,
            actor=ACTOR,
            participant_sid=event.participant_sid,
            participant_kind=event.kind.lower(),
            room_sid=event.room_sid,
        ),
    )


def _row(connection: Connection, event: ParticipantEvent, parts: IntakeParts) -> ParticipantRow:
    secret = {
        "number": event.number,
        "trunk_number": event.trunk_number,
        "identity": event.identity,
        "clues": to_json(clues_of(event.attributes, parts.place_attributes)),
    }
    sid = event.participant_sid
    return ParticipantRow(
        room_sid=event.room_sid,
        participant_sid=sid,
        kind=event.kind.lower(),
        joined_at_ms=event.joined_at_ms,
        left_at_ms=event.at_ms if event.has_left else None,
        sealed=seal(parts.key, json.dumps(secret).encode("ascii"), sid.encode("ascii")),
        lookup=None
        if event.number is None
        else parts.pseudonym(connection, e164(event.number) or event.number),
    )
