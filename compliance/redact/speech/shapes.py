"""Which tokens can be part of a value: digits, letters, dates, phonetic alphabets."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.redact.speech.tokens import ORDINALS, Kind, Token
from compliance.redact.words import named

MONTHS = named("shapes.months")
PHONETIC = named("shapes.phonetic")
"""Words that stand for their first letter."""
LINKS = named("shapes.links")
"""What stands between the parts of a value."""
_DATE_WORDS = MONTHS | ORDINALS | frozenset(["next", "last", "of", "the", "year", "month"])


def is_code(token: Token) -> bool:
    """Whether a token can be part of a number with letters in it."""
    return token.kind in (Kind.DIGITS, Kind.NUMBER_WORD, Kind.MIXED, Kind.LETTERS) or token.is_shouted


def is_date(token: Token) -> bool:
    """Whether a token can carry part of a date by itself."""
    if token.kind is Kind.AMOUNT:
        return (token.text[-1].isalpha() and token.text[-2:] in ("st", "nd", "rd", "th")) or "/" in token.text
    if token.kind in (Kind.DIGITS, Kind.NUMBER_WORD):
        return True
    return token.text in MONTHS or token.text in ORDINALS


def in_date(token: Token) -> bool:
    """Whether a token may stand within a date."""
    return is_date(token) or token.text in _DATE_WORDS


def spelled_word(read: Sequence[Token], own: Sequence[int], n: int) -> bool:
    """Whether a word stands for a letter: "B as in boy", "D for delta", "victor"."""
    if n and read[own[n - 1]].text in ("in", "for", "like"):
        return n > 1 and (read[own[n - 2]].text == "as" or read[own[n - 2]].kind is Kind.LETTERS)
    return False
