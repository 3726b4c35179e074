"""Legal holds: a person orders that nothing of a recording be destroyed, and another ends that."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlalchemy import Connection

from compliance.audit.events import Actor, EventKind
from compliance.errors import ArgumentInvalid, StateConflict
from compliance.keeping.telling import tell, words
from compliance.parts import Parts
from compliance.records import State
from compliance.store import holds, payloads, recordings
from compliance.store.holds import HoldRow

LONGEST_MATTER = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold in force, with the name of its matter."""

    id: str
    recording_id: str
    placed_at_ms: int
    matter: str = field(repr=False)


def place(parts: Parts, recording_id: str, matter: str, actor: Actor) -> str:
    """Order that nothing of a recording be destroyed; the hold's id.

    The same matter holds a recording once: asked again, the hold that is there is given.

    Raises:
        RecordingUnknown: there is no recording of that id.
        StateConflict: it is destroyed already.
        ArgumentInvalid: the matter has no name, or one that is too long.
    """
    if not 0 < len(matter.strip()) <= LONGEST_MATTER:
        raise ArgumentInvalid(f"a matter has a name of 1 to {LONGEST_MATTER} characters")
    with parts.database.begin() as connection:
        if recordings.lock(connection, recording_id).state is State.DESTROYED:
            raise StateConflict(f"recording {recording_id} is destroyed; there is nothing to hold")
        there = [each for each in _named(connection, parts, recording_id) if each.matter == matter.strip()]
        return there[0].id if there else _place(connection, parts, recording_id, matter.strip(), actor)


def _place(connection: Connection, parts: Parts, recording_id: str, matter: str, actor: Actor) -> str:
    now_ms, hold_id = parts.now_ms(), f"hold_{secrets.token_hex(8)}"
    commitment = payloads.commit(
        connection, parts.key, {"matter": matter}, now_ms=now_ms, recording_id=recording_id
    )
    holds.place(
        connection, HoldRow(id=hold_id, recording_id=recording_id, matter=commitment, placed_at_ms=now_ms)
    )
    tell(
        connection,
        parts,
        EventKind.LEGAL_HOLD_PLACED,
        actor,
        recording_id=recording_id,
        hold_id=hold_id,
        matter_sha256=commitment,
    )
    return hold_id


def end(parts: Parts, recording_id: str, matter: str, actor: Actor, statement: str) -> int:
    """End a matter's hold on a recording; how many holds are left on it.

    Raises:
        StateConflict: that matter does not hold it.
        ArgumentInvalid: no reason was given.
    """
    with parts.database.begin() as connection:
        recordings.lock(connection, recording_id)
        found = _named(connection, parts, recording_id)
        ended = [each for each in found if each.matter == matter.strip()]
        if not ended:
            raise StateConflict(f"no hold of that matter is on {recording_id}")
        for each in ended:
            holds.release(connection, each.id, parts.now_ms())
            digest = words(connection, parts, statement, recording_id=recording_id)
            tell(
                connection,
                parts,
                EventKind.LEGAL_HOLD_RELEASED,
                actor,
                recording_id=recording_id,
                hold_id=each.id,
                statement_sha256=digest,
            )
        return len(found) - len(ended)


def in_force(parts: Parts, recording_id: str) -> list[Hold]:
    """The holds on a recording, with the names of their matters."""
    with parts.database.read() as connection:
        return _named(connection, parts, recording_id)


def _named(connection: Connection, parts: Parts, recording_id: str) -> list[Hold]:
    return [
        Hold(
            id=row.id,
            recording_id=row.recording_id,
            placed_at_ms=row.placed_at_ms,
            matter=payloads.read(connection, parts.key, row.matter).text("matter"),
        )
        for row in holds.of_recording(connection, recording_id)
    ]
