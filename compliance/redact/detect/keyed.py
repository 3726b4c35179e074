"""Keypad tones as finds in time: what was keyed is as good as said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.records import Conversation, Span

JOIN_MS = 700
"""Tones closer than this belong to one number."""

LONE_MS = 85
"""A key pressed by itself is held so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A stretch of keypad tones on a channel."""

    channel: int
    span: Span
    count: int


def keyed(conversation: Conversation) -> Iterator[Keyed]:
    """Tones of each channel, those of one number together."""
    for channel in conversation.channels:
        group: list[Span] = []
        for tone in sorted(channel.keyed):
            if group and tone.start_ms - group[-1].end_ms > JOIN_MS:
                yield from _stretch(channel.index, group)
                group = []
            group.append(tone)
        yield from _stretch(channel.index, group)


def _stretch(channel: int, group: list[Span]) -> Iterator[Keyed]:
    """A group of tones as one; a single short one is a sound of speech that happened to have two pitches."""
    if len(group) > 1 or any(tone.length_ms >= LONE_MS for tone in group):
        span = Span(start_ms=group[0].start_ms, end_ms=max(tone.end_ms for tone in group))
        yield Keyed(channel=channel, span=span, count=len(group))
