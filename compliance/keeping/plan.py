"""What goes when: of each recording each thing, by which clock, and what keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from compliance.duties.retention import OF_RECORDINGS, Due, Thing, due
from compliance.originals import found_authentication_data
from compliance.parts import Parts
from compliance.records import Originals, RecordingId, State
from compliance.redact.profile import Profile
from compliance.store import debts, holds, recordings
from compliance.store.recordings import RecordingRow

_PAGE = 500


class Standing(StrEnum):
    """How a thing stands."""

    DUE = "due"
    """Its time is over; it goes with the next round."""
    WAITING = "waiting"
    """It goes at the time told."""
    KEPT = "kept"
    """It stays until a person decides."""
    LEGAL_HOLD = "legal_hold"
    CONTRADICTION = "contradiction"
    """It must stay longer than it may; a person decides."""
    OWED = "owed"
    """Its destruction is decided and not done yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing of one recording."""

    recording_id: RecordingId
    profile: str
    thing: Thing
    came_at_ms: int
    due: Due
    standing: Standing


def plan(parts: Parts) -> Iterator[Entry]:
    """Every thing of every released recording that is still there, newest recording first."""
    after: str | None = None
    while True:
        with parts.database.read() as connection:
            rows = recordings.page(connection, state=State.RELEASED, after=after, limit=_PAGE)
            held, decided = set(holds.held(connection)), debts.decided(connection)
            paid = decided - {(each.recording_id, each.thing) for each in debts.unpaid(connection)}
            entries = [
                each
                for row in rows
                for each in entries_of(connection, parts, row, row.id in held, decided)
                if (row.id, each.thing.value) not in paid
            ]
        yield from entries
        if len(rows) < _PAGE:
            return
        after = rows[-1].id


def entries_of(
    connection: Connection, parts: Parts, row: RecordingRow, is_held: bool, decided: set[tuple[str, str]]
) -> Iterator[Entry]:
    """The things of one released recording."""
    profile = parts.profiles.get(row.profile)
    for thing in OF_RECORDINGS:
        if thing is Thing.ORIGINAL and not _has_original(connection, row, profile):
            continue
        when = due(parts.retention, thing, row.profile, row.created_at_ms)
        is_decided = (row.id, thing.value) in decided
        yield Entry(
            recording_id=row.id,
            profile=row.profile,
            thing=thing,
            came_at_ms=row.created_at_ms,
            due=when,
            standing=_standing(when, parts.now_ms(), is_held=is_held, is_decided=is_decided),
        )


def _has_original(connection: Connection, row: RecordingRow, profile: Profile | None) -> bool:
    """Whether the original lies in the vault: the profile keeps it, and no code or PIN was found in it."""
    if profile is None or profile.originals is not Originals.VAULT or not row.sources:
        return False
    return not found_authentication_data(connection, row.id)


def _standing(when: Due, now_ms: int, *, is_held: bool, is_decided: bool) -> Standing:
    if is_decided:
        return Standing.OWED
    if is_held:
        return Standing.LEGAL_HOLD
    if when.is_contradiction:
        return Standing.CONTRADICTION
    if when.at_ms is None:
        return Standing.KEPT
    return Standing.DUE if when.at_ms <= now_ms else Standing.WAITING
