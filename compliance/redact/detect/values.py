"""Answers made of digits, letters and dates: dates of birth, expiries, licences, member numbers.

Of an answer only what can be part of such a value is cut, from its first part to
its last, so that "it's on the card, hang on" stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.numbers import FILLERS
from compliance.redact.speech.reading import Answer
from compliance.redact.speech.shapes import MONTHS, in_date, is_code, is_date, is_shouted, spelled_word
from compliance.redact.speech.tokens import DIGIT_WORDS, HOMOPHONES, Kind, Token

DATES = (Entity.DATE_OF_BIRTH, Entity.CARD_EXPIRY)
CODES = (
    Entity.US_DRIVER_LICENSE,
    Entity.US_PASSPORT,
    Entity.VEHICLE_ID,
    Entity.MEDICAL_RECORD_NUMBER,
    Entity.HEALTH_PLAN_NUMBER,
    Entity.ACCOUNT_NUMBER,
    Entity.IBAN_CODE,
    Entity.PIN,
    Entity.ZIP_CODE,
)
LONG_AGO = 2015
"""A date in full up to this year is hardly an appointment."""
GAP, DATE_GAP = 3, 1
"""So many other words may stand between two parts of a code, and of a date."""


def values(document: Document) -> Iterator[Found]:
    """Dates and codes given in answers and statements; and whole dates of long ago: of somebody's life."""
    yield from _long_ago(document)
    for answer in document.reading.answers:
        entities = answer.asked.entities
        dates = next((entity for entity in entities if entity in DATES), None)
        codes = next((entity for entity in entities if entity in CODES), None)
        if dates:
            yield from _dates(document, answer, dates)
        if codes:
            yield from _codes(document, answer, codes)
        if not answer.is_own and _is_misheard(document.tokens[answer.first : answer.end]):
            yield _misheard(answer)


def _long_ago(document: Document) -> Iterator[Found]:
    """A month, a day and a year of more than a decade ago, said by anybody: "October 5, 1947"."""
    read = document.tokens
    for i, token in enumerate(read):
        same = [k for k in range(i, min(i + 4, len(read))) if read[k].ref.turn == token.ref.turn]
        years = [k for k in same if len(read[k].digits) == 4 and read[k].digits[:2] in ("19", "20")]
        is_old = bool(years) and int(read[years[0]].digits) <= LONG_AGO
        if token.text in MONTHS and is_old and any(read[k].digits for k in same if k < years[0]):
            first = i - 1 if i and in_date(read[i - 1]) and read[i - 1].digits else i
            yield Found(
                entity=Entity.DATE_OF_BIRTH,
                first=first,
                last=years[0],
                score=0.7,
                why="a whole date of long ago",
            )


def _is_misheard(said: Sequence[Token]) -> bool:
    """Whether a whole reply is number words and what they are misheard as: "to for won"."""
    kept = [token for token in said if token.text not in FILLERS]
    return 2 <= len(kept) <= 8 and all(t.text in HOMOPHONES or t.text in DIGIT_WORDS for t in kept)


def _misheard(answer: Answer) -> Found:
    """Such a reply as a find of what was asked for."""
    entity = answer.asked.entities[0] if answer.asked.entities else Entity.NUMBER
    return Found(
        entity=entity,
        first=answer.first,
        last=answer.end - 1,
        score=0.85,
        why=f"digits misheard as words under a cue for {entity}",
    )


def _dates(document: Document, answer: Answer, entity: Entity) -> Iterator[Found]:
    """What reads as a date; said of oneself, it needs a month or two numbers."""
    parts = [i for i in range(answer.first, answer.end) if is_date(document.tokens[i])]
    for group in _groups(parts, DATE_GAP):
        words = [document.tokens[i] for i in group]
        is_dated = len(words) > 1 or words[0].kind is not Kind.AMOUNT
        if answer.is_own and len(words) < 2 and words[0].kind is Kind.NUMBER_WORD:
            continue
        if is_dated:
            first = group[0]
            while first > answer.first and in_date(document.tokens[first - 1]):
                first -= 1
            yield Found(
                entity=entity, first=first, last=group[-1], score=0.9, why=f"a date under a cue for {entity}"
            )


def _codes(document: Document, answer: Answer, entity: Entity) -> Iterator[Found]:
    """Letters and digits together; letters alone need three."""
    read, own = document.tokens, list(range(answer.first, answer.end))
    parts = [i for n, i in enumerate(own) if is_code(read[i]) or spelled_word(read, own, n)]
    for group in _groups(parts):
        if _is_code(read, group):
            yield Found(
                entity=entity,
                first=group[0],
                last=group[-1],
                score=0.9,
                why=f"letters and digits under a cue for {entity}",
            )


def _is_code(read: Sequence[Token], group: Sequence[int]) -> bool:
    """Whether parts together make a code rather than a stray number or letter."""
    has_letters = any(read[i].kind in (Kind.LETTERS, Kind.MIXED) or is_shouted(read[i]) for i in group)
    size = sum(len(read[i].text.replace("-", "")) for i in group if read[i].kind is not Kind.NUMBER_WORD)
    size += sum(read[i].kind is Kind.NUMBER_WORD for i in group)
    has_digits = any(read[i].digits or read[i].kind is Kind.NUMBER_WORD for i in group)
    return has_letters and size >= 3 and (has_digits or size >= 4)


def _groups(parts: Sequence[int], gap: int = GAP) -> Iterator[list[int]]:
    """Parts that lie close enough together."""
    group: list[int] = []
    for i in parts:
        if group and i - group[-1] > gap + 1:
            yield group
            group = []
        group.append(i)
    if group:
        yield group
