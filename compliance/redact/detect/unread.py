"""Voice that the recogniser wrote nothing down for, while an answer was awaited.

On real calls the first digits of a number are missing from the transcript
though plainly heard.  What cannot be read cannot be judged, so it is cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.records import Span
from compliance.redact.detect.document import Document

SHORTEST_MS = 250
"""Shorter sounds are breaths and clicks."""
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
    for channel in document.conversation.channels:
        words = sorted(
            (
                Span(start_ms=t.start_ms - NEAR_MS, end_ms=t.end_ms + NEAR_MS)
                for t in tokens
                if t.channel == channel.index
            )
        )
        for voice in channel.voiced:
            for gap in without(voice, words):
                if gap.length_ms >= SHORTEST_MS and _is_awaited(document, channel.index, gap):
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


def _is_awaited(document: Document, channel: int, gap: Span) -> bool:
    """Whether an answer by this channel was awaited when the voice was heard."""
    before = [i for i, token in enumerate(document.tokens) if token.end_ms <= gap.end_ms]
    if not before:
        return False
    newest = [e for e in document.asked if e.cue_end - 1 <= before[-1]]
    if not newest:
        return False
    cue = newest[-1]
    asked_ms = document.tokens[cue.cue_end - 1].end_ms
    is_other = cue.sentence.channel != channel or document.is_mono
    return is_other and 0 <= gap.start_ms - asked_ms <= 20_000
