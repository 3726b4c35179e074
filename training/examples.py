"""Words with their clues and labels, from every fragment; some fragments are held out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from compliance.redact.detect.clues import Hints, clues
from compliance.redact.detect.document import Document
from training.corpus import as_read, conversations
from training.fragments import HARMLESS, NOTHING, PUBLIC, Line

HELD_OUT = 6
"""Each sixth fragment is held out, of every file."""
HEARD_TIMES = 3
"""And each call that a recogniser read counts so often."""
TIMES = 3
"""Each fragment is written so many times."""
SAFE = (NOTHING, HARMLESS, PUBLIC)
"""Labels of what stays."""
WORTH: Mapping[str, float] = {NOTHING: 1.0, HARMLESS: 1.3, PUBLIC: 1.3}
WORTH_SENSITIVE = 1.6
"""A word that must go counts more than one that stays: there are ten of these to one of those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """The clues of words, and what the words are."""

    clues: list[list[int]] = field(default_factory=list, repr=False)
    labels: list[str] = field(default_factory=list, repr=False)

    @property
    def names(self) -> list[str]:
        """The labels that occur, sorted."""
        return sorted(set(self.labels))

    def numbers(self, names: Sequence[str]) -> npt.NDArray[np.int64]:
        """The label of each word by its place among the names."""
        number = {name: n for n, name in enumerate(names)}
        return np.array([number[each] for each in self.labels])

    def are(self, *labels: str) -> npt.NDArray[np.bool_]:
        """Whether each word is one of these."""
        return np.array([each in labels for each in self.labels], bool)

    @property
    def worth(self) -> npt.NDArray[np.float32]:
        """How much each word counts."""
        return np.array([WORTH.get(each, WORTH_SENSITIVE) for each in self.labels], np.float32)


def examples(
    files: Mapping[str, Sequence[Sequence[Line]]], hints: Callable[[Document], Hints], *, holds_out: bool
) -> tuple[Examples, Examples]:
    """What is fitted, and what is held out; each fragment is written alike whatever lies beside it."""
    fitted, held = Examples(), Examples()
    for name, fragments in files.items():
        for n, fragment in enumerate(fragments):
            into = held if holds_out and n % HELD_OUT == 0 else fitted
            _add(into, fragment, random.Random(f"{name}{n}"), hints)
    return fitted, held


def add_heard(
    into: Examples, files: Mapping[str, Sequence[Sequence[Line]]], hints: Callable[[Document], Hints]
) -> None:
    """Calls that were really read by a recogniser, each so often that they are not lost among the rest."""
    for fragments in files.values():
        for fragment in fragments:
            conversation, labels = as_read(fragment)
            document = Document(conversation)
            into.clues.extend(list(clues(document, hints(document))) * HEARD_TIMES)
            into.labels.extend(labels * HEARD_TIMES)


def _add(
    into: Examples, fragment: Sequence[Line], rng: random.Random, hints: Callable[[Document], Hints]
) -> None:
    """One fragment, in all the ways in which it is written."""
    for conversation, labels in conversations(fragment, rng, times=TIMES):
        document = Document(conversation)
        into.clues.extend(clues(document, hints(document)))
        into.labels.extend(labels)
