"""What the speakers are talking about: cues that open an expectation.

"What is the card number?" opens one for the other party's answer; "my social
is" opens one for the rest of what the speaker says.  An expectation names every
kind that was asked for at once, and lasts over several turns: a card read in
four slow groups is one answer.  Changes of the floor count, not pauses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.records import Entity
from compliance.redact.speech.numbers import BACKCHANNELS
from compliance.redact.speech.tokens import Token

_CUES: tuple[tuple[Entity, str], ...] = (
    (Entity.SSN_LAST4, r"last (four|4)( digits)? of (your|the|my|his|her) social"),
    (Entity.US_SSN, r"social security|(your|my|full|his|her) social\b|\bs ?s ?n\b|\bssn\b|taxpayer|tax id|itin"),
    (Entity.CARD_VERIFICATION_CODE, r"security (code|number)|\bc ?v ?[vc] ?2?\b|verification (code|number|value)"
     r"|((three|four|3|4)[ -]digit|three|3|four|4) (code|number|digits)|(code|digits|number|numbers) on the (back|front|reverse)"),
    (Entity.CARD_EXPIRY, r"\bexpir\w*|exploration|\bexp date|valid (thru|through|until|to)|good (thru|through|until)|month and year"),
    (Entity.CREDIT_CARD, r"card number|\b(credit|debit|visa|mastercard|amex|american express|discover)\b|number (on|of) (the|your|my) card"
     r"|(your|the|my|that|another|which|a) card|long number|(sixteen|16|fifteen|15)[ -]digit|card (ending|that ends)|payment details"),
    (Entity.PIN, r"\bpin\b|passcode|pass code|access code|one[- ]time (code|password)"),
    (Entity.DATE_OF_BIRTH, r"date of (your )?birth|birth ?dates?|birthday|\bborn\b|\bd ?o ?b\b"),
    (Entity.PHONE_NUMBER, r"phone|telephone|call(ing)? (you|me|us|him|her) (back )?(at|on)|call ?back|\b(cell|mobile)\b"
     r"|reach (you|me|him|her)|(best|contact|good) number|number (can|should|do|could) (i|we)|text me"),
    (Entity.ROUTING_NUMBER, r"routing|\baba\b|sort code"),
    (Entity.IBAN_CODE, r"\biban\b"),
    (Entity.ACCOUNT_NUMBER, r"account( number)?\b|checking|savings|loan number|acct"),
    (Entity.ZIP_CODE, r"\bzip\b|zip code|postal code|post code"),
    (Entity.EMAIL_ADDRESS, r"e ?-?mail"),
    (Entity.STREET_ADDRESS, r"(?<!e-mail )(?<!email )(?<!mail )(?<!web )(?<!ip )\baddress\b(?! book)|street|where do you live|i live (at|on|in)|we live|(ship|send|deliver|mail|post|bring)(ping|ing)? (it|that|this|them|the \w+)?( out)?( to)?\b|where (are|is) (you|it) located|where (should|shall|can|do|would|will) "),
    (Entity.MEDICAL_RECORD_NUMBER, r"medical record|\bm ?r ?n\b|chart number|patient (id|number|identifier)"),
    (Entity.HEALTH_PLAN_NUMBER, r"member (id|i d|number|identification)|(insurance|policy|subscriber|plan|medicare|medicaid|beneficiary|group) (id|i d|number|card)"),
    (Entity.US_DRIVER_LICENSE, r"driver'?s?'? licen[sc]e|licen[sc]e number"),
    (Entity.US_PASSPORT, r"passport"),
    (Entity.VEHICLE_ID, r"\bvin\b|vehicle identification|(license|licence|number) plate|plate number"),
    (Entity.USERNAME, r"user ?name|user id|log ?in( name)?\b|screen name"),
    (Entity.PASSWORD, r"password|pass ?phrase|secret (word|answer)|security (question|answer)|maiden name"),
    (Entity.AGE, r"how old|(your|his|her|the patient's) age"),
    (Entity.PERSON, r"(?<!company )(?<!brand )(?<!product )(?<!file )(?<!domain )(?<!street )(?<!user )(?<!screen )(?<!login )(?<!trade )\bnames?\b"
     r"|who am i (speaking|talking)|(speaking|talking|speak|talk) (with|to) (today|please|now)"
     r"|who('s| is) (calling|this|speaking)|(can|could|would) you spell|how (do|would) you spell|spell (that|it|your)|cardholder"),
)  # fmt: skip
_PATTERNS = tuple((entity, re.compile(pattern)) for entity, pattern in _CUES)

HARMLESS = re.compile(
    r"\b(order|invoice|ticket|confirmation|reference|tracking|case|claim form|form|model|part|item|sku|room|flight|gate"
    r"|version|step|option|press|serial|unit|aisle|chapter|page|size|channel|highway|route|interstate|bus|batch|lot"
    r"|catalog|catalogue|promo|coupon|total|balance|price|cost|costs|comes to|charge of|refund of|subtotal)\b"
)
"""Words that give the number after them, in the same sentence, a harmless reading."""

ANSWER_TURNS = 6
"""Changes of the floor over which an expectation lasts."""
ANSWER_MS = 60_000
"""And time, since the last word that belonged to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Consecutive tokens of one turn, up to a full stop or the turn's end; indices, end excluded."""

    first: int
    end: int
    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Kinds of answer that a sentence asked for, or announced."""

    sentence: Sentence
    entities: tuple[Entity, ...]
    """In the order in which they were named."""
    cue_end: int
    """Index of the token after the last cue."""


def sentences(read: Sequence[Token]) -> Iterator[Sentence]:
    """The conversation's sentences, in its order."""
    first = 0
    for i, token in enumerate(read):
        is_last = i + 1 == len(read) or read[i + 1].ref.turn != token.ref.turn
        if is_last or token.ends_sentence:
            yield Sentence(first=first, end=i + 1, channel=token.channel)
            first = i + 1


