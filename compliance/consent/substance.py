"""When the talk became more than a greeting, and whether the caller went on after a moment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from compliance.records import ChannelSpan, Conversation, Role, Word

_STRETCH_WORDS = 8
"""A caller who says more than this in one stretch has begun."""
_CALLER_WORDS = 25
"""So has one who says more than this in several short answers."""
_MIXED_WORDS = 40
"""Where caller and agent cannot be told apart, the greeting is among the words."""
_DIGITS = 4
_PAUSE_MS = 1_500
_NUMBER = re.compile(
    r"\d|\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b",
    re.IGNORECASE,
)


def substance_ms(conversation: Conversation, *, since_ms: int | None = None) -> int | None:
    """The moment from which a notice comes too late; None where it never came to that.

    It is the start of the caller's ninth word in one stretch, of the
    twenty-sixth in all, or of the fourth digit of a number, whichever is first.
    ``since_ms`` leaves out what was said before somebody joined.
    """
    moments = [
        moment
        for channel in sorted({turn.channel for turn in conversation.turns})
        for moment in _of_channel(_words(conversation, channel, since_ms), conversation.role_of(channel))
    ]
    return min(moments, default=None)


def last_said_ms(conversation: Conversation, channel: int, besides: Iterable[ChannelSpan]) -> int | None:
    """Where the last word of a channel begins that lies in none of the spans given (objections)."""
    apart = tuple(besides)
    said = (
        word.start_ms
        for word in _words(conversation, channel, None)
        if not any(_within(word, span) for span in apart)
    )
    return max(said, default=None)


def _within(word: Word, span: ChannelSpan) -> bool:
    return word.channel == span.channel and span.start_ms <= word.start_ms < span.end_ms


def _words(conversation: Conversation, channel: int, since_ms: int | None) -> list[Word]:
    return [
        word
        for turn in conversation.turns
        if turn.channel == channel
        for word in turn.words
        if since_ms is None or word.start_ms >= since_ms
    ]


def _of_channel(words: list[Word], role: Role) -> Iterator[int]:
    """The moments at which one channel passes one of the limits."""
    if role is Role.AGENT:
        return
    limit = _CALLER_WORDS if role is Role.CALLER else _MIXED_WORDS
    if len(words) > limit:
        yield words[limit].start_ms
    for stretch in _stretches(words):
        if role is Role.CALLER and len(stretch) > _STRETCH_WORDS:
            yield stretch[_STRETCH_WORDS].start_ms
        digits = [word.start_ms for word in stretch for _ in _NUMBER.findall(word.text)]
        if len(digits) >= _DIGITS:
            yield digits[_DIGITS - 1]


def _stretches(words: list[Word]) -> Iterator[list[Word]]:
    held: list[Word] = []
    for word in words:
        if held and word.start_ms - held[-1].end_ms > _PAUSE_MS:
            yield held
            held = []
        held.append(word)
    if held:
        yield held
