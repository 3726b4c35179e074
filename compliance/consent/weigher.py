"""The weigher: sums what the clues round a word weigh, and says which act was most likely said there.

People give notice, object and ask in more ways than patterns foresee.  The weigher was
fitted to sentences of every kind, each with near misses beside it (``training/said``).  It is a
table of weights and nothing else: each judgement is a sum that can be looked into.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from compliance.consent.clues import BUCKETS, RULE, Act, clues, reply_clues, seen, triggered
from compliance.consent.sentences import Sentence

WEIGHTS = Path(__file__).with_name("weigher.npz")
NAME = "consent-weigher"
MOST = 40
"""So many words of a sentence are looked at; a recogniser caught in a loop writes thousands."""
ANSWERS = (Act.YES, Act.NO, Act.UNCLEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The word of a sentence round which an act is likeliest, and what speaks for each act there."""

    place: int
    sums: Mapping[Act, float]
    """Above nothing is likelier than not; the logarithm of the odds."""


@cache
def _table() -> npt.NDArray[np.float32]:
    """The weights, a row a bucket and a column an act."""
    with np.load(WEIGHTS) as stored:
        names = [str(name) for name in stored["names"]]
        columns = [names.index(str(act)) for act in Act]
        table = np.zeros((BUCKETS, len(columns)), np.float32)
        table[stored["rows"]] = stored["weights"][:, columns]
        return table


def load() -> None:
    """Load the weights now."""
    _table()


def weighed(sentence: Sentence, act: Act, by_rule: Sequence[range] = ()) -> Weighed | None:
    """The likeliest place of an act in a sentence; None where no word of it calls for a look.

    ``by_rule`` are the tokens over which a pattern of this act holds: one clue of many.
    """
    places = list(islice(triggered(sentence, act), MOST))
    if not places:
        return None
    read = seen(sentence)
    found = [(place, _sums(clues(read, place) + _ruled(place, by_rule))) for place in places]
    place, sums = max(found, key=lambda each: each[1][act])
    return Weighed(place=place, sums=sums)


def replied(sentence: Sentence, *, is_turned: bool) -> Mapping[Act, float]:
    """What a reply to a question for consent weighs as yes, as no and as neither."""
    sums = _sums(reply_clues(sentence, is_turned=is_turned))
    return {act: sums[act] for act in ANSWERS}


def _ruled(place: int, by_rule: Sequence[range]) -> list[int]:
    return [RULE] if any(place in each for each in by_rule) else []


def _sums(found: Sequence[int]) -> Mapping[Act, float]:
    sums = _table()[list(found)].sum(axis=0)
    return dict(zip(Act, sums.tolist(), strict=True))


def digest(weights: Path = WEIGHTS) -> str:
    """The SHA-256 of the weights, by which a decision names them."""
    return hashlib.sha256(weights.read_bytes()).hexdigest()
