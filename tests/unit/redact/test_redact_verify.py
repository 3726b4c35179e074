"""Listening again: what is looked at, what counts as left, and how far cuts are widened."""

from __future__ import annotations

from itertools import pairwise

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
    Residual,
    Role,
    Span,
    Turn,
    Word,
    WordRef,
)
from compliance.redact.verify import (
    AROUND_MS,
    INSIDE_MS,
    QUIET_MS,
    WIDEN_MS,
    flanks,
    in_doubt,
    residuals,
    widened,
)

END_MS = 60_000


def sounding(*voiced: Span, hears: tuple[int, ...] = ()) -> Conversation:
    """A call with a voice on the left; on the right there is nothing, or what leaks from the left."""
    return Conversation(
        duration_ms=END_MS,
        channels=tuple(
            Channel(
                index=n,
                role=Role.UNKNOWN,
                language=None,
                language_probability=0.0,
                voiced=() if n else voiced,
                hears=hears if n else (),
            )
            for n in (0, 1)
        ),
        turns=(),
    )


TALKATIVE = sounding(Span(start_ms=0, end_ms=END_MS), hears=(0,))


def cut(start_ms: int, end_ms: int, channel: int | None = 1, *findings: str) -> Cut:
    """A cut over a stretch."""
    return Cut(
        source=0,
        channel=channel,
        start_ms=start_ms,
        end_ms=end_ms,
        method=Method.TONE,
        why="CREDIT_CARD",
        findings=tuple(FindingId(each) for each in findings),
    )


@st.composite
def cuts(draw: st.DrawFn) -> list[Cut]:
    """Cuts on one channel or on both, overlapping or not."""
    starts = draw(st.lists(st.tuples(st.integers(0, 55_000), st.integers(1, 5_000)), max_size=6))
    return [cut(start, start + length, draw(st.sampled_from((0, 1, None)))) for start, length in starts]


@given(made=cuts())
def test_both_edges_of_every_cut_are_read_again(made: list[Cut]) -> None:
    """Where a voice goes on past a cut, the sound round it is read again, and some of its own."""
    wanted = flanks(made, TALKATIVE)

    for each in made:
        for channel in (0, 1) if each.channel is None else (each.channel,):
            edges = (
                (max(0, each.start_ms - AROUND_MS), min(each.end_ms, each.start_ms + INSIDE_MS)),
                (max(each.start_ms, each.end_ms - INSIDE_MS), min(END_MS, each.end_ms + AROUND_MS)),
            )
            has_sides = (each.start_ms > 0, each.end_ms < END_MS)
            for (start, end), has_side in zip(edges, has_sides, strict=True):
                assert not has_side or any(
                    w.channel == channel and w.start_ms <= start and end <= w.end_ms for w in wanted
                )


@given(made=cuts(), voice=st.lists(st.tuples(st.integers(0, 55_000), st.integers(1, 5_000)), max_size=6))
def test_whatever_sounds_near_a_cut_is_read_again(made: list[Cut], voice: list[tuple[int, int]]) -> None:
    """No voice before or after a cut, nor what lies close to it, is passed over for the silence round it."""
    voiced = [Span(start_ms=start, end_ms=min(END_MS, start + length)) for start, length in voice]
    wanted = flanks(made, sounding(*voiced, hears=(0,)))

    for each in made:
        sides = (
            Span(start_ms=max(0, each.start_ms - AROUND_MS), end_ms=each.start_ms),
            Span(start_ms=each.end_ms, end_ms=min(END_MS, each.end_ms + AROUND_MS)),
        )
        for channel in (0, 1) if each.channel is None else (each.channel,):
            read = [w.span for w in wanted if w.channel == channel]
            for side in sides:
                silent = side.without(
                    Span(start_ms=max(0, v.start_ms - QUIET_MS), end_ms=v.end_ms + QUIET_MS) for v in voiced
                )
                assert not [
                    left for loud in side.without(silent) for left in loud.without(read) if left.length_ms
                ]


