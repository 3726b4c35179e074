"""What was said, with the place of every word in the text that was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from compliance.records import Role

LONGEST_WORD = 200
"""Characters; what goes on longer without a space is read in pieces."""
SOFT, HARD = 1_500, 3_000
"""Characters after which an utterance is broken at the end of a sentence, and after which anywhere."""
WORD = re.compile(rf"[^\s\ufeff]{{1,{LONGEST_WORD}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A word with its place: characters of the text, half-open, and times where they were given."""

    start: int
    end: int
    text: str = field(repr=False)
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Consecutive words of one speaker."""

    channel: int
    role: Role
    words: tuple[Piece, ...]
    turn: int | None = None
    """Which turn of a transcript it is, or part of; its words' places count from that turn's start."""
    label: Piece | None = None
    """What stands before a line to say who speaks, where that names no role and so may name a person."""

    @property
    def size(self) -> int:
        """Its characters, with a space after each word."""
        return sum(len(word.text) + 1 for word in self.words)


def pieces(text: str, start: int = 0) -> Iterator[Piece]:
    """The words of a text, which itself begins at ``start``."""
    for match in WORD.finditer(text):
        yield Piece(start=start + match.start(), end=start + match.end(), text=match[0])


def bounded(words: Iterable[Piece]) -> Iterator[tuple[Piece, ...]]:
    """Words in groups of bounded length, broken at the end of a sentence where there is one."""
    group: list[Piece] = []
    size = 0
    for word in words:
        group.append(word)
        size += len(word.text) + 1
        if size >= HARD or (size >= SOFT and word.text.endswith((".", "?", "!"))):
            yield tuple(group)
            group, size = [], 0
    if group:
        yield tuple(group)
