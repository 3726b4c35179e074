"""Places and numbers as people, apps and telephone exchanges write them.

What is told of a place comes from settings, requests, attributes of LiveKit's
and SIP headers.  Where a text can mean two places it means both, and where it
means none the place is unknown, so that a slip of the pen never picks the
milder law.
"""

from __future__ import annotations

import re

from compliance.consent.law import UNKNOWN
from compliance.consent.states import COUNTRIES_TOO, PROVINCES, STATES, TERRITORIES

_CODE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_NUMBER = re.compile(r"(?:\+|%2B)[0-9](?:[ ().-]?[0-9]){6,14}(?![0-9])", re.IGNORECASE)
_NAMES = {
    **{name.casefold(): f"US-{code}" for name, code in STATES.items()},
    **{name.casefold(): f"CA-{code}" for name, code in PROVINCES.items()},
}
_DIVISIONS = {"US": frozenset(STATES.values()) | TERRITORIES, "CA": frozenset(PROVINCES.values())}
_SEVERAL = re.compile(r"\s*[,;]\s*")


def codes(text: str) -> tuple[str, ...]:
    """The jurisdictions that a text names: ``US-CA``, ``ca``, ``California``, several with commas between.

    Two letters that are a state and a country ("CA") name both.  ``US`` alone
    names no state, and is unknown, since the federal rule is the mildest of all.
    """
    found = [code for each in _SEVERAL.split(text.strip()) for code in _codes_of(each)]
    return tuple(dict.fromkeys(found)) or (UNKNOWN,)


def numbers(text: str) -> tuple[str, ...]:
    """The E.164 numbers in a text such as ``"A. Person" <sip:+14155550142@carrier.example>``."""
    return tuple(re.sub(r"[^+0-9]", "", each.upper().replace("%2B", "+")) for each in _NUMBER.findall(text))


def _codes_of(text: str) -> tuple[str, ...]:
    """The codes of one name; unknown for what is none, and nothing for nothing."""
    if not text:
        return ()
    name, code = _NAMES.get(text.casefold()), text.upper()
    if name is not None:
        return (name,)
    if not _CODE.fullmatch(code) or code == "US":
        return (UNKNOWN,)
    return _short(code) if len(code) == 2 else (_division(code),)


def _short(code: str) -> tuple[str, ...]:
    """Two letters: a territory, a state, a country, or the last two at once."""
    if code in TERRITORIES:
        return (f"US-{code}",)
    if code not in _DIVISIONS["US"]:
        return (code,)
    return (f"US-{code}", code) if code in COUNTRIES_TOO else (f"US-{code}",)


def _division(code: str) -> str:
    """``US-CA`` as it is; unknown for a state or province that is not there."""
    country, _, part = code.partition("-")
    return code if part in _DIVISIONS.get(country, {part}) else UNKNOWN
