"""Erasure: what leads to a person or a recording is destroyed, and the log still proves what it held.

An erasure is written down before anything is destroyed, and carried on until it
is done, by whoever comes next should this process die.  One that a legal hold
or a law forbids waits for a person: it is neither dropped nor done.
"""

from __future__ import annotations

import logging
import secrets

from sqlalchemy import Connection

from compliance import tidy
from compliance.audit.events import Actor, EventKind
from compliance.duties.retention import Thing, due
from compliance.errors import ComplianceError, DutyToKeep, IndividualUnknown, StateConflict, UnderHold
from compliance.keeping.telling import KEEPER, conflict, tell, words
from compliance.originals import HOLD
from compliance.parts import Parts
from compliance.records import RecordingId, Stage, State
from compliance.release import COPIES_LEFT, NOT_DESTROYED
from compliance.store import consent, debts, erasing, holds, individuals, payloads, recordings
from compliance.store.debts import ErasureRow
from compliance.store.recordings import RecordingRow

_log = logging.getLogger(__name__)

DUTY = DutyToKeep.reason
ERASURE = "erasure"
UNDER_HEALTH_LAW = "hipaa-accounting"
"""Disclosures of health information go by the clocks of the profiles ``hipaa-*``."""
_ENDED = (State.HELD, State.RELEASED, State.ABSENT, State.DESTROYED)


def erase_recording(parts: Parts, recording_id: RecordingId, actor: Actor, statement: str) -> bool:
    """Erase a recording and all that is sealed of it; False if some of it cannot be destroyed yet.

    Raises:
        StateConflict: it is being processed.
        UnderHold: a legal hold forbids it; the erasure waits until that ends.
        ArgumentInvalid: no reason was given.
    """
    with parts.database.begin() as connection:
        row = recordings.lock(connection, recording_id)
        if row.state not in _ENDED:
            raise StateConflict(f"recording {recording_id} is {row.state}; wait until it is done")
        asked = _pending(connection, recording_id=recording_id) or _ask(
            connection, parts, actor, statement, recording_id=recording_id
        )
    if not carry_on(parts, asked):
        _refuse_if_held(parts, recording_id)
        return False
    return True


def erase_person(
    parts: Parts, number: str, actor: Actor, statement: str, *, despite_duties: bool = False
) -> int:
    """Erase all that leads to a person: their recordings, and the salt of their pseudonym.

    Gives how many of their recordings cannot be erased yet; 0 if all is done.

    Raises:
        IndividualUnknown: nothing is known of them.
        DutyToKeep: disclosures about them must still be accounted for; a person decides (``despite_duties``).
        ArgumentInvalid: no reason was given.
    """
    with parts.database.begin() as connection:
        individual = _individual(connection, parts, number)
        asked = _pending(connection, individual=individual) or _ask(
            connection, parts, actor, statement, individual=individual
        )
        must_stay = not despite_duties and _must_account(connection, parts, individual)
        if must_stay:
            _block(connection, parts, asked, DUTY, decided="kept")
        else:
            debts.block(connection, asked.id, None)
    if must_stay:
        raise DutyToKeep("disclosures about this person must be accounted for; the erasure waits")
    _carry_on_person(parts, asked)
    return 0 if _is_done(parts, asked) else len(_left(parts, individual))


def carry_on_all(parts: Parts) -> int:
    """Carry on with every erasure that is not done; how many were finished now."""
    with parts.database.read() as connection:
        rows = debts.unfinished(connection)
    return sum(carry_on(parts, row) for row in rows)


def carry_on(parts: Parts, asked: ErasureRow) -> bool:
    """Go on with an erasure; whether it is done."""
    if asked.recording_id is not None:
        return _carry_on_recording(parts, asked, asked.recording_id)
    if asked.blocked_by == DUTY and _is_bound(parts, asked):
        return False
    return _carry_on_person(parts, asked)


def _carry_on_recording(parts: Parts, asked: ErasureRow, recording_id: str) -> bool:
    if not _destroyed(parts, asked, recording_id):
        return False
    with parts.database.begin() as connection:
        rows, values = _emptied(connection, parts, recording_id)
        if debts.finish(connection, asked.id, parts.now_ms()):
            _told(connection, parts, asked, recording_id=recording_id, rows=rows, payloads=values)
    parts.database.scrub()
    return True


def _carry_on_person(parts: Parts, asked: ErasureRow) -> bool:
    assert asked.individual is not None, "an erasure is of a recording or of an individual"
    with parts.database.read() as connection:
        ids = individuals.recordings_of(connection, asked.individual)
    left = [each for each in ids if not _destroyed(parts, asked, each)]
    if left:
        return False
    with parts.database.begin() as connection:
        counts = [_emptied(connection, parts, each) for each in ids]
        values = payloads.erase(connection, now_ms=parts.now_ms(), individual=asked.individual)
        rows = individuals.forget(connection, asked.individual)
        if debts.finish(connection, asked.id, parts.now_ms()):
            _told(
                connection,
                parts,
                asked,
                recordings=len(ids),
                rows=rows + sum(each[0] for each in counts),
                payloads=values + sum(each[1] for each in counts),
            )
    parts.database.scrub()
    return True


