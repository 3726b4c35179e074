"""How well finds cover the truth of a transcript, counted in words.

Words, since they are what is cut: a name of which the second half stays was not found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.finders import Hit
from benchmarks.kinds import ACCEPTED
from benchmarks.transcripts import Transcript, Truth

Scored = Sequence[tuple[Transcript, Sequence[Hit]]]
"""Transcripts, each with what was found in it."""
Wanted = Callable[[Transcript], Iterable[Truth]]
"""Which of a transcript's truths are asked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """How much of what is to be found was found, whatever it was called."""

    mentions: int = 0
    touched: int = 0
    """Mentions of which a word was found."""
    whole: int = 0
    """Mentions of which every word was found."""
    called: int = 0
    """Mentions of which every word was found and called by its kind."""
    words: int = 0
    covered: int = 0

    def __add__(self, other: Recall) -> Recall:
        return Recall(**{name: getattr(self, name) + getattr(other, name) for name in self.__slots__})


def recall(scored: Scored, wanted: Wanted) -> Recall:
    """The sum over the mentions that are asked about."""
    return sum((_mention(truth, hits) for text, hits in scored for truth in wanted(text)), start=Recall())


def _mention(truth: Truth, hits: Sequence[Hit]) -> Recall:
    return Recall(
        mentions=1,
        touched=bool(truth.places & found(hits)),
        whole=truth.places <= found(hits),
        called=truth.places <= found(h for h in hits if h.kind in ACCEPTED.get(truth.kind, ())),
        words=len(truth.places),
        covered=len(truth.places & found(hits)),
    )


def found(hits: Iterable[Hit]) -> frozenset[int]:
    """Every word of any find."""
    return frozenset().union(*(hit.places for hit in hits))


def precision(scored: Scored, kinds: Collection[str] | None = None) -> tuple[int, int]:
    """Words found that any truth touches, and all words found; of finds of these kinds, or of all."""
    right = every = 0
    for text, hits in scored:
        marked = frozenset().union(*(truth.places for truth in text.truths))
        cut = found(hit for hit in hits if kinds is None or hit.kind in kinds)
        right, every = right + len(cut & marked), every + len(cut)
    return right, every
