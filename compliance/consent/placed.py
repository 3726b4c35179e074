"""Where a cut for the sake of consent lies: what is before a notice, and what comes after an objection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from compliance.consent.demand import Demand
from compliance.consent.facts import Facts
from compliance.consent.notice import Answer, Force, Notice
from compliance.consent.recorded import notices
from compliance.records import Act, ChannelSpan, Span


def open_stretches(spans: Iterable[ChannelSpan], facts: Facts) -> tuple[ChannelSpan, ...]:
    """The spans joined where they meet, in order, less what is protected."""
    return tuple(_without(_joined(spans), protected(facts)))


def protected(facts: Facts) -> tuple[ChannelSpan, ...]:
    """What no cut touches: notice, disclosure and consent.  Where they are in doubt they are the evidence."""
    heard = facts.heard
    return (*(each.span for each in heard.notices), *heard.ai_disclosures, *heard.answers)


def stretches(act: Act, facts: Facts, asked: Demand, *, everyone: bool) -> Iterator[ChannelSpan]:
    """The stretches that one cut takes; none if it cannot be placed.

    ``everyone``: after an objection every channel is cut, and not only the objector's.
    """
    if act is Act.CUT_BEFORE_NOTICE:
        notice = grounding(facts, asked)
        if notice is not None:
            yield from _before(notice.span, facts)
    else:
        yield from _after(facts, everyone=everyone)


def grounding(facts: Facts, asked: Demand) -> Notice | None:
    """The first notice that covers what follows: firm enough, and heard by all who had joined by its time."""
    is_agreed = facts.heard.answer is Answer.YES
    last_ms = max((each.joined_ms or 0 for each in facts.arrivals), default=0)
    for each in notices(facts, asked):
        is_firm = each.force is Force.IS or (each.force is Force.MAY and not asked.needs_is)
        if each.span.start_ms >= last_ms and (is_firm or is_agreed):
            return each
    return None


def _before(notice: ChannelSpan, facts: Facts) -> Iterator[ChannelSpan]:
    """Up to the notice; on the other channels to its end, since nobody was told before that."""
    for line in facts.lines:
        end_ms = notice.start_ms if line.channel == notice.channel else notice.end_ms
        yield ChannelSpan(channel=line.channel, start_ms=0, end_ms=end_ms)


def _after(facts: Facts, *, everyone: bool) -> Iterator[ChannelSpan]:
    """From the first objection, or the question that was answered no, to the end of the recording.

    A channel into which the objector leaks goes with theirs: they are heard there too.
    """
    heard = facts.heard
    if heard.objections:
        from_ms, channels = heard.objections[0].end_ms, {heard.objections[0].channel}
    elif heard.answer is Answer.NO and heard.notices:
        # Which question was refused is not told; after the first of them nothing may be kept.
        questions = [each for each in heard.notices if each.force is Force.ASKED] or heard.notices
        from_ms, channels = questions[0].span.end_ms, {line.channel for line in facts.theirs}
    else:
        return
    for line in facts.lines:
        if everyone or line.channel in channels or channels & set(line.hears):
            yield ChannelSpan(channel=line.channel, start_ms=from_ms, end_ms=facts.duration_ms)


def _joined(spans: Iterable[ChannelSpan]) -> Iterator[ChannelSpan]:
    """Spans in order, those of one channel that meet as one; empty ones are left out."""
    last: ChannelSpan | None = None
    for span in sorted(each for each in spans if each.end_ms > each.start_ms):
        if last and span.channel == last.channel and span.start_ms <= last.end_ms:
            last = replace(last, end_ms=max(last.end_ms, span.end_ms))
            continue
        if last:
            yield last
        last = span
    if last:
        yield last


def _without(spans: Iterable[ChannelSpan], shields: Iterable[ChannelSpan]) -> Iterator[ChannelSpan]:
    """Spans less those that are protected on the same channel."""
    kept = tuple(shields)
    for each in spans:
        own = [shield.span for shield in kept if shield.channel == each.channel]
        for span in Span(start_ms=each.start_ms, end_ms=each.end_ms).without(own):
            yield ChannelSpan(channel=each.channel, start_ms=span.start_ms, end_ms=span.end_ms)
