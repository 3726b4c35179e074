"""A verdict's grounds in plain sentences.  They name times and rules, never what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compliance.consent import borders
from compliance.consent.demand import Demand
from compliance.consent.law import UNKNOWN, AiRule, Confidence, Kind, Rule, When
from compliance.records import Place, Role

_SIDES = {Role.AGENT: "The business", Role.CALLER: "The caller", Role.UNKNOWN: "A party"}
_EVIDENCE = {
    "area_code": "by the area code of the number",
    "country_code": "by the country code of the number",
    "declared": "as declared by the business",
    "attribute": "by an attribute of the participant",
    "sip_header": "by a SIP header",
    "recorder_region": "as the deployment is set",
}
"""How a place is known."""
_IGNORANCE = {
    "toll_free": "the number is toll-free and belongs to no place",
    "non_geographic": "the number is of a kind that belongs to no place",
    "unassigned": "the number is of no area code that is known",
    "malformed": "the number cannot be read",
    "withheld": "the number was withheld or cannot be read",
    "not_given": "nothing was said of this side",
    "declared": "what the business declared names no place",
    "attribute": "an attribute of the participant was given that names no place",
    "sip_header": "a SIP header was given that names no place",
    "recorder_region": "the setting names no place",
}
"""Why a place is not known."""


def of_law(asked: Demand) -> Iterator[str]:
    """Who was where, which rule is applied, and why that one in a call across borders."""
    for place, rule in asked.rules:
        yield _where(place)
        if rule.policy is None and place.jurisdiction != UNKNOWN:
            yield f"There is no policy in force for {place.jurisdiction}, so all parties must agree there."
    yield from _several(asked)
    yield from borders.grounds([place for place, _ in asked.rules])
    yield _applied(asked.rule)
    if asked.rule.condition is not None:
        yield f"Its condition: {asked.rule.condition}"


def of_ai(asked: Demand) -> Iterator[str]:
    """The laws by which a machine on this call must say that it is one, each with how well it is known."""
    for rule in asked.ai:
        when = "when asked" if rule.when is When.ON_REQUEST else "at the start"
        known = f"{rule.jurisdiction}; {_known(rule.confidence)}"
        yield f"A machine must say {when} that it is a machine: {rule.citation} ({known}). {_reach(rule)}"


def _reach(rule: AiRule) -> str:
    """What a law about machines is on, and to whom it is confined, which nobody knows of a call."""
    trigger = f"Its case: {rule.trigger.rstrip('.')}."
    if rule.condition is None:
        return trigger
    return f"{trigger} Confined to: {rule.condition.rstrip('.')}; not known of a call, so it counts."


def _several(asked: Demand) -> Iterator[str]:
    """That a side has several places, which is as much as to say that it is not known which."""
    for role in (Role.AGENT, Role.CALLER):
        found = sorted({place.jurisdiction for place, _ in asked.rules if place.role is role})
        if len(found) > 1:
            side, named = _SIDES[role].lower(), ", ".join(found)
            yield f"For {side} there are several places ({named}); all of them count."


def _where(place: Place) -> str:
    is_recorder = place.evidence == "recorder_region"
    side = "The recorder" if is_recorder else _SIDES[place.role]
    if place.jurisdiction == UNKNOWN:
        how = _IGNORANCE.get(place.evidence, place.evidence)
        return f"{side} is of unknown place ({how}), which counts as the strictest."
    how = _EVIDENCE.get(place.evidence, place.evidence)
    weak = ", which is weak evidence" if place.is_weak else ""
    return f"{side} is placed in {place.jurisdiction} {how}{weak}."


def _applied(rule: Rule) -> str:
    """The rule that decides, with its citation and how well it is known."""
    if rule.policy is None:
        return "The strictest reading is applied: all parties must agree."
    parties = "all parties must agree" if rule.is_all_party else "one party's agreement is enough"
    mixed = " (a mixed rule, treated so)" if rule.kind is Kind.MIXED else ""
    doubt = "" if rule.confidence is Confidence.VERIFIED else f", {_known(rule.confidence)}"
    return (
        f"The strictest rule is that of {rule.name}: {parties}{mixed}; {'; '.join(rule.statutes)}"
        f" (checked on {rule.checked_on}{doubt})."
    )


def _known(confidence: Confidence) -> str:
    """How well something is established, in words."""
    match confidence:
        case Confidence.VERIFIED:
            return "verified"
        case Confidence.SECONDARY:
            return "known from secondary sources only"
        case Confidence.MEMORY:
            return "known from memory only"
        case _:
            assert_never(confidence)
