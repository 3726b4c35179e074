"""A call in several files: which channel lies where, and cuts from the call's clock to a file's.

To whatever reads speech a call has channels and one clock.  Only at the edges does it
matter that they lie in files of their own, each of which began at a time of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from compliance.errors import TooManyChannels
from compliance.records import ChannelSpan, Cut, Finding, Role, Source, Span, Strand

MOST_CHANNELS = 8
"""Of all files together.  Every pair of channels is held against each other, for leakage."""
SLACK_MS = 300
"""So far may the starts of two files be off: each is a recorder's own clock and network.

LiveKit's egresses of two tracks are 100 ms apart and more (livekit/egress#929).
"""


def strands_of(sources: Sequence[Source]) -> tuple[Strand, ...]:
    """The channels of a call, in the order of its files.

    Of several files one that carries the same on both its channels is one voice: Egress writes
    two channels whatever it records.  A single file stays as it is, whatever it carries.

    Raises:
        TooManyChannels: there are more than can be told apart.
    """
    strands = tuple(strand for source in sources for strand in _of(source, len(sources)))
    if len(strands) > MOST_CHANNELS:
        raise TooManyChannels(f"the files of the call have more than {MOST_CHANNELS} channels together")
    return strands


def _of(source: Source, count: int) -> Iterator[Strand]:
    if count > 1 and source.health is not None and source.health.is_mix:
        yield Strand(source=source.index, channels=tuple(range(source.channels)))
    else:
        yield from (Strand(source=source.index, channels=(each,)) for each in range(source.channels))


def duration_ms(sources: Iterable[Source]) -> int:
    """From where the first file begins to where the last one ends."""
    return max(each.offset_ms + each.duration_ms for each in sources)


def slack_ms(sources: Sequence[Source]) -> int:
    """How far the times of two channels may be off against each other; one file has one clock."""
    return SLACK_MS if len(sources) > 1 else 0


def roles_of(told: Sequence[Role], sources: Sequence[Source]) -> tuple[Role, ...]:
    """Who speaks on each channel: as told, a word a channel or a word a file, if that fits; else unknown.

    An egress that was asked for a side each may give both sides on both, without a word
    (``DUAL_CHANNEL_AGENT`` with a layout): then nobody is the agent.
    """
    strands = strands_of(sources)
    if len(told) == len(strands) > 1 and not _is_mixed(sources):
        return tuple(told)
    if len(told) == len(sources) > 1:
        return tuple(told[each.source] for each in strands)
    return (Role.UNKNOWN,) * len(strands)


def _is_mixed(sources: Sequence[Source]) -> bool:
    """Whether a call in one file has both sides on both its channels."""
    return len(sources) == 1 and sources[0].health is not None and sources[0].health.is_mix


def on_file(findings: Iterable[Finding], sources: Sequence[Source]) -> tuple[Finding, ...]:
    """Findings with the file in which their channel lies."""
    strands = strands_of(sources)
    return tuple(replace(each, source=strands[each.channel].source) for each in findings)


def placed(cuts: Sequence[Cut], sources: Sequence[Source]) -> tuple[Cut, ...]:
    """Cuts with the file in which each lies, and no longer than that; times stay the call's.

    A cut for a voice that leaks, or one for the sake of consent, may lie where another file has
    not begun or has ended: there is nothing to cut there.
    """
    if len(sources) == 1:
        return tuple(cuts)
    strands = strands_of(sources)
    made = (
        replace(cut, source=source.index, start_ms=span.start_ms, end_ms=span.end_ms)
        for cut in cuts
        for source in (sources if cut.channel is None else (sources[strands[cut.channel].source],))
        for span in _within(cut, source)
    )
    return tuple(sorted(made, key=lambda c: (c.source, c.start_ms, -1 if c.channel is None else c.channel)))


def _within(cut: Cut, source: Source) -> Iterator[Span]:
    """What of a cut lies in a file."""
    start_ms, end_ms = source.offset_ms, source.offset_ms + source.duration_ms
    if cut.start_ms < end_ms and start_ms < cut.end_ms:
        yield Span(start_ms=max(start_ms, cut.start_ms), end_ms=min(end_ms, cut.end_ms))


def of_file(cuts: Iterable[Cut], sources: Sequence[Source], index: int) -> tuple[Cut, ...]:
    """The cuts of one file, in its own time and on its own channels."""
    strands, offset_ms = strands_of(sources), sources[index].offset_ms
    return tuple(
        replace(
            cut,
            channel=_own(cut, strands),
            start_ms=cut.start_ms - offset_ms,
            end_ms=cut.end_ms - offset_ms,
        )
        for cut in cuts
        if cut.source == index
    )


def _own(cut: Cut, strands: Sequence[Strand]) -> int | None:
    """The channel in its file; None for all of them."""
    if cut.channel is None or len(strands[cut.channel].channels) > 1:
        return None
    return strands[cut.channel].channels[0]


def wanted_of(spans: Iterable[ChannelSpan], sources: Sequence[Source], index: int) -> tuple[Span, ...]:
    """The stretches of the call that lie on channels of one file, in its own time."""
    strands, offset_ms = strands_of(sources), sources[index].offset_ms
    return tuple(
        Span(start_ms=max(0, each.start_ms - offset_ms), end_ms=each.end_ms - offset_ms)
        for each in spans
        if strands[each.channel].source == index and each.end_ms > offset_ms
    )
