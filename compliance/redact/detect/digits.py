"""Runs of digits: what each is, and whether anything harmless explains it.

Check digits and issuer ranges choose the label; they never decide whether to
cut, since one misheard digit fails every check.
"""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.forms import is_in_threes
from compliance.redact.detect.harmless import is_harmless
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS, Run, passes_luhn
from compliance.redact.speech.questions import Expectation

BARE_RUN = 7
"""A run this long that nothing explains is cut whatever it is."""
LONG_RUN = 13
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
_NUMBERLESS = {
    Entity.PERSON,
    Entity.EMAIL_ADDRESS,
    Entity.MEDICAL_CONDITION,
    Entity.MEDICATION,
    Entity.USERNAME,
    Entity.URL,
}
"""Kinds that are no numbers; digits near them are judged by themselves."""
_LEAD_IN = FILLERS | BACKCHANNELS | frozenset({"it's", "its", "that's", "he's", "she's", "i'm"})
_LAST = frozenset({"four", "4", "digits", "part", "bit", "few", "numbers", "ones"})
SHORT_REPLY = 3
"""A reply of no more words is cut whole."""
FAR = 12
"""A number so many words after the cue in one sentence needs four digits to belong to it."""
TOLL_FREE = (
    "1800",
    "1888",
    "1877",
    "1866",
    "1855",
    "1844",
    "1833",
    "800",
    "888",
    "877",
    "866",
    "855",
    "844",
    "833",
)
"""Codes of numbers that are published, not a person's (North American Numbering Plan)."""


def digits(document: Document) -> Iterator[Found]:
    """Every run of digits that must not be kept."""
    for run in document.runs:
        if run.digits and not is_public(document, run):
            found = asked_for(document, run) or _bare(document, run)
            if found:
                yield found


def _found(run: Run, entity: Entity, score: float, why: str) -> Found:
    """A run as a find."""
    return Found(entity=entity, first=run.first, last=run.last, score=score, why=why)


def is_public(document: Document, run: Run) -> bool:
    """Whether a company's own toll-free number is read out by its agent."""
    return (
        document.tokens[run.first].role is Role.AGENT
        and len(run) in (10, 11)
        and run.digits.startswith(TOLL_FREE)
    )


def asked_for(document: Document, run: Run) -> Found | None:
    """A run under an open expectation."""
    asked = document.under(run.first)
    if asked is None or is_harmless(document, run) or _names_length(asked, run):
        return None
    kinds = tuple(entity for entity in asked.entities if entity not in _NUMBERLESS)
    if not kinds or len(run) < _least(document, asked, run, kinds):
        return None
    entity = label(run, kinds)
    first, last = _whole_reply(document, asked, run)
    why = f"digits under a cue for {entity}"
    return Found(entity=entity, first=first, last=last, score=0.95, why=why)


def _whole_reply(document: Document, asked: Expectation, run: Run) -> tuple[int, int]:
    """A short reply to a question for a number is that number, words among it included: "deck 73"."""
    sentence = document.sentence(run.first)
    is_short = sentence.end - sentence.first <= SHORT_REPLY and document.sentence(run.last) == sentence
    if sentence == asked.sentence or not is_short:
        return run.first, run.last
    own = [i for i in range(sentence.first, sentence.end) if document.tokens[i].text not in _LEAD_IN]
    return min(own[0], run.first), max(own[-1], run.last)


def _least(document: Document, asked: Expectation, run: Run, kinds: tuple[Entity, ...]) -> int:
    """How many digits belong to the expectation for sure: "last one" and "the two of us" are no answers."""
    is_own = document.tokens[run.first].channel == asked.sentence.channel and (
        not document.is_mono or document.sentence(run.first) == asked.sentence
    )
    if not is_own and document.tokens[run.first].role is Role.AGENT:
        return 4  # An agent who is asked quotes prices and hours more often than secrets.
    if not is_own:
        return 1 if _SHORT & set(kinds) else 2
    if run.first < asked.cue_end:
        return 4
    if run.first - asked.cue_end > FAR or document.sentence(run.first) != asked.sentence:
        return 4
    return 2 if _SHORT & set(kinds) and len(kinds) == 1 else 3


def _names_length(asked: Expectation, run: Run) -> bool:
    """Whether the number is part of the cue itself: "the three digits on the back"."""
    return any(cue.first <= run.first and run.last < cue.end for cue in asked.cues)


def label(run: Run, asked: tuple[Entity, ...]) -> Entity:
    """The kind asked for whose usual length fits; a card that checks is a card."""
    if is_card(run.digits):
        return Entity.CREDIT_CARD
    fitting = [entity for entity in asked if len(run) in LENGTHS.get(entity, range(100))]
    if fitting:
        return min(fitting, key=lambda entity: len(LENGTHS.get(entity, range(100))))
    if asked and len(run) < BARE_RUN:
        return asked[0]
    return by_length(run)


def is_card(digits: str) -> bool:
    """Whether digits read as a card number: their count, the first, the check digit (ISO/IEC 7812)."""
    return 13 <= len(digits) <= 19 and digits[0] in "23456" and passes_luhn(digits)


def by_length(run: Run) -> Entity:
    """What an unannounced run most likely is."""
    if is_card(run.digits) or 14 <= len(run) <= 19:
        return Entity.CREDIT_CARD
    if len(run) in (10, 11):
        return Entity.PHONE_NUMBER
    return Entity.US_SSN if len(run) == 9 and run.digits[0] != "9" else Entity.NUMBER


def _bare(document: Document, run: Run) -> Found | None:
    """A run without a question that is long enough to be somebody's."""
    asked = document.under(run.first)
    is_other = asked is not None and not asked.entities
    entity = Entity.PHONE_NUMBER if is_in_threes(document.tokens, run) else by_length(run)
    if len(run) >= LONG_RUN and _is_pure(document, run):
        return _found(run, entity, 0.8, f"a bare run of {LONG_RUN} digits or more")
    if len(run) < BARE_RUN or is_other or is_harmless(document, run):
        return None
    return _found(run, entity, 0.8, f"a bare run of {BARE_RUN} digits or more")


def _is_pure(document: Document, run: Run) -> bool:
    """Whether no word of a run mixes letters in, as tracking numbers do."""
    return not any(
        char.isalpha() for i in run.places for char in document.tokens[i].text if document.tokens[i].digits
    )


def endings(document: Document) -> Iterator[Found]:
    """What is said to be the end of something longer, whatever else it may look like."""
    for run in document.runs:
        found = _ending(document, run) if run.digits else None
        if found:
            yield found


def _ending(document: Document, run: Run) -> Found | None:
    """The last digits of something longer: "the card ending in 8841"."""
    before = [token.text for token in document.tokens[max(0, run.first - 5) : run.first]]
    ends = {"ending", "ends"} & set(before) or ("last" in before and _LAST & set(before))
    if not ends or not 2 <= len(run) <= 6 or is_harmless(document, run):
        return None
    return _found(run, Entity.CREDIT_CARD, 0.7, "last digits of a longer number")
