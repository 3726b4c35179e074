"""What the law asks, as values: a rule for each jurisdiction and period, and the strictest for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from compliance.records import PolicyRef

UNKNOWN = "unknown"
"""The jurisdiction of a party of whom nothing is known."""


class Kind(StrEnum):
    """Whose agreement a recording needs."""

    ONE_PARTY = "one-party"
    ALL_PARTY = "all-party"
    MIXED = "mixed"
    """Depends on a condition; the file says which, and how it is treated here."""
    UNKNOWN = "unknown"
    """No rule was found; the file says what was looked at.  Treated as all-party."""


class Treated(StrEnum):
    """How a rule is applied in the end."""

    ONE_PARTY = "one-party"
    ALL_PARTY = "all-party"


class Wording(StrEnum):
    """How firm a notice must be."""

    MAY = "may"
    """"May be recorded" is enough."""
    IS = "is"
    """Only a statement that the call is, or is about to be, recorded."""


class Continuing(StrEnum):
    """What going on with the call after a notice is worth."""

    NOT_NEEDED = "not-needed"
    CONSENT = "consent"
    """Whoever hears the notice and goes on has agreed."""
    NOTICE_IS_ENOUGH = "notice-is-enough"
    """The notice alone makes the recording lawful."""
    NOT_ENOUGH = "not-enough"
    """Going on proves nothing; only a yes in words is agreement."""


class Confidence(StrEnum):
    """How well the rule itself is established."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """Something asked beyond the lawful making of the recording, such as for using it in court."""

    obligation: str
    """Stable word that a verdict carries while this is not met."""
    needs: str
    """What meets it: ``notice-is`` (a firm notice) or ``use-in-court`` (that and a word about court)."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who answers for a rule that asks for less than the law as packaged."""

    name: str = field(repr=False)
    role: str
    on: date
    why: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule of one jurisdiction in one period."""

    code: str
    name: str
    kind: Kind
    treat_as: Kind
    """How it is applied here: one-party or all-party, the careful reading where the law is unsettled."""
    condition: str | None
    summary: str
    wording: Wording
    is_inside_recording: bool
    """Whether the notice must be heard in the recording that is kept."""
    contents: tuple[str, ...]
    tone: str
    """What a tone is worth as notice, in words."""
    tone_is_notice: bool
    """Whether a repeated tone alone is notice."""
    continuing: Continuing
    extras: tuple[Extra, ...]
    statutes: tuple[str, ...]
    cases: tuple[str, ...]
    criminal: str
    civil: str
    cross_border: str
    checked_on: date | None
    confidence: Confidence
    unverified: tuple[str, ...]
    sources: tuple[str, ...]
    effective_from: date | None
    effective_until: date | None
    """Last day; None while it is in force."""
    policy: PolicyRef | None
    basis: str = ""
    """What was read, and in what copy."""
    loosened_by: Approval | None = None
    """Set where an overlay asks for less than the file it replaces."""

    @property
    def is_all_party(self) -> bool:
        """Whether every party must agree; so too for a rule known only from memory."""
        return self.treat_as is not Kind.ONE_PARTY or self.confidence is Confidence.MEMORY

    @property
    def applied(self) -> Treated:
        """How it is applied in the end."""
        return Treated.ALL_PARTY if self.is_all_party else Treated.ONE_PARTY

    def covers(self, day: date) -> bool:
        """Whether it was in force on a day."""
        return (self.effective_from or date.min) <= day <= (self.effective_until or date.max)


STRICTEST = Rule(
    code=UNKNOWN,
    name="Unknown place",
    kind=Kind.ALL_PARTY,
    treat_as=Kind.ALL_PARTY,
    condition=None,
    summary="Where the place of a party, or the rule of that place, is not known, every party must agree.",
    wording=Wording.IS,
    is_inside_recording=True,
    contents=("that the call is recorded",),
    tone="not relied on",
    tone_is_notice=False,
    continuing=Continuing.CONSENT,
    extras=(),
    statutes=("house rule: unknown counts as all-party",),
    cases=(),
    criminal="unknown",
    civil="unknown",
    cross_border="Applied to the whole call.",
    checked_on=None,
    confidence=Confidence.MEMORY,
    unverified=(),
    sources=("house rule",),
    effective_from=None,
    effective_until=None,
    policy=None,
)
"""What counts wherever nothing better is known."""


class When(StrEnum):
    """When a machine has to say that it is one."""

    AT_START = "at-start"
    """At the latest at the first exchange, unasked."""
    ON_REQUEST = "on-request"
    """When somebody asks, truthfully."""
    NOT_ON_CALLS = "not-on-calls"
    """The rule is listed for completeness and asks nothing of a voice call as treated here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A certified wording of the tenant's own, recognised tolerantly."""

    text: str
    wording: Wording = Wording.IS


