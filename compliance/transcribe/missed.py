"""Voice for which no word was written: read once more, by itself.

A recogniser that reads half a minute at once skips what it cannot fit into the
sentence before: a whole card, read slowly between two questions, or a lone answer.
Given that stretch and nothing else it reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from compliance.records import Span, Word
from compliance.transcribe.windows import RATE, Piece, Window

SHORTEST_MS = 400
"""Shorter sounds are breaths, clicks and "mm-hm"."""
NEAR_MS = 150
"""Word times are off by about this much; voice this near a word belongs to it."""
AROUND_MS = 300
"""Read with the voice, so that it is not cut in the middle of a sound."""
JOIN_MS = 1_500
"""Voice that pauses no longer is read in one go."""


def missed(window: Window, voice: Sequence[Span], words: Iterable[Word]) -> Iterator[Window]:
    """The stretches of a window in which a voice is heard and no word was written, a window each."""
    taken = sorted(Span(start_ms=w.start_ms - NEAR_MS, end_ms=w.end_ms + NEAR_MS) for w in words)
    for piece in window.pieces:
        within = [s for v in voice for s in _clipped(v, piece.span)]
        gaps = [gap for v in within for gap in v.without(taken)]
        for span in _worth_reading(gaps, taken):
            yield _window(window, piece, span)


def _clipped(span: Span, bounds: Span) -> Iterator[Span]:
    """What of a span lies within bounds."""
    if span.overlaps(bounds):
        yield Span(start_ms=max(span.start_ms, bounds.start_ms), end_ms=min(span.end_ms, bounds.end_ms))


def _worth_reading(gaps: Sequence[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Gaps joined over pauses in which nothing was written, those that hold enough voice."""
    group: list[Span] = []
    for gap in [*sorted(gaps), None]:
        if group and (gap is None or not _joins(group[-1], gap, taken)):
            if sum(each.length_ms for each in group) >= SHORTEST_MS:
                yield Span(start_ms=group[0].start_ms, end_ms=group[-1].end_ms)
            group = []
        if gap is not None:
            group.append(gap)


def _joins(one: Span, other: Span, taken: Sequence[Span]) -> bool:
    """Whether two gaps are parts of one thing said."""
    between = Span(start_ms=one.end_ms, end_ms=max(one.end_ms, other.start_ms))
    return between.length_ms <= JOIN_MS and not any(each.overlaps(between) for each in taken)


def _window(window: Window, piece: Piece, span: Span) -> Window:
    """A span of a piece with a little sound around it; beside anything else it would be skipped again."""
    start_ms = max(piece.span.start_ms, span.start_ms - AROUND_MS)
    end_ms = min(piece.span.end_ms, span.end_ms + AROUND_MS)
    offset_ms = piece.at_ms - piece.span.start_ms
    first, last = ((ms + offset_ms) * RATE // 1000 for ms in (start_ms, end_ms))
    placed = Piece(span=Span(start_ms=start_ms, end_ms=end_ms), at_ms=0)
    return Window(pieces=(placed,), samples=window.samples[first:last])
