"""What the checks of the log come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from compliance.audit.anchors.sink import Reach


class Standing(StrEnum):
    """What a check came to."""

    VALID = "valid"
    INVALID = "invalid"
    """Something is there that should not be, or is not what it was."""
    MISSING = "missing"
    """Something is not there that should be."""
    GAP = "gap"
    """Nothing contradicts the log, but for some time, or for some events, nothing speaks for it either."""
    UNCHECKED = "unchecked"
    """It could not be looked at."""

    @property
    def is_bad(self) -> bool:
        """Whether a log of which this is found is not valid."""
        return self in (Standing.INVALID, Standing.MISSING)


class Check(StrEnum):
    """What is checked, the most telling first."""

    KEY = "key"
    """The key by which signatures are checked is the one that was named."""
    CHECKPOINTS = "checkpoints"
    """Each is signed by the key and says what its row says."""
    ORDER = "order"
    """Leaves are numbered from 0 without gap or repetition."""
    EVENTS = "events"
    """Each leaf has its event."""
    BODIES = "bodies"
    """Each event's bytes are the ones that were written: canonical, of a known schema, told of by its row."""
    LENGTH = "length"
    """The leaves end where the newest checkpoint does."""
    TREE = "tree"
    """The leaves up to each checkpoint have the root that it signs."""
    MEMORY = "memory"
    """The log continues the checkpoint that was verified here last."""
    ANCHORS = "anchors"
    """The log continues every checkpoint that the sinks hold."""
    TIMESTAMPS = "timestamps"
    """Each time stamp is the authority's, over a checkpoint of this log, and told of in the log."""
    TIMES = "times"
    """No event states a time that its place in the log contradicts."""
    HEARTBEAT = "heartbeat"
    """While the service ran, the log was never silent for longer than it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check came to, and the first event concerned."""

    check: Check
    standing: Standing
    why: str = ""
    event_id: str | None = None
    leaf_index: int | None = None
    count: int = 0
    """How often it was found; 0 where nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkReport:
    """What one sink says about the log."""

    id: str
    where: str
    reach: Reach
    standing: Standing
    held: int = 0
    """How many checkpoints of it were looked at."""
    size: int | None = None
    """Events under the newest of them, or under the newest that it took where it cannot be read."""
    kept_at_ms: int | None = None
    """When it took that one; Unix milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What was checked, and what came of it."""

    size: int
    """Events that the newest checkpoint covers."""
    checkpoints: int
    """How many were checked."""
    unsealed: int
    """Events that no checkpoint covers yet; nothing can be said about them."""
    root: bytes
    fingerprint: str
    """Of the key by which the signatures were checked."""
    findings: tuple[Finding, ...]
    since: int = 0
    """From which leaf on everything was computed anew; what lies before was, at an earlier check."""
    sinks: tuple[SinkReport, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether nothing is invalid and nothing is missing."""
        return not any(each.standing.is_bad for each in self.findings)

    @property
    def is_empty(self) -> bool:
        """Whether there is no checkpoint and no leaf, so that there was nothing to check."""
        return self.is_valid and self.size == 0

    @property
    def is_complete(self) -> bool:
        """Whether everything could be looked at that was to be."""
        return not any(each.standing is Standing.UNCHECKED for each in self.findings)

    @property
    def first(self) -> Finding | None:
        """The most telling check that failed, or None."""
        return next((each for each in self.findings if each.standing.is_bad), None)


@dataclass(slots=True)
class Found:
    """What was found so far: of each check the worst, and of that the first."""

    worst: dict[Check, Finding] = field(default_factory=dict)

    def add(
        self,
        check: Check,
        why: str,
        standing: Standing = Standing.INVALID,
        *,
        event_id: str | None = None,
        leaf_index: int | None = None,
    ) -> None:
        """Keep it, unless as bad a thing was found of that check before."""
        known = self.worst.get(check)
        if known is not None and _RANK[known.standing] >= _RANK[standing]:
            again = known.count + (known.standing is standing)
            self.worst[check] = replace(known, count=again)
            return
        self.worst[check] = Finding(
            check=check, standing=standing, why=why, event_id=event_id, leaf_index=leaf_index, count=1
        )

    @property
    def is_bad(self) -> bool:
        """Whether anything is invalid or missing."""
        return any(each.standing.is_bad for each in self.worst.values())

    def findings(self, looked_at: Mapping[Check, bool]) -> tuple[Finding, ...]:
        """What each check came to, of those that were made."""
        return tuple(
            self.worst.get(each, Finding(check=each, standing=Standing.VALID))
            for each in Check
            if looked_at.get(each, True) or each in self.worst
        )


_RANK = {
    Standing.VALID: 0,
    Standing.GAP: 1,
    Standing.UNCHECKED: 2,
    Standing.MISSING: 3,
    Standing.INVALID: 3,
}
"""Of two findings of one check the graver stays, and of equals the first."""
