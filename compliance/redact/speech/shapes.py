"""Which tokens can be part of a value: digits, letters, dates, phonetic alphabets."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.redact.speech.tokens import ORDINALS, Kind, Token
from compliance.redact.words import named, words

MONTHS = named("shapes.months")
_NAME_ENDS = named("shapes.name_ends")
_ACRONYMS = named("shapes.acronyms")
_DATE_WORDS = MONTHS | ORDINALS | frozenset(["next", "last", "of", "the", "year", "month"])


def is_code(token: Token) -> bool:
    """Whether a token can be part of a number with letters in it."""
    if token.kind in (Kind.DIGITS, Kind.NUMBER_WORD, Kind.MIXED, Kind.LETTERS):
        return True
    return is_shouted(token)


def is_shouted(token: Token) -> bool:
    """Whether a word in capitals may be letters said one by one, rather than an acronym."""
    return token.is_shouted and token.text not in _ACRONYMS


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


def name_of(read: Sequence[Token], own: list[int], *, longest: int) -> list[int]:
    """A name at the start of an answer: up to a word that goes on otherwise, with letters that spell it."""
    kept: list[int] = []
    for n, i in enumerate(own):
        if kept and _leaves_name(read, own, n) and not _spells_soon(read, own[n : n + 4]):
            break
        kept.append(i)
        if sum(read[k].kind is Kind.WORD for k in kept) >= longest:
            break
    return kept


def _leaves_name(read: Sequence[Token], own: list[int], n: int) -> bool:
    """Whether a name ends before a word: a common one after a pause, or one that begins a clause."""
    token, before = read[own[n]], read[own[n - 1]]
    if token.text == "and":
        ahead = own[n + 1 : n + 2]
        return not ahead or not read[ahead[0]].is_capital or read[ahead[0]].text in words("common")
    return token.text in _NAME_ENDS or (before.has_pause and token.text in words("common"))


def _spells_soon(read: Sequence[Token], ahead: Sequence[int]) -> bool:
    """Whether letters follow within a word or two: "Smith, that's S-M-I"."""
    return any((read[i].kind is Kind.LETTERS and read[i].text != "o") or is_shouted(read[i]) for i in ahead)


def spelled_word(read: Sequence[Token], own: Sequence[int], n: int) -> bool:
    """Whether a word stands for a letter: "B as in boy", "D for delta", "victor"."""
    if n and read[own[n - 1]].text in ("in", "for", "like"):
        return n > 1 and (read[own[n - 2]].text == "as" or read[own[n - 2]].kind is Kind.LETTERS)
    return False
