"""Every jurisdiction against the table of statutes, and every pair of states against each other."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import policy
from compliance.consent.demand import Demand, demand
from compliance.consent.law import STRICTEST, UNKNOWN, Confidence, Continuing, Kind, Rule, Wording
from compliance.consent.states import STATES
from compliance.records import Place, Role

DAY = date(2026, 11, 22)
LAW = policy.load(policy.packaged())
TABLES = Path(__file__).parents[2] / "fixtures" / "consent"
KINDS = {"lawful-basis": "mixed"}
"""The EU's common layer names no parties: what they must do is the members' criminal law."""


def _table(name: str) -> list[tuple[str, str, str, str]]:
    return [tuple(row) for row in yaml.safe_load((TABLES / name).read_text())["rules"]]


US, ABROAD = _table("us-rules.yaml"), _table("country-rules.yaml")


@pytest.mark.parametrize(("code", "rule", "treat_as", "confidence"), US)
def test_a_state_has_the_rule_its_statutes_were_read_to_have(
    code: str, rule: str, treat_as: str, confidence: str
) -> None:
    """Rule, careful reading and confidence stand in the file as they stand in the table."""
    found = LAW.rule(code, DAY)

    assert (found.code, found.kind, found.treat_as, found.confidence) == (code, rule, treat_as, confidence)


@pytest.mark.parametrize(("code", "rule", "treat_as", "confidence"), ABROAD)
def test_a_country_has_the_rule_of_the_table_and_never_a_looser_reading(
    code: str, rule: str, treat_as: str, confidence: str
) -> None:
    """Where notice at the start is asked, all must hear it and go on; less is taken from no summary."""
    found = LAW.rule(code, DAY)

    assert (found.code, found.kind, found.confidence) == (code, KINDS.get(rule, rule), confidence)
    assert found.is_all_party
    assert treat_as in ("all-party", "notice")
    assert found.confidence is Confidence.VERIFIED or found.continuing is not Continuing.NOTICE_IS_ENOUGH


def test_there_is_a_file_for_every_state_and_every_line_of_the_tables() -> None:
    """Fifty states, the District, three territories, the federal rule; and none that the tables lack."""
    states = {f"US-{letters}" for letters in STATES.values()}

    assert len(states) == 51
    assert set(LAW.codes()) == {code for code, *_ in US + ABROAD}
    assert states | {"US", "US-PR", "US-GU", "US-VI"} == {code for code, *_ in US}


@pytest.mark.parametrize("code", LAW.codes())
def test_every_version_says_what_an_officer_will_ask(code: str) -> None:
    """Citation, source, day of the check; what is less than verified names the parts that are not."""
    for rule in LAW.rules[code]:
        assert rule.statutes
        assert rule.sources
        assert rule.checked_on is not None
        assert rule.checked_on <= DAY
        assert (rule.kind is Kind.MIXED) == (rule.condition is not None)
        assert rule.basis
        assert rule.unverified or rule.confidence is Confidence.VERIFIED


def test_sources_are_citations_and_no_links() -> None:
    """Addresses of pages rot; a statute is found by its citation."""
    files = [path for path in policy.packaged().rglob("*.yaml") if path.parent.name != "redaction"]

    assert len(files) > len(LAW.rules)
    assert not [path.name for path in files if re.search(r"https?:|www\.", path.read_text())]


def _codes(*letters: str) -> set[str]:
    return {f"US-{each}" for each in letters}


def test_the_peculiarities_of_statutes_are_kept() -> None:
    """Notice in the recording, a tone, a word about court, a yes in words: each where it is asked."""
    states = [LAW.rule(code, DAY) for code, *_ in US if code not in ("US-PR", "US-GU", "US-VI")]

    assert {rule.code for rule in states if rule.is_inside_recording} == _codes("CT", "WA")
    assert {rule.code for rule in states if rule.tone_is_notice} == _codes("CT")
    assert {rule.code for rule in states if rule.continuing is Continuing.NOTICE_IS_ENOUGH} == _codes(
        "CT", "MT", "WA"
    )
    assert {rule.code for rule in states for e in rule.extras if e.needs == "use-in-court"} == _codes("WI")
    assert [code for code in LAW.codes() if LAW.rule(code, DAY).continuing is Continuing.NOT_ENOUGH] == ["DE"]


def test_a_union_that_stands_in_is_no_looser_than_no_file_at_all() -> None:
    """A member without a file must not gain by the union's."""
    union = LAW.rule("PT", DAY)

    assert union.code == "EU"
    assert _lawful(union) >= _lawful(STRICTEST)


def _lawful(rule: Rule) -> tuple[bool, bool, bool, bool]:
    return (
        rule.is_all_party,
        rule.wording is Wording.IS,
        rule.continuing in (Continuing.CONSENT, Continuing.NOT_ENOUGH),
        rule.is_inside_recording,
    )


def _place(code: str, role: Role = Role.CALLER) -> Place:
    return Place(jurisdiction=code, role=role, evidence="declared", is_weak=False)


def _asked(*codes: str) -> Demand:
    roles = (Role.AGENT, Role.CALLER, Role.CALLER)
    return demand([_place(code, role) for code, role in zip(codes, roles, strict=False)], LAW, on_date=DAY)


def _facets(asked: Demand) -> tuple[bool, ...]:
    """What makes a recording lawful under a demand, each True where it asks for more."""
    return (
        asked.rule.is_all_party,
        asked.needs_is,
        asked.rule.is_all_party and not asked.is_notice_enough,
        asked.needs_answer,
        asked.keeps_notice,
    )


def _no_looser(one: Demand, other: Demand) -> bool:
    return all(mine >= theirs for mine, theirs in zip(_facets(one), _facets(other), strict=True))


_STATE = st.sampled_from([code for code, *_ in US])
_ANYWHERE = st.sampled_from([*LAW.codes(), "US-ZZ", "CA-ON", "PT", UNKNOWN])


@given(_STATE, _STATE)
def test_of_two_states_the_stricter_rule_holds(one: str, two: str) -> None:
    """A call between two states is under every demand of each, whoever is where."""
    both = _asked(one, two)

    assert _facets(both) == _facets(_asked(two, one))
    assert _facets(both) == tuple(
        a or b for a, b in zip(_facets(_asked(one)), _facets(_asked(two)), strict=True)
    )
    assert set(both.extras) == {*_asked(one).extras, *_asked(two).extras}
    assert both.rule in (LAW.rule(one, DAY), LAW.rule(two, DAY))


@given(_ANYWHERE, _ANYWHERE, _ANYWHERE)
def test_another_party_never_loosens_what_is_asked(one: str, two: str, three: str) -> None:
    """Wherever the third may be, in a state, abroad or nowhere known."""
    assert _no_looser(_asked(one, two, three), _asked(one, two))
    assert set(_asked(one, two).extras) <= set(_asked(one, two, three).extras)


@given(_STATE, _STATE)
def test_to_withhold_a_state_never_loosens_what_is_asked(one: str, two: str) -> None:
    """Not known is no looser than any state."""
    assert _no_looser(_asked(one, UNKNOWN), _asked(one, two))
    assert _no_looser(_asked(UNKNOWN, one), _asked(two, one))


@given(_STATE, st.dates())
def test_on_no_day_is_a_state_without_a_rule(code: str, day: date) -> None:
    """Whenever the call was made, a rule of the file or the strictest is in force."""
    asked = demand([_place(code)], LAW, on_date=day)

    assert asked.rule in (*LAW.rules[code], STRICTEST)
