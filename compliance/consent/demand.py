"""What all the places together ask: the strictest rule, and every demand that comes with the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.consent.law import AiRule, Continuing, Extra, Law, Rule, When, Wording
from compliance.records import Place, PolicyRef, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """The demands on one call."""

    rule: Rule
    """The strictest; the one that is cited."""
    rules: tuple[tuple[Place, Rule], ...]
    needs_is: bool
    """Whether a notice must say that the call *is* recorded."""
    is_notice_enough: bool
    """Whether the notice alone is enough, under every all-party rule at once."""
    needs_answer: bool
    """Whether only a yes in words is agreement: going on after a notice is not."""
    keeps_notice: bool
    extras: tuple[Extra, ...]
    policies: tuple[PolicyRef, ...]
    ai: tuple[AiRule, ...] = ()
    """The laws by which a machine must say that it is one, if the agent is a machine."""
    tone_is_notice: bool = False
    """Whether a recorder's tone is notice enough, under every all-party rule at once."""


def demand(places: Sequence[Place], law: Law, *, on_date: date) -> Demand:
    """The strictest of the rules of all places, on the day of the call.

    There is no settled rule on whose law governs a call between states, so the
    strictest that may apply does; a place more never loosens it.
    """
    rules = tuple((place, law.rule(place.jurisdiction, on_date)) for place in places)
    strict = [rule for _, rule in rules if rule.is_all_party]
    ai = ai_rules(law, [place.jurisdiction for place in places], on_date=on_date)
    refs = [*(rule.policy for _, rule in rules), law.disclosure.policy, *(rule.policy for rule in ai)]
    return Demand(
        rule=max(rules, key=_strictness)[1],
        rules=rules,
        needs_is=any(rule.wording is Wording.IS for rule in strict),
        is_notice_enough=all(rule.continuing is Continuing.NOTICE_IS_ENOUGH for rule in strict),
        needs_answer=any(rule.continuing is Continuing.NOT_ENOUGH for rule in strict),
        keeps_notice=any(rule.is_inside_recording or rule.extras for _, rule in rules),
        extras=tuple(dict.fromkeys(extra for _, rule in rules for extra in rule.extras)),
        policies=tuple(dict.fromkeys(ref for ref in refs if ref is not None)),
        ai=ai,
        tone_is_notice=bool(strict) and all(rule.tone_is_notice for rule in strict),
    )


def ai_rules(law: Law, codes: Iterable[str], *, on_date: date) -> tuple[AiRule, ...]:
    """The laws of some places, in force on a day, that ask something of a machine on a call."""
    return tuple(rule for rule in law.ai_rules(codes, on_date) if rule.when is not When.NOT_ON_CALLS)


def _strictness(pair: tuple[Place, Rule]) -> tuple[bool, bool, bool, bool, bool, str]:
    """All-party before one-party; then one with a citation; then the more demanding; then the caller's."""
    place, rule = pair
    return (
        rule.is_all_party,
        rule.policy is not None,
        rule.continuing is Continuing.NOT_ENOUGH,
        rule.wording is Wording.IS,
        place.role is Role.CALLER,
        rule.code,
    )
