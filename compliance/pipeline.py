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

from sqlalchemy import Connection

from compliance import artifacts, release, tidy
from compliance.audit import log
from compliance.audit.events import AuditEvent, EventKind
from compliance.errors import ComplianceError, InputError, LeaseLost, MediaError, TransientError
from compliance.parts import Parts
from compliance.records import Decision, RecordingId, Stage, State
from compliance.steps import STEPS, Done, Run, begin
from compliance.store import recordings, work
from compliance.store.work import Claim

_log = logging.getLogger(__name__)


def advance(parts: Parts, recording_id: RecordingId, stage: Stage) -> Stage | None:
    """Run a stage if it is due, and give the one to run next; None at the end, or if another has it.

    Raises:
        TransientError: worth another try; the stage is given back.
    """
    lease_ms = parts.settings.lease_s * 1000
    with parts.database.begin() as connection:
        claim = work.claim(connection, recording_id, stage, owner=parts.owner, now_ms=parts.now_ms(), lease_ms=lease_ms)
        if claim is None:
            return None
    run = begin(parts, recording_id, stage, claim.attempts)
    if claim.attempts > 1:
        _taken_over(run, claim)
    try:
        with _heartbeat(parts, claim, lease_ms):
            return _release(run, claim) if stage is Stage.RELEASE else _step(run, claim)
    except LeaseLost:
        _log.warning("stage %s of %s was taken over by another worker", stage, recording_id)
        return None
    except TransientError as error:
        _give_back(run, claim, error)
        raise
    except Exception as error:
        _hold(run, claim, error)
        return None


def run_all(parts: Parts, recording_id: RecordingId, stage: Stage = Stage.INTAKE) -> None:
    """Every stage that is left, one after another, in this process.

    A transient error is tried again after a pause, until the recording is held.
    """
    following: Stage | None = stage
    while following is not None:
        current = following
        try:
            following = advance(parts, recording_id, current)
        except TransientError:
            time.sleep(0.2)
            with parts.database.read() as connection:
                following = current if recordings.get(connection, recording_id).state is State.PROCESSING else None


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
        recordings.move(connection, run.id, state=State.PROCESSING, stage=following, reasons=(), now_ms=now_ms)
        log.record(connection, done.told(sha256))
        work.plan(connection, run.id, following, now_ms)
    run.told(1.0)
    return following


def _release(run: Run, claim: Claim) -> None:
    """Decide; write out what is released, then commit; destroy only after that."""
    decided, outputs = release.prepare(run)
    is_released = decided.decision is Decision.RELEASED
    if is_released:
        release.publish(run, outputs)
    with run.parts.database.begin() as connection:
        work.finish(connection, claim, None, outputs[-1].sha256, run.parts.now_ms())
        if is_released:
            release.commit_released(connection, run, outputs)
        else:
            release.commit_held(connection, run, decided.reasons)
    if is_released:
        tidy.settle(run)
    else:
        tidy.forget_authentication_data(run)
    run.told(1.0)


def _taken_over(run: Run, claim: Claim) -> None:
    """The event of a stage begun again: its worker died, or it failed and is tried again."""
    told = run.event(
        EventKind.LEASE_TAKEN_OVER,
        key=f"{claim.stage}:{claim.fence}",
        stage=str(claim.stage),
        attempt=claim.attempts,
    )
    with run.parts.database.begin() as connection:
        log.record(connection, told)


def _give_back(run: Run, claim: Claim, error: TransientError) -> None:
    """Let a stage be tried again, or hold the recording after the last try."""
    if claim.attempts >= run.parts.settings.max_attempts:
        _hold(run, claim, error)
        return
    with run.parts.database.begin() as connection:
        if work.fail(connection, claim, run.parts.now_ms()):
            log.record(connection, _failed(run, claim, error, is_final=False))


def _hold(run: Run, claim: Claim, error: Exception) -> None:
    """Hold the recording, with the error's reason; a file given by hand that is no recording is refused instead."""
    reason = error.reason if isinstance(error, ComplianceError) else "internal_error"
    # Of an error that is not ours only type and place are told: its message may hold what was said.
    message = str(error) if isinstance(error, ComplianceError) else type(error).__name__
    _log.error("stage %s of %s failed: %s (%s)", run.stage, run.id, message, _place(error))
    is_refused = isinstance(error, MediaError) and not run.row.sources
    with run.parts.database.begin() as connection:
        work.finish(connection, claim, None, None, run.parts.now_ms())
        log.record(connection, _failed(run, claim, error, is_final=True))
        if is_refused:
            _refuse(connection, run, reason)
        else:
            release.commit_held(connection, run, (reason,))
    if is_refused:
        run.parts.vault.destroy(run.id)
    elif not isinstance(error, InputError):
        tidy.forget_authentication_data(run)


def _refuse(connection: Connection, run: Run, reason: str) -> None:
    """State and event of a file that cannot be treated; the user still has it."""
    now_ms = run.parts.now_ms()
    recordings.move(connection, run.id, state=State.ABSENT, stage=run.stage, reasons=(reason,), now_ms=now_ms)
    log.record(connection, run.event(EventKind.FILE_REJECTED, outcome="failure", reason=reason))


def _failed(run: Run, claim: Claim, error: Exception, *, is_final: bool) -> AuditEvent:
    """The event of a stage that raised."""
    reason = error.reason if isinstance(error, ComplianceError) else "internal_error"
    return run.event(
        EventKind.STAGE_FAILED,
        key=f"{claim.stage}:{claim.fence}",
        outcome="failure",
        reason=reason,
        stage=str(claim.stage),
        attempt=claim.attempts,
        is_final=is_final,
    )


def _place(error: BaseException) -> str:
    """File and line at which an error was raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "unknown"


@contextmanager
def _heartbeat(parts: Parts, claim: Claim, lease_ms: int) -> Iterator[None]:
    """Lengthen the lease while the stage runs, from a thread of its own."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(lease_ms / 3000):
            try:
                with parts.database.begin() as connection:
                    if not work.heartbeat(connection, claim, parts.now_ms(), lease_ms):
                        return
            except TransientError:
                continue  # The lease outlasts a short outage; a long one loses it, as it should.

    thread = threading.Thread(target=beat, name=f"heartbeat-{claim.stage}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
