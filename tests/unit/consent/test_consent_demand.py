"""What the law of all places together asks, and why: the strictest rule, with its grounds written out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import policy, reasons
from compliance.consent.demand import Demand, ai_rules, demand
from compliance.consent.jurisdiction import Whereabouts, declared, places
from compliance.consent.law import AiRule, Confidence, When
from compliance.records import Clue, Party, Role

DAY = date(2026, 11, 22)
LAW = policy.load(policy.packaged())
CODES = [*LAW.codes(), "unknown", "XX"]


def _locate(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def _party(role: Role, number: str | None, *clues: Clue) -> Party:
    return Party(role=role, number=number, channel=None, joined_ms=None, clues=clues)


def _asked(*parties: Party, **told: object) -> Demand:
    return demand(places(parties, _locate, declared=declared(**told)), LAW, on_date=DAY)  # type: ignore[arg-type]


def _between(caller: str, business: str, **told: object) -> Demand:
    return _asked(_party(Role.CALLER, caller), _party(Role.AGENT, business), **told)


def _told(asked: Demand) -> str:
    return " ".join(reasons.of_law(asked))


_CLUES = st.builds(
    Clue, evidence=st.sampled_from(["attribute", "sip_header", "number"]), value=st.sampled_from(CODES)
)
_PARTIES = st.builds(
    lambda role, number, clues: _party(role, number, *clues),
    st.sampled_from(list(Role)),
    st.none() | st.sampled_from(CODES),
    st.lists(_CLUES, max_size=2),
)


@given(st.lists(_PARTIES, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_parties_does_not_matter(parties, random) -> None:
    """The same people named in another order are asked the same, for the same reasons, word for word."""
    shuffled = random.sample(parties, len(parties))
    first, second = _asked(*parties), _asked(*shuffled)

    assert first == second
    assert list(reasons.of_law(first)) == list(reasons.of_law(second))


def _loosened(before: Demand, after: Demand) -> list[str]:
    """In what a demand asks less than another."""
    return [
        name
        for name, is_looser in {
            "rule": before.rule.is_all_party > after.rule.is_all_party,
            "is": before.needs_is > after.needs_is,
            "keeps": before.keeps_notice > after.keeps_notice,
            "enough": before.rule.is_all_party and after.is_notice_enough > before.is_notice_enough,
            "answer": before.needs_answer > after.needs_answer,
            "tone": before.rule.is_all_party and after.tone_is_notice > before.tone_is_notice,
            "extras": not set(before.extras) <= set(after.extras),
            "ai": not set(before.ai) <= set(after.ai),
        }.items()
        if is_looser
    ]


@given(st.lists(_PARTIES, min_size=1, max_size=3), _PARTIES)
def test_another_party_never_loosens_what_is_asked(parties, another) -> None:
    """Whoever joins brings their own law and takes nobody's away, once both sides are there."""
    both = [_party(Role.AGENT, "US-TX"), _party(Role.CALLER, "US-OH"), *parties]

    assert _loosened(_asked(*both), _asked(*both, another)) == []


