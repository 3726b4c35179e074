"""Rules and the tagger together: either may find, and the tagger may object.

Rules say which words they saw; they do not see the words that they do not know.
"You're at fifty-four eighty, cash or card" opens a question for a card, and the
number is a price.  Where the tagger is sure that a number counts or costs
something, a rule that went by its cue alone gives way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from compliance.redact.detect.digits import LONG_RUN
from compliance.redact.detect.document import Document, Recognised
from compliance.redact.detect.tagger import Opinion, Tagger
from compliance.redact.speech.numbers import value

OBJECTS_BELOW: Mapping[str, float] = {
    "spoken_digits": 0.07,
    "lone_numbers": 0.06,
    "spoken_values": 0.05,
    "spoken_answers": 0.08,
    "street_addresses": 0.03,
    "SpacyRecognizer": 0.03,
    "rampart": 0.03,
    "PhoneRecognizer": 0.03,
}
"""By recogniser, the probability under which a find of it is given up; others are never objected to."""


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

    def __init__(self, runner: Runner, tagger: Tagger) -> None:
        """Nothing is loaded yet."""
        self._runner = runner
        self._tagger = tagger

    def load(self) -> None:
        """Load every model now."""
        self._runner.load()
        self._tagger.load()

    def recognise(self, document: Document) -> list[Recognised]:
        """What stands after weighing."""
        opinion = self._tagger.opinion(document)
        found = self._runner.recognise(document)
        kept = [each for each in found if not _is_objected_to(document, each, opinion)]
        return kept + self._tagger.found(document, opinion)


def _is_objected_to(document: Document, each: Recognised, opinion: Opinion) -> bool:
    """Whether every word of a find most likely stays; a long number always goes."""
    limit = OBJECTS_BELOW.get(each.detector, 0.0)
    own = document.own(each.found)
    if len(value([document.tokens[i] for i in own])) >= LONG_RUN:
        return False
    weigh = np.mean if each.detector == "spoken_answers" else np.max
    return bool(weigh(opinion.danger[own]) < limit)
