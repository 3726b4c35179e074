"""That the log is being written: a sign of life at intervals, between a start and a stop on purpose.

A log in which nothing is written looks the same whether nothing happened or
somebody kept it from being written.  With a heartbeat each minute the two differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from compliance.audit import log
from compliance.audit.events import Actor, EventKind, event
from compliance.store.database import Database

ACTOR: Final = Actor(type="service", id="log", role="log")
"""Who writes of the log itself."""


class Pulse:
    """The heartbeat of one process."""

    def __init__(
        self, database: Database, *, component: str, heartbeat_s: int, now_ms: Callable[[], int]
    ) -> None:
        """Nothing is written yet."""
        self._database: Final = database
        self._component: Final = component
        self._every_s: Final = heartbeat_s
        self._now_ms: Final = now_ms

    def beat(self) -> None:
        """Say that events can be written.  Of several processes one does so for all: one beat an interval.

        Raises:
            DatabaseUnavailable: it was not written.
        """
        interval = self._now_ms() // (self._every_s * 1000)
        fields = {"component": self._component, "heartbeat_s": self._every_s}
        self._write(EventKind.LOG_HEARTBEAT, f"{self._every_s}:{interval}", **fields)

    def _write(self, kind: EventKind, key: str, **fields: object) -> None:
        now_ms = self._now_ms()
        told = event(
            kind,
            recording_id=None,
            key=key,
            occurred_at_ms=now_ms,
            actor=ACTOR,
            **fields,  # type: ignore[arg-type]  # the registry checks them
        )
        with self._database.begin() as connection:
            log.record(connection, told)
