"""Where a telephone number belongs.  The only module that imports ``phonenumbers``.

The numbering data carried by that library gives the state for every area code
in use, overlays included.  A number is weak evidence all the same: people move
and keep it, and calls over the internet come from anywhere.
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
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOIP,
    }
)
_REGIONS = {"US": STATES, "CA": PROVINCES}


def locate(number: str) -> Whereabouts:
    """The jurisdiction an E.164 number points to, with the kind of evidence it is.

    Never raises: what cannot be read is unknown, and so strict.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return Whereabouts(jurisdiction=UNKNOWN, evidence="withheld", is_weak=True)
    if phonenumbers.number_type(parsed) in _NOWHERE:
        return Whereabouts(jurisdiction=UNKNOWN, evidence="toll_free", is_weak=True)
    return _of_region(parsed, phonenumbers.region_code_for_number(parsed))


def _of_region(parsed: PhoneNumber, region: str | None) -> Whereabouts:
    """From the country: a state or province where there is one, else the country itself."""
    if region in _REGIONS:
        return Whereabouts(jurisdiction=_division(parsed, str(region)), evidence="area_code", is_weak=True)
    if region in TERRITORIES:
        return Whereabouts(jurisdiction=f"US-{region}", evidence="area_code", is_weak=True)
    known = region is not None and len(region) == 2
    return Whereabouts(jurisdiction=str(region) if known else UNKNOWN, evidence="country_code", is_weak=True)


def _division(parsed: PhoneNumber, region: str) -> str:
    """``US-CA`` from "California" or "San Francisco, CA"; unknown for area codes without a place."""
    names = _REGIONS[region]
    described = geocoder.description_for_number(parsed, "en")
    letters = described.rpartition(", ")[2]
    code = names.get(described) or (letters if letters in names.values() else None)
    if code is None:
        return UNKNOWN if region == "US" else region
    return f"{region}-{code}"


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
