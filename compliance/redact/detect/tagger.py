"""The tagger: weighs the clues of every word, and says what it most likely is.

Rules know the ways of asking that somebody thought of.  The tagger was fitted to
annotated fragments of calls of every trade (``training/``), so it also judges a
question in words that no rule foresees, and a price that looks like a code.  It is
a table of weights and nothing else: each judgement is a sum that can be looked into.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from compliance.records import Entity, Role
from compliance.redact.detect.clues import BUCKETS, Hints, clues
from compliance.redact.detect.digits import is_public
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.harmless import is_harmless
from compliance.redact.detect.judged import greets
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS
from compliance.redact.words import words

WEIGHTS = Path(__file__).with_name("tagger.npz")
NAME = "tagger"
SAFE = frozenset({"O", "HARMLESS", "PUBLIC"})
"""Labels of what stays."""
LIKELY_NUMBER = 0.4
"""A run of digits is taken from this probability on, over all labels of what goes."""
SHORT = 3
"""Numbers of fewer digits that an agent says mostly count or name something."""
LIKELY = 0.5
"""And words from this one."""
POSSIBLE = 0.25
"""A word beside a likely one is taken from this probability on."""
LIKELIER = 0.6
"""Conditions are told by words that are common otherwise, and need more."""
SURE = 0.85
"""What speaks for itself as harmless is taken only from this probability on."""
GAP = 1
"""So many other words may stand between two of one find."""


_AROUND = (
    FILLERS
    | BACKCHANNELS
    | frozenset({"it's", "its", "my", "the", "a", "at", "in", "i'm", "he's", "she's", "i"})
)
_NAMES = frozenset({Entity.PERSON, Entity.CITY, Entity.LOCATION})
_PLACES = _NAMES | {Entity.STREET_ADDRESS}
_HEALTH = frozenset({Entity.MEDICAL_CONDITION, Entity.MEDICATION})


class Names(Protocol):
    """A model of names, whose opinion is one clue of many."""

    def hints(self, document: Document) -> Hints:
        """Labels of words, by token index."""
        ...


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What the tagger makes of a conversation: probabilities by token and label."""

    labels: tuple[str, ...]
    odds: npt.NDArray[np.float32]

    @cached_property
    def danger(self) -> npt.NDArray[np.float32]:
        """For each token the probability that it must go."""
        safe = [n for n, label in enumerate(self.labels) if label in SAFE]
        return np.asarray(1 - self.odds[:, safe].sum(axis=1), np.float32)

    def entity(self, places: Sequence[int]) -> Entity:
        """The likeliest kind of what stands in these places."""
        total = self.odds[list(places)].sum(axis=0)
        best = max((n for n, label in enumerate(self.labels) if label not in SAFE), key=lambda n: total[n])
        return Entity(self.labels[best])


class Tagger:
    """The weights at work, beside a model of names."""

    def __init__(self, names: Names, weights: Path = WEIGHTS) -> None:
        """Nothing is loaded yet."""
        self._names = names
        self._path = weights

    @cached_property
    def _weights(self) -> tuple[tuple[str, ...], npt.NDArray[np.float32]]:
        """Labels and the table, a row a bucket."""
        with np.load(self._path) as stored:
            table = np.zeros((BUCKETS, len(stored["names"])), np.float32)
            table[stored["rows"]] = stored["weights"]
            return tuple(str(name) for name in stored["names"]), table

    def load(self) -> None:
        """Load the weights now."""
        _ = self._weights

    def opinion(self, document: Document) -> Opinion:
        """Probabilities for every token."""
        labels, table = self._weights
        scores = np.zeros((len(document.tokens), len(labels)), np.float32)
        for n, seen in enumerate(clues(document, self._names.hints(document))):
            scores[n] = table[seen].sum(axis=0)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True)) if len(scores) else scores
        return Opinion(labels=labels, odds=raised / np.maximum(raised.sum(axis=1, keepdims=True), 1e-9))

    def found(self, document: Document, opinion: Opinion) -> list[Recognised]:
        """Runs of digits, and words, that most likely must go."""
        found = [*_runs(document, opinion), *_words(document, opinion)]
        return [Recognised(found=each, detector=NAME) for each in found]


def _runs(document: Document, opinion: Opinion) -> Iterator[Found]:
    """Runs of digits, each judged as a whole; one that counts or costs something by its words needs more."""
    for run in document.runs:
        score = float(np.mean(opinion.danger[list(run.places)]))
        is_quoted = document.tokens[run.first].role is Role.AGENT and len(run) < SHORT
        limit = SURE if is_quoted or is_harmless(document, run) else LIKELY_NUMBER
        if run.digits and score >= limit and not is_public(document, run):
            yield _found(opinion, run.places, run.first, run.last, score)


def _words(document: Document, opinion: Opinion) -> Iterator[Found]:
    """Words that follow each other on one channel: at least one of them likely, the others not unlikely."""
    danger, read = opinion.danger, document.tokens
    in_runs = {i for run in document.runs for i in run.places}
    for channel in sorted({token.channel for token in read}):
        open_to = [
            i
            for i, token in enumerate(read)
            if token.channel == channel and danger[i] >= POSSIBLE and i not in in_runs
        ]
        for group in map(partial(_trimmed, document), _groups(document, open_to)):
            if not group:
                continue
            score = float(np.max(danger[group]))
            if score >= _limit(document, opinion, group):
                yield _found(opinion, group, group[0], group[-1], score)


def _groups(document: Document, places: Sequence[int]) -> Iterator[list[int]]:
    """Places in one turn with no more than a word between them."""
    group: list[int] = []
    for i in places:
        last = group[-1] if group else i
        if i - last > GAP + 1 or document.tokens[i].ref.turn != document.tokens[last].ref.turn:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def _trimmed(document: Document, group: Sequence[int]) -> list[int]:
    """Words without what leads into them or follows them: "it's", "and my"."""
    telling = [n for n, i in enumerate(group) if document.tokens[i].text not in _AROUND]
    return list(group[telling[0] : telling[-1] + 1]) if telling else []


def _limit(document: Document, opinion: Opinion, group: Sequence[int]) -> float:
    """How likely words must be.

    Names in an agent's greeting are mostly the company's and the agent's, and words of
    everyday calls are nobody's name and no disease unless much speaks for it.
    """
    entity = opinion.entity(group)
    if entity in _PLACES and greets(document, group[0]):
        return SURE
    if entity not in _NAMES | _HEALTH:
        return LIKELY
    if all(document.tokens[i].text in words("common") for i in group):
        return SURE
    return LIKELIER if entity in _HEALTH else LIKELY


def _found(opinion: Opinion, places: Sequence[int], first: int, last: int, score: float) -> Found:
    """Places as a find."""
    entity = opinion.entity(places)
    why = f"weighed as {entity} by what was asked and by the words round it"
    return Found(entity=entity, first=first, last=last, score=round(score, 3), why=why)


def digest(weights: Path = WEIGHTS) -> str:
    """The SHA-256 of the weights, by which a decision names them."""
    return hashlib.sha256(weights.read_bytes()).hexdigest()
