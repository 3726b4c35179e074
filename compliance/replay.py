"""Verdicts judged anew from the facts that were kept: the same, or what would be different.

Works when recording and words are long gone.  What is read is held against the
digests in the audit log first; what was altered is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection

from compliance.audit import canonical
from compliance.audit.events import EventKind
from compliance.consent import facts_file, verdict_file
from compliance.consent.decide import decide
from compliance.consent.facts import Facts
from compliance.consent.law import Law
from compliance.consent.obligations import Orders
from compliance.consent.verdict_file import Difference
from compliance.errors import FactsAltered, FactsMissing
from compliance.records import RecordingId, Verdict
from compliance.store import consent, events
from compliance.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """What a verdict is judged by."""

    law: Law = field(repr=False)
    orders: Orders = field(repr=False)
    on_date: date | None = None
    """Another day than the call's, whose law is to be applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The newest verdict of a recording with its facts, as the audit log vouches for them."""

    recording_id: RecordingId
    facts: Facts
    facts_sha256: str
    verdict: Mapping[str, Any]
    verdict_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A verdict judged anew."""

    kept: Kept
    now: Verdict
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether it is the same verdict, byte for byte."""
        return verdict_file.digest(verdict_file.document(self.now)) == self.kept.verdict_sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What other policies would do to one stored call."""

    recording_id: RecordingId
    replay: Replay | None
    """None where its facts were refused."""
    refused: str | None = None
    """The reason for which they were."""

    @property
    def is_changed(self) -> bool:
        """Whether either outcome, the rule, or what is done with the recording would be another."""
        return self.replay is not None and any(each.field in _WEIGHTY for each in self.replay.differences)


_WEIGHTY = frozenset({"outcome", "rule", "jurisdiction", "ai.outcome", "obligations", "acts", "cut"})
"""Of a verdict these are what anybody acts upon; sentences and digests change with every edit of a file."""


def kept(connection: Connection, recording_id: str) -> Kept:
    """The newest verdict of a recording with its facts.

    Raises:
        FactsMissing: it was never judged, or by a version that kept no facts.
        FactsAltered: facts or verdict are not those whose digests stand in the audit log.
    """
    told = _told(connection, recording_id)
    row = consent.get(connection, recording_id, told["verdict_sha256"])
    if row is None:
        raise FactsMissing(f"no facts are kept of {recording_id}")
    if hashlib.sha256(row.verdict).hexdigest() != told["verdict_sha256"]:
        raise FactsAltered(f"the verdict kept of {recording_id} is not the one in the audit log")
    return Kept(
        recording_id=RecordingId(recording_id),
        facts=facts_file.decode(row.facts, told["facts_sha256"]),
        facts_sha256=told["facts_sha256"],
        verdict=json.loads(row.verdict),
        verdict_sha256=told["verdict_sha256"],
    )


def _told(connection: Connection, recording_id: str) -> dict[str, Any]:
    """What the newest event of a verdict says; its digests count, not those beside the facts."""
    rows = events.page(connection, recording_id=recording_id, kind=EventKind.CONSENT_EVALUATED.value, limit=1)
    fields: Any = canonical.decode(rows[-1].body)["fields"] if rows else {}
    if "facts_sha256" not in fields:
        raise FactsMissing(f"the audit log knows of no facts of {recording_id}")
    return dict(fields)


def replayed(was: Kept, by: Policies) -> Replay:
    """A verdict judged anew, by the same policies or others."""
    now = decide(was.facts, by.law, by.orders, on_date=by.on_date, facts_sha256=was.facts_sha256)
    found = verdict_file.differences(was.verdict, verdict_file.document(now))
    return Replay(kept=was, now=now, differences=tuple(found))


def impacts(database: Database, by: Policies, *, told: Callable[[], None] = lambda: None) -> Iterator[Impact]:
    """Every stored call judged anew, one at a time; ``told`` hears of each."""
    after = ""
    while True:
        with database.read() as connection:
            ids = consent.page(connection, after=after)
        for recording_id in ids:
            yield _impact(database, recording_id, by)
            told()
        if not ids:
            return
        after = ids[-1]


def _impact(database: Database, recording_id: str, by: Policies) -> Impact:
    """One call; one whose facts are refused is told, and stops nothing."""
    try:
        with database.read() as connection:
            was = kept(connection, recording_id)
    except (FactsAltered, FactsMissing) as error:
        return Impact(recording_id=RecordingId(recording_id), replay=None, refused=error.reason)
    return Impact(recording_id=was.recording_id, replay=replayed(was, by))
