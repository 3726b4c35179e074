"""Numbers that nothing asked for and that stand by themselves: a whole reply, or the code after a town."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.records import Entity, Role
from compliance.redact.detect.digits import asked_for, by_length
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.harmless import is_harmless
from compliance.redact.speech.numbers import FILLERS, Run, value
from compliance.redact.speech.questions import is_number
from compliance.redact.speech.tokens import HOMOPHONES
from compliance.redact.words import words

_MISHEARD = frozenset(HOMOPHONES) | {"or"}
ZIP_DIGITS = 5
BESIDE = 2
"""So many other words may stand in such a reply: "go 1906", "make it 7738"."""
ALONE = 3
"""So many digits said by themselves are somebody's, whatever was asked."""


def lone(document: Document) -> Iterator[Found]:
    """Such numbers, unless something harmless explains them."""
    for run in document.runs:
        if not run.digits or is_harmless(document, run):
            continue
        if _is_reply(document, run):
            asked = asked_for(document, run)
            # Under the name of what was asked for, so that it outweighs no find of that.
            entity = asked.entity if asked else by_length(run)
            yield _found(run, entity, "a number and nothing else in a whole reply")
        elif _follows_place(document, run):
            yield _found(run, Entity.ZIP_CODE, "five digits after the name of a place")


def _found(run: Run, entity: Entity, why: str) -> Found:
    """A run as a find."""
    return Found(entity=entity, first=run.first, last=run.last, score=0.6, why=why)


def _is_reply(document: Document, run: Run) -> bool:
    """Whether digits are all that somebody other than the agent says, and nothing harmless was asked."""
    sentence, asked = document.sentence(run.first), document.under(run.first)
    if document.tokens[run.first].role is Role.AGENT or (asked is not None and not asked.entities):
        return False
    said = [t for t in document.tokens[sentence.first : sentence.end] if t.text not in FILLERS]
    others = [t for t in said if not is_number(t) and t.text not in _MISHEARD]
    return len(value(said)) >= ALONE and (not others or (len(run) > ALONE and len(others) <= BESIDE))


def _follows_place(document: Document, run: Run) -> bool:
    """Whether five digits come right after a word written as a name: "Fort Collins 80525"."""
    before, first = document.tokens[run.first - 1], document.tokens[run.first]
    if not run.first or len(run) != ZIP_DIGITS or before.ref.turn != first.ref.turn or before.ends_sentence:
        return False
    is_name = before.is_capital and before.text not in words("common") and not before.text.endswith("'s")
    return is_name or before.text in words("states")
