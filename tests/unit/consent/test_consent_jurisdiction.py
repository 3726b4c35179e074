"""Numbers become places, with the evidence for each; what is not known stays unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from compliance.consent import phone, written
from compliance.consent.jurisdiction import Whereabouts, declared, places
from compliance.records import Clue, Party, Place, Role

AREA_CODES = {
    code: place
    for place, codes in yaml.safe_load((Path(__file__).parent / "area_codes.yaml").read_text()).items()
    for code in str(codes).split()
}


@pytest.mark.parametrize(
    ("number", "place", "evidence"),
    [
        ("+14155550121", "US-CA", "area_code"),
        ("+16285550121", "US-CA", "area_code"),  # overlay of 415
        ("+12065550115", "US-WA", "area_code"),
        ("+12025550143", "US-DC", "area_code"),
        ("+19175550172", "US-NY", "area_code"),
        ("+13325550172", "US-NY", "area_code"),
        ("+16175550102", "US-MA", "area_code"),
        ("+13045550102", "US-WV", "area_code"),
        ("+17035550181", "US-VA", "area_code"),
        ("+14705550181", "US-GA", "area_code"),
        ("+17875550143", "US-PR", "area_code"),
        ("+13405550143", "US-VI", "area_code"),
        ("+14165550143", "CA-ON", "area_code"),
        ("+18675550143", "CA", "area_code"),  # three territories share it
        ("+442079460000", "GB", "country_code"),
        ("+4930123456", "DE", "country_code"),
        ("+18005550143", "unknown", "toll_free"),
        ("+18885550143", "unknown", "toll_free"),
        ("+18335550143", "unknown", "toll_free"),
        # Personal, Canadian non-geographic, carriers', the government's, premium: places of nobody.
        ("+15005550143", "unknown", "non_geographic"),
        ("+15215550143", "unknown", "non_geographic"),
        ("+16005550143", "unknown", "non_geographic"),
        ("+17005550143", "unknown", "non_geographic"),
        ("+17105550143", "unknown", "non_geographic"),
        ("+19005550143", "unknown", "non_geographic"),
        ("+445600123456", "unknown", "non_geographic"),  # British, over the internet
        ("+447400123456", "GB", "country_code"),  # mobile: the country still shows
        ("+33612345678", "FR", "country_code"),
        ("+870773111632", "unknown", "non_geographic"),  # a ship, by satellite
        ("+18225550143", "unknown", "unassigned"),
        ("+11235550143", "unknown", "unassigned"),
        ("+99900000000", "unknown", "malformed"),
        ("+1415", "unknown", "malformed"),
        ("+1415555012112345", "unknown", "malformed"),
        ("4155550121", "unknown", "malformed"),  # no country: not guessed
        ("one four one five", "unknown", "malformed"),
        ("Anonymous", "unknown", "withheld"),
        ("Restricted", "unknown", "withheld"),
        ("sip:anonymous@anonymous.invalid", "unknown", "withheld"),
        ("", "unknown", "withheld"),
        (" ", "unknown", "withheld"),
    ],
)
def test_a_number_points_to_a_place(number: str, place: str, evidence: str) -> None:
    """The area code gives the state, and is weak evidence since people keep their numbers."""
    assert phone.locate(number) == Whereabouts(jurisdiction=place, evidence=evidence, is_weak=True)


@pytest.mark.parametrize("code", AREA_CODES)
def test_an_area_code_gives_its_state_or_none(code: str) -> None:
    """Every area code in use points to its own state; one newer than the data to none, never to another."""
    assert phone.locate(f"+1{code}5550143").jurisdiction in {AREA_CODES[code], "unknown"}


def test_nearly_every_area_code_is_known() -> None:
    """Few are newer than the data, and no state is without one that is known."""
    known = {code: place for code, place in AREA_CODES.items() if _found(code) == place}

    assert len(known) >= 0.98 * len(AREA_CODES)
    assert set(known.values()) == set(AREA_CODES.values())


def _found(code: str) -> str:
    return phone.locate(f"+1{code}5550143").jurisdiction


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("US-CA", ("US-CA",)),
        ("us-ca", ("US-CA",)),
        ("California", ("US-CA",)),
        ("washington state", ("US-WA",)),
        ("TX", ("US-TX",)),
        ("PR", ("US-PR",)),
        ("GB", ("GB",)),
        ("CA-ON", ("CA-ON",)),
        ("Ontario", ("CA-ON",)),
        ("DE-BY", ("DE-BY",)),
        ("US-TX, US-NY", ("US-TX", "US-NY")),
        ("US-TX;US-TX", ("US-TX",)),
        # A state and a country: both.
        ("CA", ("US-CA", "CA")),
        ("de", ("US-DE", "DE")),
        # No state, or none that there is: not taken for the federal rule, nor for another place.
        ("US", ("unknown",)),
        ("US-XX", ("unknown",)),
        ("CA-ZZ", ("unknown",)),
        ("Washington", ("unknown",)),
        ("94107", ("unknown",)),
        ("somewhere", ("unknown",)),
        ("US-TX, nowhere", ("US-TX", "unknown")),
        ("", ("unknown",)),
        (" , ", ("unknown",)),
    ],
)
def test_a_place_is_read_as_people_write_it(text: str, codes: tuple[str, ...]) -> None:
    """What can mean two places means both, and what means none is unknown."""
    assert written.codes(text) == codes


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+14155550121", ("+14155550121",)),
        ("<sip:+14155550121@carrier.example;user=phone>", ("+14155550121",)),
        ('"Phone" <sip:%2B14155550121@carrier.example>', ("+14155550121",)),
        ("tel:+1-415-555-0121", ("+14155550121",)),
        ("<sip:+14155550121@a.example>, <tel:+12125550142>", ("+14155550121", "+12125550142")),
        ("sip:4155550121@carrier.example", ()),
        ("sip:anonymous@anonymous.invalid", ()),
        ("US-CA", ()),
    ],
)
def test_numbers_are_found_in_sip_addresses(text: str, numbers: tuple[str, ...]) -> None:
    """As P-Asserted-Identity has them (RFC 3325); a number without its country is not guessed at."""
    assert written.numbers(text) == numbers


def _locate(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def _party(role: Role, number: str | None, *clues: tuple[str, str]) -> Party:
    told = tuple(Clue(evidence=evidence, value=value) for evidence, value in clues)
    return Party(role=role, number=number, channel=None, joined_ms=None, clues=told)


def _declared(role: Role, jurisdiction: str) -> Place:
    return Place(jurisdiction=jurisdiction, role=role, evidence="declared", is_weak=False)


def _named(found: tuple[Place, ...]) -> set[tuple[Role, str, str]]:
    return {(each.role, each.jurisdiction, each.evidence) for each in found}


def test_a_side_of_which_nothing_is_said_is_unknown() -> None:
    """Leaving a party out never loosens the verdict."""
    assert _named(places([], _locate)) == {
        (Role.CALLER, "unknown", "not_given"),
        (Role.AGENT, "unknown", "not_given"),
    }


def test_a_withheld_number_is_unknown() -> None:
    """A party is known to be there, but not where."""
    found = places([_party(Role.CALLER, None), _party(Role.AGENT, "US-TX")], _locate)

    assert _named(found) == {(Role.CALLER, "unknown", "withheld"), (Role.AGENT, "US-TX", "area_code")}


def test_a_declared_place_stands_in_for_an_unknown_one() -> None:
    """The business may say where its agents sit."""
    found = places([_party(Role.AGENT, None)], _locate, declared=[_declared(Role.AGENT, "US-TX")])

    assert _named(found) == {(Role.AGENT, "US-TX", "declared"), (Role.CALLER, "unknown", "not_given")}


def test_a_declared_place_does_not_remove_what_a_number_shows() -> None:
    """Where the two contradict, both count, and so the stricter does."""
    found = places([_party(Role.CALLER, "US-CA")], _locate, declared=[_declared(Role.CALLER, "US-TX")])

    assert {each.jurisdiction for each in found if each.role is Role.CALLER} == {"US-CA", "US-TX"}


def test_where_the_recorder_runs_counts_beside_every_party() -> None:
    """The recorder's region is added, and a party of whom nothing is known stays unknown."""
    (region,) = declared(recorder="US-WA")
    found = places([_party(Role.UNKNOWN, None), _party(Role.AGENT, "US-TX")], _locate, declared=[region])

    assert {place.jurisdiction for place in found} == {"unknown", "US-TX", "US-WA"}


