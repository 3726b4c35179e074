"""What the log says about time: its heartbeat, and whether each event may have been written when it says.

An event's place bounds its time.  It was written before the next heartbeat and after
the last; and where an authority stated times, before the one over a checkpoint that
covers it, and after the one that the log tells of before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from compliance.audit.checks.reading import Read
from compliance.audit.checks.report import Check, Found, Standing
from compliance.audit.events import EventKind

SLACK: Final = 1.75
"""How many heartbeats long a silence may be: one that is late is none that is missing."""
CLOCKS_MS: Final = 900_000
"""How far two clocks of a deployment, or the time of writing and that of commit, may lie apart."""
BACK_MS: Final = 5_000
"""How far a clock may be set back without being told of: what time servers correct."""
STATED_ELSEWHERE: Final = frozenset({EventKind.PARTICIPANT_JOINED.value, EventKind.PARTICIPANT_LEFT.value})
"""Kinds whose time is LiveKit's of the thing itself; it may be told of a day later."""

_BEATS: Final = frozenset(
    {EventKind.LOG_STARTED.value, EventKind.LOG_HEARTBEAT.value, EventKind.LOG_STOPPED.value}
)


class Times:
    """Looks at the events in the order of the log."""

    def __init__(self, found: Found, stamps: Sequence[tuple[int, int]]) -> None:
        """``stamps``: what the authority stated, as size of the tree and Unix milliseconds."""
        self._found: Final = found
        self._stamps = sorted(stamps)
        self._beat: Read | None = None
        self._every_s: int | None = None
        self._early: Read | None = None
        """The first event since the last beat that states a much earlier time than that."""
        self._late: Read | None = None
        """The event since then that states the latest time."""
        self._after_ms = 0
        """What the last time stamp stated of which the log tells."""

    def see(self, read: Read) -> None:
        """The next event."""
        self._bounds(read)
        if read.kind == EventKind.LOG_TIMESTAMPED:
            self._after_ms = max(self._after_ms, int(read.fields.get("stated_at_ms", 0)))
        if read.kind in _BEATS:
            self._next_beat(read)
        elif self._beat is not None and read.kind not in STATED_ELSEWHERE:
            if read.at_ms < self._beat.at_ms - CLOCKS_MS:
                self._early = self._early or read
            if self._late is None or read.at_ms > self._late.at_ms:
                self._late = read

    def end(self, now_ms: int | None) -> None:
        """There is no more; ``now_ms`` is the time now, if the log is read while it is written."""
        if self._beat is not None and now_ms is not None:
            self._silence(self._beat, now_ms, "and since then nothing was written")

    def _bounds(self, read: Read) -> None:
        """Compare with what an authority stated."""
        while self._stamps and self._stamps[0][0] <= read.leaf_index:
            self._stamps.pop(0)
        if self._stamps and read.at_ms > self._stamps[0][1] + CLOCKS_MS:
            self._say(read, f"later than {_time(self._stamps[0][1])}, when an authority had it already")
        if read.kind not in STATED_ELSEWHERE and read.at_ms < self._after_ms - CLOCKS_MS:
            self._say(
                read, f"before {_time(self._after_ms)}, which an authority had stated before it was written"
            )

    def _next_beat(self, read: Read) -> None:
        before, self._beat = self._beat, read
        if before is not None:
            self._silence(before, read.at_ms, "before the next sign of life")
            if read.at_ms < before.at_ms - BACK_MS:
                back = (before.at_ms - read.at_ms) // 1000
                self._say(read, f"{back} s before the heartbeat above it: a clock went back", Standing.GAP)
        self._between(before, read)
        is_over = read.kind == EventKind.LOG_STOPPED
        self._every_s = None if is_over else int(read.fields.get("heartbeat_s", 0)) or None

    def _between(self, before: Read | None, beat: Read) -> None:
        """Judge what was written between two beats: a clock that jumped moved one of them."""
        if self._early is not None and self._early.at_ms < beat.at_ms - CLOCKS_MS:
            self._say(self._early, "much earlier than the heartbeats before and after it")
        latest_ms = max(before.at_ms, beat.at_ms) if before is not None else beat.at_ms
        if self._late is not None and self._late.at_ms > latest_ms + CLOCKS_MS:
            self._say(self._late, "much later than the heartbeats before and after it")
        self._early = self._late = None

    def _silence(self, beat: Read, until_ms: int, then: str) -> None:
        if self._every_s is None or until_ms - beat.at_ms <= self._every_s * 1000 * SLACK:
            return
        seconds = (until_ms - beat.at_ms) // 1000
        why = f"silent for {seconds} s after this one, {then}; {self._every_s} s were stated"
        self._found.add(Check.HEARTBEAT, why, Standing.GAP, event_id=beat.id, leaf_index=beat.leaf_index)

    def _say(self, read: Read, why: str, standing: Standing = Standing.INVALID) -> None:
        why = f"it states {_time(read.at_ms)}, {why}"
        self._found.add(Check.TIMES, why, standing, event_id=read.id, leaf_index=read.leaf_index)


def _time(unix_ms: int) -> str:
    try:
        return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"{unix_ms} ms"
