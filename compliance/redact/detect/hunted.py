"""What was found once is looked for in the whole call, on both channels.

The agent reads the last four digits back; the caller says the name again at the
end.  A value counts as said again when enough of it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.harmless import is_quoted
from compliance.redact.speech.numbers import Run, value
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import words

NAME = "spoken_again"
SHARED_DIGITS, SHARED_MOST = 4, 8
"""So many digits in a row in common make two runs one number; of a long run half of it, up to so many."""
SHARED_NEAR = 3
"""So many where one closely follows the other: a read-back, or a correction of its last group."""
NEAR_WORDS = 24
READ_BACK = 2
"""A number of so many digits that stands by itself is known again only if the other party reads it back."""
_SEPARATORS = re.compile("[-.,/:]")
SHORTEST_NAME = 3
"""Names shorter than this are too common as words."""
SHORTEST_LIKENESS = 5
LIKENESS = 75
"""Percent of the letters in common, in order, from which two spellings may be one name."""
SURE = 0.8
"""Only names found with this score are hunted."""
_NAMED = (Entity.STREET_ADDRESS, Entity.CITY, Entity.MEDICATION, Entity.PERSON)
"""Kinds whose rarer words are looked for; a word of two is the later one's."""


def hunted(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Other places at which something already found is said again."""
    yield from _digits(document, found)
    yield from _names(document, found)


def _digits(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Runs that share digits with a value already found; near it, fewer need be the same."""
    pieces = {size: _pieces(document, found, size) for size in range(SHARED_NEAR, SHARED_MOST + 1)}
    groups = _groups(document, found)
    covered = {i for each in found for i in document.own(each)}
    for run in document.runs:
        if covered.issuperset(run.places) or is_quoted(document, run):
            continue
        match = _shared(run, pieces) or _read_back(document, run, groups)
        if match is not None:
            why = f"part of a {match.entity} said before"
            yield Found(entity=match.entity, first=run.first, last=run.last, score=0.9, why=why)


def _shared(run: Run, pieces: Mapping[int, Mapping[str, Found]]) -> Found | None:
    """The find that shares enough digits in a row with a run: fewer if one leads to the other."""
    size = min(max(SHARED_DIGITS, len(run) // 2), SHARED_MOST)
    near = _first_match(run, pieces[SHARED_NEAR], SHARED_NEAR)
    is_near = near is not None and abs(run.first - near.last) <= NEAR_WORDS
    return _first_match(run, pieces[size], size) or (near if is_near else None)


def _read_back(document: Document, run: Run, groups: Mapping[str, Sequence[Found]]) -> Found | None:
    """The find of which the other party shortly after says a number that stands by itself in it."""
    tokens = document.tokens
    for found in groups.get(run.digits, ()):
        is_other = document.is_mono or tokens[run.first].channel != tokens[found.first].channel
        if is_other and 0 <= run.first - found.last <= NEAR_WORDS:
            return found
    return None


def _groups(document: Document, found: Sequence[Found]) -> dict[str, list[Found]]:
    """The short numbers that stand by themselves in what was found: "55 Quince Street", "203.0.113.87"."""
    out: dict[str, list[Found]] = {}
    for each in found:
        for i in document.own(each):
            for group in _SEPARATORS.split(document.tokens[i].text):
                if group.isdigit() and len(group) == READ_BACK:
                    out.setdefault(group, []).append(each)
    return out


def _pieces(document: Document, found: Sequence[Found], size: int) -> dict[str, Found]:
    """Every row of so many digits in a value already found, with the last find that has it."""
    pieces: dict[str, Found] = {}
    for each in found:
        if each.entity is not Entity.PERSON:
            digits = value([document.tokens[i] for i in document.own(each)])
            pieces |= {digits[i : i + size]: each for i in range(len(digits) - size + 1)}
    return pieces


def _first_match(run: Run, pieces: Mapping[str, Found], size: int) -> Found | None:
    """The find that shares a row of digits with a run."""
    rows = (run.digits[i : i + size] for i in range(len(run) - size + 1))
    return next((pieces[row] for row in rows if row in pieces), None)


def _names(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Words of a name already found, or like one, wherever they are said."""
    covered = {i for each in found for i in document.own(each)}
    known = _known(document, found)
    names = [text for text, entity in known.items() if entity is Entity.PERSON]
    like = {text: _is_like(text, names) for text in {_bare(token) for token in document.tokens}}
    for i, token in enumerate(document.tokens):
        if i in covered or not _is_name(token):
            continue
        text = _bare(token)
        entity = known.get(text) or known.get(text.removesuffix("s"))
        if entity is None and like[text] and token.is_capital:
            entity = Entity.PERSON
        if entity is not None:
            yield Found(
                entity=entity, first=i, last=i, score=0.8, why=f"part of a {entity} said before, or like it"
            )


def _known(document: Document, found: Sequence[Found]) -> dict[str, Entity]:
    """The rarer words of what was found, each with its kind."""
    listed = [each for each in found if each.entity in _NAMED and each.score >= SURE]
    return {
        _bare(document.tokens[i]): each.entity
        for each in sorted(listed, key=lambda each: _NAMED.index(each.entity))
        for i in document.own(each)
        if _is_name(document.tokens[i])
    }


def _bare(token: Token) -> str:
    """A word without the mark of whose it is."""
    return token.text.removesuffix("'s")


def _is_name(token: Token) -> bool:
    """Whether a word can stand for a person, a street or a medicine by itself."""
    return (
        len(token.text) >= SHORTEST_NAME
        and token.kind is Kind.WORD
        and token.text not in words("common") | words("streets")
    )


def _is_like(text: str, names: Iterable[str]) -> bool:
    """Whether a word is spelled much like a known name: recognisers write one name in several ways."""
    if len(text) < SHORTEST_LIKENESS:
        return False
    return any(len(name) >= SHORTEST_LIKENESS and fuzz.ratio(text, name) >= LIKENESS for name in names)
