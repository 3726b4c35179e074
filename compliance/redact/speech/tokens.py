"""Words of a conversation as tokens that can be read: lower case, with the digits they stand for.

A recogniser writes the same speech as "four five four six", ``4-5-4-6,``,
``$45.46`` or ``4546``.  Each token keeps the place of its word, so that whatever
is read here can be cut where it was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum, auto

from compliance.records import Conversation, Role, WordRef
from compliance.redact.words import named

DIGIT_WORDS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
SCALES = {"hundred": "00", "thousand": "000"}
REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
HOMOPHONES = {"to": "2", "too": "2", "for": "4", "fore": "4", "won": "1", "ate": "8", "sex": "6", "tree": "3"}
ORDINALS = named("tokens.ordinals")

NO_LETTERS = frozenset({"a", "i", "a.m", "p.m", "u.s", "a.i", "d.c"})
"""Letters that are words, or stand for one."""


class Kind(StrEnum):
    """What a token is, as far as it can be told by itself."""

    WORD = auto()
    DIGITS = auto()
    """Written digits, with or without hyphens: 4546, 4-5-4-6, 545-2334."""
    NUMBER_WORD = auto()
    """A number said as a word, or a multiplier before one."""
    AMOUNT = auto()
    """Money, percent, clock time or ordinal, by its signs: $15.99, 20%, 3:30, 5th."""
    MIXED = auto()
    """Letters and digits together: A419."""
    LETTERS = auto()
    """A single letter, or letters joined by hyphens: B, T-A-M."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word with its reading."""

    ref: WordRef
    channel: int
    role: Role
    start_ms: int
    end_ms: int
    kind: Kind
    text: str = field(repr=False)
    """Lower case, without the punctuation round it."""
    digits: str = field(repr=False)
    """The digits written in it; empty for words."""
    ends_sentence: bool
    """Whether a full stop or a question mark follows."""
    is_question: bool = False
    """Whether a question mark follows."""
    is_capital: bool = False
    """Whether it was written with a capital."""
    is_shouted: bool = False
    """Whether it was written in capitals throughout, as letters spelled in a row often are."""
    has_pause: bool = False
    """Whether a comma or more follows."""


_EDGES = re.compile(r"^[^\w$#@]+|[^\w%]+$")
_UNITS = (
    "st|nd|rd|th|am|pm|k|cm|mm|km|m|kg|g|mg|ml|lbs?|oz|ft|in|gb|mb|tb|mbps|gig|ghz|mhz|hz|hp|v|w|amp|x|s"
    "|-?(month|day|year|minute|hour|inch|foot|feet|mile|night|week|person|people|pack|piece|digit|bit|gallon|percent"
    "|speed|door|bedroom|star|point|step|way|ton|pound|man|ounce|page|seat|seater|in|ft|mm|volt|amp|watt|story|size)s?"
    "|-?year-olds?"
)
"""What a number is glued to when it counts or measures."""
_AMOUNT = re.compile(
    rf"^[$€£]\d{{1,3}}(,?\d{{3}})*(\.\d\d?)?[km]?$|\d%$|^\d{{1,2}}:\d\d(am|pm)?$|^\d+(\.\d+)?({_UNITS})$"
    r"|^[1-9]\d{0,2}(,\d{3})*\.\d\d$|^\d{1,3}(,\d{3})+$|^\d/\d$"
)
_DIGITS = re.compile(r"^[#$]?\d[\d\-.,/()]*$|^\(\d+\)[\d-]*$")
_LETTERS = re.compile(r"^[a-z]([-.][a-z])*(-as)?$")


def kind_of(text: str) -> Kind:
    """What a lower-case word is, by its signs alone."""
    if _AMOUNT.search(text):
        return Kind.AMOUNT
    if _DIGITS.match(text):
        return Kind.DIGITS
    if any(c.isdigit() for c in text):
        return Kind.MIXED
    if text in DIGIT_WORDS or text in TEENS or text in TENS or text in SCALES or text in REPEATS:
        return Kind.NUMBER_WORD
    if all(part in DIGIT_WORDS or part in TEENS or part in TENS for part in text.split("-")):
        return Kind.NUMBER_WORD
    if _LETTERS.match(text) and text not in NO_LETTERS:
        return Kind.LETTERS
    return Kind.WORD


TITLES = named("tokens.titles")
"""Words before a surname; the full stop after one ends no sentence."""


def _ends_sentence(lower: str) -> bool:
    """Whether a word as written ends its sentence."""
    if lower.endswith("...") or lower.rstrip(".") in TITLES:
        return False
    return lower.endswith((".", "?", "!"))


def tokens(conversation: Conversation) -> tuple[Token, ...]:
    """Every word of the conversation as a token, in the conversation's order."""
    read = []
    for t, turn in enumerate(conversation.turns):
        role = conversation.role_of(turn.channel)
        for w, word in enumerate(turn.words):
            lower = word.text.strip().lower().replace("\u2019", "'")
            text = _EDGES.sub("", lower)
            plain = [char for char in word.text if char.isalpha()]
            read.append(
                Token(
                    ref=WordRef(turn=t, word=w),
                    channel=turn.channel,
                    role=role,
                    start_ms=word.start_ms,
                    end_ms=word.end_ms,
                    kind=kind_of(text) if text else Kind.WORD,
                    text=text,
                    digits="".join(c for c in text if c.isdigit()),
                    ends_sentence=_ends_sentence(lower),
                    is_question=lower.endswith("?"),
                    is_capital=bool(plain) and plain[0].isupper(),
                    is_shouted=len(plain) > 1 and all(char.isupper() for char in plain),
                    has_pause=lower.endswith((",", ";", ":", ".", "?", "!")),
                )
            )
    return tuple(read)