def text_of(read: Sequence[Token], sentence: Sentence) -> tuple[str, list[int]]:
    """A sentence's plain text, and the token to which each character belongs."""
    text, owner = "", []
    for i in range(sentence.first, sentence.end):
        text += read[i].text + " "
        owner += [i] * (len(read[i].text) + 1)
    return text, owner


def expectations(read: Sequence[Token]) -> tuple[Expectation, ...]:
    """Every sentence that asks for, or announces, something that must not be kept."""
    found = []
    for sentence in sentences(read):
        text, owner = text_of(read, sentence)
        hits = [(m.start(), m.end(), entity) for entity, pattern in _PATTERNS for m in pattern.finditer(text)]
        if hits:
            hits.sort()
            named = tuple(dict.fromkeys(entity for _, _, entity in hits))
            found.append(
                Expectation(
                    sentence=sentence,
                    entities=named,
                    cue_end=owner[max(0, max(e for _, e, _ in hits) - 1)] + 1,
                )
            )
    return tuple(found)


def is_content(token: Token) -> bool:
    """Whether a token says something, rather than "mm-hm" or "okay"."""
    return token.text not in BACKCHANNELS


def open_at(
    read: Sequence[Token], asked: Sequence[Expectation], place: int, *, is_mono: bool
) -> Expectation | None:
    """The expectation under which the token at ``place`` is heard: the newest one that still lasts."""
    token = read[place]
    for each in reversed([e for e in asked if e.sentence.first <= place]):
        own = each.sentence.channel == token.channel
        if own and each.cue_end > place and place >= each.sentence.first:
            return each  # Said before its cue in the same sentence: "4242 is the number of my card".
        if own and not is_mono and _floors(read, each.cue_end, place) > 2:
            continue  # A statement covers what the speaker says next, not answers far away.
        if _floors(read, each.cue_end, place) > ANSWER_TURNS:
            return None
        if token.start_ms - read[each.cue_end - 1].end_ms > ANSWER_MS:
            return None
        return each
    return None


def _floors(read: Sequence[Token], start: int, end: int) -> int:
    """How often the floor changed between two places; "mm-hm" does not take it."""
    channels = [token.channel for token in read[start : end + 1] if is_content(token)]
    return sum(a != b for a, b in zip(channels, channels[1:], strict=False))
