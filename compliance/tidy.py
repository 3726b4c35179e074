"""What a finished recording owes: its source destroyed, its working copies gone.

Done right after the commit that owes it, and again by the sweeper for as long
as it is owed: a crash or a refused delete loses nothing and forgets nothing.
"""

from __future__ import annotations

from compliance.audit import log
from compliance.audit.events import EventKind
from compliance.errors import ComplianceError
from compliance.intake.fetch import SOURCE
from compliance.intake.recording import open_
from compliance.parts import Parts
from compliance.records import Originals, Stage, State
from compliance.release import MEDIA, NOT_DESTROYED, OUTPUTS, owes_destruction
from compliance.steps import Run, begin
from compliance.store import recordings


def settle(run: Run) -> bool:
    """Pay what a released recording owes; False if the source could not be destroyed yet."""
    is_settled = not owes_destruction(run) or destroy_source(run)
    if run.row.sources and run.profile.originals is Originals.KEEP:
        _tell(run, EventKind.SOURCE_KEPT, "kept", **_source_digest(run))
    forget_working_copies(run)
    with run.parts.database.begin() as connection:
        recordings.move(
            connection,
            run.id,
            state=State.RELEASED,
            stage=Stage.RELEASE,
            reasons=() if is_settled else (NOT_DESTROYED,),
            now_ms=run.parts.now_ms(),
        )
    return is_settled


def destroy_source(run: Run) -> bool:
    """Delete the source object, all its versions and LiveKit's side files; whether all of it is gone."""
    objects = [each for _, each in open_(run.row, run.parts.key).sources]
    try:
        for each in objects:
            run.parts.stores[each.bucket].delete(each.key)
    except (ComplianceError, KeyError) as error:
        reason = error.reason if isinstance(error, ComplianceError) else "object_not_allowed"
        key = f"refused:{run.parts.now_ms()}"
        _tell(run, EventKind.SOURCE_DELETE_REFUSED, key, outcome="failure", reason=reason, **_source_digest(run))
        return False
    is_vaulted = run.profile.originals is Originals.VAULT
    kind = EventKind.SOURCE_VAULTED if is_vaulted else EventKind.SOURCE_DELETED
    more = {} if is_vaulted else {"objects": len(objects)}
    _tell(run, kind, "destroyed", **_source_digest(run), **more)
    return True


def _source_digest(run: Run) -> dict[str, list[str]]:
    """The source's digest, for events."""
    return {"source_sha256": [run.row.source_sha256]} if run.row.source_sha256 else {}


def _tell(run: Run, kind: EventKind, key: str, **fields: object) -> None:
    """One event, in a transaction of its own: the act it tells of is outside the database."""
    with run.parts.database.begin() as connection:
        log.record(connection, run.event(kind, key=key, **fields))


def forget_working_copies(run: Run) -> None:
    """After a release: the raw words go, and the original with them unless the profile keeps it in the vault."""
    vault = run.parts.vault
    if run.profile.originals is Originals.VAULT and run.row.sources:
        for name in [each for each in vault.names(run.id) if each != SOURCE]:
            vault.delete(run.id, name)
    else:
        vault.destroy(run.id)
        _tell(run, EventKind.VAULT_DESTROYED, "destroyed")
    run.parts.database.scrub()


def forget_authentication_data(run: Run) -> None:
    """On a hold under a profile that may not keep codes and PINs: only what they were cut from stays.

    Raw words and the original go; the redacted recording and its texts stay for
    whoever decides.  A recording held before it was redacted keeps nothing.
    """
    if run.profile.keeps_authentication_data:
        return
    vault = run.parts.vault
    for name in [each for each in vault.names(run.id) if each != MEDIA and not each.startswith(OUTPUTS)]:
        vault.delete(run.id, name)


def owed(parts: Parts, *, limit: int = 1000) -> int:
    """Pay what released and held recordings still owe, the newest first; how many were looked at."""
    with parts.database.read() as connection:
        released = [r for r in recordings.page(connection, state=State.RELEASED, limit=limit) if r.reasons]
        held = recordings.page(connection, state=State.HELD, limit=limit)
    for row in released:
        settle(begin(parts, row.id, Stage.RELEASE, 1))
    for row in held:
        forget_authentication_data(begin(parts, row.id, Stage.RELEASE, 1))
    return len(released) + len(held)
