"""The process that runs the stages beside a service without a broker.

It is woken by lines on stdin, and ends when that does: with the service, however that ended.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import Final

from compliance import starting
from compliance.bootstrap import build
from compliance.embedded import Sweeper
from compliance.errors import ComplianceError
from compliance.settings import Settings, load

COMMAND: Final = (sys.executable, "-m", "compliance.working")


def run(settings: Settings) -> None:
    """Run what is due until told to end; the stage under way is ended first.

    Raises:
        ComplianceError: it could not begin.
    """
    parts, over = build(settings), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which tells us
    sweeper = Sweeper(parts)
    threading.Thread(target=_listen, args=(sweeper, over), name="wakes", daemon=True).start()
    try:
        with starting.running(parts, "stages"):
            sweeper.start()
            over.wait()
            sweeper.end()
            sweeper.join()
    finally:
        parts.database.close()


def _listen(sweeper: Sweeper, over: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 64):
        sweeper.wake()
    over.set()


def main() -> None:
    """Run; an error is one line on stderr and its exit code."""
    try:
        settings = load()
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
        logging.getLogger("compliance").setLevel(settings.log_level.upper())
        run(settings)
    except ComplianceError as error:
        sys.stderr.write(f"error: {error} [{error.reason}]\n")
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