CALLER, AGENT = Role.CALLER, Role.AGENT


@pytest.mark.parametrize(
    ("number", "clues", "found"),
    [
        # What the business's own app says counts beside a number, and stands in for one that was withheld.
        ("US-CA", [("attribute", "US-TX")], {("US-CA", "area_code"), ("US-TX", "attribute")}),
        (None, [("attribute", "US-TX")], {("US-TX", "attribute")}),
        (None, [("attribute", "CA")], {("US-CA", "attribute"), ("CA", "attribute")}),
        # An attribute that names no place is not passed over.
        ("US-TX", [("attribute", "the moon")], {("US-TX", "area_code"), ("unknown", "attribute")}),
        (None, [("attribute", "the moon")], {("unknown", "withheld"), ("unknown", "attribute")}),
        # A header adds a place, and stands in for nothing: whoever calls may have written it.
        (None, [("sip_header", "US-TX")], {("unknown", "withheld"), ("US-TX", "sip_header")}),
        ("US-CA", [("sip_header", "US-TX")], {("US-CA", "area_code"), ("US-TX", "sip_header")}),
        # A number where a place is looked for counts as a number does.
        (None, [("attribute", "+12145550188")], {("unknown", "withheld"), ("+12145550188", "attribute")}),
        ("US-CA", [("number", "+12145550188")], {("US-CA", "area_code"), ("+12145550188", "area_code")}),
    ],
)
def test_what_is_told_beside_the_number_counts(
    number: str | None, clues: list[tuple[str, str]], found: set[tuple[str, str]]
) -> None:
    """A party has a set of places, each with the evidence for it."""
    shown = places([_party(CALLER, number, *clues), _party(AGENT, "US-TX")], _locate)

    assert {(each.jurisdiction, each.evidence) for each in shown if each.role is CALLER} == found


