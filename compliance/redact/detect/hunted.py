"""What was found once is looked for in the whole call, on both channels.

The agent reads the last four digits back; the caller says the name again at the
end.  A value counts as said again when enough of it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.numbers import Run, value

SHARED_DIGITS = 4
"""So many digits in a row in common make two runs readings of one number."""
SHORTEST_NAME = 3
"""Names shorter than this are too common as words."""
_COMMON = frozenset(
    "the and you your yes no okay sure thanks thank please name street avenue road drive lane court north south east "
    "west city apartment unit suite will may mark grant bill rose hope art rich main first last number zero one two three "
    "four five six seven eight nine ten dot com gmail at email that this with for have are was can day say see card".split()
)
_HUNTED_AS_WORDS = frozenset({Entity.PERSON})


def hunted(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Other places at which something already found is said again."""
    yield from _digits(document, found)
    yield from _names(document, found)


def _digits(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Runs that share digits with a value already found."""
    known = {value([document.tokens[i] for i in document.own(each)]): each for each in found}
    for run in document.runs:
        if (
            any(each.first <= run.first and run.last <= each.last for each in found)
            or len(run) < SHARED_DIGITS
        ):
            continue
        match = next((each for digits, each in known.items() if _shares(run, digits)), None)
        if match is not None:
            yield Found(
                entity=match.entity,
                first=run.first,
                last=run.last,
                score=0.9,
                why=f"part of a {match.entity} said before",
            )


def _shares(run: Run, digits: str) -> bool:
    """Whether enough digits in a row are the same."""
    pieces = {run.digits[i : i + SHARED_DIGITS] for i in range(len(run.digits) - SHARED_DIGITS + 1)}
    return any(piece in digits for piece in pieces)


def _names(document: Document, found: Sequence[Found]) -> Iterator[Found]:
    """Words of a name already found, wherever they are said."""
    names = {
        document.tokens[i].text.removesuffix("'s"): each.entity
        for each in found
        if each.entity in _HUNTED_AS_WORDS and each.score >= 0.8
        for i in document.own(each)
    }
    covered = {i for each in found for i in document.own(each)}
    for i, token in enumerate(document.tokens):
        entity = names.get(token.text.removesuffix("'s"))
        if entity and i not in covered and len(token.text) >= SHORTEST_NAME and token.text not in _COMMON:
            yield Found(entity=entity, first=i, last=i, score=0.8, why=f"a {entity} said before")
