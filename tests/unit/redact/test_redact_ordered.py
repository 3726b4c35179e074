"""Cuts for the sake of consent, beside those of what was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.records import (
    Action,
    Channel,
    ChannelSpan,
    Conversation,
    Cut,
    Entity,
    Finding,
    FindingId,
    Method,
    RecordingId,
    Role,
    Turn,
    Word,
    WordRef,
)
from compliance.redact import text
from compliance.redact.ordered import WHY, of_findings, silenced, to_the_end, with_ordered
from compliance.schemas.check import faults


def cut(start_ms: int, end_ms: int, *, channel: int | None = 1) -> Cut:
    """A cut of something found."""
    return Cut(
        source=0,
        channel=channel,
        start_ms=start_ms,
        end_ms=end_ms,
        method=Method.TONE,
        why="PERSON",
        findings=(FindingId("f1"),),
    )


def span(start_ms: int, end_ms: int, channel: int = 1) -> ChannelSpan:
    """An ordered stretch."""
    return ChannelSpan(channel=channel, start_ms=start_ms, end_ms=end_ms)


def told(cuts: tuple[Cut, ...]) -> list[tuple[int | None, int, int, str, str]]:
    """The cuts in short."""
    return [(c.channel, c.start_ms, c.end_ms, c.why, c.method.value) for c in cuts]


def test_an_ordered_stretch_goes_round_what_is_cut_already() -> None:
    """What was found stands as it is, for the figures; inside the stretch it is as silent as the rest."""
    made = with_ordered([cut(100, 300), cut(1_500, 1_700), cut(900, 1_100, channel=0)], [span(1_000, 2_000)])

    assert told(made) == [
        (1, 100, 300, "PERSON", "tone"),
        (0, 900, 1_100, "PERSON", "tone"),
        (1, 1_000, 1_500, WHY, "silence"),
        (1, 1_500, 1_700, "PERSON", "silence"),
        (1, 1_700, 2_000, WHY, "silence"),
    ]


def test_a_cut_of_every_channel_leaves_nothing_to_order() -> None:
    """Where all channels are cut already nothing is cut twice."""
    assert told(with_ordered([cut(0, 3_000, channel=None)], [span(1_000, 2_000)])) == [
        (None, 0, 3_000, "PERSON", "tone")
    ]


def test_ordered_cuts_are_made_anew() -> None:
    """After verification has widened something the stretches are placed once more, not added."""
    once = with_ordered([cut(1_500, 1_700)], [span(1_000, 2_000)])

    assert with_ordered(once, [span(1_000, 2_000)]) == once
    assert len(of_findings(once)) == 1


_ms = st.integers(0, 5_000)
_stretch = st.tuples(_ms, _ms).map(sorted).filter(lambda each: each[0] < each[1])


@given(st.lists(_stretch), st.lists(_stretch, max_size=3))
def test_all_that_is_ordered_goes(found: list[list[int]], ordered: list[list[int]]) -> None:
    """No millisecond of an ordered stretch stays, and of what was found none is lost."""
    cuts = [cut(*each) for each in found]
    made = with_ordered(cuts, [span(*each) for each in ordered])
    gone = {ms for each in made for ms in range(each.start_ms, each.end_ms)}

    assert all(set(range(*each)) <= gone for each in ordered + found)
    assert sorted((c.start_ms, c.end_ms) for c in of_findings(made)) == sorted(map(tuple, found))


@pytest.mark.parametrize(
    ("end_ms", "expected"), [(60_000, 60_007), (59_999, 59_999), (60_007, 60_007), (61_000, 61_000)]
)
def test_what_ends_with_the_listening_ends_with_the_file(end_ms: int, expected: int) -> None:
    """A decoder may give a few milliseconds less than the file has."""
    (found,) = to_the_end([span(0, end_ms)], heard_ms=60_000, duration_ms=60_007)

    assert found.end_ms == expected


def _call() -> Conversation:
    said = ("one", "two", "quillon", "four", "five")
    words = tuple(
        Word(start_ms=n * 300, end_ms=n * 300 + 250, channel=1, confidence=0.9, text=each)
        for n, each in enumerate(said)
    )
    channel = Channel(index=1, role=Role.CALLER, language="en", language_probability=1.0, voiced=())
    return Conversation(duration_ms=1_500, channels=(channel,), turns=(Turn(channel=1, words=words),))


FINDING = Finding(
    id=FindingId("f1"),
    source=0,
    entity=Entity.PERSON,
    channel=1,
    start_ms=600,
    end_ms=850,
    score=0.9,
    detector="fake",
    why="said so",
    action=Action.CUT,
    words=(WordRef(turn=0, word=2),),
)


@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        ((), "one two [PERSON] four five"),
        ((span(900, 1_500),), "one two [PERSON] [CONSENT]"),
        ((span(0, 1_500),), "[CONSENT]"),
        ((span(300, 900),), "one [CONSENT] four five"),
        # A word of which anything goes is gone as a whole.
        ((span(1_149, 1_150),), "one two [PERSON] [CONSENT] five"),
        ((span(1_150, 1_200),), "one two [PERSON] four five"),
        ((span(0, 1_500, 0),), "one two [PERSON] four five"),
    ],
)
def test_the_text_says_no_more_than_the_sound(ordered: tuple[ChannelSpan, ...], expected: str) -> None:
    """Words that went for consent are one entry, without a kind and without their number."""
    call = _call()
    turns = text.redacted(call, [FINDING], [cut(600, 850)], ordered=ordered)
    document = text.document(RecordingId("rec_" + "0" * 32), 1_500, call.channels, turns)

    assert [turn.text for turn in turns] == [expected]
    assert faults(document) == []
    assert len(silenced(call, ordered)) == 5 - sum(
        w in expected.split() for w in ("one", "two", "four", "five")
    ) - ("[PERSON]" in expected)
