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
_UNITS = frozenset(["apartment", "apt", "suite", "unit", "floor", "lot", "number"])
_PUBLIC = named("postal.public")


def postal(document: Document) -> Iterator[Found]:
    """Addresses wherever they are said, but for where the company itself is."""
    read = document.tokens
    for i, token in enumerate(read):
        if token.text in _STREETS or (token.text in _WEAK and token.is_capital and i and read[i - 1].is_capital):
            first = _start(read, i, document.sentence(i).first)
            if first is not None and not _is_public(document, i):
                yield Found(
                    entity=Entity.STREET_ADDRESS,
                    first=first,
                    last=_end(document, i),
                    score=0.85,
                    why="a number and a street",
                )
        elif token.text == "box" and i and read[i - 1].text in ("po", "p.o", "office", "p", "o"):
            if i + 1 < len(read) and is_number(read[i + 1]):
                yield Found(
                    entity=Entity.STREET_ADDRESS, first=i - 1, last=i + 1, score=0.85, why="a post box"
                )


def _start(read: tuple[Token, ...], street: int, bound: int) -> int | None:
    """The first word of the house number before a street, if one stands near."""
    for i in range(street - 1, max(bound, street - WORDS - 2) - 1, -1):
        if is_number(read[i]) and read[i].channel == read[street].channel:
            if i == street - 1 and read[i].text in ("one", "first"):
                return None
            while i > bound and is_number(read[i - 1]):
                i -= 1
            return i
        if (
            read[i].text
            in words("common")
            - {
                "old",
                "high",
                "north",
                "south",
                "mill",
                "park",
                "black",
                "blue",
                "green",
                "red",
                "state",
                "water",
                "center",
                "long",
                "white",
                "english",
                "spring",
                "point",
                "lower",
                "upper",
                "main",
                "side",
                "great",
                "market",
                "may",
                "june",
                "april",
                "church",
                "school",
                "college",
            }
            and not read[i].is_capital
        ):
            return None
    return None


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
