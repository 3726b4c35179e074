"""Numbers become places, with the evidence for each; what is not known stays unknown."""

from __future__ import annotations

import pytest

from compliance.consent import phone
from compliance.consent.jurisdiction import Whereabouts, places
from compliance.records import Party, Place, Role


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
        ("+19005550143", "unknown", "toll_free"),
        ("+99900000000", "unknown", "withheld"),
        ("anonymous", "unknown", "withheld"),
        ("4155550121", "unknown", "withheld"),  # no country: not guessed
        ("sip:anonymous@anonymous.invalid", "unknown", "withheld"),
        ("", "unknown", "withheld"),
    ],
)
def test_a_number_points_to_a_place(number: str, place: str, evidence: str) -> None:
    """The area code gives the state, and is weak evidence since people keep their numbers."""
    assert phone.locate(number) == Whereabouts(jurisdiction=place, evidence=evidence, is_weak=True)


def _locate(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def _party(role: Role, number: str | None) -> Party:
    return Party(role=role, number=number, channel=None, joined_ms=None)


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
    region = _declared(Role.UNKNOWN, "US-WA")
    found = places([_party(Role.UNKNOWN, None), _party(Role.AGENT, "US-TX")], _locate, declared=[region])

    assert {place.jurisdiction for place in found} == {"unknown", "US-TX", "US-WA"}
