"""Runs of digits: what each is, and whether anything harmless explains it.

Check digits and issuer ranges choose the label; they never decide whether to
cut, since one misheard digit fails every check.
"""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.numbers import Run, passes_luhn
from compliance.redact.speech.questions import HARMLESS, sentences
from compliance.redact.speech.tokens import ORDINALS, Kind

BARE_RUN = 7
"""A run this long that nothing explains is cut whatever it is."""
LONG_RUN = 12
"""A run this long is never an order number or a price."""

LENGTHS: dict[Entity, range] = {
    Entity.CREDIT_CARD: range(8, 25),
    Entity.CARD_VERIFICATION_CODE: range(3, 5),
    Entity.CARD_EXPIRY: range(2, 9),
    Entity.PIN: range(4, 9),
    Entity.US_SSN: range(4, 11),
    Entity.SSN_LAST4: range(4, 5),
    Entity.PHONE_NUMBER: range(7, 16),
    Entity.ZIP_CODE: range(5, 10),
    Entity.ROUTING_NUMBER: range(8, 11),
    Entity.ACCOUNT_NUMBER: range(5, 20),
    Entity.DATE_OF_BIRTH: range(1, 9),
    Entity.AGE: range(1, 4),
}
"""How many digits an answer of each kind usually has, so that a question for several is shared out."""
_SHORT = {Entity.AGE, Entity.DATE_OF_BIRTH, Entity.CARD_EXPIRY}
"""Kinds of which a single digit may be an answer."""
_NUMBERLESS = {Entity.PERSON, Entity.EMAIL_ADDRESS}
_HARMLESS_AFTER = frozenset(
    "dollars dollar bucks cents percent minutes minute hours hour days day weeks week months month years year o'clock "
    "am pm a.m p.m miles mile pounds pound ounces inches feet items people times gigabytes megabytes degrees "
    "point points square seconds second business".split()
)
_LAST_FOUR = ("ending", "ends", "last")


def digits(document: Document) -> Iterator[Found]:
    """Every run of digits that must not be kept."""
    for run in document.runs:
        if not run.digits:
            continue
        found = _asked(document, run) or _bare(document, run)
        if found:
            yield found


def _asked(document: Document, run: Run) -> Found | None:
    """A run under an open expectation."""
    asked = document.open_at(run.first)
    if asked is None or _is_harmless(document, run):
        return None
    kinds = [entity for entity in asked.entities if entity not in _NUMBERLESS]
    is_own = asked.sentence.channel == document.tokens[run.first].channel and not document.is_mono
    if len(run) < (3 if is_own or not kinds else 2) and not (set(kinds) & _SHORT and not is_own):
        return None  # "The three digits on the back", "last one": a number word that answers nothing.
    entity = label(run, tuple(kinds))
    return Found(
        entity=entity, first=run.first, last=run.last, score=0.95, why=f"digits under a cue for {entity}"
    )


def label(run: Run, asked: tuple[Entity, ...]) -> Entity:
    """The kind asked for whose usual length fits; a card that checks is a card."""
    if is_card(run):
        return Entity.CREDIT_CARD
    fitting = [entity for entity in asked if len(run) in LENGTHS.get(entity, range(100))]
    if fitting:
        return min(fitting, key=lambda entity: len(LENGTHS.get(entity, range(100))))
    if asked and len(run) < BARE_RUN:
        return asked[0]
    return by_length(run)


def is_card(run: Run) -> bool:
    """Whether a run reads as a card number: its length, its first digit, its check digit (ISO/IEC 7812)."""
    return 13 <= len(run) <= 19 and run.digits[0] in "23456" and passes_luhn(run.digits)


def by_length(run: Run) -> Entity:
    """What an unannounced run most likely is."""
    if is_card(run) or 14 <= len(run) <= 19:
        return Entity.CREDIT_CARD
    if len(run) in (10, 11):
        return Entity.PHONE_NUMBER
    return Entity.US_SSN if len(run) == 9 else Entity.NUMBER


def _bare(document: Document, run: Run) -> Found | None:
    """A run without a question: long, or announced as the end of something longer."""
    if len(run) >= LONG_RUN or (len(run) >= BARE_RUN and not _is_harmless(document, run)):
        entity = by_length(run)
        return Found(
            entity=entity,
            first=run.first,
            last=run.last,
            score=0.8,
            why=f"a bare run of {BARE_RUN} digits or more",
        )
    before = {token.text for token in document.tokens[max(0, run.first - 5) : run.first]}
    if len(run) >= 3 and before & set(_LAST_FOUR) and ({"in", "four", "digits", "with"} & before):
        return Found(
            entity=Entity.CREDIT_CARD,
            first=run.first,
            last=run.last,
            score=0.7,
            why="last digits of a longer number",
        )
    return None


def _is_harmless(document: Document, run: Run) -> bool:
    """Whether a unit, a sign or an order-like cue in its sentence explains a run."""
    if len(run) > LONG_RUN:
        return False
    tokens = document.tokens
    if all(tokens[i].kind is Kind.AMOUNT for i in run.places):
        return True
    after = [t for t in tokens[run.last + 1 : run.last + 3] if t.channel == tokens[run.last].channel]
    if after and (after[0].text in _HARMLESS_AFTER or after[0].text in ORDINALS):
        return True
    return _harmless_cue(document, run)


def _harmless_cue(document: Document, run: Run) -> bool:
    """An order-like cue before the run in its own sentence, and no sensitive one after it."""
    for sentence in sentences(document.tokens):
        if not sentence.first <= run.first < sentence.end:
            continue
        before = " ".join(token.text for token in document.tokens[sentence.first : run.first])
        cues = list(HARMLESS.finditer(before))
        asked = [e for e in document.asked if e.sentence == sentence and e.cue_end <= run.first]
        if not cues:
            return False
        cue_words = len(before[: cues[-1].end()].split())
        return not asked or sentence.first + cue_words > asked[-1].cue_end
    return False
