"""The tagger: reads the whole conversation, and says of every word what it most likely is.

Rules know the ways of asking that somebody thought of.  The tagger was fitted to
annotated fragments of calls of every trade (``training/``), so it also judges a
question in words that no rule foresees, and a price that looks like a code.  It is
Rampart's encoder (six layers, CC-BY-4.0), taught anew with whole conversations: what
was asked, who speaks, what follows, and how surely each word was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from compliance.errors import ModelAltered
from compliance.records import Conversation, Entity, Role
from compliance.redact.detect.digits import BARE_RUN, is_public
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.forms import fits, is_number, written
from compliance.redact.detect.harmless import is_harmless
from compliance.redact.detect.judged import greets
from compliance.redact.detect.network import Network, Odds, tokenizer
from compliance.redact.detect.windows import NO_WORD, Pieces, Window, windows
from compliance.redact.speech.numbers import BACKCHANNELS, FILLERS, Run, value
from compliance.redact.speech.tokens import HOMOPHONES, Token
from compliance.redact.words import named, words

WEIGHTS = Path(__file__).with_name("tagger.onnx")
BATCH = 2
"""Windows that are read at once; more take more memory and no less time."""
INSIDE = 60
"""From so many pieces within a window on, a word is seen as well as it can be."""
NAME = "tagger"
SAFE = frozenset({"O", "HARMLESS", "PUBLIC"})
"""Labels of what stays."""
LIKELY_NUMBER = 0.4
"""A run of digits is taken from this probability on, over all labels of what goes."""
SHORT = 3
"""Numbers of fewer digits that an agent says mostly count or name something."""
LIKELY = 0.3
"""And words from this one."""
POSSIBLE = 0.25
"""A word beside a likely one is taken from this probability on."""
PROBABLE = 0.8
"""Common words of health have other meanings (a chair has an arm), and are looked at from this one on."""
SURE = 0.85
"""What speaks for itself as harmless is taken only from this probability on."""
SURE_LONG = 0.5
"""Or from this one, if it is as long as a telephone number: "may I text the receipt to 231 ..."."""
SOUNDS_ALIKE = 0.5
"""A word that may be a misheard digit ("too") is taken by itself from this probability on."""
NAMED = 0.5
"""A kind of this probability names a number whatever its form."""
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
_AMBIGUOUS = words("common") | named("medical.doubtful_parts")


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What the tagger makes of a conversation: probabilities by token and label."""

    labels: tuple[str, ...]
    odds: Odds

    @cached_property
    def danger(self) -> Odds:
        """For each token the probability that it must go."""
        safe = [n for n, label in enumerate(self.labels) if label in SAFE]
        return np.asarray(1 - self.odds[:, safe].sum(axis=1), np.float32)

    def entity(self, places: Sequence[int], read: Sequence[Token] = ()) -> Entity:
        """The likeliest kind of what stands in these places.

        If the words are given it is one that they can be by their form; but a number whose kind
        is sure keeps it, since a profile may leave the other kind.
        """
        mean = self.odds[list(places)].mean(axis=0)
        order = [n for n in np.argsort(-mean, kind="stable") if self.labels[n] not in SAFE]
        kinds = [Entity(self.labels[n]) for n in order]
        if not read or (mean[order[0]] >= NAMED and is_number(read)):
            return kinds[0]
        return next((kind for kind in kinds if fits(kind, read)), kinds[0])


class Tagger:
    """The model at work."""

    def __init__(self, vocabulary: Path, weights: Path = WEIGHTS) -> None:
        """``vocabulary`` is the folder with Rampart's pieces of words.  Nothing is loaded yet."""
        self._vocabulary = vocabulary
        self._path = weights

    @cached_property
    def _model(self) -> tuple[Network, Any, tuple[str, ...]]:
        """Network, tokeniser and labels, loaded at first use.

        Raises:
            ModelAltered: the weights or the pieces are not there, or are something else.
        """
        try:
            pieces, network = tokenizer(self._vocabulary), Network(self._path)
            labels = network.told("labels").split(",")
        except Exception as error:  # each of the libraries raises its own kinds
            raise ModelAltered(f"the tagger cannot be loaded from {self._path.name}") from error
        return network, pieces, tuple(labels)

    def load(self) -> None:
        """Load the model now."""
        _ = self._model

    def opinion(self, document: Document) -> Opinion:
        """Probabilities for every token: a word's pieces together, of each window in which it stands."""
        labels = self._model[-1]
        odds = np.zeros((len(document.tokens), len(labels)), np.float32)
        weight = np.full((len(document.tokens), 1), 1e-9, np.float32)
        for window, read in self._read(document.conversation):
            at = np.array(window.words)
            own = np.flatnonzero(at != NO_WORD)
            # What stands at the edge of a window is seen without its neighbours, and counts for less.
            sure = np.minimum(np.minimum(own + 1, len(window) - own), INSIDE)[:, None]
            np.add.at(odds, at[own], read[own] * sure)
            np.add.at(weight, at[own], sure)
        return Opinion(labels=labels, odds=odds / weight)

    def _read(self, conversation: Conversation) -> Iterator[tuple[Window, Odds]]:
        """Every window with the probabilities of its pieces, windows of like length read at once."""
        network, tokeniser, _ = self._model
        # Pieces are remembered for one conversation: no word outlives the recording in a worker.
        listed = sorted(windows(conversation, Pieces(tokeniser)), key=len)
        for start in range(0, len(listed), BATCH):
            batch = listed[start : start + BATCH]
            odds = network.probabilities([each.pieces for each in batch], [each.kinds for each in batch])
            yield from zip(batch, odds, strict=True)

    def found(self, document: Document, opinion: Opinion) -> list[Recognised]:
        """Runs of digits, and words, that most likely must go."""
        found = [*_runs(document, opinion), *_words(document, opinion)]
        return [Recognised(found=each, detector=NAME) for each in found]


