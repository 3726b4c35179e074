"""What a finished recording owes: its source destroyed, its working copies gone.

Done right after the commit that owes it, and again by the sweeper for as long
as it is owed: a crash or a refused delete loses nothing and forgets nothing.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from sqlalchemy import Connection

from compliance.artifacts import is_media
from compliance.audit import log
from compliance.audit.events import EventKind
from compliance.errors import ComplianceError, StateConflict
from compliance.intake.fetch import is_source
from compliance.intake.recording import Sealed, open_, segments_of
from compliance.intake.segments import named
from compliance.originals import (
    fate,
    held_authentication_data,
    is_under_hold,
    source_digests,
    tell_overruled,
)
from compliance.parts import Parts
from compliance.records import Originals, RecordingId, Stage, State
from compliance.release import NOT_DESTROYED, OUTPUTS, owes_destruction, withdraw
from compliance.run import Run, begin
from compliance.store import recordings

_log = logging.getLogger(__name__)

_DAY_MS = 86_400_000
_PAGE = 500


def pay_or_leave(parts: Parts, recording_id: RecordingId) -> bool:
    """Pay what a recording owes, if anything; False if that failed, and the sweeper is to try again."""
    try:
        return pay(parts, recording_id)
    except Exception as error:
        reason = error.reason if isinstance(error, ComplianceError) else type(error).__name__
        _log.warning("%s still owes something: %s", recording_id, reason)
        return False


def pay(parts: Parts, recording_id: RecordingId) -> bool:
    """Pay what a recording owes in the state it is in; whether that was all."""
    run = begin(parts, recording_id, Stage.RELEASE, 0)
    match run.row.state:
        case State.RELEASED | State.DESTROYED:
            return not run.row.reasons or settle(run)
        case State.HELD:
            forget_authentication_data(run)
        case State.ABSENT if run.row.egress_id is None:
            parts.vault.destroy(recording_id)  # a file given by hand and refused; the user has it
    return True


def settle(run: Run) -> bool:
    """Pay what a released or destroyed recording owes; False if the source could not be destroyed yet.

    Of a released one under a legal hold nothing goes, unless a code or a PIN is in it.
    """
    is_destroyed = run.row.state is State.DESTROYED
    if not is_destroyed and is_under_hold(run):
        if not held_authentication_data(run):
            return False
        tell_overruled(run, "original")
    owes_source = bool(run.row.sources) if is_destroyed else owes_destruction(run)
    is_settled = not owes_source or destroy_source(run)
    if is_destroyed:
        withdraw(run.parts, run.id)
        forget_all(run)
    else:
        _keep_or_forget(run)
    _settled(run, () if is_settled else (NOT_DESTROYED,))
    return is_settled


def _keep_or_forget(run: Run) -> None:
    """After a release: the raw words go, and the original with them unless the profile keeps it."""
    originals = fate(run)
    if run.row.sources and originals is Originals.KEEP:
        _tell(run, EventKind.SOURCE_KEPT, "kept", **_source_digest(run))
    if run.row.sources and originals is Originals.VAULT:
        for name in [each for each in run.parts.vault.names(run.id) if not is_source(each)]:
            run.parts.vault.delete(run.id, name)
    else:
        forget_all(run)


def _settled(run: Run, owed: tuple[str, ...]) -> None:
    """Write down what is owed still, unless somebody moved the recording on meanwhile."""
    try:
        with run.parts.database.begin() as connection:
            recordings.move(
                connection,
                run.id,
                state=run.row.state,
                stage=Stage.RELEASE,
                reasons=owed,
                now_ms=run.parts.now_ms(),
                expected=(run.row.state,),
            )
    except StateConflict:
        _log.info("%s was moved on by a person", run.id)


def destroy_source(run: Run) -> bool:
    """Delete the source object, all its versions and LiveKit's side files; whether all of it is gone."""
    sealed = open_(run.row, run.parts.key)
    try:
        objects = [each for _, each in _all_named(run, sealed).sources]
        for each in objects:
            run.parts.stores[each.bucket].delete(each.key)
    except (ComplianceError, KeyError) as error:
        reason = error.reason if isinstance(error, ComplianceError) else "object_not_allowed"
        key = f"refused:{reason}:{run.parts.now_ms() // _DAY_MS}"  # tried every minute, told once a day
        _tell(
            run, EventKind.SOURCE_DELETE_REFUSED, key, outcome="failure", reason=reason, **_source_digest(run)
        )
        return False
    is_vaulted = fate(run) is Originals.VAULT and run.row.state is not State.DESTROYED
    kind = EventKind.SOURCE_VAULTED if is_vaulted else EventKind.SOURCE_DELETED
    more = {} if is_vaulted else {"objects": len(objects)}
    _tell(run, kind, "destroyed", **_source_digest(run), **more)
    return True


