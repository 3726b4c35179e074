"""``python -m workers``: Celery's worker, as ``compliance worker`` starts it."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from contextlib import suppress

from billiard.util import set_pdeathsig

from workers.app import app, harden
from workers.options import QUEUES


def main(arguments: list[str]) -> None:
    """Run the worker until it is told to stop: SIGTERM lets the stages under way end."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    parser.add_argument("--queues", default=",".join(QUEUES))
    parser.add_argument("--concurrency", type=int, default=1)
    chosen = parser.parse_args(arguments)
    harden()
    _end_with_parent()
    app.worker_main(argv_of(chosen.queues, chosen.concurrency))


def argv_of(queues: str, concurrency: int) -> list[str]:
    """Celery's command line.  Gossip and mingle are for remote control, which is off."""
    name = f"{queues.replace(',', '-')}-{os.getpid()}@{socket.gethostname()}"
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    work = ["--pool=prefork", f"--concurrency={concurrency}", f"--queues={queues}", f"--hostname={name}"]
    return ["--quiet", "worker", *work, *quiet]


def _end_with_parent() -> None:
    """Stop as if told to, should the process that started this one die.  Only Linux can say so."""
    parent = os.getppid()
    with suppress(OSError):
        set_pdeathsig(signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the process that started this worker is gone")


if __name__ == "__main__":
    main(sys.argv[1:])