def _runs(document: Document, opinion: Opinion) -> Iterator[Found]:
    """Runs of digits, each judged as a whole, and else its sentences by themselves: "since 2022. K 60"."""
    for run in document.runs:
        if not run.digits or is_public(document, run):
            continue
        parts = (run,) if _goes(document, opinion, run) else tuple(_parts(document, opinion, run))
        yield from (_run(document, opinion, part) for part in parts)


def _parts(document: Document, opinion: Opinion, run: Run) -> Iterator[Run]:
    """The sentences of a run that most likely must go."""
    return (part for part in _sentences(document, run) if _goes(document, opinion, part))


def _sentences(document: Document, run: Run) -> Iterator[Run]:
    """A run in parts that end with a sentence."""
    places: list[int] = []
    for i in run.places:
        places.append(i)
        if i == run.places[-1] or document.tokens[i].ends_sentence:
            digits = value([document.tokens[k] for k in places])
            yield Run(first=places[0], last=places[-1], places=tuple(places), digits=digits)
            places = []


def _goes(document: Document, opinion: Opinion, run: Run) -> bool:
    """Whether a run most likely must go; one that counts or costs something by its words needs more."""
    is_quoted = document.tokens[run.first].role is Role.AGENT and len(run) < SHORT
    is_counted = is_harmless(document, run)
    limit = SURE if is_quoted or is_counted else LIKELY_NUMBER
    if is_counted and len(run) >= BARE_RUN:
        limit = SURE_LONG
    is_dose = is_counted and opinion.entity(run.places) in _HEALTH
    return _danger(opinion, run) >= limit and not is_dose


def _danger(opinion: Opinion, run: Run) -> float:
    """The mean over its digits."""
    return float(np.mean(opinion.danger[list(run.places)]))


def _run(document: Document, opinion: Opinion, run: Run) -> Found:
    return _found(document, opinion, run.places, run.first, run.last, _danger(opinion, run))


def _words(document: Document, opinion: Opinion) -> Iterator[Found]:
    """Words that follow each other on one channel: at least one of them likely, the others not unlikely."""
    danger, read = opinion.danger, document.tokens
    in_runs = {i for run in document.runs for i in run.places}
    for channel in sorted({token.channel for token in read}):
        open_to = [
            i
            for i, token in enumerate(read)
            if token.channel == channel and i not in in_runs and danger[i] >= _least(document, opinion, i)
        ]
        for group in map(partial(_trimmed, document), _groups(document, open_to)):
            if group and _is_taken(document, opinion, group):
                score = float(np.max(danger[group]))
                yield _found(document, opinion, group, group[0], group[-1], score)


def _least(document: Document, opinion: Opinion, place: int) -> float:
    """How likely a word must be to be looked at at all."""
    is_health = opinion.entity([place]) in _HEALTH and document.tokens[place].text in _AMBIGUOUS
    return PROBABLE if is_health else POSSIBLE


def _groups(document: Document, places: Sequence[int]) -> Iterator[list[int]]:
    """Places in one turn with no more than a word between them; what names itself stands by itself."""
    group: list[int] = []
    for i in places:
        if group and not _goes_on(document, group[-1], i):
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def _goes_on(document: Document, last: int, place: int) -> bool:
    """Whether a place belongs to the group that ends in another."""
    before, token = document.tokens[last], document.tokens[place]
    is_near = place - last <= GAP + 1 and before.ref.turn == token.ref.turn
    return is_near and not written(before) and not written(token)


def _trimmed(document: Document, group: Sequence[int]) -> list[int]:
    """Words without what leads into them or follows them: "it's", "and my"."""
    telling = [n for n, i in enumerate(group) if document.tokens[i].text not in _AROUND]
    return list(group[telling[0] : telling[-1] + 1]) if telling else []


def _is_taken(document: Document, opinion: Opinion, group: Sequence[int]) -> bool:
    """Whether one of the words, at least, is likely enough.

    Names in an agent's greeting are mostly the company's and the agent's, and words of
    everyday calls are nobody's name unless much speaks for it.
    """
    entity, danger = opinion.entity(group), opinion.danger
    is_companys = entity in _PLACES and greets(document, group[0])
    is_everyday = all(document.tokens[i].text in words("common") for i in group)
    if is_companys or (is_everyday and entity in _NAMES):
        return bool(np.max(danger[group]) >= SURE)
    if all(document.tokens[i].text in HOMOPHONES for i in group):
        return bool(np.max(danger[group]) >= SOUNDS_ALIKE)
    return bool(np.max(danger[group]) >= LIKELY)


def _found(
    document: Document, opinion: Opinion, places: Sequence[int], first: int, last: int, score: float
) -> Found:
    """Places as a find."""
    read = [document.tokens[i] for i in places]
    entity = written(read[0]) or opinion.entity(places, read)
    why = f"weighed as {entity} by what was asked and by the words round it"
    return Found(entity=entity, first=first, last=last, score=round(score, 3), why=why)


def digest(weights: Path = WEIGHTS) -> str:
    """The SHA-256 of the weights, by which a decision names them."""
    return hashlib.sha256(weights.read_bytes()).hexdigest()
