"""The embedded worker: inbox, stages, sweeping and sealing in threads of this process, no broker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from compliance import tidy
from compliance.errors import ComplianceError, TransientError
from compliance.intake.handle import drain
from compliance.parts import Parts
from compliance.pipeline import advance
from compliance.records import RecordingId, Stage
from compliance.store import work

_log = logging.getLogger(__name__)

Send = Callable[[RecordingId, Stage], None]
"""Has a stage run, here or by a worker elsewhere."""


def sweep(parts: Parts, send: Send) -> int:
    """Handle the inbox, then send every stage that was never sent or whose worker died; how many were sent."""
    drain(parts.intake, now_ms=parts.now_ms())
    with parts.database.read() as connection:
        due = work.due(connection, now_ms=parts.now_ms(), resend_ms=2 * parts.settings.lease_s * 1000)
    for recording_id, stage in due:
        send(recording_id, stage)
        with parts.database.begin() as connection:
            work.mark_sent(connection, recording_id, stage, parts.now_ms())
    return len(due)


def seal(parts: Parts) -> None:
    """Take what was recorded since into the log, under a signed checkpoint."""
    if parts.sequencer is not None:
        parts.sequencer.seal(parts.now_ms())


class Worker:
    """Runs what is due until it is stopped; woken by the API, and by itself every few seconds."""

    def __init__(self, parts: Parts) -> None:
        """Nothing runs yet."""
        self._parts = parts
        self._wake = threading.Event()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(job, pause_s), name=name, daemon=True)
            for name, job, pause_s in (
                ("stages", self._stages, parts.settings.sweep_s),
                ("sealing", lambda: seal(parts), 1),
                ("tidying", lambda: tidy.owed(parts), 60),
            )
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look for work now; returns at once."""
        self._wake.set()

    def stop(self) -> None:
        """Finish the stage that runs, seal the log, and end."""
        self._over.set()
        self._wake.set()
        for thread in self._threads:
            thread.join()
        seal(self._parts)

    def _run(self, job: Callable[[], object], pause_s: float) -> None:
        """Do a job again and again; what fails is done the next time."""
        while not self._over.is_set():
            try:
                job()
            except ComplianceError as error:
                _log.warning("%s: %s", threading.current_thread().name, error.reason)
            except Exception as error:
                _log.error("%s: %s", threading.current_thread().name, type(error).__name__)
            if threading.current_thread().name == "stages":
                self._wake.wait(pause_s)
                self._wake.clear()
            else:
                self._over.wait(pause_s)

    def _stages(self) -> None:
        """Run everything that is due, each recording as far as it goes."""
        sweep(self._parts, self._send)

    def _send(self, recording_id: RecordingId, stage: Stage) -> None:
        """Run a stage and those after it, here."""
        following: Stage | None = stage
        while following is not None and not self._over.is_set():
            try:
                following = advance(self._parts, recording_id, following)
            except TransientError:
                return  # Given back; the next sweep sends it again.
