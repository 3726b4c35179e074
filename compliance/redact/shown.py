"""The digits of a number that a profile lets stay in the text, where the whole number was read for certain.

A card read in two breaths is two findings; the last four of its first half would
give away what is cut.  So digits stay only of a number that is whole by its kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compliance.records import Action, Conversation, Entity, Finding, FindingId, WordRef
from compliance.redact.speech.numbers import passes_luhn, value
from compliance.redact.speech.tokens import Token, tokens

Shown = Mapping[FindingId, str]
"""What stays, by finding."""
LAST_FOUR = frozenset(
    {
        Entity.CREDIT_CARD,
        Entity.US_SSN,
        Entity.US_ITIN,
        Entity.PHONE_NUMBER,
        Entity.US_BANK_NUMBER,
        Entity.ACCOUNT_NUMBER,
        Entity.IBAN_CODE,
        Entity.MEDICAL_RECORD_NUMBER,
        Entity.HEALTH_PLAN_NUMBER,
    }
)
"""Kinds of which the last four digits may stay."""
FIRST_THREE = frozenset({Entity.ZIP_CODE})
_WHOLE = {
    Entity.CREDIT_CARD: (15, 16),
    Entity.US_SSN: (9,),
    Entity.US_ITIN: (9,),
    Entity.PHONE_NUMBER: (10, 11),
    Entity.ZIP_CODE: (5, 9),
}
"""How many digits a whole number has; of longer cards the code may be in one breath with them."""
SHORTEST = 8
"""Of other numbers with fewer digits the last four would be half or more."""
WITHHELD = "000"
"""In place of three digits that stand for too few people (45 CFR 164.514(b)(2)(i)(B))."""


def shown(
    conversation: Conversation, findings: Sequence[Finding], *, zips_withheld: frozenset[str]
) -> dict[FindingId, str]:
    """The digits that stay in the text, by finding."""
    partly = [f for f in findings if f.action in (Action.KEEP_LAST_FOUR, Action.KEEP_FIRST_THREE)]
    if not partly:
        return {}
    read = {token.ref: token for token in tokens(conversation)}
    return {
        finding.id: stays
        for finding in partly
        if finding.detector != "spoken_again" and not _is_shared(finding, findings)
        for stays in _stays(finding, [read[ref] for ref in finding.words], zips_withheld)
    }


def _is_shared(finding: Finding, findings: Sequence[Finding]) -> bool:
    """Whether a word of it belongs to another finding too, such as a code said in one breath with a card."""
    own: frozenset[WordRef] = frozenset(finding.words)
    return any(other is not finding and other.action.cuts and own & set(other.words) for other in findings)


def _stays(finding: Finding, read: Sequence[Token], zips_withheld: frozenset[str]) -> Iterator[str]:
    """The digits of a whole number that stay, if it is whole."""
    digits = value(read)
    if not _is_whole(finding.entity, digits):
        return
    if finding.action is Action.KEEP_LAST_FOUR and finding.entity in LAST_FOUR:
        yield digits[-4:]
    if finding.action is Action.KEEP_FIRST_THREE and finding.entity in FIRST_THREE:
        yield WITHHELD if digits[:3] in zips_withheld else digits[:3]


def _is_whole(entity: Entity, digits: str) -> bool:
    """Whether digits are the whole of a number of that kind, as far as its form tells."""
    if not digits.isascii():
        return False
    if entity not in _WHOLE:
        return len(digits) >= SHORTEST
    is_whole = len(digits) in _WHOLE[entity]
    return is_whole and (entity is not Entity.CREDIT_CARD or passes_luhn(digits))
