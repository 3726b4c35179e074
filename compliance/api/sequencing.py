"""The log's sequencer as a process beside the service, started again when it dies.

A process of its own, since it reads the key that signs the log, and the one that
listens to the network must not have it.
"""

from __future__ import annotations

import logging
import os
import subprocess
from typing import Final

from compliance.api.variables import variables
from compliance.loop import Loop
from compliance.sequencing import command
from compliance.settings import Settings

_log = logging.getLogger(__name__)

LOOK_S = 1.0
NEEDED = ("home", "database_url", "audit_", "s3_", "anchor", "timestamp_", "log_level")
"""How the names of the settings begin that it is handed."""

PATIENCE_S = 20
"""How long it may take to seal the last events before it is killed; they are sealed at the next start."""


class SequencerProcess:
    """Keeps one running."""

    def __init__(self, settings: Settings) -> None:
        """Nothing runs yet."""
        self._environment: Final = {**os.environ, **variables(settings, NEEDED)}
        self._process: subprocess.Popen[bytes] | None = None
        self._loop = Loop("sequencer", self._look, LOOK_S)

    def start(self) -> None:
        """Start it, and look after it from now on."""
        self._loop.start()

    def stop(self) -> None:
        """Have it seal what was written last, and end."""
        self._loop.end()
        self._loop.join()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int | None:
        """Its process id, once it was started."""
        return None if self._process is None else self._process.pid

    def _look(self) -> None:
        """Start it if it does not run."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            code = self._process.returncode
            _log.error("the log's sequencer ended with code %d and is started again", code)
        self._process = subprocess.Popen(
            command(beside=os.getpid()), stdin=subprocess.DEVNULL, env=self._environment
        )
