"""The egresses of one room as one call: which there are, whether all are over, and what follows then.

LiveKit promises no order between the events of a room and those of its egresses, and may lose
any.  So nothing is kept of a room but the events themselves: what is known of it is read from
the inbox anew each time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from compliance.intake.endings import (
    SEGMENTS_NOT_SUPPORTED,
    Absent,
    Ending,
    FetchCall,
    Held,
    ending_of,
    fetch_call,
    loss_of,
)
from compliance.intake.events import EgressEvent, EgressFile, Phase, RoomEvent, parse, parse_room
from compliance.intake.parts import IntakeParts
from compliance.intake.recording import Sealed, close, id_of_room, open_
from compliance.intake.settle import amend, begin, received, settle
from compliance.intake.several import Told, known_files
from compliance.records import RecordingId, Role, Stage, State
from compliance.store import inbox, participants, recordings
from compliance.store.inbox import InboxRow
from compliance.store.recordings import RecordingRow
from compliance.store.seal import unseal

GATHERED = ("participant", "trackComposite", "track")
"""Requests that record one person; the others record the whole room by themselves."""
EGRESS_UNFINISHED = "egress_unfinished"
LATE_FOR_CALL = "late_for_call"
GRACE_MS = 40_000
"""LiveKit drops an event that has waited for 30 s, so by then whatever was under way has come."""
LONGEST_MS = 24 * 3_600_000
"""A room of which nothing was heard for so long is over, whatever is missing."""
_CALLERS = frozenset({"sip", "standard", "connector", "bridge"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One egress of a room."""

    id: str
    """Its own id, or that of the event which says that it was never launched."""
    event: EgressEvent
    """Its end where that was told, else its start."""

    @property
    def file(self) -> EgressFile | None:
        """The file it left, or the first of what it names."""
        return next(iter((*self.event.usable, *self.event.files)), None)

    @property
    def start_ms(self) -> int | None:
        """When its file began."""
        return self.file.started_at_ms if self.file else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the inbox knows of a room."""

    members: tuple[Member, ...]
    """In the order in which their files began; those that have none, as they were heard of, come last."""
    is_over: bool
    last_ms: int
    """When something was heard of it last."""
    publishers: Mapping[str, str] = field(default_factory=dict)
    """Who published each track."""

    @property
    def waiting(self) -> int | None:
        """The number of the first egress that has not ended, counted from 1."""
        return _first(self, lambda each: each.event.phase is not Phase.ENDED)

    def is_settled(self, quiet_ms: int, wait_ms: int) -> bool:
        """Whether nothing more is waited for, as nothing was heard of it for ``quiet_ms``.

        All its egresses have ended, and so has the room: then only what may have been overtaken
        by that.  If one of the two is missing, it is waited for; if both are, the call may well go on.
        """
        is_all = self.waiting is None
        if is_all and self.is_over:
            return quiet_ms >= GRACE_MS
        return quiet_ms >= (wait_ms if is_all or self.is_over else LONGEST_MS)


def _first(room: Room, fails: Callable[[Member], object]) -> int | None:
    return next((number for number, each in enumerate(room.members, 1) if fails(each)), None)


def is_gathered(event: EgressEvent, parts: IntakeParts) -> bool:
    """Whether an egress is one of several that make a call."""
    return parts.gathers_rooms and event.request in GATHERED and event.room_sid is not None


def look(connection: Connection, room_sid: str, parts: IntakeParts) -> Room:
    """What is known of a room now."""
    found: dict[str, Member] = {}
    publishers: dict[str, str] = {}
    is_over, last_ms = False, 0
    for row, body in _bodies(connection, room_sid, parts):
        event = parse(row.event, body) or parse_room(row.event, body)
        if isinstance(event, EgressEvent) and event.request in GATHERED:
            member = Member(id=event.egress_id or row.event_id, event=event)
            found[member.id] = _newer(found.get(member.id), member)
        elif isinstance(event, RoomEvent):
            is_over = is_over or event.is_over
            if event.track_sid and event.participant_sid:
                publishers[event.track_sid] = event.participant_sid
        else:
            continue
        last_ms = max(last_ms, row.received_at_ms)
    members = sorted(found.values(), key=lambda each: (each.start_ms is None, each.start_ms or 0))
    return Room(members=tuple(members), is_over=is_over, last_ms=last_ms, publishers=publishers)


def _bodies(
    connection: Connection, room_sid: str, parts: IntakeParts
) -> Iterator[tuple[InboxRow, dict[str, Any]]]:
    for row in inbox.of_room(connection, room_sid):
        if row.body:  # else it was erased
            yield row, json.loads(unseal(parts.key, row.body, row.event_id.encode("ascii")))


def _newer(known: Member | None, told: Member) -> Member:
    """Of two events of one egress its end, and of two ends the one that brings a file."""
    if known is None or known.event.phase is not Phase.ENDED:
        return told
    return told if told.event.phase is Phase.ENDED and not known.event.usable else known


def decide(room: Room, parts: IntakeParts) -> Ending:
    """What follows from a room that is waited for no longer; one file that is missing holds the call.

    (1) An egress that never ended may still bring a file.  (2) One that ended without a file has lost
    what its participant said.  (3) Where none left a file, nothing was recorded.
    """
    told: list[Told] = [(each.event, each.file) for each in room.members if each.file and each.event.usable]
    known = known_files(told, parts.allowed)
    # (1)
    if room.waiting is not None:
        return Held(reason=EGRESS_UNFINISHED, file=room.waiting, files=known)
    # (3)
    if not told and room.members:
        return Absent(reason=loss_of(room.members[0].event))
    # (2)
    if (number := _first(room, lambda each: each.event.segments)) is not None:
        return Held(reason=SEGMENTS_NOT_SUPPORTED, file=number, files=known)
    if (number := _first(room, lambda each: not each.event.usable)) is not None:
        return Held(reason=loss_of(room.members[number - 1].event), file=number, files=known)
    return fetch_call([(e.event, file) for e in room.members for file in e.event.usable], parts.allowed)


def note(
    connection: Connection,
    event: EgressEvent,
    row: InboxRow,
    info: Mapping[str, Any],
    parts: IntakeParts,
    now_ms: int,
) -> None:
    """Take in the start or the end of an egress of a room; the room is settled by ``settle_overdue``.

    One that comes when the call was settled without it is held by itself: it is never left out silently.
    """
    assert event.room_sid is not None, "only egresses of a room are gathered"
    found = _begin(connection, event.room_sid, row, parts, now_ms)
    is_late = found.state is not State.RECEIVED and event.phase is Phase.ENDED
    if is_late and not _is_in(found, event, row, parts):
        _hold_late(connection, event, row, info, parts, now_ms)


def _begin(
    connection: Connection, room_sid: str, row: InboxRow, parts: IntakeParts, now_ms: int
) -> RecordingRow:
    made = RecordingRow(
        id=id_of_room(room_sid),
        state=State.RECEIVED,
        stage=Stage.INTAKE,
        profile=parts.profile,
        agent_kind=parts.agent_kind,
        room_sid=room_sid,
        created_at_ms=row.received_at_ms,
        updated_at_ms=now_ms,
    )
    if recordings.insert(connection, made):
        received(connection, made, now_ms)
    return recordings.get(connection, made.id)


def _is_in(found: RecordingRow, event: EgressEvent, row: InboxRow, parts: IntakeParts) -> bool:
    return (event.egress_id or row.event_id) in open_(found, parts.key).members


def _hold_late(
    connection: Connection,
    event: EgressEvent,
    row: InboxRow,
    info: Mapping[str, Any],
    parts: IntakeParts,
    now_ms: int,
) -> None:
    own = begin(connection, event, row, parts, now_ms)
    if own.state is not State.RECEIVED:
        return
    ending = ending_of(event, parts.allowed)
    amend(connection, own, event, ending, info, parts, now_ms)
    is_lost = isinstance(ending, Absent)
    settle(connection, own, event, ending if is_lost else Held(reason=LATE_FOR_CALL), now_ms)


def _settle(connection: Connection, found: RecordingRow, room: Room, parts: IntakeParts, now_ms: int) -> None:
    """Put the call where what is known of its room leads; once, whoever else looks at it."""
    if not room.members or found.state not in (State.RECEIVED, State.HELD, State.ABSENT):
        return
    ending = decide(room, parts)
    is_call = isinstance(ending, FetchCall)
    files = ending.files if isinstance(ending, FetchCall | Held) else ()
    sealed = Sealed(files=files, members=tuple(each.id for each in room.members))
    recordings.amend(
        connection,
        found.id,
        now_ms=now_ms,
        roles=_roles(connection, room, found.room_sid, parts) if is_call else (),
        started_at_ms=ending.started_at_ms if isinstance(ending, FetchCall) else None,
        sources=tuple({"kind": kind, "bucket": each.bucket} for kind, each in sealed.sources),
        sealed=close(sealed, parts.key, found.id),
    )
    settle(connection, found, room.members[0].event, ending, now_ms)


def _roles(connection: Connection, room: Room, room_sid: str | None, parts: IntakeParts) -> tuple[Role, ...]:
    """Who speaks in each file, by who published what it records."""
    people = participants.of_room(connection, room_sid) if room_sid else []
    kinds = {each.participant_sid: each.kind for each in people}
    named = {
        json.loads(unseal(parts.key, each.sealed, each.participant_sid.encode("ascii")))[
            "identity"
        ]: each.kind
        for each in people
        if each.sealed
    }
    return tuple(
        _role(named.get(e.identity) or kinds.get(room.publishers.get(e.track_sid or "", "")))
        for e in (each.event for each in room.members)
        for _ in e.usable
    )


def _role(kind: str | None) -> Role:
    if kind == "agent":
        return Role.AGENT
    return Role.CALLER if kind in _CALLERS else Role.UNKNOWN


def settle_overdue(parts: IntakeParts, *, now_ms: int) -> None:
    """Settle the rooms of which nothing more is waited for, each in a transaction of its own."""
    if not parts.gathers_rooms:
        return
    with parts.database.read() as connection:
        waiting = recordings.gathering(connection)
    for each in waiting:
        with parts.database.begin() as connection:
            _look_after(connection, each, parts, now_ms)


def _look_after(connection: Connection, found: RecordingRow, parts: IntakeParts, now_ms: int) -> None:
    assert found.room_sid is not None, "only recordings of rooms are gathered"
    room = look(connection, found.room_sid, parts)
    if room.is_settled(now_ms - room.last_ms, parts.room_wait_ms):
        _settle(connection, found, room, parts, now_ms)


def reconsider(
    connection: Connection, recording_id: RecordingId, parts: IntakeParts, *, now_ms: int
) -> State:
    """Decide a held or absent call anew from what is known of its room today, late files included."""
    found = recordings.get(connection, recording_id)
    if found.room_sid is not None:
        _settle(connection, found, look(connection, found.room_sid, parts), parts, now_ms)
    return recordings.get(connection, recording_id).state
