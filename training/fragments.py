"""Annotated call fragments: what was said, and which words of it are what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

NOTHING, HARMLESS, PUBLIC = "O", "HARMLESS", "PUBLIC"
"""No personal data; a number that stays; a name that is nobody's, or the agent's own."""
SURE = "~"
"""Begins a line of figures: how surely each word of the line before was read, in tenths."""
_MARK = re.compile(r"\[([!?]?)([^|\]]*)\|([^\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that belong together, and what they are."""

    label: str
    kind: str
    """What a harmless number counts; empty for the rest."""
    words: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one party says in one go."""

    who: str
    phrases: tuple[Phrase, ...]
    sure: tuple[int, ...] = ()
    """How surely a recogniser read each word, in tenths, 0 to 9; empty where none read it."""

    @property
    def words(self) -> Iterator[tuple[str, str]]:
        """Every word with its label."""
        return ((word, phrase.label) for phrase in self.phrases for word in phrase.words)


def read(folder: Path) -> dict[str, list[list[Line]]]:
    """The fragments of every file, by its name.

    Raises:
        ValueError: a line of figures is not as long as the line before it.
    """
    return {
        path.stem: [
            list(_lines(part))
            for part in path.read_text(encoding="utf-8").split("\n---")
            if part.strip(" -\n")
        ]
        for path in sorted(folder.glob("*.txt"))
    }


def _lines(part: str) -> Iterator[Line]:
    """The turns of one fragment, each with the figures on the line after it, if there are any."""
    turn: Line | None = None
    for line in part.splitlines():
        if turn and line.startswith(SURE):
            turn = _with_figures(turn, line.removeprefix(SURE).strip())
            continue
        if turn:
            yield turn
        who, _, said = line.strip().partition(":")
        is_turn = who in ("A", "C") and said.strip()
        turn = Line(who=who, phrases=tuple(_phrases(said))) if is_turn else None
    if turn:
        yield turn


def _with_figures(turn: Line, figures: str) -> Line:
    """A turn with how surely each of its words was read."""
    if len(figures) != sum(1 for _ in turn.words):
        raise ValueError(f"{len(figures)} figures for another number of words: {figures}")
    return replace(turn, sure=tuple(map(int, figures)))


def _phrases(said: str) -> Iterator[Phrase]:
    """Marked phrases, and what stands between them; punctuation after a mark belongs to its last word."""
    at = 0
    for mark in _MARK.finditer(said):
        yield from _plain(said[at : mark.start()])
        tail = re.match(r"['’]?[\w]*[.,?!;:]*", said[mark.end() :])
        ending = tail[0] if tail else ""
        words = (mark[3].strip() + ending).split()
        if words:
            yield Phrase(label=_label(mark[1], mark[2]), kind=mark[2], words=tuple(words))
        at = mark.end() + len(ending)
    yield from _plain(said[at:])


def _label(sign: str, name: str) -> str:
    """What a mark says of its words."""
    return {"!": HARMLESS, "?": PUBLIC}.get(sign, name.partition("=")[0])


def _plain(text: str) -> Iterator[Phrase]:
    """Words without a mark."""
    if text.split():
        yield Phrase(label=NOTHING, kind="", words=tuple(text.split()))
