"""Sinks that fail, told once: an event and a line when it begins, and an event when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from compliance.audit import log
from compliance.audit.events import EventKind, event
from compliance.audit.pulse import ACTOR
from compliance.errors import ComplianceError
from compliance.store.database import Database

_log = logging.getLogger(__name__)

T = TypeVar("T")


class Outages:
    """Which sinks fail at the moment.  Whatever they do, the service goes on."""

    def __init__(self, database: Database, now_ms: Callable[[], int]) -> None:
        """None fails as far as is known."""
        self._database: Final = database
        self._now_ms: Final = now_ms
        self._since: Final[dict[str, int]] = {}

    def tried(self, sink: str, act: Callable[[], T]) -> T | None:
        """What the act gives, or None if it fails; told if it is news that it does, or that it does no more.

        Raises:
            DatabaseUnavailable: what there was to tell was not written.
        """
        try:
            done = act()
        except ComplianceError as error:
            self._fail(sink, error)
            return None
        self._resume(sink)
        return done

    def _fail(self, sink: str, error: ComplianceError) -> None:
        if sink in self._since:
            return
        now_ms = self._now_ms()
        _log.warning("%s: %s [%s]", sink, error, error.reason)
        self._write(EventKind.ANCHOR_FAILED, sink, now_ms, outcome="failure", reason=error.reason)
        self._since[sink] = now_ms

    def _resume(self, sink: str) -> None:
        if sink in self._since:
            now_ms = self._now_ms()
            self._write(EventKind.ANCHOR_RESUMED, sink, now_ms, failed_at_ms=self._since[sink])
            del self._since[sink]
            _log.info("%s: takes checkpoints again", sink)

    def _write(self, kind: EventKind, sink: str, now_ms: int, **fields: object) -> None:
        told = event(
            kind,
            recording_id=None,
            key=f"{sink}:{now_ms}",
            occurred_at_ms=now_ms,
            actor=ACTOR,
            sink=sink,
            **fields,  # type: ignore[arg-type]  # the registry checks them
        )
        with self._database.begin() as connection:
            log.record(connection, told)