def _destroyed(parts: Parts, asked: ErasureRow, recording_id: str) -> bool:
    """Destroy a recording's source, vault and outputs; False if a hold forbids it, or a store refuses."""
    with parts.database.begin() as connection:
        row = recordings.lock(connection, recording_id)
        if row.state not in _ENDED:
            return False
        if holds.of_recording(connection, recording_id):
            _block(connection, parts, asked, HOLD, decided="kept", recording_id=recording_id)
            return False
        if row.state is not State.DESTROYED:
            _move(connection, parts, row)
    try:
        return tidy.pay(parts, RecordingId(recording_id))
    except ComplianceError as error:
        _log.warning("%s is not erased yet: %s", recording_id, error.reason)
        return False  # what is owed stays written down


def _move(connection: Connection, parts: Parts, row: RecordingRow) -> None:
    """The decision, with what it owes."""
    owed = (NOT_DESTROYED, COPIES_LEFT) if row.sources else (COPIES_LEFT,)
    recordings.move(
        connection,
        row.id,
        state=State.DESTROYED,
        stage=Stage.RELEASE,
        reasons=owed,
        now_ms=parts.now_ms(),
        expected=(row.state,),
    )
    tell(
        connection,
        parts,
        EventKind.RECORDING_DESTROYED,
        KEEPER,
        recording_id=row.id,
        authority="person",
        reasons=[ERASURE],
    )


def _emptied(connection: Connection, parts: Parts, recording_id: str) -> tuple[int, int]:
    """Empty what is sealed of a recording; how many rows, and how many values that events commit to."""
    rows = erasing.empty(connection, recordings.lock(connection, recording_id))
    rows += consent.forget(connection, recording_id)
    return rows, payloads.erase(connection, now_ms=parts.now_ms(), recording_id=recording_id)


def _told(
    connection: Connection,
    parts: Parts,
    asked: ErasureRow,
    *,
    rows: int,
    payloads: int,
    recording_id: str | None = None,
    recordings: int | None = None,
) -> None:
    tell(
        connection,
        parts,
        EventKind.PAYLOAD_ERASED,
        KEEPER,
        recording_id=recording_id,
        key=asked.id,
        erasure_id=asked.id,
        subject="recording" if recording_id else "individual",
        individual=asked.individual,
        recordings=recordings,
        payloads=payloads,
        rows=rows,
    )


def _ask(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    statement: str,
    *,
    recording_id: str | None = None,
    individual: str | None = None,
) -> ErasureRow:
    """Write down that an erasure was asked for, by whom and why."""
    row = ErasureRow(
        id=f"erasure_{secrets.token_hex(8)}",
        recording_id=recording_id,
        individual=individual,
        actor=actor.id,
        actor_role=actor.role,
        requested_at_ms=parts.now_ms(),
    )
    debts.ask(connection, row)
    digest = words(connection, parts, statement)
    tell(
        connection,
        parts,
        EventKind.ERASURE_REQUESTED,
        actor,
        recording_id=recording_id,
        erasure_id=row.id,
        subject="recording" if recording_id else "individual",
        individual=individual,
        statement_sha256=digest,
    )
    return row


def _pending(
    connection: Connection, *, recording_id: str | None = None, individual: str | None = None
) -> ErasureRow | None:
    """The erasure that was asked for already and is not done."""
    wanted = (recording_id, individual)
    rows = debts.unfinished(connection)
    return next((each for each in rows if (each.recording_id, each.individual) == wanted), None)


def _block(
    connection: Connection,
    parts: Parts,
    asked: ErasureRow,
    reason: str,
    *,
    decided: str,
    recording_id: str | None = None,
) -> None:
    """Let an erasure wait for a person, and say so once."""
    debts.block(connection, asked.id, reason)
    conflict(
        connection,
        parts,
        KEEPER,
        recording_id=recording_id,
        thing="recording" if recording_id else "individual",
        between=(reason, ERASURE),
        decided=decided,
        key=asked.id,
    )


def _individual(connection: Connection, parts: Parts, number: str) -> str:
    """The person's pseudonym; rows from before there were salts get it now.

    Raises:
        IndividualUnknown: nothing is known of them.
    """
    found = individuals.known(connection, parts.key, number)
    if found is None and individuals.is_known_bare(connection, parts.key, number):
        found = individuals.pseudonym(connection, parts.key, number)
    if found is None:
        raise IndividualUnknown("nothing is known of that person, or it was erased")
    individuals.adopt(connection, parts.key, number, found)
    return found


def _must_account(connection: Connection, parts: Parts, individual: str) -> bool:
    """Whether disclosures about a person must be kept still (45 CFR 164.528)."""
    now_ms = parts.now_ms()
    return any(
        due(parts.retention, Thing.DISCLOSURES, UNDER_HEALTH_LAW, made_ms).earliest_ms > now_ms
        for made_ms in payloads.kept_of(connection, individual)
    )


def _is_bound(parts: Parts, asked: ErasureRow) -> bool:
    with parts.database.read() as connection:
        return _must_account(connection, parts, asked.individual or "")


def _is_done(parts: Parts, asked: ErasureRow) -> bool:
    with parts.database.read() as connection:
        return all(each.id != asked.id for each in debts.unfinished(connection))


def _left(parts: Parts, individual: str) -> list[str]:
    with parts.database.read() as connection:
        ids = individuals.recordings_of(connection, individual)
        states = {each: recordings.get(connection, each) for each in ids}
    return [each for each, row in states.items() if row.state is not State.DESTROYED or row.reasons]


def _refuse_if_held(parts: Parts, recording_id: str) -> None:
    with parts.database.read() as connection:
        if holds.of_recording(connection, recording_id):
            raise UnderHold(f"a legal hold is on {recording_id}; the erasure waits until it ends")
