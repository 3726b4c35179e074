"""The table of work: one row a stage of a recording, taken by lease.

The truth about what is to be done stands here, not in the broker: a message may
be lost or come twice.  A running stage holds a lease with a heartbeat; when the
lease has run out another worker takes it over, and the first can no longer finish.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from compliance.errors import LeaseLost
from compliance.records import RecordingId, Stage
from compliance.store.database import upsert
from compliance.store.schema import work

_PENDING, _RUNNING, _DONE = "pending", "running", "done"
_FORGOTTEN = "forgotten"
"""A row kept for its fence only: a worker from before must stay locked out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to run a stage, until its lease is taken over."""

    recording_id: RecordingId
    stage: Stage
    owner: str
    fence: int
    """Grows with every claim of this stage, so that no two claims are alike."""
    attempts: int
    """How often the stage was begun, this time included."""
    took_over: bool = False
    """Whether another had begun it and died, rather than given it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOutput:
    """What a finished stage left: a name in the vault and its SHA-256, or neither."""

    name: str | None
    sha256: str | None


def plan(connection: Connection, recording_id: str, stage: Stage, now_ms: int) -> None:
    """Let a stage be done; nothing changes if it is planned, running or done."""
    values = {"state": _PENDING, "planned_at_ms": now_ms}
    row = {"recording_id": recording_id, "stage": stage.value, "fence": 0, "attempts": 0, **values}
    keys = ["recording_id", "stage"]
    statement = upsert(connection, work).values(**row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=values, where=work.c.state == _FORGOTTEN)
    )


def claim(
    connection: Connection, recording_id: str, stage: Stage, *, owner: str, now_ms: int, lease_ms: int
) -> Claim | None:
    """Take a stage that is planned, or whose lease has run out; None if it is done, held or not planned.

    It is taken in one statement, so that of two workers that ask at once one gets it.
    """
    before = connection.execute(select(work.c.state).where(_is(recording_id, stage))).scalar()
    free = or_(work.c.state == _PENDING, and_(work.c.state == _RUNNING, work.c.lease_until_ms <= now_ms))
    statement = (
        update(work)
        .where(_is(recording_id, stage), free)
        .values(
            state=_RUNNING,
            owner=owner,
            fence=work.c.fence + 1,
            attempts=work.c.attempts + 1,
            lease_until_ms=now_ms + lease_ms,
        )
        .returning(work.c.fence, work.c.attempts)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return Claim(
        recording_id=RecordingId(recording_id),
        stage=stage,
        owner=owner,
        fence=row.fence,
        attempts=row.attempts,
        took_over=before == _RUNNING,
    )


def heartbeat(connection: Connection, claim: Claim, now_ms: int, lease_ms: int) -> bool:
    """Lengthen a lease; False if it was lost, and the worker should stop."""
    statement = update(work).where(_held(claim)).values(lease_until_ms=now_ms + lease_ms)
    return connection.execute(statement).rowcount == 1


def finish(
    connection: Connection, claim: Claim, output_name: str | None, output_sha256: str | None, now_ms: int
) -> None:
    """Mark a stage done, with what it left.  Its events belong into the same transaction.

    Raises:
        LeaseLost: another worker took the stage over; nothing of this one may be kept.
    """
    statement = (
        update(work)
        .where(_held(claim))
        .values(
            state=_DONE,
            owner=None,
            lease_until_ms=None,
            finished_at_ms=now_ms,
            output_name=output_name,
            output_sha256=output_sha256,
        )
    )
    if connection.execute(statement).rowcount != 1:
        raise LeaseLost(f"stage {claim.stage.value} of {claim.recording_id} was taken over")


def fail(connection: Connection, claim: Claim, now_ms: int, *, pause_ms: int = 0) -> bool:
    """Give a stage back, due again after a pause; False if the lease was lost and it is not ours to give.

    The pause keeps ``due`` from sending it, and nobody from claiming it.
    """
    values = {"state": _PENDING, "owner": None, "lease_until_ms": now_ms + pause_ms, "sent_at_ms": None}
    return connection.execute(update(work).where(_held(claim)).values(**values)).rowcount == 1


def due(
    connection: Connection, *, now_ms: int, resend_ms: int, limit: int = 1000
) -> list[tuple[RecordingId, Stage]]:
    """Stages to send to a worker: never sent, sent long ago and not begun, or with a dead lease.

    A dead lease is sent at once, and then no more often than anything else.  On a
    stage that was given back the lease's time is when its pause ends.
    """
    has_paused = or_(work.c.lease_until_ms.is_(None), work.c.lease_until_ms <= now_ms)
    is_unsent = or_(work.c.sent_at_ms.is_(None), work.c.sent_at_ms <= now_ms - resend_ms)
    died = and_(work.c.state == _RUNNING, work.c.lease_until_ms <= now_ms)
    statement = (
        select(work.c.recording_id, work.c.stage)
        .where(
            or_(
                and_(work.c.state == _PENDING, is_unsent, has_paused),
                and_(died, or_(is_unsent, work.c.sent_at_ms < work.c.lease_until_ms)),
            )
        )
        .order_by(work.c.planned_at_ms, work.c.recording_id)
        .limit(limit)
    )
    return [(RecordingId(row.recording_id), Stage(row.stage)) for row in connection.execute(statement)]


def lapsed(connection: Connection, now_ms: int) -> list[str]:
    """Who holds a lease that has run out: they are dead, or hang, or take longer than they may."""
    statement = select(work.c.owner).where(work.c.state == _RUNNING, work.c.lease_until_ms <= now_ms)
    return [str(owner) for owner in connection.execute(statement).scalars()]


def mark_sent(connection: Connection, recording_id: str, stage: Stage, now_ms: int) -> None:
    """Write down that the stage was handed to the broker just now."""
    connection.execute(update(work).where(_is(recording_id, stage)).values(sent_at_ms=now_ms))


def output(connection: Connection, recording_id: str, stage: Stage) -> StageOutput | None:
    """What a stage left, or None if it is not done."""
    statement = select(work.c.output_name, work.c.output_sha256).where(
        _is(recording_id, stage), work.c.state == _DONE
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else StageOutput(name=row.output_name, sha256=row.output_sha256)


def attempts(connection: Connection, recording_id: str, stage: Stage) -> int:
    """How often a stage was begun since it was planned."""
    return connection.execute(select(work.c.attempts).where(_is(recording_id, stage))).scalar() or 0


def forget(connection: Connection, recording_id: str, stages: Collection[Stage]) -> None:
    """Let stages be planned anew, as if never run; a worker still at one of them cannot finish it."""
    cleared = dict.fromkeys(
        ("owner", "lease_until_ms", "sent_at_ms", "finished_at_ms", "output_name", "output_sha256")
    )
    statement = update(work).where(
        work.c.recording_id == recording_id, work.c.stage.in_([each.value for each in stages])
    )
    connection.execute(statement.values(state=_FORGOTTEN, attempts=0, **cleared))


def _is(recording_id: str, stage: Stage) -> ColumnElement[bool]:
    return and_(work.c.recording_id == recording_id, work.c.stage == stage.value)


def _held(claim: Claim) -> ColumnElement[bool]:
    """The row, if it still is this claim's."""
    return and_(
        _is(claim.recording_id, claim.stage),
        work.c.state == _RUNNING,
        work.c.owner == claim.owner,
        work.c.fence == claim.fence,
    )
