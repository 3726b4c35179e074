"""The table of participants: who was in a room, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from compliance.store.database import upsert, values_of
from compliance.store.schema import participants


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow:
    """One participant of one room; None where it is not known."""

    room_sid: str
    participant_sid: str
    kind: str | None = None
    """LiveKit's kind in lower case: sip, agent, standard, egress."""
    joined_at_ms: int | None = None
    left_at_ms: int | None = None
    sealed: bytes | None = field(default=None, repr=False)
    """JSON of number, trunk number and identity, by ``seal.seal`` with the participant sid as context."""
    lookup: str | None = field(default=None, repr=False)
    """``individuals.pseudonym`` of the number."""


def save(connection: Connection, row: ParticipantRow) -> None:
    """Add what is known of a participant to what was known; a fact once known stays.

    Webhooks come in any order and more than once, so a leave may precede its join.
    """
    statement = upsert(connection, participants).values(**values_of(row, participants))
    learnt = {
        name: func.coalesce(participants.c[name], statement.excluded[name])
        for name in ("kind", "joined_at_ms", "left_at_ms", "sealed", "lookup")
    }
    keys = ["room_sid", "participant_sid"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=learnt))


def of_room(connection: Connection, room_sid: str) -> list[ParticipantRow]:
    """Everyone who was in the room, in the order in which they joined."""
    statement = (
        select(participants)
        .where(participants.c.room_sid == room_sid)
        .order_by(participants.c.joined_at_ms, participants.c.participant_sid)
    )
    return [ParticipantRow(**row._mapping) for row in connection.execute(statement)]


def by_lookup(connection: Connection, lookup: str) -> list[ParticipantRow]:
    """Every appearance of the person of that pseudonym."""
    statement = (
        select(participants)
        .where(participants.c.lookup == lookup)
        .order_by(participants.c.joined_at_ms, participants.c.participant_sid)
    )
    return [ParticipantRow(**row._mapping) for row in connection.execute(statement)]
