"""A small notation for patterns over plain words, made of the parts in ``classes``.

In the patterns of ``told``, ``answered`` and their like, ``<CALL>`` stands for the
part of that name, and line breaks are only for the reader.  Every pattern has its
cases and its near misses in the tests; a change without one is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from compliance.consent.classes import PARTS


def pattern(text: str) -> re.Pattern[str]:
    """A compiled pattern, its parts put in; line breaks with their indent vanish."""
    joined = _joined(text)
    while (name := re.search(r"<([A-Z]+)>", joined)) is not None:
        joined = joined.replace(name.group(), _joined(PARTS[name.group(1)]))
    return re.compile(joined)


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Patterns:
    """Several patterns of one sense, tried only where one of their stems is in the text.

    Most sentences of a call have nothing to do with recording, and are passed over
    at the price of one search.
    """

    stems: re.Pattern[str]
    each: Sequence[re.Pattern[str]] = field(repr=False)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match of every pattern, pattern by pattern."""
        if self.stems.search(text):
            for one in self.each:
                yield from one.finditer(text)

    def first(self, text: str) -> re.Match[str] | None:
        """The match that begins first, the longest of those."""
        return min(self.finditer(text), key=lambda found: (found.start(), -found.end()), default=None)


def patterns(stems: str, *texts: str) -> Patterns:
    """Patterns with the beginnings of words without which none of them can match."""
    return Patterns(re.compile(rf"\b(?:{stems})"), tuple(pattern(text) for text in texts))


def _joined(text: str) -> str:
    return re.sub(r"\n\s*", "", text)
