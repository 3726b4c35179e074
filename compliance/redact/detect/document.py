"""The conversation as the recognisers read it: one text, its tokens, and what was asked when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from compliance.records import Conversation, Entity, WordRef
from compliance.redact.speech.numbers import Run, runs
from compliance.redact.speech.questions import Expectation, Sentence
from compliance.redact.speech.reading import Reading, reading
from compliance.redact.speech.tokens import Token, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Tokens that belong together, by index, and what they are."""

    entity: Entity
    first: int
    last: int
    """Included; only tokens of the first one's channel count."""
    score: float
    why: str
    """Rule and context in our words, never the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A find with the name of the recogniser that made it."""

    found: Found
    detector: str


@dataclass(frozen=True)
class Document:
    """A conversation prepared for reading.  Turns are lines of ``text``, in time order."""

    conversation: Conversation = field(repr=False)

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Its words, read."""
        return tokens(self.conversation)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Its runs of digits."""
        return runs(self.tokens)

    @cached_property
    def reading(self) -> Reading:
        """What was asked for, or announced, and what was said under it."""
        return reading(self.tokens, channels=max(1, len(self.conversation.channels)))

    @cached_property
    def notes(self) -> dict[str, frozenset[str]]:
        """What finders work out once a conversation, by name; it goes with the conversation."""
        return {}

    @cached_property
    def objectors(self) -> list[Objector]:
        """Who weighs what is found later: the runner adds itself."""
        return []

    def stands(self, each: Recognised) -> bool:
        """Whether nobody objects to a find."""
        return not any(objects(self, each) for objects in self.objectors)

    @cached_property
    def is_mono(self) -> bool:
        """Whether both parties share a channel, so that questions and answers do too."""
        return len(self.conversation.channels) < 2

    @cached_property
    def text(self) -> str:
        """All turns, a line each."""
        return "\n".join(turn.text for turn in self.conversation.turns)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each token begins in ``text``."""
        starts, at = [], 0
        for turn in self.conversation.turns:
            for word in turn.words:
                starts.append(at)
                at += len(word.text) + 1
        return tuple(starts)

    def under(self, place: int) -> Expectation | None:
        """The expectation under which a token is heard."""
        return self.reading.under[place]

    def sentence(self, place: int) -> Sentence:
        """The sentence to which a token belongs."""
        return self.reading.sentences[self.reading.place_of[place]]

    def offsets(self, found: Found) -> list[tuple[int, int]]:
        """The stretches of ``text`` that a find covers: one for each turn of its channel."""
        out: list[tuple[int, int]] = []
        turn = -1
        for i in self.own(found):
            token = self.tokens[i]
            end = self.starts[i] + len(self.word(token.ref))
            if token.ref.turn == turn:
                out[-1] = (out[-1][0], end)
            else:
                out.append((self.starts[i], end))
            turn = token.ref.turn
        return out

    def own(self, found: Found) -> list[int]:
        """The indices of a find's tokens: those of its first one's channel."""
        channel = self.tokens[found.first].channel
        return [i for i in range(found.first, found.last + 1) if self.tokens[i].channel == channel]

    def word(self, ref: WordRef) -> str:
        """A word as the recogniser wrote it."""
        return self.conversation.turns[ref.turn].words[ref.word].text

    def covered(self, start: int, end: int) -> list[int]:
        """The tokens that a stretch of ``text`` touches."""
        place = max(0, bisect_right(self.starts, start) - 1)
        out = []
        while place < len(self.starts) and self.starts[place] < end:
            if start < self.starts[place] + len(self.word(self.tokens[place].ref)):
                out.append(place)
            place += 1
        return out


Finder = Callable[[Document], Iterable[Found]]
"""One of our recognisers: reads a conversation, gives its finds."""
Objector = Callable[[Document, Recognised], bool]
"""Whether a find is given up for what stands round it."""
