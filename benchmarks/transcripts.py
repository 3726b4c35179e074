"""Transcripts with the truth about them, as strings and as conversations.

A word is what stands between spaces, since that is what a cut can take; its time is made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from compliance.records import Channel, Conversation, Role, Span, Turn, Word

WORD_MS = 300
PAUSE_MS = 600
"""Between turns."""

Stretch = tuple[int, int]
"""Characters of a text, half-open."""
Label = tuple[int, int, str]
"""A stretch and its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """A stretch that is to be found."""

    kind: str
    places: frozenset[int]
    """The words that it touches, counted through the whole transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One text, as it stands for a reader of strings, and as a conversation for ours."""

    name: str
    text: str = field(repr=False)
    bounds: tuple[Stretch, ...]
    """Where each word stands in the text."""
    conversation: Conversation = field(repr=False)
    truths: tuple[Truth, ...]

    def touched(self, start: int, end: int) -> frozenset[int]:
        """The words that a stretch of the text touches."""
        return touched(self.bounds, start, end)

    def said(self, places: Iterable[int]) -> str:
        """Words by their places."""
        return " ".join(self.text[slice(*self.bounds[n])] for n in sorted(places))


def line(name: str, text: str, spans: Iterable[Label]) -> Transcript:
    """A text of one turn, by nobody knows whom."""
    return transcript(name, text, [((0, len(text)), Role.UNKNOWN)], spans)


def transcript(
    name: str, text: str, turns: Sequence[tuple[Stretch, Role]], spans: Iterable[Label]
) -> Transcript:
    """A text and its turns as a conversation, agent and caller on channels of their own."""
    roles = (Role.UNKNOWN,) if turns[0][1] is Role.UNKNOWN else (Role.AGENT, Role.CALLER)
    bounds: list[Stretch] = []
    said: list[Turn] = []
    at_ms = 0
    for (start, end), role in turns:
        stretches = [match.span() for match in re.compile(r"\S+").finditer(text, start, end)]
        if not stretches:
            continue
        bounds += stretches
        said.append(_turn([text[a:b] for a, b in stretches], roles.index(role), at_ms))
        at_ms = said[-1].end_ms + PAUSE_MS
    return Transcript(
        name=name,
        text=text,
        bounds=tuple(bounds),
        conversation=Conversation(duration_ms=at_ms, channels=_channels(roles, said), turns=tuple(said)),
        truths=tuple(_truths(text, bounds, spans)),
    )


def _truths(text: str, bounds: Sequence[Stretch], spans: Iterable[Label]) -> Iterator[Truth]:
    """Spans as words; a lone dash or "#" between them is nobody's secret."""
    for start, end, kind in spans:
        places = frozenset(
            n for n in touched(bounds, start, end) if any(map(str.isalnum, text[slice(*bounds[n])]))
        )
        if places:
            yield Truth(kind=kind, places=places)


def _turn(texts: Sequence[str], channel: int, at_ms: int) -> Turn:
    """Words one after another."""
    words = (
        Word(start_ms=start, end_ms=start + WORD_MS, channel=channel, confidence=1.0, text=text)
        for start, text in zip(range(at_ms, at_ms + WORD_MS * len(texts), WORD_MS), texts, strict=True)
    )
    return Turn(channel=channel, words=tuple(words))


def _channels(roles: Sequence[Role], turns: Sequence[Turn]) -> tuple[Channel, ...]:
    """A channel for each role, voiced where it has words."""
    return tuple(
        Channel(
            index=index,
            role=role,
            language="en",
            language_probability=1.0,
            voiced=tuple(Span(start_ms=t.start_ms, end_ms=t.end_ms) for t in turns if t.channel == index),
        )
        for index, role in enumerate(roles)
    )


def touched(bounds: Sequence[Stretch], start: int, end: int) -> frozenset[int]:
    """The words that a stretch of characters touches."""
    return frozenset(n for n, (a, b) in enumerate(bounds) if a < end and start < b)
