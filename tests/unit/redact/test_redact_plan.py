"""Findings become cuts that cover what they must and nothing that is protected."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
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
    Role,
    Span,
    Turn,
    Word,
    WordRef,
)
from compliance.redact.extent import said
from compliance.redact.plan import merged, plan, quantized
from compliance.redact.profile import Pads, load

PROFILE = load(Path(__file__).parents[3] / "policies" / "redaction")["default"]
LENGTH_MS = 60_000


def word(start_ms: int, end_ms: int, text: str = "four") -> Word:
    """One word on the caller's channel."""
    return Word(start_ms=start_ms, end_ms=end_ms, channel=1, confidence=0.9, text=text)


def call(words: list[Word], voiced: list[tuple[int, int]], hears: tuple[int, ...] = ()) -> Conversation:
    """A call in which only the caller speaks."""
    spans = tuple(Span(start_ms=a, end_ms=b) for a, b in voiced)
    return Conversation(
        duration_ms=LENGTH_MS,
        channels=(
            Channel(index=0, role=Role.AGENT, language="en", language_probability=1, voiced=(), hears=hears),
            Channel(index=1, role=Role.CALLER, language="en", language_probability=1, voiced=spans),
        ),
        turns=(Turn(channel=1, words=tuple(words)),),
    )


def finding(start_ms: int, end_ms: int, *places: int, entity: Entity = Entity.CREDIT_CARD) -> Finding:
    """A finding over some of the caller's words."""
    return Finding(
        id=FindingId("f1"),
        source=0,
        entity=entity,
        channel=1,
        start_ms=start_ms,
        end_ms=end_ms,
        score=0.9,
        detector="probe",
        why="a probe",
        action=Action.CUT,
        words=tuple(WordRef(turn=0, word=place) for place in places),
    )


def spans(
    found: list[Finding], conversation: Conversation, protected: tuple[ChannelSpan, ...] = ()
) -> list[tuple[int, int]]:
    """The caller's cuts as pairs."""
    cuts = plan(found, conversation, PROFILE, protected).cuts
    return [(cut.start_ms, cut.end_ms) for cut in cuts if cut.channel == 1]


def test_a_cut_goes_on_where_a_word_fades_that_the_voice_detector_has_lost() -> None:
    """The last digit's hiss is weaker than either hears, and audible."""
    conversation = call([word(10_000, 10_400)], [(9_980, 10_100)])
    ((_, end),) = spans([finding(10_000, 10_400, 0)], conversation)

    assert 10_600 <= end <= 11_000


def test_pads_in_figures_are_kept_to() -> None:
    """Whoever writes pads into a profile gets them, whatever was fitted."""
    profile = replace(PROFILE, pads=Pads(before_ms=70, after_ms=90), reach_ms=0)
    conversation = call([word(10_000, 10_400)], [(10_050, 10_500)])
    (cut,) = plan([finding(10_000, 10_400, 0)], conversation, profile, ()).cuts

    assert (cut.start_ms, cut.end_ms) == (9_930, 10_490)


@pytest.mark.parametrize(("next_ms", "end_ms"), [(20_000, 11_060), (10_900, 10_900)])
def test_a_cut_follows_its_voice_up_to_the_next_word(next_ms: int, end_ms: int) -> None:
    """Where nobody read on, the voice is still the answer's."""
    profile = replace(PROFILE, pads=Pads(before_ms=0, after_ms=0))
    words = [word(10_000, 10_400), word(next_ms, next_ms + 300)]
    conversation = call(words, [(10_000, 11_000), (20_000, 20_300)])
    (cut,) = plan([finding(10_000, 10_400, 0)], conversation, profile, ()).cuts

    assert cut.end_ms == end_ms


@pytest.mark.parametrize("pads", [None, Pads(before_ms=0, after_ms=0)])
@pytest.mark.parametrize("voiced", [[], [(59_000, 60_000)]])
def test_a_word_timed_at_the_very_end_was_said_before_it(
    pads: Pads | None, voiced: list[tuple[int, int]]
) -> None:
    """A recogniser may put a last word past the sound that there is; something is cut for it all the same."""
    conversation = call([word(LENGTH_MS, LENGTH_MS + 20)], voiced)
    found = finding(LENGTH_MS, LENGTH_MS + 20, 0)
    (cut,) = plan([found], conversation, replace(PROFILE, pads=pads, reach_ms=0), ()).cuts

    assert cut.start_ms <= LENGTH_MS - 200
    assert cut.end_ms == LENGTH_MS


