"""A job done again and again in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from compliance.errors import ComplianceError

_log = logging.getLogger(__name__)


def told(error: BaseException) -> str:
    """An error for a log line: the reason of ours, the type of others, whose text may hold what was said."""
    return error.reason if isinstance(error, ComplianceError) else type(error).__name__


class Loop:
    """A job done again and again in a thread of its own; what fails is done the next time."""

    def __init__(self, name: str, job: Callable[[], object], pause_s: float) -> None:
        """Nothing runs yet."""
        self._name = name
        self._job = job
        self._pause_s = pause_s
        self._wake = threading.Event()
        self._over = threading.Event()
        self._failed: str | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Do the job now, and from now on."""
        self._thread.start()

    def wake(self) -> None:
        """Do it again without waiting for the pause to end; returns at once."""
        self._wake.set()

    def end(self) -> None:
        """Let what is under way be the last; returns at once."""
        self._over.set()
        self._wake.set()

    @property
    def is_over(self) -> bool:
        """Whether it was told to end."""
        return self._over.is_set()

    def join(self) -> None:
        """Wait for the end."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self._wake.clear()
            self.once()
            self._wake.wait(self._pause_s)

    def once(self) -> None:
        """Do the job; what fails is told, and again and again is one line."""
        try:
            self._job()
        except Exception as error:
            if told(error) != self._failed:
                _log.warning("%s: %s", self._name, told(error))
            self._failed = told(error)
        else:
            self._failed = None
