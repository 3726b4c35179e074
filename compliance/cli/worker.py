"""``compliance worker``: Celery's worker, and beside it the sweeper that hands it what is due."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from compliance.errors import ArgumentInvalid, SettingInvalid
from compliance.settings import Settings, load

if TYPE_CHECKING:
    from compliance.embedded import Worker

NO_BROKER = (
    "there is no broker, so `compliance serve` processes the recordings itself (the embedded default) and no "
    "worker is needed; for workers of their own set COMPLIANCE_BROKER_URL (redis://...), here and for `serve`"
)


def worker(
    queue: Annotated[
        list[str] | None,
        typer.Option(
            help="Queue to work on: transcribe (speech) or stages (the rest). Repeatable; all by default."
        ),
    ] = None,
    concurrency: Annotated[
        int,
        typer.Option(
            min=1, max=64, help="Stages run at once; speech recognition takes every core by itself."
        ),
    ] = 1,
) -> None:
    """Run the stages that the broker hands out, until stopped.

    Beside them runs a sweeper: it handles the inbox, sends what was never sent
    and what a dead worker left, signs the audit log, and destroys what is owed.
    Any number of workers and sweepers may run.  SIGTERM lets the stage under way
    end; a worker that is killed loses nothing, another takes its stage over.
    """
    settings = load()
    if settings.broker_url is None:
        raise SettingInvalid(NO_BROKER)
    raise typer.Exit(run(settings, queues_of(queue), concurrency))


def queues_of(named: list[str] | None) -> tuple[str, ...]:
    """The queues to work on.

    Raises:
        ArgumentInvalid: there is no queue of that name.
    """
    from workers.options import QUEUES

    if strange := set(named or ()) - set(QUEUES):
        raise ArgumentInvalid(f"no queue is named {min(strange)}; there are {' and '.join(QUEUES)}")
    return tuple(each for each in QUEUES if not named or each in named)


def run(settings: Settings, queues: tuple[str, ...], concurrency: int) -> int:
    """Celery's worker as a process of its own, the sweeper in this one; the worker's exit code.

    They are apart because Celery forks: a process with threads and connections
    to a database must not.
    """
    from compliance import starting
    from compliance.bootstrap import build
    from compliance.embedded import Sweeper, Worker
    from workers.dispatch import Dispatcher

    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, stream=sys.stderr)
    logging.getLogger("compliance").setLevel(settings.log_level.upper())
    parts, dispatcher = build(settings), Dispatcher(settings)
    sweeper = Worker(parts, Sweeper(parts, dispatcher.send, dispatcher.waiting), component="worker")
    try:
        with starting.running(parts, "worker"):
            return _worked(sweeper, _started(queues, concurrency))
    finally:
        parts.database.close()


def _worked(sweeper: Worker, child: subprocess.Popen[bytes]) -> int:
    """The sweeper beside Celery's worker until that ends; its exit code."""
    sweeper.start()
    try:
        code = child.wait()
        return code if code >= 0 else 128 - code
    finally:
        child.terminate()
        child.wait()
        sweeper.stop()


def _started(queues: tuple[str, ...], concurrency: int) -> subprocess.Popen[bytes]:
    """Celery's worker; it hears of SIGTERM through us, and of Ctrl-C from the terminal as we do."""
    chosen = [f"--queues={','.join(queues)}", f"--concurrency={concurrency}"]
    child = subprocess.Popen([sys.executable, "-m", "workers", *chosen])
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    signal.signal(signal.SIGINT, lambda *_: None)
    return child
