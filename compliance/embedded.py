"""What goes on beside the service: inbox, sweeping, sealing and tidying, each in a thread of its own.

The same everywhere.  On one machine a stage that is due runs here; with a broker
it is sent to the workers.  Several processes may do this at once: each step is
one transaction that finds its work done if another was first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from compliance.audit.anchors.keeping import loops
from compliance.audit.indexing import catch_up
from compliance.audit.pulse import Pulse
from compliance.errors import BrokerUnavailable
from compliance.intake.handle import drain
from compliance.keeping.carry import carry_out
from compliance.loop import Loop, told
from compliance.parts import Parts
from compliance.pipeline import advance
from compliance.records import RecordingId, Stage
from compliance.store import work
from compliance.tidy import Tidier

_log = logging.getLogger(__name__)

Send = Callable[[RecordingId, Stage], None]
"""Has a stage run, here or by a worker elsewhere; raises BrokerUnavailable if it can tell nobody."""

BACKLOG_RESEND_MS = 600_000
"""How long a stage may lie in a queue that is not empty before it is sent anew: were the whole
backlog sent again every half minute, the messages would grow faster than the work shrinks."""

AT_ONCE = 20_000
"""Sealed events made findable between two pauses: who is told to end must not go on for minutes."""
RETENTION_S = 3_600
"""Seconds between two looks for what has been kept long enough: its clocks are days and years."""


def sweep(parts: Parts, send: Send, *, resend_ms: int | None = None) -> int:
    """Send every stage that was never sent, was sent in vain, or whose worker died; how many were sent.

    ``resend_ms`` is how long ago makes it in vain, two leases by default.

    Raises:
        BrokerUnavailable: the rest was not sent; it is due still.
        DatabaseUnavailable: as above.
    """
    resend_ms = 2 * parts.settings.lease_s * 1000 if resend_ms is None else resend_ms
    with parts.database.read() as connection:
        due = work.due(connection, now_ms=parts.now_ms(), resend_ms=resend_ms)
    return sum(_sent(parts, send, recording_id, stage) for recording_id, stage in due)


def _sent(parts: Parts, send: Send, recording_id: RecordingId, stage: Stage) -> bool:
    """Send one stage; should it fail, the others still have their turn."""
    try:
        send(recording_id, stage)
    except BrokerUnavailable:
        raise
    except Exception as error:
        _log.error("stage %s of %s did not go on: %s", stage, recording_id, told(error))
        return False
    with parts.database.begin() as connection:
        work.mark_sent(connection, recording_id, stage, parts.now_ms())
    return True


def seal(parts: Parts) -> None:
    """Take what was recorded since into the log, where that is this process's to do."""
    if parts.sequencer is not None:
        parts.sequencer.seal(parts.now_ms())


class Stages(Protocol):
    """Has the stages that are due run: here, by a process beside this one, or by workers elsewhere."""

    def start(self) -> None:
        """Begin."""
        ...

    def wake(self) -> None:
        """Look for what is due now; returns at once."""
        ...

    def end(self) -> None:
        """Let what is under way be the last; returns at once."""
        ...

    def join(self) -> None:
        """Wait for the end."""
        ...


class Sweeper(Loop):
    """Sends what is due, every few seconds and when it is woken."""

    def __init__(
        self, parts: Parts, send: Send | None = None, waiting: Callable[[], int] = lambda: 0
    ) -> None:
        """Nothing runs yet.  Without ``send`` stages run here; ``waiting`` counts what lies in the queues."""
        super().__init__("stages", self._sweep, parts.settings.sweep_s)
        self._parts = parts
        self._waiting = waiting
        self._send = send or self._run_here

    def _sweep(self) -> None:
        """Send what is due."""
        sweep(self._parts, self._send, resend_ms=BACKLOG_RESEND_MS if self._waiting() else None)

    def _run_here(self, recording_id: RecordingId, stage: Stage) -> None:
        """Run a stage and those after it, in this process."""
        following: Stage | None = stage
        while following is not None and not self.is_over:
            following = advance(self._parts, recording_id, following)


class Worker:
    """Keeps everything moving until it is stopped; woken by the API, and by itself every few seconds."""

    def __init__(self, parts: Parts, stages: Stages | None = None, *, component: str = "serve") -> None:
        """Nothing runs yet.  Without ``stages`` they run here; ``component`` is this process in the log."""
        self._parts = parts
        self._tidier = Tidier(parts)
        self._inbox = Loop("inbox", self._drain, parts.settings.sweep_s)
        self._stages: Stages = stages or Sweeper(parts)
        pulse = _pulse(parts, component)
        self._loops: tuple[Stages, ...] = (
            self._inbox,
            self._stages,
            Loop("tidying", self._tidy, 60),
            Loop("retention", lambda: carry_out(parts), RETENTION_S),
            # Apart from sealing, which must not wait for it: after an upgrade it has the whole log to read.
            Loop("finding", lambda: catch_up(parts.database, AT_ONCE), 1),
            Loop("heartbeat", pulse.beat, parts.settings.heartbeat_s),
            *_sealing(parts),
        )

    def start(self) -> None:
        """Begin to work."""
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Look for work now; returns at once."""
        self._inbox.wake()

    def stop(self) -> None:
        """Finish the stage that runs, seal the log, anchor it, and end."""
        for loop in self._loops:
            loop.end()
        for loop in self._loops:
            loop.join()
        if self._parts.sequencer is not None:
            Loop("sealing", lambda: seal(self._parts), 0).once()
            Loop("anchoring", self._parts.keeper.anchor, 0).once()

    def _drain(self) -> None:
        """Handle the inbox, then have what it planned begun."""
        if drain(self._parts.intake, now_ms=self._parts.now_ms()):
            self._stages.wake()

    def _tidy(self) -> None:
        """Pay what is owed, and remove the scratch of runs that were killed."""
        self._parts.home.sweep()
        self._tidier.tidy()


def _pulse(parts: Parts, component: str) -> Pulse:
    """The heartbeat of this process."""
    every_s = parts.settings.heartbeat_s
    return Pulse(parts.database, component=component, heartbeat_s=every_s, now_ms=parts.now_ms)


def _sealing(parts: Parts) -> tuple[Loop, ...]:
    """What is done for the log by a process that seals it beside its other work."""
    if parts.sequencer is None:
        return ()
    return (Loop("sealing", lambda: seal(parts), 1), *loops(parts.keeper, parts.settings.anchor_s))
