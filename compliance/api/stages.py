"""The stages as a process beside the service, started again when it dies, and killed when it hangs.

A process of its own, since FFmpeg and the models are C code at work on what strangers made: what
crashes there must not take with it what LiveKit's webhooks come to.
"""

from __future__ import annotations

import logging
import os
import subprocess
import time
from contextlib import suppress
from typing import Final

from compliance.api.variables import variables
from compliance.loop import Loop
from compliance.sequencing import is_of, now_ms
from compliance.settings import Settings
from compliance.store import work
from compliance.store.database import Database
from compliance.working import COMMAND

_log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
LEAST_S: Final = 5.0
"""Seconds between two starts: what dies at once would otherwise do nothing else."""


class StagesProcess:
    """Keeps one running; to the embedded worker it is what runs the stages."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Nothing runs yet."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
        self._environment: Final = own | variables(settings)
        self._patience_s: Final = 2.0 * settings.lease_s
        self._database: Final = database
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._well = float("-inf")
        self._loop = Loop("stages", self._look, LOOK_S)

    def start(self) -> None:
        """Start it, and look after it from now on."""
        self._loop.start()

    def wake(self) -> None:
        """Have it look for what is due; one that is just dying looks when it is started again."""
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, ValueError):
                self._process.stdin.write(b"\n")

    def end(self) -> None:
        """Let the stage that runs be the last."""
        self._loop.end()

    def join(self) -> None:
        """Wait until it has ended, or hangs and is killed."""
        self._loop.join()
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        while self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LOOK_S)
                return
            self._watch(self._process)

    @property
    def pid(self) -> int | None:
        """Its process id, once it was started."""
        return None if self._process is None else self._process.pid

    def _look(self) -> None:
        """Start it if it does not run; kill it if it hangs."""
        if self._process is not None and self._process.poll() is None:
            self._watch(self._process)
        elif time.monotonic() - self._started >= LEAST_S:
            self._begin()

    def _begin(self) -> None:
        if self._process is not None:
            _log.error(
                "the process of the stages ended with code %d and is started again", self._process.returncode
            )
        self._started = self._well = time.monotonic()
        self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, bufsize=0, env=self._environment)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process whose stage has had no heartbeat for so long: it hangs, or takes too long."""
        with self._database.read() as connection:
            holders = work.lapsed(connection, now_ms())
        if not any(is_of(each, process.pid) for each in holders):
            self._well = time.monotonic()
        elif time.monotonic() - self._well > self._patience_s:
            _log.error("the process of the stages hangs and is killed")
            process.kill()
