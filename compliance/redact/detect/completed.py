"""Finds carried on to where what they found begins and ends: a title before a name, all of a password."""

from __future__ import annotations

from dataclasses import replace

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.speech.numbers import BACKCHANNELS, value
from compliance.redact.speech.shapes import is_shouted
from compliance.redact.speech.tokens import TITLES, Kind, Token

TO_THE_END = frozenset({Entity.PASSWORD, Entity.USERNAME})
"""Kinds made of any words: what follows in the same sentence belongs to them."""
LETTERED = frozenset(
    {
        Entity.HEALTH_PLAN_NUMBER,
        Entity.MEDICAL_RECORD_NUMBER,
        Entity.ACCOUNT_NUMBER,
        Entity.US_DRIVER_LICENSE,
        Entity.US_PASSPORT,
        Entity.VEHICLE_ID,
        Entity.IBAN_CODE,
        Entity.NUMBER,
    }
)
"""Kinds whose numbers have letters before them."""
MOST_LETTERS = 4
REST = 6
"""So many words at most."""
LOCAL = (7, 8)
"""A telephone number of so many digits lacks its area code."""
AREA, AREA_WORDS = 3, 4
"""The area code's digits, and how many words before the rest it may stand."""


def completed(document: Document, each: Recognised) -> Recognised:
    """A find with what belongs to it."""
    found = each.found
    if found.entity is Entity.PERSON:
        return replace(each, found=replace(found, first=_title(document, found)))
    if found.entity in LETTERED:
        return replace(each, found=replace(found, first=_letters(document, found)))
    if found.entity is Entity.PHONE_NUMBER:
        return replace(each, found=replace(found, first=_area(document, found)))
    if found.entity in TO_THE_END:
        return replace(each, found=replace(found, last=_rest(document, found)))
    return each


def _title(document: Document, found: Found) -> int:
    """The first word of a name, its title included: "Mr.", "Dr."."""
    before, first = found.first - 1, document.tokens[found.first]
    if before < 0 or document.tokens[before].ref.turn != first.ref.turn:
        return found.first
    return before if document.tokens[before].text in TITLES else found.first


def _area(document: Document, found: Found) -> int:
    """The first word of a telephone number, its area code included: "814, new phone, 555-0194"."""
    tokens = document.tokens
    if len(value([tokens[i] for i in document.own(found)])) not in LOCAL:
        return found.first
    for run in document.runs:
        is_same = tokens[run.first].ref.turn == tokens[found.first].ref.turn
        if is_same and 0 < found.first - run.last <= AREA_WORDS and len(run) == AREA:
            return run.first
    return found.first


def _letters(document: Document, found: Found) -> int:
    """The first word of a code, letters right before its digits included: "XQP. 402-218"."""
    first, channel = found.first, document.tokens[found.first].channel
    while first and document.tokens[first - 1].channel == channel and is_letters(document.tokens[first - 1]):
        first -= 1
    return first


def is_letters(token: Token) -> bool:
    """Whether a word is a few letters said one by one."""
    return token.kind is Kind.LETTERS or (is_shouted(token) and len(token.text) <= MOST_LETTERS)


def _rest(document: Document, found: Found) -> int:
    """The last word of what was said of a password in one sentence: "… nineteen, with dashes"."""
    end = min(document.sentence(found.last).end, found.last + 1 + REST)
    last = found.last
    while last + 1 < end and document.tokens[last + 1].channel == document.tokens[found.first].channel:
        last += 1
    return last if document.tokens[last].text not in BACKCHANNELS else found.last