def _all_named(run: Run, sealed: Sealed) -> Sealed:
    """With the segments of a recording that was held before its playlist was read."""
    told = segments_of(sealed)
    if told is None or sealed.source is None or sealed.segments:
        return sealed
    return replace(sealed, segments=named(sealed.source, told, run.parts.stores))


def _source_digest(run: Run) -> dict[str, list[str]]:
    """The digests of its originals, for events."""
    with run.parts.database.read() as connection:
        return source_digests(connection, run.row)


def _tell(run: Run, kind: EventKind, key: str, **fields: object) -> None:
    """One event, in a transaction of its own: the act it tells of is outside the database."""
    with run.parts.database.begin() as connection:
        log.record(connection, run.event(kind, key=key, **fields))


def forget_all(run: Run) -> None:
    """The recording's key and everything under it."""
    run.parts.vault.destroy(run.id)
    _tell(run, EventKind.VAULT_DESTROYED, "destroyed")
    run.parts.database.scrub()


def forget_authentication_data(run: Run) -> None:
    """On a hold: where codes or PINs were found, or the profile may not keep them, their originals go.

    Raw words and the original go; the redacted recording and its texts stay for
    whoever decides.  A recording held before it was redacted keeps nothing.  A
    legal hold does not stop that, but it is told.
    """
    is_found = held_authentication_data(run)
    if run.profile.keeps_authentication_data and not is_found:
        return
    if is_under_hold(run):
        tell_overruled(run, "original")
    with run.parts.database.begin() as connection:
        if _forget_while_held(connection, run):
            # One for each hold: the key is the time at which it began, and the same after a crash.
            key = f"held:{run.row.updated_at_ms}"
            log.record(connection, run.event(EventKind.VAULT_PURGED, key=key, is_found=is_found))


def _forget_while_held(connection: Connection, run: Run) -> bool:
    """Delete while nobody can send the recording through its stages again: they would miss what goes."""
    if not recordings.hold_still(connection, run.id, State.HELD):
        return False
    vault = run.parts.vault
    for name in [each for each in vault.names(run.id) if not (is_media(each) or each.startswith(OUTPUTS))]:
        vault.delete(run.id, name)
    return True


class Tidier:
    """Pays what recordings owe, each as long as it is owed.

    It remembers what it found paid, so that a thousand held recordings do not
    mean a thousand questions to the object store every minute.
    """

    def __init__(self, parts: Parts) -> None:
        """Nothing is looked at yet."""
        self._parts = parts
        self._paid: set[tuple[RecordingId, int]] = set()

    def tidy(self) -> int:
        """Pay what is owed now; how many recordings were looked at."""
        with self._parts.database.read() as connection:
            owing = recordings.owing(connection, states=(State.RELEASED, State.DESTROYED))
        for each in owing:
            pay_or_leave(self._parts, each)
        return len(owing) + sum(self._look(state) for state in (State.HELD, State.ABSENT))

    def _look(self, state: State) -> int:
        """Look at every recording of a state that was not found paid before."""
        looked, after = 0, None
        while True:
            with self._parts.database.read() as connection:
                rows = recordings.page(connection, state=state, after=after, limit=_PAGE)
            for row in rows:
                if (row.id, row.updated_at_ms) not in self._paid:
                    looked += 1
                    if pay_or_leave(self._parts, row.id):
                        self._paid.add((row.id, row.updated_at_ms))
            if len(rows) < _PAGE:
                return looked
            after = rows[-1].id
