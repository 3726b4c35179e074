"""Street addresses by their shape: a number, up to four words, and the last word of a street's name."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity, Role
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.questions import is_number
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import named, phrases, words

WORDS = 4
"""A street's name has no more words before its last."""
_WEAK = named("postal.weak")
"""Words that end a street's name only where they are written as one."""
_STREETS = phrases("streets") - _WEAK
_NO_STREET = words("common") - named("postal.in_names")
"""Common words that no street is called by; in lower case they end the search for its number."""
_UNITS = frozenset(["apartment", "apt", "suite", "unit", "floor", "lot", "number"])
_PUBLIC = named("postal.public")


def postal(document: Document) -> Iterator[Found]:
    """Addresses wherever they are said, but for where the company itself is."""
    for i in range(len(document.tokens)):
        if _is_street(document.tokens, i) and not _is_public(document, i):
            first = _start(document.tokens, i, document.sentence(i).first)
            if first is not None:
                yield _found(first, _end(document, i), "a number and a street")
        elif _is_box(document.tokens, i):
            yield _found(i - 1, i + 1, "a post box")


def _found(first: int, last: int, why: str) -> Found:
    """An address as a find."""
    return Found(entity=Entity.STREET_ADDRESS, first=first, last=last, score=0.85, why=why)


def _is_street(read: tuple[Token, ...], place: int) -> bool:
    """Whether a word ends a street's name; words with other uses do so only when written as one."""
    if read[place].text in _WEAK:
        return read[place].is_capital and place > 0 and read[place - 1].is_capital
    return read[place].text in _STREETS


def _is_box(read: tuple[Token, ...], place: int) -> bool:
    """Whether a word is the box of "P.O. box 771"."""
    if read[place].text != "box" or not 0 < place < len(read) - 1:
        return False
    return read[place - 1].text in ("po", "p.o", "office", "p", "o") and is_number(read[place + 1])


def _start(read: tuple[Token, ...], street: int, bound: int) -> int | None:
    """The first word of the house number before a street, if one stands near."""
    for i in range(street - 1, max(bound, street - WORDS - 2) - 1, -1):
        if _numbers(read[i]) and read[i].channel == read[street].channel:
            return (
                None
                if i == street - 1 and read[i].text in ("one", "first")
                else _number_start(read, i, bound)
            )
        if read[i].text in _NO_STREET and not read[i].is_capital:
            return None
    return None


def _numbers(token: Token) -> bool:
    """Whether a token can be a house number, also one written like an amount: "3.18" for three eighteen."""
    return is_number(token) or (
        token.kind is Kind.AMOUNT and token.text[0].isdigit() and "%" not in token.text
    )


def _number_start(read: tuple[Token, ...], place: int, bound: int) -> int:
    """The first word of a house number: "seventeen hundred", "twenty-two oh five"."""
    while place > bound and is_number(read[place - 1]):
        place -= 1
    return place


def _end(document: Document, street: int) -> int:
    """The last word of an address: unit, town, state and code in the same breath."""
    read, sentence = document.tokens, document.sentence(street)
    last = street
    for i in range(street + 1, min(sentence.end, street + 10)):
        token, before = read[i], read[i - 1]
        is_part = token.text in _UNITS | words("states") or (before.text in _UNITS) or is_number(token)
        is_town = token.is_capital and token.kind is Kind.WORD and token.text not in words("common")
        if not (is_part or is_town or token.text in ("in", "and", "of")):
            break
        if is_part or is_town:
            last = i
    return last


def _is_public(document: Document, place: int) -> bool:
    """Whether the agent says where the company is."""
    token, sentence = document.tokens[place], document.sentence(place)
    return token.role is Role.AGENT and bool(_PUBLIC & set(sentence.text.split()))
