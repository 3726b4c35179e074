"""What was found once is looked for in the whole call, on both channels.

The agent reads the last four digits back; the caller says the name again at the
end.  A value counts as said again when enough of it is.
"""

from __future__ import annotations

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
SHORTEST_NAME = 3
"""Names shorter than this are too common as words."""
SHORTEST_LIKENESS = 5
LIKENESS = 75
"""Percent of the letters in common, in order, from which two spellings may be one name."""
SURE = 0.8
"""Only names found with this score are hunted."""
_HUNTED_AS_WORDS = frozenset({Entity.PERSON})


def hunted(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Other places at which something already found is said again."""
    yield from _digits(document, found)
    yield from _names(document, found)


def _digits(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Runs that share digits with a value already found; soon after it, fewer need be the same."""
    pieces = {size: _pieces(document, found, size) for size in range(SHARED_NEAR, SHARED_MOST + 1)}
    covered = {i for each in found for i in document.own(each)}
    for run in document.runs:
        if covered.issuperset(run.places) or is_quoted(document, run):
            continue
        size = min(max(SHARED_DIGITS, len(run) // 2), SHARED_MOST)
        match = _first_match(run, pieces[size], size)
        near = _first_match(run, pieces[SHARED_NEAR], SHARED_NEAR)
        if match is None and near is not None and 0 <= run.first - near.last <= NEAR_WORDS:
            match = near
        if match is not None:
            why = f"part of a {match.entity} said before"
            yield Found(entity=match.entity, first=run.first, last=run.last, score=0.9, why=why)


def _pieces(document: Document, found: Sequence[Found], size: int) -> dict[str, Found]:
    """Every row of so many digits in a value already found, with the last find that has it."""
    pieces: dict[str, Found] = {}
    for each in found:
        if each.entity not in _HUNTED_AS_WORDS:
            digits = value([document.tokens[i] for i in document.own(each)])
            pieces |= {digits[i : i + size]: each for i in range(len(digits) - size + 1)}
    return pieces


def _first_match(run: Run, pieces: Mapping[str, Found], size: int) -> Found | None:
    """The find that shares a row of digits with a run."""
    rows = (run.digits[i : i + size] for i in range(len(run) - size + 1))
    return next((pieces[row] for row in rows if row in pieces), None)


def _names(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Words of a name already found, or like one, wherever they are said."""
    names = {
        document.tokens[i].text.removesuffix("'s")
        for each in found
        if each.entity in _HUNTED_AS_WORDS and each.score >= SURE
        for i in document.own(each)
        if _is_name(document.tokens[i])
    }
    covered = {i for each in found for i in document.own(each)}
    like = {
        text: _is_like(text, names) for text in {token.text.removesuffix("'s") for token in document.tokens}
    }
    for i, token in enumerate(document.tokens):
        text = token.text.removesuffix("'s")
        if i not in covered and (text in names or (like[text] and token.is_capital)) and _is_name(token):
            yield Found(
                entity=Entity.PERSON, first=i, last=i, score=0.8, why="a name said before, or one like it"
            )


def _is_name(token: Token) -> bool:
    """Whether a word can stand for a person by itself."""
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
