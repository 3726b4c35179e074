"""Finds of one system's kinds against truth of another's: which name it rightly, and F2 in words.

A word may carry several kinds on either side.  A right find counts where the truth is; a
false alarm is charged to the kind that it was called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.finders import Hit
from benchmarks.transcripts import Transcript

PLACES = frozenset({"LOCATION", "CITY", "STREET_ADDRESS", "ZIP_CODE"})
ACCEPTED: Mapping[str, Collection[str]] = {
    "PERSON": {"PERSON"},
    "GPE": PLACES,
    "LOCATION": PLACES,
    "STREET_ADDRESS": PLACES,
    "ZIP_CODE": PLACES,
    "PHONE_NUMBER": {"PHONE_NUMBER"},
    "EMAIL_ADDRESS": {"EMAIL_ADDRESS"},
    "CREDIT_CARD": {"CREDIT_CARD"},
    "US_SSN": {"US_SSN", "SSN_LAST4"},
    "IBAN_CODE": {"IBAN_CODE"},
    "IP_ADDRESS": {"IP_ADDRESS"},
    "DOMAIN_NAME": {"URL"},
    "US_DRIVER_LICENSE": {"US_DRIVER_LICENSE"},
    "DATE_TIME": {"DATE_TIME", "DATE_OF_BIRTH"},
    "AGE": {"AGE"},
}
"""The kinds of finds that name a kind of truth rightly; a place may be called by its part or as a whole."""
CHARGED = {
    "LOCATION": "GPE",
    "CITY": "GPE",
    "URL": "DOMAIN_NAME",
    "SSN_LAST4": "US_SSN",
    "DATE_OF_BIRTH": "DATE_TIME",
}
"""The kind of truth that a false alarm is charged to, where its own name is another."""
EXCUSED: Mapping[str, Collection[str]] = {"AGE": {"DATE_TIME"}}
"""Kinds that are no false alarm on a kind of truth, though not a find: an age is a length of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Words found rightly, missed, and found falsely."""

    hit: int = 0
    missed: int = 0
    false: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            hit=self.hit + other.hit, missed=self.missed + other.missed, false=self.false + other.false
        )

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 1 where nothing was found."""
        return self.hit / (self.hit + self.false) if self.hit + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of what is to be found that was."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    @property
    def f2(self) -> float:
        """Both as one figure, in which recall counts four times."""
        return 5 * self.hit / (5 * self.hit + 4 * self.missed + self.false) if self.hit else 0.0


def by_kind(scored: Iterable[tuple[Transcript, Sequence[Hit]]]) -> dict[str, Tally]:
    """A tally for each kind of truth that can be accepted."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for text, hits in scored:
        for true, called in _words(text, hits):
            for kind in true & ACCEPTED.keys():
                is_hit = bool(called & set(ACCEPTED[kind]))
                tallies[kind] += Tally(hit=is_hit, missed=not is_hit)
            for kind in {CHARGED.get(k, k) for k in called if _is_false(k, true)} & ACCEPTED.keys():
                tallies[kind] += Tally(false=1)
    return dict(tallies)


def _is_false(called: str, true: Iterable[str]) -> bool:
    """Whether a find of this kind has no business on a word of these kinds."""
    return not any(called in ACCEPTED.get(k, ()) or called in EXCUSED.get(k, ()) for k in true)


def whatever_kind(scored: Iterable[tuple[Transcript, Sequence[Hit]]]) -> Tally:
    """The tally of words that are sensitive against words that were found, names of kinds aside."""
    total = Tally()
    for text, hits in scored:
        for true, called in _words(text, hits):
            wanted = bool(true & ACCEPTED.keys())
            total += Tally(
                hit=wanted and bool(called),
                missed=wanted and not called,
                false=bool(called) and not wanted,
            )
    return total


def _words(text: Transcript, hits: Sequence[Hit]) -> Iterable[tuple[set[str], set[str]]]:
    """For each word, the kinds that it is of, and those that it was called."""
    for n in range(len(text.bounds)):
        yield (
            {truth.kind for truth in text.truths if n in truth.places},
            {hit.kind for hit in hits if n in hit.places},
        )
