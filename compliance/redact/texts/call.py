"""Utterances as a call, which is what detection reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.records import Channel, Conversation, Role, Turn, Word
from compliance.redact.texts.said import Piece, Utterance

WORD_MS, PAUSE_MS = 300, 400
"""How long a word takes to say, and a change of speakers, where no times are given."""


def call(said: Sequence[Utterance], roles: Mapping[int, Role]) -> Conversation:
    """Utterances as a call; without times each word takes its turn on one clock."""
    is_timed = all(word.start_ms is not None for each in said for word in each.words)
    turns, at = [], 0
    for each in said:
        words = [
            _word(word, each.channel, None if is_timed else at + n * WORD_MS)
            for n, word in enumerate(each.words)
        ]
        turns.append(Turn(channel=each.channel, words=tuple(words)))
        at += len(words) * WORD_MS + PAUSE_MS
    return Conversation(
        duration_ms=max(word.end_ms for turn in turns for word in turn.words),
        channels=tuple(_channel(index, roles.get(index, Role.UNKNOWN)) for index in range(max(roles) + 1)),
        turns=tuple(turns),
    )


def _word(piece: Piece, channel: int, at_ms: int | None) -> Word:
    """A word at its own time, or at that given."""
    start_ms = at_ms if at_ms is not None else piece.start_ms or 0
    end_ms = start_ms + WORD_MS if at_ms is not None else piece.end_ms or start_ms
    return Word(start_ms=start_ms, end_ms=end_ms, channel=channel, confidence=1.0, text=piece.text)


def _channel(index: int, role: Role) -> Channel:
    """A channel of which only the words are known."""
    return Channel(index=index, role=role, language="en", language_probability=1.0, voiced=())
