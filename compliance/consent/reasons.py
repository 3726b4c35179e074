"""A verdict's grounds in plain sentences.  They name times and rules, never what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compliance.consent.demand import Demand
from compliance.consent.law import UNKNOWN, Confidence, Kind, Rule
from compliance.consent.notice import Answer, Force, Heard, Notice
from compliance.records import ChannelSpan, Place, Role

_SIDES = {Role.AGENT: "The business", Role.CALLER: "The caller", Role.UNKNOWN: "A party"}
_EVIDENCE = {
    "area_code": "by the area code of the number",
    "country_code": "by the country code of the number",
    "declared": "as declared by the business",
    "toll_free": "the number belongs to no place",
    "withheld": "the number was withheld or cannot be read",
    "not_given": "nothing was said of this side",
}


def of_law(asked: Demand) -> Iterator[str]:
    """Who was where, what each place asks, and which rule is applied."""
    for place, rule in asked.rules:
        yield _where(place)
        if rule.policy is None and place.jurisdiction != UNKNOWN:
            yield f"There is no policy in force for {place.jurisdiction}, so all parties must agree there."
    yield _applied(asked.rule)
    if asked.rule.condition is not None:
        yield f"Its condition: {asked.rule.condition}"


def _where(place: Place) -> str:
    side = _SIDES[place.role]
    how = _EVIDENCE.get(place.evidence, place.evidence)
    if place.jurisdiction == UNKNOWN:
        return f"{side} is of unknown place ({how}), which counts as the strictest."
    weak = ", which is weak evidence" if place.is_weak else ""
    return f"{side} is placed in {place.jurisdiction} {how}{weak}."


def _applied(rule: Rule) -> str:
    """The rule that decides, with its citation and how well it is known."""
    if rule.policy is None:
        return "The strictest reading is applied: all parties must agree."
    parties = "all parties must agree" if rule.is_all_party else "one party's agreement is enough"
    mixed = " (a mixed rule, treated so)" if rule.kind is Kind.MIXED else ""
    doubt = "" if rule.confidence is Confidence.VERIFIED else f", known from {_source(rule.confidence)} only"
    return (
        f"The strictest rule is that of {rule.name}: {parties}{mixed}; {'; '.join(rule.statutes)}"
        f" (checked on {rule.checked_on}{doubt})."
    )


def _source(confidence: Confidence) -> str:
    return "secondary sources" if confidence is Confidence.SECONDARY else "memory"


def of_speech(heard: Heard) -> Iterator[str]:
    """What was heard and where in the recording."""
    for notice in heard.notices:
        yield _notice(notice)
    answer = _answer(heard.answer)
    if answer is not None:
        yield answer
    for span in heard.objections:
        yield f"An objection to the recording was heard at {_at(span)}."


def _notice(notice: Notice) -> str:
    by = {Role.AGENT: "the business", Role.CALLER: "the caller", Role.UNKNOWN: "a party not told apart"}
    says = {
        Force.IS: "that the call is recorded",
        Force.MAY: "that the call may be recorded",
        Force.ASKED: "by asking whether the call may be recorded",
    }
    return f"Notice by {by[notice.role]} at {_at(notice.span)}: {says[notice.force]}."


def _answer(answer: Answer) -> str | None:
    match answer:
        case Answer.NOT_ASKED:
            return None
        case Answer.YES:
            return "Consent was asked for and given in words."
        case Answer.NO:
            return "Consent was asked for and refused."
        case Answer.UNCLEAR:
            return "Consent was asked for and answered with hesitation."
        case Answer.NONE:
            return "Consent was asked for; no answer was heard."
        case _:
            assert_never(answer)


def _at(span: ChannelSpan) -> str:
    return f"{_clock(span.start_ms)}-{_clock(span.end_ms)} on channel {span.channel}"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms % 60_000 // 1_000:02d}.{ms % 1_000 // 100}"
