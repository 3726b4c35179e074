"""A conversation as the windows in which the tagger reads it: pieces of words, and who says them.

The model sees at most 512 pieces at a time.  A long call is read in windows that
overlap by a quarter, so that each word stands well inside one of them, with what was
asked before it and what was said after it.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Pieces that are read together, each with who says it and the word to which it belongs."""

    pieces: tuple[int, ...] = field(repr=False)
    speakers: tuple[int, ...]
    """1 for the caller, 0 for the agent; where nobody knows who is who, the channel."""
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
        speaker = part[0][1] if part else 0
        listed = [(begin, speaker, NO_WORD), *part]
        numbers, speakers, words = (tuple(column) for column in zip(*listed, strict=True))
        yield Window(pieces=numbers, speakers=speakers, words=words)
        at += step


def _rows(conversation: Conversation, pieces: Pieces) -> Sequence[tuple[int, int, int]]:
    """Every piece with its speaker and its word, a mark after each turn."""
    between, place = pieces.mark(BETWEEN), 0
    rows: list[tuple[int, int, int]] = []
    for turn in conversation.turns:
        speaker = _speaker(conversation, turn.channel)
        for word in turn.words:
            rows += [(piece, speaker, place) for piece in pieces(word.text)]
            place += 1
        rows.append((between, speaker, NO_WORD))
    return rows


def _speaker(conversation: Conversation, channel: int) -> int:
    """Whom the model is told to hear on a channel."""
    role = conversation.channels[channel].role
    if role is Role.UNKNOWN:
        return min(channel, 1)
    return int(role is Role.CALLER)
