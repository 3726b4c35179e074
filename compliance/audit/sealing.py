"""The sequencer's own process: it seals what is pending, again and again, until it is told to end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from compliance.audit.sequencer import Sequencer
from compliance.errors import ComplianceError

_log = logging.getLogger(__name__)

PAUSE_S: Final = 0.5
"""Between two looks for pending events; a checkpoint follows a commit within a second."""


class Sealing:
    """Seals until the end.  What fails is told once, and tried again."""

    def __init__(
        self, open_log: Callable[[], Sequencer], now_ms: Callable[[], int], *, pause_s: float = PAUSE_S
    ) -> None:
        """Nothing is opened yet; ``open_log`` reads the keys, and is called anew after a failure."""
        self._open_log: Final = open_log
        self._now_ms: Final = now_ms
        self._pause_s: Final = pause_s
        self._sequencer: Sequencer | None = None
        self._trouble = ""

    def run(self, over: threading.Event) -> None:
        """Seal, wait, and so on; once more when it is over, for what was written last."""
        while not over.is_set():
            self.seal()
            over.wait(self._pause_s)
        self.seal()

    def seal(self) -> None:
        """Seal what is pending.

        After a failure everything is read anew the next time, the keys too: a key
        that takes over is put beside the others while this process runs.
        """
        try:
            self._sequencer = self._sequencer or self._open_log()
            self._sequencer.seal(self._now_ms())
        except ComplianceError as error:
            self._sequencer = None
            self._tell(error)
        else:
            self._trouble = ""

    def _tell(self, error: ComplianceError) -> None:
        """Log a failure, unless it is still the same."""
        if self._trouble != error.reason:
            _log.error("the log is not sealed: %s (%s)", error, error.reason)
        self._trouble = error.reason
