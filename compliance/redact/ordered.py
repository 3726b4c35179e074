"""Cuts ordered for the sake of consent: everything before a notice, or after an objection.

They have no finding and say ``consent`` as their reason, so that figures of
detection leave them out.  Where something found is cut already, that cut stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from compliance.records import ChannelSpan, Conversation, Cut, Method, Span, WordRef

WHY = "consent"


def with_ordered(cuts: Sequence[Cut], spans: Iterable[ChannelSpan]) -> tuple[Cut, ...]:
    """Cuts of findings with those ordered beside them; earlier ordered ones are made anew.

    Where all is silent, a tone would still tell that something was found there.
    """
    stretches = tuple(spans)
    found = [_hushed(cut, stretches) for cut in of_findings(cuts)]
    made = [*found, *(cut for span in stretches for cut in _beside(span, found))]
    return tuple(
        sorted(made, key=lambda c: (c.source, c.start_ms, -1 if c.channel is None else c.channel, c.end_ms))
    )


def _hushed(cut: Cut, stretches: Sequence[ChannelSpan]) -> Cut:
    """A cut inside an ordered stretch is silence like the rest of it."""
    is_inside = any(
        each.channel == cut.channel and each.start_ms <= cut.start_ms and cut.end_ms <= each.end_ms
        for each in stretches
    )
    return replace(cut, method=Method.SILENCE) if is_inside else cut


def of_findings(cuts: Iterable[Cut]) -> tuple[Cut, ...]:
    """The cuts of something that was found."""
    return tuple(cut for cut in cuts if cut.findings)


def _beside(span: ChannelSpan, found: Sequence[Cut]) -> Iterator[Cut]:
    """What of an ordered stretch no other cut takes, in silence: a tone of minutes helps nobody."""
    taken = (
        Span(start_ms=cut.start_ms, end_ms=cut.end_ms) for cut in found if cut.channel in (None, span.channel)
    )
    for rest in span.span.without(taken):
        yield Cut(
            source=0,
            channel=span.channel,
            start_ms=rest.start_ms,
            end_ms=rest.end_ms,
            method=Method.SILENCE,
            why=WHY,
            findings=(),
        )


def to_the_end(spans: Iterable[ChannelSpan], *, heard_ms: int, duration_ms: int) -> tuple[ChannelSpan, ...]:
    """The spans, those that end where listening ended carried on to the end of the file."""
    return tuple(
        ChannelSpan(
            channel=each.channel,
            start_ms=each.start_ms,
            end_ms=max(each.end_ms, duration_ms) if each.end_ms >= heard_ms else each.end_ms,
        )
        for each in spans
    )


def silenced(conversation: Conversation, spans: Sequence[ChannelSpan]) -> frozenset[WordRef]:
    """The words of which an ordered stretch takes anything at all."""
    return frozenset(
        WordRef(turn=t, word=w)
        for t, turn in enumerate(conversation.turns)
        for w, word in enumerate(turn.words)
        for span in spans
        if span.channel == word.channel and word.start_ms < span.end_ms and span.start_ms < word.end_ms
    )
