"""What is to be said in a call, part by part: when, upon what again, why, and by which law."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from compliance.consent.demand import Demand
from compliance.consent.law import AiRule, Confidence, Rule, When
from compliance.consent.opening import Needs, Saying


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


def to_say(asked: Demand, needs: Needs, *, is_asking: bool) -> Iterator[Requirement]:
    """All that is to be said, in the order of the script; ``is_asking``: whether that asks for consent."""
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
    if is_asking:
        yield _question(asked, needs)


def _of_ai(asked: Demand) -> Iterator[Requirement]:
    """That the agent is a machine: at the start, and truly whenever somebody asks."""
    at_start = [rule for rule in asked.ai if rule.when is When.AT_START]
    why = "A law that may apply asks for it unasked." if at_start else "It is honest, and soon said."
    grounds = _ai_grounds(at_start)
    yield _at_start(Saying.AI_DISCLOSURE, grounds, why, is_required=bool(at_start))
    yield Requirement(
        says=Saying.AI_DISCLOSURE,
        when=Moment.WHEN_ASKED,
        again=(),
        is_required=bool(asked.ai),
        why="Whoever asks whether a person speaks is told the truth.",
        grounds=_ai_grounds(asked.ai),
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


def _question(asked: Demand, needs: Needs) -> Requirement:
    """The question for consent: by law, by the deployment's choice, or since the certified wording has it."""
    why = "The certified wording asks for consent, so the answer counts."
    if needs.question:
        why = "All parties must agree, and this deployment asks for a yes in words."
    if asked.needs_answer:
        why = "All parties must agree, and a rule takes nothing but a yes in words."
    grounds = _grounds(_all_party(asked))
    return _at_start(Saying.CONSENT_QUESTION, grounds, why, is_required=asked.needs_answer or needs.question)


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


def _ai_grounds(rules: Iterable[AiRule]) -> tuple[Ground, ...]:
    return tuple(
        Ground(jurisdiction=rule.jurisdiction, citation=(rule.citation,), confidence=rule.confidence)
        for rule in rules
    )