def test_a_guessed_word_ends_no_cut() -> None:
    """Its time is a guess too, and may hide the last digit of a code."""
    profile = replace(PROFILE, pads=Pads(before_ms=0, after_ms=0))
    guessed = replace(word(10_500, 10_800), confidence=0.2)
    conversation = call([word(10_000, 10_400), guessed], [(10_000, 11_000)])
    (cut,) = plan([finding(10_000, 10_400, 0)], conversation, profile, ()).cuts

    assert cut.end_ms == 11_060


def test_a_words_own_time_is_cut_where_no_voice_was_heard() -> None:
    """A weak first digit that the detector of voice missed is cut all the same."""
    conversation = call([word(10_000, 10_400), word(10_400, 11_000)], [(10_450, 11_000)])
    ((start, end),) = spans([finding(10_000, 11_000, 0, 1)], conversation)

    assert start <= 10_000
    assert end >= 11_000


def test_a_word_stretched_over_silence_is_cut_at_its_end_only() -> None:
    """A recogniser writes the first digit seconds early; the silence before it stays."""
    conversation = call([word(5_000, 10_400)], [(10_000, 10_500)])
    ((start, _),) = spans([finding(5_000, 10_400, 0)], conversation)

    assert start >= 9_700


def test_a_long_silence_inside_a_cut_stays() -> None:
    """Two groups of a card that lie three seconds apart are two cuts."""
    conversation = call([word(10_000, 10_500), word(13_500, 14_000)], [(10_000, 10_500), (13_500, 14_000)])
    assert len(spans([finding(10_000, 14_000, 0, 1)], conversation)) == 2


def test_a_silence_before_a_word_without_voice_goes() -> None:
    """The detector does not hear a soft voice, and the time of its word is a guess."""
    words = [word(10_000, 10_500), word(13_500, 14_000)]
    soft = call(words, [(10_000, 10_500), (20_000, 20_500)])
    far = call([words[0], word(16_500, 17_000)], [(10_000, 10_500), (20_000, 20_500)])

    assert len(spans([finding(10_000, 14_000, 0, 1)], soft)) == 1
    (_, (start, _)) = spans([finding(10_000, 17_000, 0, 1)], far)
    assert start == 12_500


def test_a_short_silence_inside_a_cut_goes() -> None:
    """A breath between two groups is part of the cut."""
    conversation = call([word(10_000, 10_500), word(11_000, 11_500)], [(10_000, 10_500), (11_000, 11_500)])
    assert len(spans([finding(10_000, 11_500, 0, 1)], conversation)) == 1


def test_what_was_found_by_sound_keeps_its_times() -> None:
    """Keypad tones are no voice, and are cut whole."""
    conversation = call([], [(2_000, 3_000)])
    ((start, end),) = spans([finding(10_000, 12_000, entity=Entity.DTMF)], conversation)

    assert start <= 10_000
    assert end >= 12_000


def test_a_cut_is_made_where_its_speaker_leaks() -> None:
    """On a channel that hears the caller the same time is cut."""
    conversation = call([word(10_000, 10_500)], [(10_000, 10_500)], hears=(1,))
    cuts = plan([finding(10_000, 10_500, 0)], conversation, PROFILE, ()).cuts

    assert {cut.channel for cut in cuts} == {0, 1}


def test_a_finding_inside_a_protected_span_is_spared_and_told() -> None:
    """What cannot be cut is named, so that the recording is held."""
    conversation = call([word(10_000, 10_500)], [(10_000, 10_500)])
    shield = (ChannelSpan(channel=1, start_ms=9_000, end_ms=12_000),)
    made = plan([finding(10_000, 10_500, 0)], conversation, PROFILE, shield)

    assert made.cuts == ()
    assert made.spared == (FindingId("f1"),)