@given(st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_place_that_is_known_is_never_stricter_than_one_that_is_not(known: str, other: str) -> None:
    """Withholding where one is gains nothing: recording consent and the word "is" are asked all the same.

    But a yes in words, which Germany alone asks for, is not asked of everybody who withholds a number; nor
    is what one state asks for the use of a recording.
    """
    hidden, shown = _between("unknown", other), _between(known, other)

    assert [name for name in _loosened(shown, hidden) if name not in ("extras", "keeps", "answer")] == []


@given(st.sampled_from(CODES), st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_clue_more_never_loosens(number: str, other: str, clue: str) -> None:
    """What contradicts the number counts beside it."""
    for evidence in ("attribute", "sip_header", "number"):
        plain = _between(number, other)
        more = _asked(
            _party(Role.CALLER, number, Clue(evidence=evidence, value=clue)), _party(Role.AGENT, other)
        )
        assert number == "unknown" or _loosened(plain, more) == []


@pytest.mark.parametrize(
    ("caller", "business", "bears", "is_silent"),
    [
        ("US-CA", "US-GA", ["Kearney", "39 Cal. 4th 95"], ["Ditech", "9.73.030(1)(a): "]),
        ("US-GA", "US-CA", ["Kearney"], ["Ditech"]),
        ("US-NV", "US-TX", ["Ditech", "points the other way"], ["Kearney"]),
        ("US-TX", "US-NV", ["prudence"], ["Ditech"]),  # recorded in Nevada: that is not what Ditech decided
        ("US-WA", "US-TX", ["within or without the state"], ["Kearney", "Ditech"]),
        ("US-CA", "US-WA", ["Kearney", "within or without the state"], ["Ditech"]),
        ("US-MA", "US-TX", ["No federal rule", "prudence"], ["Kearney", "Ditech", "within or without"]),
        ("unknown", "US-TX", ["a place that is not known", "No federal rule"], ["Kearney"]),
        ("DE", "US-CA", ["Kearney", "Nothing settles whose law"], ["No federal rule"]),
        # One place only: there is no question whose law it is.
        ("US-CA", "US-CA", ["California"], ["Kearney", "No federal rule"]),
        ("US-NV", "US-NV", ["Nevada"], ["Ditech", "No federal rule"]),
    ],
)
def test_the_grounds_for_the_strictest_rule_are_given_where_they_bear(
    caller: str, business: str, bears: list[str], is_silent: list[str]
) -> None:
    """Kearney, Ditech and Washington's text are told of calls that touch their states and another place."""
    told = _told(_between(caller, business))

    assert [each for each in bears if each not in told] == []
    assert [each for each in is_silent if each in told] == []


def test_every_ground_says_how_well_it_is_known() -> None:
    """Each case or statute named for a call across borders carries its confidence."""
    told = list(reasons.of_law(_asked(*(_party(Role.CALLER, code) for code in ("US-CA", "US-NV", "US-WA")))))
    grounds = [each for each in told if each.startswith(("Kearney", "Ditech", "Wash."))]

    assert len(grounds) == 3
    assert all(each.endswith("(verified).") for each in grounds)


def test_contradicting_evidence_is_told() -> None:
    """Both places count, and the reasoning says that there are two."""
    clue = Clue(evidence="attribute", value="US-TX")
    asked = _asked(_party(Role.CALLER, "US-CA", clue), _party(Role.AGENT, "US-TX"))

    assert asked.rule.code == "US-CA"
    assert "For the caller there are several places (US-CA, US-TX); all of them count." in _told(asked)
    assert "For the business there are" not in _told(asked)


@pytest.mark.parametrize(
    ("party", "said"),
    [
        (_party(Role.CALLER, None), "withheld or cannot be read"),
        (_party(Role.CALLER, "XX"), "no policy in force for XX"),
        (_party(Role.CALLER, "US-TX", Clue(evidence="attribute", value="here")), "names no place"),
        (_party(Role.CALLER, "US-TX", Clue(evidence="sip_header", value="here")), "names no place"),
    ],
)
def test_what_is_not_known_is_said_and_counts_as_the_strictest(party: Party, said: str) -> None:
    """There is no silent way from ignorance to a mild rule."""
    asked = _asked(party, _party(Role.AGENT, "US-TX"))

    assert asked.rule.is_all_party
    assert asked.needs_is
    assert said in _told(asked)


def test_where_the_recorder_runs_is_told_as_such() -> None:
    """It is nobody's side."""
    assert "The recorder is placed in US-WA as the deployment is set." in _told(
        _between("US-TX", "US-TX", recorder="US-WA")
    )


def _rule(jurisdiction: str, when: When = When.AT_START, **days: date) -> AiRule:
    return AiRule(
        jurisdiction=jurisdiction,
        citation=f"{jurisdiction} {when}",
        trigger="calls",
        confidence=Confidence.SECONDARY,
        effective_from=days.get("since"),
        effective_until=days.get("until"),
        when=when,
    )


AI = (
    _rule("US"),
    _rule("US-UT", When.ON_REQUEST),
    _rule("US-ME", since=date(2026, 12, 1)),
    _rule("US-CO", until=date(2026, 6, 30)),
    _rule("US-NJ", When.NOT_ON_CALLS),
    _rule("US-TX"),
)


@pytest.mark.parametrize(
    ("codes", "asked"),
    [
        (["US-UT", "US-CA"], {"US", "US-UT"}),
        (["US-CA"], {"US"}),
        (["US-TX", "FR"], {"US", "US-TX"}),
        (["FR"], set()),
        (["US-ME", "US-CO", "US-NJ"], {"US"}),  # not yet, no longer, not on calls
        (["unknown"], {"US", "US-UT", "US-TX"}),
    ],
)
def test_a_machine_is_asked_by_the_laws_of_the_places(codes: list[str], asked: set[str]) -> None:
    """A country's rule holds in its states, one not in force nowhere, and an unknown place may be any."""
    law = replace(LAW, ai=AI)

    assert {rule.jurisdiction for rule in ai_rules(law, codes, on_date=DAY)} == asked


def test_the_laws_on_machines_are_told_with_how_well_they_are_known() -> None:
    """When they ask for it, by which citation, and what they reach."""
    law = replace(LAW, ai=AI)
    parties = [_party(Role.CALLER, "US-UT"), _party(Role.AGENT, "US-TX")]
    told = list(reasons.of_ai(demand(places(parties, _locate), law, on_date=DAY)))

    assert len(told) == 3
    assert "when asked" in next(each for each in told if "US-UT" in each)
    assert all("secondary sources" in each for each in told)


def test_a_law_about_machines_says_to_whom_it_is_confined() -> None:
    """Since that is not known of a call, it counts, and the grounds say so; each is a sentence or more."""
    asked = _between("unknown", "unknown")
    told = dict(zip(asked.ai, reasons.of_ai(asked), strict=True))

    assert any(rule.condition for rule in told)
    assert all(("not known of a call" in each) is bool(rule.condition) for rule, each in told.items())
    assert not [each for each in told.values() if ".." in each or not each.endswith(".")]


def test_a_demand_is_the_same_however_the_places_come() -> None:
    """Nothing of it hangs on a dictionary's or a set's order."""
    parties = [_party(Role.AGENT, "US-WI"), _party(Role.CALLER, "US-VA"), _party(Role.CALLER, None)]

    assert len({_asked(*order) for order in permutations(parties)}) == 1