def test_silence_round_a_cut_is_not_read_again() -> None:
    """Where the answer was all that was said for a while, only its edges are listened to."""
    answer = Span(start_ms=10_000, end_ms=12_000)
    wanted = flanks([cut(answer.start_ms, answer.end_ms, 0)], sounding(answer))

    assert wanted == (
        ChannelSpan(channel=0, start_ms=10_000 - QUIET_MS, end_ms=10_000 + INSIDE_MS),
        ChannelSpan(channel=0, start_ms=12_000 - INSIDE_MS, end_ms=12_000 + QUIET_MS),
    )


def test_nothing_is_read_where_a_cut_lies_in_silence() -> None:
    """Keys that were pressed while nobody spoke leave nothing to listen to."""
    assert flanks([cut(10_000, 12_000, 0)], sounding(Span(start_ms=20_000, end_ms=21_000))) == ()


def test_words_are_read_again_where_no_voice_was_heard() -> None:
    """What the recogniser wrote sounded, whatever the detector of voice says."""
    wanted = flanks([cut(11_000, 11_400)], CALL)

    assert any(w.start_ms <= 10_400 and w.end_ms >= 11_240 for w in wanted)
    assert any(w.start_ms <= 11_160 and w.end_ms >= 11_800 for w in wanted)


@given(made=cuts())
def test_nothing_is_read_twice(made: list[Cut]) -> None:
    """The stretches of a channel do not overlap, and lie within the recording."""
    wanted = flanks(made, TALKATIVE)
    own = {
        channel: sorted((w.start_ms, w.end_ms) for w in wanted if w.channel == channel) for channel in (0, 1)
    }

    assert all(0 <= w.start_ms < w.end_ms <= END_MS for w in wanted)
    for spans in own.values():
        assert all(one[1] < other[0] for one, other in pairwise(spans))


def said(start_ms: int, text: str, channel: int = 1) -> Word:
    """A word of 300 ms."""
    return Word(start_ms=start_ms, end_ms=start_ms + 300, channel=channel, confidence=0.9, text=text)


WORDS = (said(9_000, "twelve"), said(10_000, "4111"), said(10_400, "Quillon"), said(11_500, "thanks"))
CALL = Conversation(
    duration_ms=END_MS,
    channels=(Channel(index=1, role=Role.CALLER, language="en", language_probability=1, voiced=()),),
    turns=(Turn(channel=1, words=WORDS),),
)


def finding(entity: Entity) -> Finding:
    """The second and third word, as a finding."""
    return Finding(
        id=FindingId("f1"),
        source=0,
        entity=entity,
        channel=1,
        start_ms=10_000,
        end_ms=10_700,
        score=0.9,
        detector="test",
        why="because",
        action=Action.CUT,
        words=(WordRef(turn=0, word=1), WordRef(turn=0, word=2)),
    )


@pytest.mark.parametrize(
    ("entity", "heard", "is_left"),
    [
        (Entity.CREDIT_CARD, said(10_750, "7"), True),
        (Entity.CREDIT_CARD, said(9_600, "four"), True),
        (Entity.PERSON, said(10_750, "Quillon"), True),
        (Entity.PERSON, said(10_750, "quillon."), True),
        # a zero beside the cut is one; inside it, the tone is read so
        (Entity.CREDIT_CARD, said(10_750, "oh"), True),
        (Entity.CREDIT_CARD, said(9_950, "Oh"), False),
        # a digit beside a name is no part of the name
        (Entity.PERSON, said(10_750, "7"), False),
        # what was left there on purpose
        (Entity.CREDIT_CARD, said(9_050, "twelve"), False),
        (Entity.CREDIT_CARD, said(11_450, "thanks"), False),
        # far away, or on the other channel
        (Entity.CREDIT_CARD, said(13_000, "7"), False),
        (Entity.CREDIT_CARD, said(10_750, "7", channel=0), False),
        # any other word proves nothing
        (Entity.CREDIT_CARD, said(10_750, "okay"), False),
    ],
)
def test_what_counts_as_left(entity: Entity, heard: Word, is_left: bool) -> None:
    """A digit beside a cut number, or a removed word, is a rest; what was left on purpose is none."""
    found = residuals([heard], [cut(10_000, 10_700, 1, "f1")], [finding(entity)], CALL)

    assert [(r.entity, r.start_ms, r.channel) for r in found] == (
        [(entity, heard.start_ms, 1)] if is_left else []
    )
    assert all(f"'{heard.text}'" not in repr(r) for r in found)


