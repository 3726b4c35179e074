"""A conversation as the windows in which the tagger reads it: pieces of words, and what is told of each.

The model sees at most 512 pieces at a time.  A long call is read in windows that
overlap by a quarter, so that each word stands well inside one of them, with what was
asked before it and what was said after it.  How surely a word was read tells much: a
name that the recogniser does not know it writes as another word, and doubts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.records import Conversation, Role

LONGEST = 440
"""Pieces a window; a turn of talk has some twenty."""
STEP = 340
BEGIN, BETWEEN, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
"""Before the first word, after each turn, and for what has no pieces."""
NO_WORD = -1
SPEAKERS = 2
SURELY = (0.9, 0.7, 0.4)
"""A word is read surely from the first confidence on, and less so below each; what was typed is sure."""
KINDS = SPEAKERS * (1 + len(SURELY))
"""Speakers times steps of sureness: of so many kinds a piece may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Pieces that are read together, each with its kind and the word to which it belongs."""

    pieces: tuple[int, ...] = field(repr=False)
    kinds: tuple[int, ...]
    """Who says it, and how surely it was read (``kind``)."""
    words: tuple[int, ...]
    """The place of the word in the conversation; ``NO_WORD`` for the marks between turns."""

    def __len__(self) -> int:
        """How many pieces."""
        return len(self.pieces)


class Pieces:
    """Words in pieces, each looked up once."""

    def __init__(self, tokenizer: Any) -> None:
        """``tokenizer`` is one of the tokenizers package, without padding."""
        self._tokenizer = tokenizer
        self._known: dict[str, tuple[int, ...]] = {}

    def __call__(self, word: str) -> tuple[int, ...]:
        """The numbers of a word's pieces, one at least."""
        if word not in self._known:
            found = self._tokenizer.encode(word, add_special_tokens=False).ids
            self._known[word] = tuple(found) or (self.mark(UNKNOWN),)
        return self._known[word]

    def mark(self, name: str) -> int:
        """The number of a mark."""
        return int(self._tokenizer.token_to_id(name))


def windows(
    conversation: Conversation, pieces: Pieces, *, first: int = 0, step: int = STEP
) -> Iterator[Window]:
    """The whole conversation in windows; from a piece on, if ``first`` is told."""
    rows = _rows(conversation, pieces)[first:]
    begin = pieces.mark(BEGIN)
    at = 0
    while at == 0 or at + LONGEST - 1 - step < len(rows):
        part = rows[at : at + LONGEST - 1]
        speaker = part[0][1] % SPEAKERS if part else 0
        listed = [(begin, speaker, NO_WORD), *part]
        numbers, kinds, words = (tuple(column) for column in zip(*listed, strict=True))
        yield Window(pieces=numbers, kinds=kinds, words=words)
        at += step


def _rows(conversation: Conversation, pieces: Pieces) -> Sequence[tuple[int, int, int]]:
    """Every piece with its kind and its word, a mark after each turn."""
    between, place = pieces.mark(BETWEEN), 0
    rows: list[tuple[int, int, int]] = []
    for turn in conversation.turns:
        speaker = _speaker(conversation, turn.channel)
        for word in turn.words:
            told = kind(speaker, word.confidence)
            rows += [(piece, told, place) for piece in pieces(word.text)]
            place += 1
        rows.append((between, speaker, NO_WORD))
    return rows


def kind(speaker: int, confidence: float) -> int:
    """What is told of a word beside its pieces: the speaker, and two more for each step of doubt."""
    return speaker + SPEAKERS * sum(confidence < each for each in SURELY)


def _speaker(conversation: Conversation, channel: int) -> int:
    """Whom the model is told to hear: 1 is the caller, 0 the agent; where nobody is known, the channel."""
    role = conversation.channels[channel].role
    if role is Role.UNKNOWN:
        return min(channel, 1)
    return int(role is Role.CALLER)
