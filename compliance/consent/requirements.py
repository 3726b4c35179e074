"""Before a call: what must be said, when and why, and words that meet it all.

From the same places, rules and ears as the verdict afterwards, so that an agent
who follows the advice is judged to have been lawful.  Not legal advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.consent import phone, reasons
from compliance.consent.demand import Demand, demand
from compliance.consent.jurisdiction import Locate, places
from compliance.consent.law import Confidence, Disclosure, Law, Rule, When
from compliance.consent.opening import TRUE_ANSWER, Needs, Opening, Saying, opening
from compliance.records import AgentKind, Party, Place, PolicyRef


class Moment(StrEnum):
    """When something is to be said."""

    BEFORE_SUBSTANCE = "before_substance"
    """In the first utterance, which nothing may interrupt."""
    WHEN_ASKED = "when_asked"


class Again(StrEnum):
    """Upon what it is to be said once more."""

    LATE_JOINER = "late_joiner"
    TRANSFER = "transfer"
    RECORDING_RESUMED = "recording_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A law by which something must be said."""

    jurisdiction: str
    citation: tuple[str, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing to be said."""

    says: Saying
    when: Moment
    again: tuple[Again, ...]
    is_required: bool
    """Whether a law asks for it; else it is prudence."""
    why: str
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """All that is to be known before a call."""

    asked: Demand
    day: date
    agent: AgentKind
    to_say: tuple[Requirement, ...]
    opening: Opening

    @property
    def must_ask(self) -> bool:
        """Whether consent is asked for; once it is, a yes is needed to go on recording."""
        return self.opening.question is not None

    @property
    def true_answer(self) -> str | None:
        """What to answer when asked whether one is a machine; None for a person, who needs no advice."""
        return TRUE_ANSWER if self.agent is AgentKind.AI else None

    @property
    def policies(self) -> tuple[PolicyRef, ...]:
        """The policy files that bear on it; for a person, none about machines."""
        about_machines = {rule.policy for rule in self.asked.ai} if self.agent is AgentKind.HUMAN else set()
        return tuple(ref for ref in self.asked.policies if ref not in about_machines)

    @property
    def reasoning(self) -> tuple[str, ...]:
        """The grounds in plain sentences."""
        ai = reasons.of_ai(self.asked) if self.agent is AgentKind.AI else ()
        return (*reasons.of_law(self.asked), *ai)


def of_call(
    parties: Sequence[Party],
    law: Law,
    *,
    declared: Sequence[Place],
    agent: AgentKind,
    day: date,
    explicit_consent: bool,
    locate: Locate = phone.locate,
) -> Requirements:
    """What a call between these parties, on a day, asks of the one who opens it."""
    asked = demand(places(parties, locate, declared=declared), law, on_date=day)
    return requirements(asked, law.disclosure, agent=agent, day=day, explicit_consent=explicit_consent)


def requirements(
    asked: Demand, disclosure: Disclosure, *, agent: AgentKind, day: date, explicit_consent: bool
) -> Requirements:
    """What the demands on a call come to for the one who opens it.

    Consent is asked for where a rule takes nothing but a yes, and where all
    parties must agree and the tenant wants more than a caller who hears the
    notice and goes on.
    """
    needs = Needs(
        is_ai=agent is AgentKind.AI,
        must_say_is=asked.needs_is or any(extra.needs == "notice-is" for extra in asked.extras),
        court=any(extra.needs == "use-in-court" for extra in asked.extras),
        question=asked.needs_answer or (asked.rule.is_all_party and explicit_consent),
    )
    return Requirements(
        asked=asked,
        day=day,
        agent=agent,
        to_say=tuple(_to_say(asked, needs)),
        opening=opening(needs, disclosure),
    )


def _to_say(asked: Demand, needs: Needs) -> Iterator[Requirement]:
    if needs.is_ai:
        yield from _of_ai(asked)
    yield _notice(asked)
    if needs.court:
        yield _court(asked)
    yield _prudent(
        Saying.SERVICE_PROVIDER,
        "Whoever processes the recording for the business is a party that callers do not expect; claims have "
        "been brought over services that were not told of.",
    )
    yield _prudent(Saying.WAY_OUT, "A caller who could have said no and went on has agreed the more clearly.")
    if needs.question:
        yield _question(asked)


def _of_ai(asked: Demand) -> Iterator[Requirement]:
    """That the agent is a machine: at the start, and truly whenever somebody asks."""
    at_start = [rule for rule in asked.ai if rule.when is When.AT_START]
    why = (
        "A law that may apply asks a machine to say so unasked."
        if at_start
        else "It is honest, and soon said."
    )
    grounds = tuple(
        Ground(jurisdiction=rule.jurisdiction, citation=(rule.citation,), confidence=rule.confidence)
        for rule in asked.ai
    )
    first = tuple(each for each, rule in zip(grounds, asked.ai, strict=True) if rule.when is When.AT_START)
    yield _at_start(Saying.AI_DISCLOSURE, first, why, is_required=bool(at_start))
    yield Requirement(
        says=Saying.AI_DISCLOSURE,
        when=Moment.WHEN_ASKED,
        again=(),
        is_required=bool(asked.ai),
        why="Whoever asks whether a person speaks is told the truth.",
        grounds=grounds,
    )


def _notice(asked: Demand) -> Requirement:
    """The notice of recording: law, or prudence where one party's agreement is enough."""
    bound = [*_all_party(asked), *(rule for _, rule in asked.rules if rule.extras)]
    if asked.rule.is_all_party:
        why = "All parties must agree to the recording, and nobody can who has not been told."
    elif bound:
        why = " ".join(dict.fromkeys(extra.text for extra in asked.extras))
    else:
        why = "No law of these places asks for it, but evidence of a place can be wrong."
    return _at_start(Saying.RECORDING_NOTICE, _grounds(bound), why, is_required=bool(bound))


def _court(asked: Demand) -> Requirement:
    demanding = [rule for _, rule in asked.rules if any(e.needs == "use-in-court" for e in rule.extras)]
    texts = [extra.text for extra in asked.extras if extra.needs == "use-in-court"]
    return _at_start(
        Saying.USE_IN_COURT, _grounds(demanding), " ".join(dict.fromkeys(texts)), is_required=True
    )


def _question(asked: Demand) -> Requirement:
    is_law = asked.needs_answer
    why = "a rule takes nothing but a yes in words" if is_law else "this deployment asks for a yes in words"
    return _at_start(
        Saying.CONSENT_QUESTION,
        _grounds(_all_party(asked)),
        f"All parties must agree, and {why}.",
        is_required=is_law,
    )


def _prudent(says: Saying, why: str) -> Requirement:
    return _at_start(says, (), why, is_required=False)


def _at_start(says: Saying, grounds: tuple[Ground, ...], why: str, *, is_required: bool) -> Requirement:
    """Said in the first utterance, and once more to whoever did not hear that."""
    return Requirement(
        says=says,
        when=Moment.BEFORE_SUBSTANCE,
        again=tuple(Again),
        is_required=is_required,
        why=why,
        grounds=grounds,
    )


def _all_party(asked: Demand) -> list[Rule]:
    return [rule for _, rule in asked.rules if rule.is_all_party]


def _grounds(rules: Iterable[Rule]) -> tuple[Ground, ...]:
    """Each rule once, in order."""
    found = (
        Ground(jurisdiction=rule.code, citation=rule.statutes, confidence=rule.confidence) for rule in rules
    )
    return tuple(dict.fromkeys(found))
