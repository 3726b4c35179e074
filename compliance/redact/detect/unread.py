"""Voice for which no word was written, where an answer was awaited or beside what was found.

A recogniser drops short lone answers and whispered ones, and the first groups of a
number.  What was not read cannot be judged, so it is cut.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from compliance.records import Entity, Role, Span
from compliance.redact.detect.document import Document, Found

SHORTEST_MS = 300
"""Shorter sounds are breaths and clicks."""
SHORTEST_MONO_MS = 450
"""In mono the one who asks shares the channel, and more goes unread."""
LONGEST_WAIT_MS = 20_000
"""Later than this after the last words, a voice answers nothing."""
NEAR_MS = 200
"""Word times are off by about this much; sound this near a word belongs to it."""
BESIDE_MS = 2_000
"""Unread voice this near a number, with no other word between, is more of it."""
_WORDED = frozenset(
    {Entity.PERSON, Entity.LOCATION, Entity.CITY, Entity.MEDICAL_CONDITION, Entity.MEDICATION, Entity.AGE}
)
"""Kinds said in a word or two: voice beside them is something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A stretch of unread voice on a channel."""

    channel: int
    span: Span


def unread(document: Document, known: Iterable[Found] = ()) -> Iterator[Unread]:
    """Voice with no word to it, said while an expectation was open or beside a number that was found."""
    tokens = document.tokens
    ends = list(accumulate((tokens[s.end - 1].end_ms for s in document.reading.sentences), max))
    numbers = list(known)
    for channel in document.conversation.channels:
        words = sorted(
            Span(start_ms=t.start_ms - NEAR_MS, end_ms=t.end_ms + NEAR_MS)
            for t in tokens
            if t.channel == channel.index
        )
        beside = list(_beside(document, channel.index, numbers))
        for voice in channel.voiced:
            for gap in voice.without(words):
                if gap.length_ms < (SHORTEST_MONO_MS if document.is_mono else SHORTEST_MS):
                    continue
                if any(gap.overlaps(each) for each in beside) or (
                    channel.role is not Role.AGENT
                    and _is_awaited(document, channel.index, gap, ends)
                    and not _is_talked_over(document, channel.index, gap)
                ):
                    yield Unread(channel=channel.index, span=gap)


def _is_talked_over(document: Document, channel: int, gap: Span) -> bool:
    """Whether the other party speaks through most of it: nobody is waited for then."""
    others = (t for t in document.tokens if t.channel != channel)
    quiet = gap.without(Span(start_ms=t.start_ms, end_ms=t.end_ms) for t in others if t.end_ms > t.start_ms)
    return 2 * sum(each.length_ms for each in quiet) < gap.length_ms


def _beside(document: Document, channel: int, known: Iterable[Found]) -> Iterator[Span]:
    """The time before and after each number on a channel, up to the words that stand there."""
    tokens = document.tokens
    for found in known:
        if tokens[found.first].channel != channel or found.entity in _WORDED:
            continue
        start_ms, end_ms = tokens[found.first].start_ms, tokens[found.last].end_ms
        before = max((t.end_ms for t in tokens[max(0, found.first - 3) : found.first]), default=0)
        after = min((t.start_ms for t in tokens[found.last + 1 : found.last + 4]), default=end_ms + BESIDE_MS)
        yield Span(start_ms=max(before, start_ms - BESIDE_MS), end_ms=min(after, end_ms + BESIDE_MS))


def _is_awaited(document: Document, channel: int, gap: Span, ends: Sequence[int]) -> bool:
    """Whether an answer by this channel was awaited when the voice was heard."""
    listed, waits = document.reading.sentences, document.reading.waits
    place = bisect_right(ends, gap.start_ms) - 1
    if place < 0 or channel >= len(waits[place]):
        return False
    asked = waits[place][channel]
    if asked is None or not asked.entities:
        return False
    return 0 <= gap.start_ms - document.tokens[listed[place].end - 1].end_ms <= LONGEST_WAIT_MS
