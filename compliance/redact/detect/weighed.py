"""Rules and the tagger together: either may find, and the tagger may object.

Rules say which words they saw; they do not see the words that they do not know.
"You're at fifty-four eighty, cash or card" opens a question for a card, and the
number is a price.  Where the tagger is sure that a number counts or costs
something, a rule that went by its cue alone gives way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np

from compliance.records import Entity
from compliance.redact.detect.digits import BARE_RUN, LONG_RUN, is_card
from compliance.redact.detect.document import Document, Recognised
from compliance.redact.detect.hunted import NAME as AGAIN
from compliance.redact.detect.rampart import NAME as RAMPART
from compliance.redact.detect.rampart import Rampart
from compliance.redact.detect.tagger import Opinion, Tagger
from compliance.redact.speech.numbers import value
from compliance.redact.speech.questions import is_number

OBJECTS_BELOW: Mapping[str, float] = {
    "spoken_digits": 0.15,
    "lone_numbers": 0.15,
    "spoken_values": 0.15,
    "spoken_answers": 0.15,
    "spoken_names": 0.1,
    "misread_answers": 0.03,
    "spoken_letters": 0.2,
    "street_addresses": 0.2,
    "medical_words": 0.1,
    "SpacyRecognizer": 0.04,
    RAMPART: 0.02,
    "PhoneRecognizer": 0.01,
    "UsSsnRecognizer": 0.3,
    "card_companions": 0.1,
    AGAIN: 0.05,
}
"""By recogniser, the probability under which a find of it is given up; others are never objected to."""
RAMPART_TYPED = 0.005
"""And Rampart's where nobody read the words, which then tell nothing by how surely they were read."""


GRAVE = frozenset(
    {
        Entity.CREDIT_CARD,
        Entity.CARD_VERIFICATION_CODE,
        Entity.PIN,
        Entity.PASSWORD,
        Entity.ROUTING_NUMBER,
        Entity.SSN_LAST4,
        Entity.US_SSN,
    }
)
GRAVE_BELOW = 0.07
"""What opens an account is given up only under this probability."""
LONG_BELOW = 0.03
"""And so is a number as long as a card's: serial and tracking numbers are, and are told as cards are."""

AROUND, TALK = 30, 12
"""So many words on either side are looked at, and so many of them must be talk and no numbers."""

TRIMMED = frozenset({"spoken_answers", "spoken_names", "street_addresses", RAMPART})
"""Recognisers that take whole replies or stretches, with words that only lead into them or follow."""
STAYS_BELOW = 0.1
"""Such a word is left out under this probability."""


class Runner(Protocol):
    """Runs recognisers over a conversation."""

    def load(self) -> None:
        """Load every model now."""
        ...

    def recognise(self, document: Document) -> list[Recognised]:
        """Everything that is found."""
        ...


class Weighed:
    """A runner whose finds the tagger weighs, and to which it adds its own."""

    def __init__(self, runner: Runner, tagger: Tagger, names: Rampart | None = None) -> None:
        """Nothing is loaded yet.  ``names`` is asked where the tagger would let a name of it stand."""
        self._runner = runner
        self._tagger = tagger
        self._names = names

    def load(self) -> None:
        """Load every model now."""
        self._runner.load()
        self._tagger.load()
        if self._names:
            self._names.load()

    def recognise(self, document: Document) -> list[Recognised]:
        """What stands after weighing."""
        opinion = self._tagger.opinion(document)
        limits = _limits(document)
        document.objectors.append(partial(_is_objected_to, opinion=opinion, limits=limits))
        found = self._runner.recognise(document)
        if self._names:
            found += self._names.recognise(document, _open(document, opinion, limits[RAMPART]))
        kept = [_trimmed(document, each, opinion) for each in found if document.stands(each)]
        return kept + self._tagger.found(document, opinion)


def _open(document: Document, opinion: Opinion, least: float) -> AbstractSet[int]:
    """The places in which a name by Rampart would stand: reading others costs time and finds nothing."""
    places = range(len(document.tokens))
    return {i for i in places if opinion.danger[i] >= least or not _has_talk(document, [i])}


def _limits(document: Document) -> Mapping[str, float]:
    """By recogniser, the probability under which a find of it is given up in this conversation."""
    return {**OBJECTS_BELOW, RAMPART: RAMPART_TYPED} if document.conversation.is_typed else OBJECTS_BELOW


def _is_objected_to(
    document: Document, each: Recognised, *, opinion: Opinion, limits: Mapping[str, float]
) -> bool:
    """Whether every word of a find most likely stays; a card by its check digit always goes."""
    own = document.own(each.found)
    digits = value([document.tokens[i] for i in own])
    if is_card(digits) or not _has_talk(document, own):
        return False
    limit = limits.get(each.detector, 0.0)
    if each.detector == AGAIN and len(digits) >= BARE_RUN:
        return False  # so many digits are not said again by chance
    if each.found.entity in GRAVE:
        limit = min(limit, GRAVE_BELOW)
    if len(digits) >= LONG_RUN:
        limit = min(limit, LONG_BELOW)
    return bool(np.max(opinion.danger[own]) < limit)


def _has_talk(document: Document, own: Sequence[int]) -> bool:
    """Whether there is talk round a find by which it can be judged: digits by themselves are anybody's."""
    around = [*range(own[0] - AROUND, own[0]), *range(own[-1] + 1, own[-1] + 1 + AROUND)]
    read = document.tokens
    return len([i for i in around if 0 <= i < len(read) and not is_number(read[i])]) >= TALK


def _trimmed(document: Document, each: Recognised, opinion: Opinion) -> Recognised:
    """A find without words at its ends that surely stay: "like", "my son,"."""
    if each.detector not in TRIMMED:
        return each
    own = document.own(each.found)
    telling = [i for i in own if opinion.danger[i] >= STAYS_BELOW or document.tokens[i].digits]
    if not telling:
        return each
    return replace(each, found=replace(each.found, first=telling[0], last=telling[-1]))
