"""How old somebody says a person is, by the words round the number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.records import Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.speech.numbers import Run
from compliance.redact.speech.tokens import Kind, Token
from compliance.redact.words import named

OLDEST = 112
_BEFORE_AGE = named("ages.before")
_PEOPLE = named("ages.people")
_SAYS = named("ages.says")
_GOES_ON = named("ages.goes_on")
_WILL_BE = frozenset({"i am", "i'll be", "he'll be", "she'll be"})


def ages(document: Document) -> Iterator[Found]:
    """Ages: "I'm 82 years old", "a 34 year old man", "my mother is 84 and lives alone"."""
    read = document.tokens
    runs = [(run.first, run.last, run.last + 2) for run in document.runs if 0 < len(run) <= 3]
    joined = [(i, i, i) for i, token in enumerate(read) if token.kind is Kind.AMOUNT]
    found = {(first, last) for first, last, old in runs + joined if _is_old(read, first, old)}
    found |= {(run.first, run.last) for run in document.runs if _is_told(read, run)}
    for first, last in sorted(found):
        yield Found(entity=Entity.AGE, first=first, last=last, score=0.85, why="an age by the words round it")


def _is_old(read: Sequence[Token], first: int, old: int) -> bool:
    """Whether "old" ends a number of years, and a person stands before or after."""
    after = [token.text for token in read[old : old + 2]]
    before = {token.text for token in read[max(0, first - 4) : first]}
    is_old = bool(after) and after[0].endswith("old")
    return is_old and bool(before & _BEFORE_AGE or _PEOPLE.intersection(after[1:]))


def _is_told(read: Sequence[Token], run: Run) -> bool:
    """Whether somebody is said to be a number, and nothing follows that it could count."""
    if not run.digits.isdecimal() or run.digits.startswith("0") or int(run.digits) > OLDEST:
        return False
    after = next((token.text for token in read[run.last + 1 : run.last + 2]), "")
    is_size = "'" in read[run.first].text
    return _is_of_somebody(read, run) and not is_size and (read[run.last].has_pause or after in _GOES_ON)


def _is_of_somebody(read: Sequence[Token], run: Run) -> bool:
    """Whether the words before a number say that somebody is it: "she's", "my son is", "I'll be"."""
    before = [token.text for token in read[max(0, run.first - 2) : run.first]]
    if before[-1:] == ["is"]:
        return before[0] in _PEOPLE
    return " ".join(before) in _WILL_BE or bool(_SAYS.intersection(before[-1:]))