@pytest.mark.parametrize(
    ("text", "longest_ms"), [("four", 600), ("4546", 1_950), ("T-A-M", 1_500), ("Wednesday", 600)]
)
def test_a_word_lasts_as_long_as_its_digits_take(text: str, longest_ms: int) -> None:
    """Digits and spelled letters are said one by one, other words in one go."""
    assert said(word(0, 20_000, text)).length_ms == longest_ms


times = st.integers(0, LENGTH_MS - 2_000)
finds = st.lists(st.tuples(times, st.integers(100, 2_000)), max_size=8)
shields = st.lists(
    st.builds(lambda a, n: ChannelSpan(channel=1, start_ms=a, end_ms=a + n), times, st.integers(1, 5_000)),
    max_size=3,
)


@given(finds, finds, shields)
@settings(max_examples=150, deadline=None)
def test_no_cut_touches_a_protected_span(
    found: list[tuple[int, int]], voiced: list[tuple[int, int]], protected: list[ChannelSpan]
) -> None:
    """Whatever is found and wherever voice is, notice and consent stay whole."""
    words = [word(a, a + n) for a, n in sorted(found)] or [word(0, 100)]
    conversation = call(words, [(a, a + n) for a, n in sorted(voiced)])
    listed = [finding(w.start_ms, w.end_ms, n) for n, w in enumerate(words)]
    for cut in plan(listed, conversation, PROFILE, protected).cuts:
        assert not any(
            Span(start_ms=cut.start_ms, end_ms=cut.end_ms).overlaps(each.span) for each in protected
        )


@given(finds, finds)
@settings(max_examples=150, deadline=None)
def test_every_word_found_is_cut_while_it_can_have_been_said(
    found: list[tuple[int, int]], voiced: list[tuple[int, int]]
) -> None:
    """However voice was detected, the time in which a word was said is inside a cut."""
    words = [word(a, a + n) for a, n in sorted(found)] or [word(0, 100)]
    conversation = call(words, [(a, a + n) for a, n in sorted(voiced)])
    cuts = spans([finding(w.start_ms, w.end_ms, n) for n, w in enumerate(words)], conversation)
    for each in map(said, words):
        assert any(start <= each.start_ms and each.end_ms <= end for start, end in cuts)


@given(finds, st.integers(0, 1_000))
@settings(max_examples=150, deadline=None)
def test_merging_never_uncovers_a_millisecond(found: list[tuple[int, int]], join_ms: int) -> None:
    """Whatever was to be cut before merging is cut after it."""
    cuts = [
        Cut(source=0, channel=1, start_ms=a, end_ms=a + n, method=Method.TONE, why="NUMBER", findings=())
        for a, n in found
    ]
    joined = merged(cuts, join_ms=join_ms)
    for cut in cuts:
        assert any(j.start_ms <= cut.start_ms and cut.end_ms <= j.end_ms for j in joined)


@given(finds, st.sampled_from([100, 250, 1_000]), st.integers(0, 1_000))
@settings(max_examples=150, deadline=None)
def test_lengths_may_be_rounded_up(found: list[tuple[int, int]], step_ms: int, join_ms: int) -> None:
    """Each cut is a multiple long, bar the last at the end and one before the notice; none is shorter."""
    profile = replace(PROFILE, quantize_ms=step_ms, join_ms=join_ms)
    notice = ChannelSpan(channel=1, start_ms=7_000, end_ms=8_000)
    cuts = [
        Cut(source=0, channel=1, start_ms=a, end_ms=a + n, method=Method.TONE, why="NUMBER", findings=())
        for a, n in found
        if not Span(start_ms=a, end_ms=a + n).overlaps(notice.span)
    ]
    joined = merged(cuts, join_ms=join_ms, protected=[notice])
    rounded = quantized(joined, 60_000, profile, [notice])

    for cut in rounded:
        is_stopped = cut.end_ms in (notice.start_ms, 60_000)
        assert is_stopped or (cut.end_ms - cut.start_ms) % step_ms == 0
        assert not Span(start_ms=cut.start_ms, end_ms=cut.end_ms).overlaps(notice.span)
    for cut in joined:
        assert any(r.start_ms <= cut.start_ms and cut.end_ms <= r.end_ms for r in rounded)
