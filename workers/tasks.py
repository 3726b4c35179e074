"""One task a stage: it carries an id, gives nothing back, and leaves all else to the pipeline."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from celery import Task

from compliance import bootstrap, settings
from compliance.errors import BrokerUnavailable, TransientError
from compliance.loop import told
from compliance.parts import Parts
from compliance.pipeline import advance
from compliance.records import RecordingId, Stage
from compliance.store import work
from workers.app import app
from workers.dispatch import Dispatcher
from workers.options import name_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What one worker process works with."""

    parts: Parts
    dispatcher: Dispatcher = field(repr=False)

    def run(self, recording_id: RecordingId, stage: Stage) -> None:
        """Run a stage, and after its commit send the one that follows.

        Raises:
            TransientError: the stage was given back; the sweeper sends it again.
        """
        following = advance(self.parts, recording_id, stage)
        if following is not None:
            self._send(recording_id, following)

    def _send(self, recording_id: RecordingId, stage: Stage) -> None:
        try:
            self.dispatcher.send(recording_id, stage)
        except BrokerUnavailable:
            _log.warning("stage %s of %s is left to the sweeper: no broker answers", stage, recording_id)
            return
        with self.parts.database.begin() as connection:
            work.mark_sent(connection, recording_id, stage, self.parts.now_ms())


@cache
def bench() -> Bench:
    """This process's bench, made by its first task: no connection and no model crosses the fork.

    Celery's own hook for that would not do: it kills a process that is not up
    within four seconds, and drops what the hook raises.
    """
    loaded = settings.load()
    return Bench(parts=bootstrap.build(loaded), dispatcher=Dispatcher(loaded))


class StageTask(Task):  # type: ignore[misc]  # Celery carries no types
    """Runs its stage.

    Nothing is retried by Celery: a message that waits for its time sits in one
    worker's memory and holds up its queue.  The stage was given back to the
    table of work, and the sweeper sends it again after a pause that grows.
    """

    def __init__(self, stage: Stage) -> None:
        """The task of a stage, under its name."""
        self.stage = stage
        self.name = name_of(stage)

    def run(self, recording_id: str) -> None:
        """Run the stage.  Delivered twice it finds the stage done or held, and changes nothing.

        No exception leaves it: Celery would log its text, which may hold what was said.
        """
        try:
            bench().run(RecordingId(recording_id), self.stage)
        except TransientError as error:
            _log.warning("stage %s of %s comes again: %s", self.stage, recording_id, error.reason)
        except Exception as error:
            _log.error("stage %s of %s broke off: %s", self.stage, recording_id, told(error))


TASKS: dict[Stage, Any] = {stage: app.register_task(StageTask(stage)) for stage in Stage}
