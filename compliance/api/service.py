"""The HTTP service with all that goes on beside it: the embedded worker, or the way to the broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compliance import starting
from compliance.api.parts import ApiParts
from compliance.api.sequencing import SequencerProcess
from compliance.api.stages import StagesProcess
from compliance.bootstrap import build
from compliance.embedded import Sweeper, Worker
from compliance.keeping.reports import made
from compliance.parts import Parts
from compliance.settings import Settings
from compliance.store import keys


@contextmanager
def service(settings: Settings) -> Iterator[ApiParts]:
    """The parts of the HTTP service, everything beside it running until the end.

    The log's sequencer is a process of its own.  Without a broker so is what runs the stages.
    With one they are sent to the workers: whoever is asked to wake returns at once, so
    no answer waits for the broker.
    """
    parts = build(settings)
    worker, sequencer = _worker(parts), SequencerProcess(settings)
    parts.home.sweep()
    try:
        with starting.running(parts, "serve"):
            worker.start()
            if settings.audit_sequencer:
                sequencer.start()
            try:
                yield api_parts(parts, worker)
            finally:
                worker.stop()
    finally:
        sequencer.stop()
        parts.database.close()


def _worker(parts: Parts) -> Worker:
    """The embedded worker, which has the stages run beside it or hands them to the broker."""
    if parts.settings.broker_url is None:
        return Worker(parts, StagesProcess(parts.settings, parts.database))
    from workers.dispatch import Dispatcher  # Celery is imported only where there is a broker

    dispatcher = Dispatcher(parts.settings)
    return Worker(parts, Sweeper(parts, dispatcher.send, dispatcher.waiting))


def api_parts(parts: Parts, worker: Worker) -> ApiParts:
    """What the HTTP service needs of a deployment."""
    return ApiParts(
        settings=parts.settings,
        database=parts.database,
        intake=parts.intake,
        law=parts.law,
        wake=worker.wake,
        report=lambda connection, wanted: made(connection, parts, wanted),
        checks={
            "keys": lambda: keys.deployment_key(parts.home.keys),
            "models": parts.engines.check,
        },
    )