def residual(start_ms: int, end_ms: int, channel: int = 1) -> Residual:
    """Something heard again."""
    return Residual(
        channel=channel, start_ms=start_ms, end_ms=end_ms, entity=Entity.CREDIT_CARD, why="a digit"
    )


@given(
    made=cuts(),
    heard=st.lists(st.tuples(st.integers(0, 59_000), st.integers(1, 900), st.integers(0, 1)), max_size=4),
)
def test_widening_never_uncovers_a_millisecond(made: list[Cut], heard: list[tuple[int, int, int]]) -> None:
    """Whatever a cut covered before it was widened is covered after, and it stays within the recording."""
    left = [residual(start, start + length, channel) for start, length, channel in heard]
    inside = [each for each in made if each.end_ms <= END_MS]
    after = widened(inside, left, join_ms=200, duration_ms=END_MS)

    assert all(
        any(a.channel == b.channel and a.start_ms <= b.start_ms and b.end_ms <= a.end_ms for a in after)
        for b in inside
    )
    assert all(0 <= a.start_ms < a.end_ms <= END_MS for a in after)


def test_a_cut_is_widened_over_what_was_heard() -> None:
    """A cut goes on over a rest beside it and a little further; a cut elsewhere stays as it was."""
    after = widened(
        [cut(10_000, 11_000), cut(30_000, 31_000)],
        [residual(11_100, 11_400)],
        join_ms=100,
        duration_ms=END_MS,
    )

    assert [(c.start_ms, c.end_ms) for c in after] == [(10_000, 11_400 + WIDEN_MS), (30_000, 31_000)]


def test_widening_stops_at_the_notice() -> None:
    """A cut that is widened leaves the words of notice or consent whole."""
    notice = ChannelSpan(channel=1, start_ms=11_300, end_ms=14_000)
    after = widened(
        [cut(10_000, 11_000)], [residual(11_100, 11_500)], join_ms=100, duration_ms=END_MS, protected=[notice]
    )

    assert [(c.start_ms, c.end_ms) for c in after] == [(10_000, 11_300)]


def test_only_cuts_in_doubt_are_listened_to_again():
    """Those that were widened, and those beside which something is still there; the others were heard."""
    quiet, leaking, kept = cut(1_000, 2_000), cut(20_000, 21_000), cut(40_000, 41_000)
    left = [
        Residual(channel=1, start_ms=at, end_ms=at + 300, entity=Entity.CREDIT_CARD, why="a digit")
        for at in (21_100, 41_100)
    ]
    wide = cut(20_000, 21_600)

    assert in_doubt([quiet, wide, kept], [quiet, leaking, kept], left) == (wide, kept)
    assert in_doubt([quiet, kept], [quiet, kept], ()) == ()


@given(before=cuts())
def test_whatever_widening_changed_is_in_doubt(before):
    """No cut is new and unheard."""
    left = [Residual(channel=1, start_ms=3_000, end_ms=3_300, entity=Entity.PIN, why="a digit")]
    after = widened(before, left, join_ms=200, duration_ms=END_MS)

    assert set(after) - set(before) <= set(in_doubt(after, before, left))
