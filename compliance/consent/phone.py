"""Where a telephone number belongs.  The only module that imports ``phonenumbers``.

The numbering data carried by that library gives the state for nearly every area
code in use, overlays included; one that is newer than the data is unknown, and
so strict.  A number is weak evidence all the same: in North America a mobile
number looks like any other and moves with its owner, a number can be ported to
another carrier, and calls over the internet come from anywhere.
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, geocoder

from compliance.consent.jurisdiction import Whereabouts
from compliance.consent.law import UNKNOWN
from compliance.consent.states import PROVINCES, STATES, TERRITORIES
from compliance.errors import ArgumentInvalid

_NOWHERE = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOIP,
    }
)
_REGIONS = {"US": STATES, "CA": PROVINCES}
_NO_AREA = frozenset({"456", "700", "710"})
"""Codes of the North American plan for carriers and the government, which the data does not list."""
_WITHHELD = frozenset({"anonymous", "restricted", "private", "unavailable", "unknown", "withheld", "blocked"})
"""What stands in place of a number that its owner keeps back (RFC 3323, and carriers' own words)."""


def locate(number: str) -> Whereabouts:
    """The jurisdiction an E.164 number points to, with the kind of evidence it is.

    Never raises: what cannot be read is unknown, and so strict.
    """
    if not number.strip() or any(word in number.lower() for word in _WITHHELD):
        return _nowhere("withheld")
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return _nowhere("malformed")
    if not phonenumbers.is_possible_number(parsed):
        return _nowhere("malformed")
    return _by_kind(parsed)


def _by_kind(parsed: PhoneNumber) -> Whereabouts:
    """Numbers that belong to no place, told apart from those that do."""
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.TOLL_FREE:
        return _nowhere("toll_free")
    if kind in _NOWHERE or (parsed.country_code == 1 and str(parsed.national_number)[:3] in _NO_AREA):
        return _nowhere("non_geographic")
    return _of_region(parsed, phonenumbers.region_code_for_number(parsed))


def _of_region(parsed: PhoneNumber, region: str | None) -> Whereabouts:
    """From the country: a state or province where there is one, else the country itself."""
    if region is None:
        return _nowhere("unassigned")
    if len(region) != 2:
        return _nowhere("non_geographic")  # 001: satellites and services that belong to no country
    if region in _REGIONS:
        return _of_division(parsed, region)
    if region in TERRITORIES:
        return Whereabouts(jurisdiction=f"US-{region}", evidence="area_code", is_weak=True)
    return Whereabouts(jurisdiction=region, evidence="country_code", is_weak=True)


def _of_division(parsed: PhoneNumber, region: str) -> Whereabouts:
    """``US-CA`` from "California" or "San Francisco, CA"; unknown for US area codes without a place."""
    names = _REGIONS[region]
    described = geocoder.description_for_number(parsed, "en")
    letters = described.rpartition(", ")[2]
    code = names.get(described) or (letters if letters in names.values() else None)
    if code is not None:
        return Whereabouts(jurisdiction=f"{region}-{code}", evidence="area_code", is_weak=True)
    if region == "US":
        return _nowhere("unassigned")
    return Whereabouts(jurisdiction=region, evidence="area_code", is_weak=True)


def _nowhere(evidence: str) -> Whereabouts:
    return Whereabouts(jurisdiction=UNKNOWN, evidence=evidence, is_weak=True)


def require_number(number: str) -> str:
    """The number in E.164, without the signs people put between digits.

    Raises:
        ArgumentInvalid: it has no plus, or cannot be a telephone number; the message does not repeat it.
    """
    advice = "write it with + and the country code, as in +14155550142"
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException as error:
        raise ArgumentInvalid(f"not a telephone number: {advice}") from error
    if not phonenumbers.is_possible_number(parsed):
        raise ArgumentInvalid(f"too short or too long for a telephone number: {advice}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
