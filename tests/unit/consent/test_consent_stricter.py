"""Which of two rules asks for more is a partial order, and it is the verdict's order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import policy
from compliance.consent.demand import Demand, demand
from compliance.consent.law import (
    STRICTEST,
    AiRule,
    Confidence,
    Continuing,
    Extra,
    Kind,
    Law,
    Rule,
    When,
    Wording,
)
from compliance.consent.stricter import Change, ai_change, asks, change
from compliance.records import Place, Role

DAY = date(2026, 11, 22)
LAW = policy.load(policy.packaged())
OREGON = LAW.rule("US-OR", DAY)

_EXTRAS = st.sets(
    st.builds(
        Extra,
        obligation=st.sampled_from(["not_usable_in_civil_case", "telemarketing_notice_missing"]),
        needs=st.sampled_from(["notice-is", "use-in-court"]),
        text=st.just("told"),
    ),
    max_size=2,
)
_RULES = st.builds(
    replace,
    st.just(STRICTEST),
    treat_as=st.sampled_from([Kind.ONE_PARTY, Kind.ALL_PARTY]),
    confidence=st.sampled_from(Confidence),
    wording=st.sampled_from(Wording),
    continuing=st.sampled_from(Continuing),
    is_inside_recording=st.booleans(),
    tone_is_notice=st.booleans(),
    extras=_EXTRAS.map(tuple),
)
_KNOWN = st.sampled_from([LAW.rule(code, DAY) for code in LAW.codes()])
_ANY = _RULES | _KNOWN


@given(_ANY)
def test_every_rule_asks_for_what_it_asks_for(rule: Rule) -> None:
    """Reflexive: nothing changes where nothing changes."""
    assert change(rule, rule) is Change.SAME


@given(_ANY, _ANY, _ANY)
def test_stricter_than_the_stricter_is_stricter(one: Rule, two: Rule, three: Rule) -> None:
    """Transitive: a chain of tightenings never ends in a loosening."""
    if not change(one, two).loosens and not change(two, three).loosens:
        assert not change(one, three).loosens


@given(_ANY, _ANY)
def test_two_rules_that_ask_for_no_less_than_each_other_ask_for_the_same(one: Rule, two: Rule) -> None:
    """Antisymmetric: and what is stricter one way is looser the other."""
    opposite = {Change.STRICTER: Change.LOOSER, Change.LOOSER: Change.STRICTER}

    assert change(two, one) is opposite.get(change(one, two), change(one, two))
    assert (change(one, two) is Change.SAME) == (asks(one) == asks(two))


def _asked(rule: Rule) -> Demand:
    law = Law(rules={"US-XX": (replace(rule, code="US-XX"),)}, disclosure=LAW.disclosure)
    place = Place(jurisdiction="US-XX", role=Role.CALLER, evidence="declared", is_weak=False)
    return demand([place], law, on_date=DAY)


@given(_ANY, _ANY)
def test_what_a_verdict_asks_is_never_less_under_the_stricter_rule(one: Rule, two: Rule) -> None:
    """The order is no opinion of its own: each respect is one that the demand on a call grows with."""
    if change(one, two) is not Change.STRICTER:
        return
    less, more = _asked(one), _asked(two)

    assert more.rule.is_all_party >= less.rule.is_all_party
    assert more.needs_is >= less.needs_is
    assert more.needs_answer >= less.needs_answer
    assert more.keeps_notice >= less.keeps_notice
    assert not (more.rule.is_all_party and more.is_notice_enough and not less.is_notice_enough)
    assert {each.obligation for each in more.extras} >= {each.obligation for each in less.extras}


ALL = replace(OREGON, treat_as=Kind.ALL_PARTY, continuing=Continuing.CONSENT)
COURT = Extra(obligation="not_usable_in_civil_case", needs="use-in-court", text="told")
FIRM = replace(COURT, needs="notice-is")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (OREGON, ALL, Change.STRICTER),
        (ALL, OREGON, Change.LOOSER),
        # Under a one-party rule nobody need be told, so the words of a notice ask for nothing.
        (OREGON, replace(OREGON, wording=Wording.IS, tone_is_notice=True), Change.SAME),
        (OREGON, replace(OREGON, summary="other words"), Change.SAME),
        (OREGON, replace(OREGON, confidence=Confidence.MEMORY), Change.STRICTER),
        (replace(OREGON, confidence=Confidence.MEMORY), OREGON, Change.LOOSER),
        (replace(OREGON, confidence=Confidence.SECONDARY), OREGON, Change.SAME),
        (ALL, replace(ALL, wording=Wording.IS), Change.STRICTER),
        (ALL, replace(ALL, tone_is_notice=True), Change.LOOSER),
        (ALL, replace(ALL, continuing=Continuing.NOTICE_IS_ENOUGH), Change.LOOSER),
        (ALL, replace(ALL, continuing=Continuing.NOT_ENOUGH), Change.STRICTER),
        (ALL, replace(ALL, is_inside_recording=True), Change.STRICTER),
        (ALL, replace(ALL, extras=(FIRM,)), Change.STRICTER),
        (replace(ALL, extras=(FIRM,)), replace(ALL, extras=(COURT,)), Change.STRICTER),
        (replace(ALL, extras=(COURT,)), replace(ALL, extras=(FIRM,)), Change.LOOSER),
        # More of one thing and less of another.
        (replace(OREGON, extras=(COURT,)), ALL, Change.UNLIKE),
        (ALL, replace(ALL, wording=Wording.IS, tone_is_notice=True), Change.UNLIKE),
    ],
)
def test_a_change_is_named_for_what_it_does(old: Rule, new: Rule, expected: Change) -> None:
    """Stricter, looser, the same, or both at once, which loosens too."""
    assert change(old, new) is expected
    assert expected.loosens == (expected in (Change.LOOSER, Change.UNLIKE))


TEXAS = next(rule for rule in LAW.ai if rule.id == "us-tx")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, TEXAS, Change.STRICTER),
        (TEXAS, None, Change.LOOSER),
        (None, replace(TEXAS, when=When.NOT_ON_CALLS), Change.SAME),
        (TEXAS, replace(TEXAS, when=When.ON_REQUEST), Change.LOOSER),
        (replace(TEXAS, when=When.ON_REQUEST), TEXAS, Change.STRICTER),
        (TEXAS, replace(TEXAS, condition=None), Change.STRICTER),
        (TEXAS, replace(TEXAS, condition="Hospitals."), Change.UNLIKE),
        (TEXAS, replace(TEXAS, jurisdiction="US-OK"), Change.UNLIKE),
        (TEXAS, replace(TEXAS, form="other words"), Change.SAME),
    ],
)
def test_so_is_a_change_of_a_law_on_ai(old: AiRule | None, new: AiRule | None, expected: Change) -> None:
    """To say so earlier, or on more calls, is to be asked for more."""
    assert ai_change(old, new) is expected