@dataclass(frozen=True, slots=True, kw_only=True)
class AiRule:
    """One version of a law that asks a machine to say that it is one."""

    id: str = ""
    """Stable name of the law among all that were loaded."""
    jurisdiction: str
    """A code; what holds for ``US`` and ``EU`` holds for all their members."""
    law: str = ""
    citation: str
    who: str = ""
    trigger: str
    form: str = ""
    """What is to be said, and when, in words."""
    condition: str | None = None
    """The kind of call or business to which it is confined; not known of a call, so the rule is applied."""
    reach: str = ""
    """How far it reaches voice calls, and why it is treated here as it is."""
    evidence: str = ""
    """What shows that it was met."""
    confidence: Confidence
    checked_on: date | None = None
    unverified: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    effective_from: date | None
    effective_until: date | None = None
    """Last day; None while it is in force."""
    when: When = When.AT_START
    policy: PolicyRef | None = None
    loosened_by: Approval | None = None
    """Set where an overlay asks for less than the file it replaces."""

    def covers(self, day: date) -> bool:
        """Whether it was in force on a day."""
        return (self.effective_from or date.min) <= day <= (self.effective_until or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """The wordings: what the tenant's agents say, and what may be said."""

    recording_scripts: tuple[Script, ...] = ()
    ai_scripts: tuple[Script, ...] = ()
    suggested: str = ""
    """One script that meets every rule of the states; a yes in words, where needed, has to be asked for."""
    policy: PolicyRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Every rule that was loaded, with the wordings."""

    rules: Mapping[str, tuple[Rule, ...]]
    disclosure: Disclosure
    ai: tuple[AiRule, ...] = ()
    """Every version of every law on AI disclosure, in the order of their ids."""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For a union of countries (``EU``), the codes of those that belong to it."""
    stand_ins: frozenset[str] = frozenset()
    """The unions whose rule is applied to a member that has no file of its own."""

    def rule(self, code: str, on_date: date) -> Rule:
        """The rule of a jurisdiction on a day; the strictest where there is none.

        Without a file of its own a province takes its country's rule (``CA-ON``
        that of ``CA``), and a country that of its union, if the union's file
        says so.  A state of the US takes none: the federal rule is only a floor.
        """
        return next((each for each in self.versions(code) if each.covers(on_date)), STRICTEST)

    def versions(self, code: str) -> tuple[Rule, ...]:
        """Every version of what speaks for a jurisdiction, the oldest first; none if no file does."""
        return next((self.rules[each] for each in self._sources(code) if each in self.rules), ())

    def ai_rules(self, codes: Iterable[str], on_date: date) -> tuple[AiRule, ...]:
        """The laws on AI disclosure in force on a day in any of these places, in the order of their ids.

        For an unknown place that is every law in force.
        """
        return tuple(each for each in self.ai_laws(codes) if each.covers(on_date))

    def ai_laws(self, codes: Iterable[str]) -> tuple[AiRule, ...]:
        """Every version of the laws on AI disclosure that hold in any of these places, on whatever day."""
        places = set(codes)
        return tuple(
            each
            for each in self.ai
            if UNKNOWN in places or any(self._belongs(place, each.jurisdiction) for place in places)
        )

    def codes(self) -> Iterable[str]:
        """Every jurisdiction with a file, in order."""
        return sorted(self.rules)

    def _sources(self, code: str) -> Iterator[str]:
        """The files that may speak for a place, the nearest first."""
        country, _, division = code.partition("-")
        yield code
        if division and country != "US":
            yield country
        yield from (union for union in sorted(self.stand_ins) if country in self.members.get(union, ()))

    def _belongs(self, place: str, jurisdiction: str) -> bool:
        """Whether a place lies in a jurisdiction, or is it."""
        country = place.partition("-")[0]
        return jurisdiction in (place, country) or country in self.members.get(jurisdiction, ())
