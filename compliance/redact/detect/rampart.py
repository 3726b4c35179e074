"""Rampart, a small token classifier for personal data, over onnxruntime.

It reads names and places in text that recognisers of written text fail on:
lower case, no full stops, spellings nobody has seen.  Only those kinds are taken
from it; numbers are read better by what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from compliance.errors import ModelAltered
from compliance.records import Entity
from compliance.redact.detect.document import Document, Found, Recognised
from compliance.redact.detect.network import Network, tokenizer
from compliance.redact.words import words

NAME = "rampart"
KINDS = {
    "GIVEN_NAME": Entity.PERSON,
    "SURNAME": Entity.PERSON,
    "CITY": Entity.LOCATION,
    "STREET_NAME": Entity.STREET_ADDRESS,
}
SURE = 0.6
"""Least probability of a word's best label."""
WORDS = 60
"""So many words are read at once: a turn, or a piece of a long one."""
BATCH = 16
SURE_OF_NOTHING = 0.98
"""Words that are with this probability no personal data need no further look."""
Hints = Mapping[int, list[tuple[str, float]]]
"""For a word, by its place, the likeliest labels with their probabilities, the likeliest first."""


class Rampart:
    """The classifier in one folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is loaded yet."""
        self._folder = folder

    @cached_property
    def _model(self) -> tuple[Network, Any, list[str]]:
        """Network, tokeniser and labels, loaded at first use.

        Raises:
            ModelAltered: the folder does not hold the classifier.
        """
        try:
            labels = json.loads((self._folder / "config.json").read_text(encoding="utf-8"))["id2label"]
            pieces = tokenizer(self._folder)
            network = Network(next(iter(sorted((self._folder / "onnx").glob("*.onnx")))))
        except Exception as error:  # each of the three libraries raises its own kinds
            raise ModelAltered(f"the classifier in {self._folder.name} cannot be loaded") from error
        pieces.enable_truncation(512)
        return network, pieces, [labels[str(n)] for n in range(len(labels))]

    def load(self) -> None:
        """Load the model now."""
        _ = self._model

    def recognise(self, document: Document, worth: AbstractSet[int] | None = None) -> list[Recognised]:
        """Names and places, with the words that they cover.

        Pieces without any of the places ``worth`` reading are left unread; without it all are read.
        """
        best = {i: hint for i, hints in self._read(document, worth) if (hint := _best(hints))}
        return list(_found(document, best))

    def _read(
        self, document: Document, worth: AbstractSet[int] | None
    ) -> Iterator[tuple[int, list[tuple[str, float]]]]:
        """Pieces read, in batches of like length: words that may be personal, and what they may be."""
        named = (p for p in _pieces(document) if _may_name(document, p))
        pieces = sorted((p for p in named if worth is None or not worth.isdisjoint(p)), key=len)
        for start in range(0, len(pieces), BATCH):
            batch = pieces[start : start + BATCH]
            for places, hints in zip(batch, self._labels(document, batch), strict=True):
                yield from ((places[n], hint) for n, hint in hints.items())

    def _labels(self, document: Document, batch: Sequence[range]) -> Iterator[Hints]:
        """For each piece, the labels of each of its words, by place in the piece."""
        network, pieces, names = self._model
        texts = [[document.word(document.tokens[i].ref) for i in places] for places in batch]
        encoded = pieces.encode_batch(texts, is_pretokenized=True)
        odds = network.probabilities([each.ids for each in encoded])
        for each, probabilities in zip(encoded, odds, strict=True):
            yield _hints(each.word_ids, probabilities, names)


def _pieces(document: Document) -> Iterator[range]:
    """Turns, long ones in pieces, as ranges of token places."""
    first = 0
    for turn in document.conversation.turns:
        for start in range(0, len(turn.words), WORDS):
            yield range(first + start, first + min(start + WORDS, len(turn.words)))
        first += len(turn.words)


def _may_name(document: Document, places: range) -> bool:
    """Whether a piece has a word that everyday calls do not; "okay, go ahead" is not worth the reading."""
    return any(document.tokens[i].text not in words("common") for i in places)


def _hints(owners: Sequence[int | None], probabilities: np.ndarray[Any, Any], names: Sequence[str]) -> Hints:
    """Each word's labels, those of its parts taken together; words that are surely nothing left out."""
    out: dict[int, dict[str, float]] = {}
    for word, row in zip(owners, probabilities, strict=True):
        if word is None or row[0] > SURE_OF_NOTHING:
            continue
        for place in row.argsort()[::-1][:3]:
            label = names[place].partition("-")[2] or "O"
            known = out.setdefault(word, {})
            known[label] = max(known.get(label, 0.0), float(row[place]))
    return {word: sorted(known.items(), key=lambda each: -each[1])[:3] for word, known in out.items()}


def _best(hints: Sequence[tuple[str, float]]) -> tuple[str, float] | None:
    """The surest label of a name or place, if it is sure enough."""
    named = [(label, score) for label, score in hints if label in KINDS and score >= SURE]
    return max(named, key=lambda each: each[1], default=None)


def _found(document: Document, labels: Mapping[int, tuple[str, float]]) -> Iterator[Recognised]:
    """Words of one kind that follow each other in a turn, as finds."""
    group: list[int] = []
    for n in [*sorted(labels), -1]:
        if group and not _follows(document, group[-1], n, labels):
            yield Recognised(
                found=Found(
                    entity=KINDS[labels[group[0]][0]],
                    first=group[0],
                    last=group[-1],
                    score=round(max(labels[k][1] for k in group), 3),
                    why="a name or place by rampart",
                ),
                detector=NAME,
            )
            group = []
        group.append(n)


def _follows(document: Document, last: int, n: int, labels: Mapping[int, tuple[str, float]]) -> bool:
    """Whether a word goes on the name that had its last word before it."""
    if n != last + 1 or document.tokens[n].ref.turn != document.tokens[last].ref.turn:
        return False
    return KINDS[labels[n][0]] == KINDS[labels[last][0]]
