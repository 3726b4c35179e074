"""What follows a card number unasked: "ten of twenty-seven, and on the back it's seven four four"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.harmless import is_harmless
from compliance.redact.speech.numbers import Run, value

CARD = 12
"""Digits of a number so long that it is a card's, one or two of them lost."""
NEAR = 60
"""Words after a card within which its owner goes on to tell what else is on it."""
MONTHS = frozenset(str(month) for month in range(1, 13))
SHORTEST, LONGEST = 3, 6
"""Digits of an expiry or a code, one doubled or said twice."""


def companions(document: Document, known: Iterable[Recognised]) -> Iterator[Recognised]:
    """Short numbers by whoever has just read out a card, unless something harmless explains them."""
    cards = [each.found.last for each in known if _is_card(document, each.found)]
    for run in (*document.runs, *_months(document)):
        if any(_goes_on(document, last, run) for last in cards) and not is_harmless(document, run):
            yield Recognised(found=_found(run), detector="card_companions")


def _months(document: Document) -> Iterator[Run]:
    """Two numbers that make a month and a year: "ten of twenty-seven"."""
    for one, other in pairwise(document.runs):
        between = [token.text for token in document.tokens[one.last + 1 : other.first]]
        if between == ["of"] and one.digits in MONTHS and len(other) in (2, 4):
            yield Run(
                first=one.first,
                last=other.last,
                places=(*one.places, *other.places),
                digits=one.digits.zfill(2) + other.digits,
            )


def _is_card(document: Document, found: Found) -> bool:
    digits = value([document.tokens[i] for i in document.own(found)])
    return found.entity is Entity.CREDIT_CARD and len(digits) >= CARD


def _goes_on(document: Document, last: int, run: Run) -> bool:
    """Whether the same person says a number of that length soon after."""
    first, card = document.tokens[run.first], document.tokens[last]
    is_near = last < run.first <= last + NEAR and SHORTEST <= len(run) <= LONGEST
    return is_near and first.channel == card.channel and first.role is not Role.AGENT


def _found(run: Run) -> Found:
    is_expiry = len(run) in (4, 6) and 1 <= int(run.digits[:2]) <= 12
    entity = Entity.CARD_EXPIRY if is_expiry else Entity.CARD_VERIFICATION_CODE
    why = "a short number said right after a card's"
    return Found(entity=entity, first=run.first, last=run.last, score=0.7, why=why)
