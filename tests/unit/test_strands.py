"""Where the channels of a call lie, and how its cuts come to lie in its files."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import TooManyChannels
from compliance.records import ChannelSpan, Cut, Health, Method, Role, Side, Source, Span
from compliance.strands import (
    MOST_CHANNELS,
    SLACK_MS,
    duration_ms,
    of_file,
    placed,
    roles_of,
    slack_ms,
    strands_of,
    wanted_of,
)


def source(index: int, *, channels: int = 1, offset_ms: int = 0, is_mix: bool = False) -> Source:
    """A file of ten seconds."""
    side = Side(peak_db=-3.0, sounding_ms=1, clipped_ms=0)
    health = Health(sides=(side,) * channels, is_mix=is_mix, gaps=(), broken=(), drift_ms=0, tail_ms=0)
    return Source(
        index=index,
        sha256=f"{index}" * 64,
        size_bytes=1,
        container="ogg",
        codec="opus",
        rate=48_000,
        channels=channels,
        duration_ms=10_000,
        health=health,
        offset_ms=offset_ms,
    )


def cut(channel: int | None, start_ms: int, end_ms: int) -> Cut:
    """A cut of the call's."""
    return Cut(
        source=0,
        channel=channel,
        start_ms=start_ms,
        end_ms=end_ms,
        method=Method.TONE,
        why="PERSON",
        findings=(),
    )


ONE = (source(0, channels=2, is_mix=True),)
TWO = (source(0, channels=2, is_mix=True), source(1, channels=2, offset_ms=1_250, is_mix=True))
MIXED = (source(0), source(1, channels=2, offset_ms=4_000))


@pytest.mark.parametrize(
    ("sources", "strands"),
    [
        (ONE, [(0, (0,)), (0, (1,))]),
        (TWO, [(0, (0, 1)), (1, (0, 1))]),
        (MIXED, [(0, (0,)), (1, (0,)), (1, (1,))]),
    ],
)
def test_channels_are_those_of_all_files(sources, strands) -> None:
    """In the order of the files; one that carries the same on both is one voice, but only beside others."""
    assert [(each.source, each.channels) for each in strands_of(sources)] == strands


def test_there_are_no_more_than_can_be_told_apart() -> None:
    """Eight are treated, nine are not."""
    most = tuple(source(n) for n in range(MOST_CHANNELS))
    assert len(strands_of(most)) == MOST_CHANNELS
    with pytest.raises(TooManyChannels):
        strands_of((*most, source(MOST_CHANNELS)))


@pytest.mark.parametrize(
    ("told", "sources", "roles"),
    [
        ("ac", TWO, "ac"),
        ("ac", MIXED, "acc"),
        ("aca", MIXED, "aca"),
        ("a", TWO, "uu"),
        ("", TWO, "uu"),
        ("ac", ONE, "uu"),
        ("ac", (source(0, channels=2),), "ac"),
        ("a", (source(0),), "u"),
    ],
)
def test_roles_are_told_by_channel_or_by_file(told, sources, roles) -> None:
    """Whichever fits; what fits neither is unknown, and so is a single file that is a mix."""
    words = {"a": Role.AGENT, "c": Role.CALLER, "u": Role.UNKNOWN}

    assert roles_of([words[each] for each in told], sources) == tuple(words[each] for each in roles)


def test_a_call_ends_with_its_last_file() -> None:
    """And only where there are several clocks may two be off."""
    assert (duration_ms(ONE), duration_ms(TWO)) == (10_000, 11_250)
    assert (slack_ms(ONE), slack_ms(TWO)) == (0, SLACK_MS)


def test_a_cut_lies_in_the_file_of_its_channel() -> None:
    """In the file's own time; both channels of one that carries the same on both."""
    made = placed([cut(0, 2_000, 3_000), cut(1, 2_000, 3_000), cut(None, 5_000, 6_000)], TWO)

    assert [(each.source, each.channel, each.start_ms) for each in made] == [
        (0, 0, 2_000),
        (0, None, 5_000),
        (1, 1, 2_000),
        (1, None, 5_000),
    ]
    assert [(c.channel, c.start_ms, c.end_ms) for c in of_file(made, TWO, 1)] == [
        (None, 750, 1_750),
        (None, 3_750, 4_750),
    ]


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "spans"),
    [
        (0, 1_000, []),
        (0, 2_000, [(1_250, 2_000)]),
        (11_000, 12_000, [(11_000, 11_250)]),
        (11_250, 12_000, []),
    ],
)
def test_where_a_file_is_not_nothing_is_cut(start_ms, end_ms, spans) -> None:
    """Before it begins and after it ends."""
    made = placed([cut(1, start_ms, end_ms)], TWO)

    assert [(each.start_ms, each.end_ms) for each in made] == spans


def test_a_single_file_has_its_cuts_as_planned() -> None:
    """Untouched, also those that reach beyond its end by a rounding."""
    cuts = (cut(1, 9_000, 10_001), cut(0, 0, 1))

    assert placed(cuts, ONE) == cuts
    assert of_file(cuts, ONE, 0) == cuts


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20_000), st.integers(1, 5_000)), max_size=12),
    st.integers(0, 8_000),
)
def test_every_sound_of_a_cut_is_cut_in_its_file(spans, later_ms) -> None:
    """Whatever of a cut a file has sound for lies in a cut of that file, at its own time."""
    sources = (source(0), replace(source(1, channels=2), offset_ms=later_ms))
    cuts = [cut(channel, start, start + length) for channel, start, length in spans]
    strands = strands_of(sources)
    made = placed(cuts, sources)
    for index, each in enumerate(sources):
        wanted = {
            (strands[c.channel or 0].channels[0], ms - each.offset_ms)
            for c in cuts
            if strands[c.channel or 0].source == index
            for ms in range(c.start_ms, c.end_ms, 250)
            if 0 <= ms - each.offset_ms < each.duration_ms
        }
        own = of_file(made, sources, index)
        assert all(
            any(c.channel == channel and c.start_ms <= ms < c.end_ms for c in own) for channel, ms in wanted
        )
        assert all(0 <= c.start_ms < c.end_ms <= each.duration_ms for c in own)


def test_what_is_wanted_of_a_file_is_in_its_own_time() -> None:
    """What lies before it begins is none of it."""
    spans = [
        ChannelSpan(channel=1, start_ms=0, end_ms=1_000),
        ChannelSpan(channel=1, start_ms=1_000, end_ms=2_000),
        ChannelSpan(channel=0, start_ms=1_000, end_ms=2_000),
    ]

    assert wanted_of(spans, TWO, 1) == (Span(start_ms=0, end_ms=750),)
    assert wanted_of(spans, TWO, 0) == (Span(start_ms=1_000, end_ms=2_000),)
