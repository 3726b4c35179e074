"""The stages in order, each run once: under a lease, and committed together with its event.

``advance`` is what both the embedded worker and the Celery tasks call.  It runs
one stage of one recording and gives the next.  A stage that has run is not run
again; one that raises holds the recording, unless another try may help.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from compliance import artifacts, release, tidy
from compliance.audit import log
from compliance.audit.events import AuditEvent, EventKind
from compliance.errors import ComplianceError, LeaseLost, MediaError, TransientError, WorkerDied
from compliance.originals import HOLD
from compliance.parts import Parts
from compliance.records import Decision, RecordingId, Stage, State
from compliance.run import Done, Run, begin, event_of
from compliance.steps import STEPS
from compliance.store import holds, recordings, work
from compliance.store.work import Claim

_log = logging.getLogger(__name__)


def advance(parts: Parts, recording_id: RecordingId, stage: Stage) -> Stage | None:
    """Run a stage if it is due, and give the one to run next; None at the end, or if another has it.

    Raises:
        TransientError: worth another try; the stage is given back.
    """
    claim = _claimed(parts, recording_id, stage)
    if claim is None:
        return None
    try:
        with _heartbeat(parts, claim):
            following = _tried(parts, claim)
    except LeaseLost:
        _log.warning("stage %s of %s was taken over by another worker", stage, recording_id)
        return None
    if following is None:
        tidy.pay_or_leave(parts, recording_id)
    return following


def run_all(
    parts: Parts,
    recording_id: RecordingId,
    stage: Stage = Stage.INTAKE,
    *,
    last: Stage = Stage.RELEASE,
) -> None:
    """Every stage that is left, one after another, in this process; none after ``last``.

    A transient error is tried again after a pause, until the recording is held.

    Raises:
        TransientError: not even that could be written down; the recording stays where it is.
    """
    following: Stage | None = stage
    failures = 0
    while following is not None and following is not last.following:
        try:
            following = advance(parts, recording_id, following)
            failures = 0
        except TransientError:
            failures += 1
            if failures > parts.settings.max_attempts:
                raise
            time.sleep(0.2)


def _claimed(parts: Parts, recording_id: RecordingId, stage: Stage) -> Claim | None:
    """The right to run a stage, and the event of its being taken over from a worker that died."""
    now_ms = parts.now_ms()
    with parts.database.begin() as connection:
        claim = work.claim(
            connection, recording_id, stage, owner=parts.owner, now_ms=now_ms, lease_ms=_lease_ms(parts)
        )
        if claim is not None and claim.took_over:
            log.record(connection, _told(parts, claim, EventKind.LEASE_TAKEN_OVER))
    return claim


def _tried(parts: Parts, claim: Claim) -> Stage | None:
    """Run the stage; one that raises is given back, or the recording is held.

    Raises:
        LeaseLost: another has the stage now, and nothing was changed.
        TransientError: it was given back.
    """
    try:
        if claim.attempts > parts.settings.max_attempts:
            raise WorkerDied(f"no worker survived stage {claim.stage} of {claim.recording_id}")
        run = begin(parts, claim.recording_id, claim.stage, claim.fence)
        parts.vendors.require(run.profile.name, datetime.fromtimestamp(parts.now_ms() / 1000, UTC).date())
        if claim.stage is not Stage.RELEASE:
            return _step(run, claim)
        _release(run, claim)
    except LeaseLost:
        raise
    except TransientError as error:
        if claim.attempts < parts.settings.max_attempts:
            _give_back(parts, claim, error)
            raise
        _hold(parts, claim, error)
    except Exception as error:
        _hold(parts, claim, error)
    return None


def _step(run: Run, claim: Claim) -> Stage | None:
    """A stage before the last: its value into the vault, then one transaction."""
    run.told(0.0)
    started = time.perf_counter()
    done: Done = STEPS[run.stage](run)
    sha256 = artifacts.keep(run.parts.vault, run.id, run.stage, done.value, time.perf_counter() - started)
    following = run.stage.following
    assert following is not None, "the last stage is not a step"
    now_ms = run.parts.now_ms()
    with run.parts.database.begin() as connection:
        work.finish(connection, claim, artifacts.name_of(run.stage), sha256, now_ms)
        if done.amend:
            recordings.amend(connection, run.id, now_ms=now_ms, **done.amend)
        recordings.move(
            connection, run.id, state=State.PROCESSING, stage=following, reasons=(), now_ms=now_ms
        )
        if done.kept:
            done.kept(connection)
        log.record(connection, done.told(sha256))
        work.plan(connection, run.id, following, now_ms)
    run.told(1.0)
    return following


def _release(run: Run, claim: Claim) -> None:
    """Decide; write out what is released, then commit.  Destruction is owed from that commit on."""
    decided, outputs = release.prepare(run)
    _still_ours(run.parts, claim)
    if decided.decision is Decision.RELEASED:
        release.publish(run, outputs)
    else:
        release.withdraw(run.parts, run.id)
    with run.parts.database.begin() as connection:
        sha256 = outputs[-1].sha256 if outputs else None
        work.finish(connection, claim, None, sha256, run.parts.now_ms())
        match decided.decision:
            case Decision.RELEASED:
                release.commit_released(connection, run, outputs, decided.reasons)
            case Decision.HELD:
                release.commit_held(connection, run.parts, claim, decided.reasons)
            case Decision.DESTROYED if holds.of_recording(connection, run.id):
                release.commit_held(connection, run.parts, claim, (HOLD, *decided.reasons))
            case Decision.DESTROYED:
                release.commit_destroyed(connection, run, authority="consent", why=decided.reasons)
    run.told(1.0)


def _still_ours(parts: Parts, claim: Claim) -> None:
    """Ask before anything is shown outside: a worker that slept through its lease must not write there.

    Raises:
        LeaseLost: another has the stage.
    """
    with parts.database.begin() as connection:
        if not work.heartbeat(connection, claim, parts.now_ms(), _lease_ms(parts)):
            raise LeaseLost(f"stage {claim.stage} of {claim.recording_id} was taken over")


def _give_back(parts: Parts, claim: Claim, error: TransientError) -> None:
    """Let a stage be tried again, after a pause that doubles from try to try."""
    pause_ms = _lease_ms(parts) << claim.attempts
    with parts.database.begin() as connection:
        if work.fail(connection, claim, parts.now_ms(), pause_ms=pause_ms):
            log.record(connection, _failed(parts, claim, error, is_final=False))


def _hold(parts: Parts, claim: Claim, error: Exception) -> None:
    """Hold the recording, with the error's reason; a file given by hand that is none is refused instead.

    Raises:
        LeaseLost: another has the stage; what becomes of the recording is for it to say.
        TransientError: it could not be held now.  The lease runs out, and it is tried again.
    """
    # Of an error that is not ours only type and place are told: its message may hold what was said.
    message = str(error) if isinstance(error, ComplianceError) else type(error).__name__
    _log.error("stage %s of %s failed: %s (%s)", claim.stage, claim.recording_id, message, _place(error))
    if claim.stage is Stage.RELEASE:
        _still_ours(parts, claim)
        release.withdraw(parts, claim.recording_id)
    with parts.database.begin() as connection:
        work.finish(connection, claim, None, None, parts.now_ms())
        log.record(connection, _failed(parts, claim, error, is_final=True))
        is_by_hand = not recordings.get(connection, claim.recording_id).sources
        if isinstance(error, MediaError) and is_by_hand:
            _refuse(connection, parts, claim, reasons_of(error))
        else:
            release.commit_held(connection, parts, claim, reasons_of(error))


def _refuse(connection: Connection, parts: Parts, claim: Claim, reasons: tuple[str, ...]) -> None:
    """State and event of a file that cannot be treated; the user still has it."""
    now_ms = parts.now_ms()
    recordings.move(
        connection,
        claim.recording_id,
        state=State.ABSENT,
        stage=claim.stage,
        reasons=reasons,
        now_ms=now_ms,
    )
    told = _told(parts, claim, EventKind.FILE_REJECTED, outcome="failure", reason=reasons[0])
    log.record(connection, told)


def _told(parts: Parts, claim: Claim, kind: EventKind, **fields: Any) -> AuditEvent:
    """An event of a claim; each claim has one of a kind at most."""
    key = f"{claim.stage}:{claim.fence}"
    if kind is not EventKind.FILE_REJECTED:
        fields |= {"stage": str(claim.stage), "attempt": claim.attempts}
    return event_of(parts, claim.recording_id, kind, key, **fields)


def _failed(parts: Parts, claim: Claim, error: Exception, *, is_final: bool) -> AuditEvent:
    """The event of a stage that raised."""
    reason = reason_of(error)
    return _told(parts, claim, EventKind.STAGE_FAILED, outcome="failure", reason=reason, is_final=is_final)


def reason_of(error: Exception) -> str:
    """The stable word for an error."""
    return error.reason if isinstance(error, ComplianceError) else ComplianceError.reason


def reasons_of(error: Exception) -> tuple[str, ...]:
    """The stable word for an error, and beside it the file of the call that it came of, where it was one."""
    number = error.file if isinstance(error, ComplianceError) else None
    return (reason_of(error), *((f"file_{number}",) if number else ()))


def _lease_ms(parts: Parts) -> int:
    return parts.settings.lease_s * 1000


def _place(error: BaseException) -> str:
    """File and line at which an error was raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "unknown"


@contextmanager
def _heartbeat(parts: Parts, claim: Claim) -> Iterator[None]:
    """Lengthen the lease while the stage runs, from a thread of its own; not for ever, as it may hang."""
    lease_ms = _lease_ms(parts)
    over, until = threading.Event(), time.monotonic() + parts.settings.task_time_limit_s

    def beat() -> None:
        while not over.wait(lease_ms / 3000):
            if time.monotonic() > until:
                _log.error("stage %s of %s takes too long", claim.stage, claim.recording_id)
                return
            try:
                with parts.database.begin() as connection:
                    if not work.heartbeat(connection, claim, parts.now_ms(), lease_ms):
                        return
            except ComplianceError:
                continue  # The lease outlasts a short outage; a long one loses it, as it should.

    thread = threading.Thread(target=beat, name=f"heartbeat-{claim.stage}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