def test_one_party_does_not_answer_for_another() -> None:
    """That the app knows where the one is does not tell where the other calls from."""
    parties = [_party(CALLER, None, ("attribute", "US-TX")), _party(CALLER, None), _party(AGENT, "US-TX")]

    assert (CALLER, "unknown", "withheld") in _named(places(parties, _locate))


def test_a_header_is_weak_evidence_and_an_attribute_is_not() -> None:
    """As their writers are: anybody, and the business's own app."""
    parties = [_party(CALLER, "US-CA", ("attribute", "US-TX"), ("sip_header", "US-NY"))]
    weak = {each.evidence: each.is_weak for each in places(parties, _locate) if each.role is CALLER}

    assert weak == {"area_code": True, "attribute": False, "sip_header": True}


def test_what_a_deployment_declares_is_read_as_it_is_written() -> None:
    """Business, agent and recorder; what names no place is unknown and stands in for nothing."""
    told = declared(business=("US-TX", "NY"), agent="US", recorder="US-VA")

    assert _named(places([_party(AGENT, "unknown"), _party(CALLER, "US-OH")], _locate, declared=told)) == {
        (AGENT, "US-TX", "declared"),
        (AGENT, "US-NY", "declared"),
        (AGENT, "unknown", "declared"),
        (CALLER, "US-OH", "area_code"),
        (Role.UNKNOWN, "US-VA", "recorder_region"),
    }


def test_a_toll_free_business_that_says_where_it_is_is_there() -> None:
    """Its number shows no place, and its own word does."""
    parties = [_party(AGENT, "+18005550199"), _party(CALLER, "+12145550188")]
    found = places(parties, phone.locate, declared=declared(business=("US-TX",)))

    assert {each.jurisdiction for each in found} == {"US-TX"}


def test_a_call_with_nobody_on_the_agents_side_has_an_unknown_agent() -> None:
    """Two callers and no agent: the side that is missing counts as the strictest."""
    found = places([_party(CALLER, "US-TX"), _party(CALLER, "US-OH")], _locate)

    assert (AGENT, "unknown", "not_given") in _named(found)


def test_no_clue_shows_in_a_repr() -> None:
    """A clue may be a telephone number."""
    assert "5550121" not in repr(_party(CALLER, None, ("attribute", "+14155550121")))
