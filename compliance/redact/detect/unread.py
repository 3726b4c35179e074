"""Voice that the recogniser wrote nothing down for, while an answer was awaited.

On real calls the first digits of a number are missing from the transcript
though plainly heard.  What cannot be read cannot be judged, so it is cut.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from compliance.records import Role, Span
from compliance.redact.detect.document import Document

SHORTEST_MS = 300
"""Shorter sounds are breaths and clicks."""
LONGEST_WAIT_MS = 20_000
"""Later than this after the last words, a voice answers nothing."""
NEAR_MS = 200
"""Word times are off by about this much; sound this near a word belongs to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A stretch of unread voice on a channel."""

    channel: int
    span: Span


def unread(document: Document) -> Iterator[Unread]:
    """Voice with no word to it, said while an expectation was open."""
    tokens = document.tokens
    ends = list(accumulate((tokens[s.end - 1].end_ms for s in document.reading.sentences), max))
    for channel in document.conversation.channels:
        if channel.role is Role.AGENT:
            continue  # An agent asks; what an agent reads back is fluent and gets read.
        words = sorted(
            Span(start_ms=t.start_ms - NEAR_MS, end_ms=t.end_ms + NEAR_MS)
            for t in tokens
            if t.channel == channel.index
        )
        for voice in channel.voiced:
            for gap in without(voice, words):
                if gap.length_ms >= SHORTEST_MS and _is_awaited(document, channel.index, gap, ends):
                    yield Unread(channel=channel.index, span=gap)


def without(span: Span, taken: Sequence[Span]) -> Iterator[Span]:
    """What is left of a span when others, in order, are taken out of it."""
    at_ms = span.start_ms
    for each in taken:
        if each.end_ms <= at_ms or each.start_ms >= span.end_ms:
            continue
        if each.start_ms > at_ms:
            yield Span(start_ms=at_ms, end_ms=each.start_ms)
        at_ms = max(at_ms, each.end_ms)
    if at_ms < span.end_ms:
        yield Span(start_ms=at_ms, end_ms=span.end_ms)


def _is_awaited(document: Document, channel: int, gap: Span, ends: Sequence[int]) -> bool:
    """Whether an answer by this channel was awaited when the voice was heard."""
    listed, waits = document.reading.sentences, document.reading.waits
    place = bisect_right(ends, gap.start_ms) - 1
    if place < 0 or channel >= len(waits[place]):
        return False
    asked = waits[place][channel]
    if asked is None or not asked.entities or document.is_mono:
        return False
    return 0 <= gap.start_ms - document.tokens[listed[place].end - 1].end_ms <= LONGEST_WAIT_MS
