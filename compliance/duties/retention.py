"""How long each thing is kept: the business's own schedule, and the clocks that law and contracts set.

Of all clocks that apply the longest wins.  A clock that says "no longer than"
shortens the schedule; where it contradicts one that says "at least", no program
can do both, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from compliance.consent.law import Confidence
from compliance.duties.periods import Period
from compliance.records import PolicyRef


class Thing(StrEnum):
    """What is kept, by the clock it goes by."""

    ORIGINAL = "original"
    """The recording as it came, in the vault, where the profile keeps it."""
    RAW_WORDS = "raw_words"
    """What was said, word by word, before anything was removed."""
    AUTHENTICATION_DATA = "authentication_data"
    """Card verification codes and PINs, in whatever holds them."""
    REDACTED_RECORDING = "redacted_recording"
    TRANSCRIPT = "transcript"
    """Redacted transcript and captions."""
    MANIFEST = "manifest"
    PARTICIPANTS = "participants"
    """Numbers and identities of who was on a call, sealed."""
    WEBHOOKS = "webhooks"
    """LiveKit's events as they came, sealed."""
    CONSENT_FACTS = "consent_facts"
    AUDIT_EVENTS = "audit_events"
    DISCLOSURES = "disclosures"
    STATEMENTS = "statements"
    """People's own words for what they decided, sealed."""
    REPORTS = "reports"
    EVIDENCE_BUNDLES = "evidence_bundles"
    AGREEMENTS = "agreements"
    """Policies, contracts with business associates, and risk analyses on paper."""


OF_RECORDINGS = (Thing.ORIGINAL, Thing.REDACTED_RECORDING, Thing.TRANSCRIPT, Thing.MANIFEST)
"""What this service can destroy of one recording, in the order in which it does."""
IN_THE_LOG = frozenset({Thing.AUDIT_EVENTS, Thing.CONSENT_FACTS, Thing.DISCLOSURES})
"""Append-only: never removed; what identifies people in them is erased by its salt."""
IN_YOUR_HANDS = frozenset({Thing.REPORTS, Thing.EVIDENCE_BUNDLES, Thing.AGREEMENTS})
"""Files that were handed out; this service does not have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One rule of how long something must, or may, be kept, from when it came."""

    id: str
    things: frozenset[Thing]
    profiles: tuple[str, ...]
    """Names of profiles, or patterns such as ``hipaa-*``; ``*`` is every profile."""
    least: Period | None
    most: Period | None
    citation: str
    confidence: Confidence
    why: str

    def applies(self, thing: Thing, profile: str) -> bool:
        """Whether the rule is about this thing under this profile."""
        return thing in self.things and any(fnmatchcase(profile, each) for each in self.profiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The retention policy, as loaded."""

    as_of: date
    schedule: Mapping[Thing, Period | None]
    """How long the business keeps a thing; None: until a person decides."""
    clocks: tuple[Clock, ...]
    ref: PolicyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a thing goes."""

    at_ms: int | None
    """When it is due; None where it stays until a person decides."""
    earliest_ms: int
    """Before then it may not go."""
    latest_ms: int | None
    """After then it may not stay; None where nothing says so."""
    clock: Clock | None
    """The rule that decides; None for the business's own schedule."""

    @property
    def is_contradiction(self) -> bool:
        """Whether it must stay longer than it may."""
        return self.latest_ms is not None and self.earliest_ms > self.latest_ms


def due(policy: Retention, thing: Thing, profile: str, start_ms: int) -> Due:
    """When a thing that came at ``start_ms`` under a profile is due."""
    clocks = [each for each in policy.clocks if each.applies(thing, profile)]
    least = _last((each.least.after(start_ms), each) for each in clocks if each.least is not None)
    most = _first((each.most.after(start_ms), each) for each in clocks if each.most is not None)
    own = policy.schedule.get(thing)
    earliest_ms = start_ms if least is None else least[0]
    latest_ms = None if most is None else most[0]
    wished_ms = None if own is None else own.after(start_ms)
    at_ms = wished_ms if wished_ms is None else max(wished_ms, earliest_ms)
    clock = least[1] if least is not None and (at_ms is None or at_ms == least[0]) else None
    if most is not None and (at_ms is None or most[0] < at_ms):
        at_ms, clock = max(most[0], earliest_ms), most[1]
    return Due(at_ms=at_ms, earliest_ms=earliest_ms, latest_ms=latest_ms, clock=clock)


def _last(found: Iterable[tuple[int, Clock]]) -> tuple[int, Clock] | None:
    return max(found, key=lambda pair: pair[0], default=None)


def _first(found: Iterable[tuple[int, Clock]]) -> tuple[int, Clock] | None:
    return min(found, key=lambda pair: pair[0], default=None)
