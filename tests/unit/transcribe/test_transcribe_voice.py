"""Where a voice begins and ends, and what is no voice or no word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Span, Word
from compliance.transcribe.ear import is_loop, said
from compliance.transcribe.heard import HeardWord
from compliance.transcribe.voice import (
    LOUD_REACH_MS,
    REACH_MS,
    WORD_REACH_MS,
    carried,
    heard_out,
    passed_over,
)
from compliance.transcribe.windows import FRAME_MS, RATE, Piece, Samples, Window

LENGTH_MS = 4_000
FURTHEST_MS = REACH_MS + LOUD_REACH_MS
FRAMES = st.integers(0, LENGTH_MS * 3 // 4 // FRAME_MS)
"""Places in the first three quarters: the rest stays quiet, or a sound would be its own floor."""


def sound(*loud: tuple[int, int], level: float = 0.1) -> Samples:
    """A quiet room with something loud in places."""
    samples = np.random.default_rng(5).normal(0, 0.001, LENGTH_MS * RATE // 1000).astype(np.float32)
    for start_ms, end_ms in loud:
        samples[start_ms * RATE // 1000 : end_ms * RATE // 1000] *= level / 0.001
    return samples


def spans(*pairs: tuple[int, int]) -> tuple[Span, ...]:
    """Pairs as spans."""
    return tuple(Span(start_ms=a, end_ms=b) for a, b in pairs)


def test_a_voice_is_carried_to_where_its_sound_begins_and_ends() -> None:
    """A soft beginning that the detector was late for belongs to the voice."""
    assert carried(spans((1_200, 1_800)), sound((1_000, 2_000))) == spans((1_000, 2_000))


def test_a_voice_is_followed_no_further_than_its_reach() -> None:
    """Sound that goes on, as music does, does not become voice."""
    (only,) = carried(spans((1_600, 1_800)), sound((500, 3_500)))

    assert only == Span(start_ms=1_600 - FURTHEST_MS, end_ms=1_800 + FURTHEST_MS)


def test_what_is_much_softer_than_a_voice_is_followed_less_far() -> None:
    """A hum that joins a voice may be its last sound, though not for long."""
    samples = sound((500, 3_500), level=0.01) + sound((1_600, 1_800), level=0.5)
    (only,) = carried(spans((1_600, 1_800)), samples)

    assert only == Span(start_ms=1_600 - REACH_MS, end_ms=1_800 + REACH_MS)


def test_a_voice_is_not_carried_over_silence() -> None:
    """What sounds after a pause is left to the detector."""
    assert carried(spans((1_000, 1_500)), sound((1_000, 1_500), (1_600, 1_700))) == spans((1_000, 1_500))


def test_two_voices_that_meet_are_one() -> None:
    """Spans between which the sound goes on are joined."""
    assert carried(spans((1_000, 1_400), (1_600, 2_000)), sound((1_000, 2_000))) == spans((1_000, 2_000))


def test_a_room_full_of_people_is_no_voice() -> None:
    """Voices no louder than the quietest tenth are dropped; one that speaks over them stays."""
    room, speaker = (500, 1_000), (2_000, 2_800)

    assert carried(spans(room), sound()) == ()
    assert carried(spans(room, speaker), sound(speaker)) == spans(speaker)


@pytest.mark.parametrize("samples", [sound((1_000, 2_000)), np.zeros(0, np.float32)])
def test_no_voice_stays_no_voice(samples: Samples) -> None:
    """Sound alone makes no voice, however loud."""
    assert carried((), samples) == ()


@settings(deadline=None)
@given(edges=st.lists(FRAMES, min_size=4, max_size=4, unique=True))
def test_carrying_only_ever_adds(edges: list[int]) -> None:
    """Inside a sound, a span of voice stays whole, grows by its reach at most, and never past the sound."""
    first, start, end, last = (step * FRAME_MS for step in sorted(edges))
    (only,) = carried(spans((start, end)), sound((first, last)))

    assert only.start_ms == max(first, start - FURTHEST_MS)
    assert only.end_ms == min(last, end + FURTHEST_MS)


def word(start_ms: int, end_ms: int) -> Word:
    """A word somewhere."""
    return Word(start_ms=start_ms, end_ms=end_ms, channel=0, confidence=0.9, text="nine")


def window(samples: Samples) -> Window:
    """Sound from five seconds on in the recording, with a second piece after it of which nothing is kept."""
    pieces = (
        Piece(span=Span(start_ms=5_000, end_ms=5_000 + LENGTH_MS), at_ms=0),
        Piece(span=Span(start_ms=20_000, end_ms=21_000), at_ms=LENGTH_MS),
    )
    return Window(pieces=pieces, samples=samples)


def times(words: list[Word]) -> list[tuple[int, int]]:
    """Where words begin and end."""
    return [(each.start_ms, each.end_ms) for each in words]


def test_a_word_that_no_detector_heard_has_all_of_its_sound() -> None:
    """A first group read too late and too short, with no voice found for it, is cut as it was said."""
    heard = window(sound((1_000, 1_900)))

    assert times(heard_out([word(6_200, 6_800)], (), heard)) == [(6_000, 6_900)]


def test_a_word_keeps_the_edge_at_which_a_voice_was_heard() -> None:
    """Only the edge that no voice accounts for is moved."""
    heard = window(sound((1_000, 2_000)))

    assert times(heard_out([word(6_200, 6_800)], spans((6_500, 6_900)), heard)) == [(6_000, 6_800)]
    assert times(heard_out([word(6_200, 6_800)], spans((6_100, 6_900)), heard)) == [(6_200, 6_800)]


def test_a_word_is_carried_no_further_than_its_reach_nor_into_another() -> None:
    """Words share a sound, each from where the one before it ends."""
    heard = window(sound((500, 3_500)))
    first, second = word(6_500, 6_800), word(6_900, 7_100)

    assert times(heard_out([first, second], (), heard)) == [
        (6_500 - WORD_REACH_MS, 6_900),
        (6_800, 7_100 + WORD_REACH_MS),
    ]


@pytest.mark.parametrize("samples", [sound(), np.zeros(0, np.float32), sound((3_000, 3_400))])
def test_a_word_beside_its_sound_keeps_its_time(samples: Samples) -> None:
    """A word put where there is silence says nothing of when it was said."""
    assert times(heard_out([word(6_200, 6_800)], (), window(samples))) == [(6_200, 6_800)]


def test_a_word_that_lies_in_no_piece_keeps_its_time() -> None:
    """Nothing was kept of the sound there."""
    assert times(heard_out([word(15_000, 15_400)], (), window(sound((1_000, 2_000))))) == [(15_000, 15_400)]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1" * 16, False),
        ("4" * 19, False),
        ("4-" * 15 + "4", False),
        ("4111111111111111", False),
        ("hahahahahaha", False),
        ("1" * 200, True),
        ("ha" * 60, True),
        ("so-" * 80, True),
        ("4444" * 30 + ".", True),
        ("", False),
    ],
)
def test_a_loop_is_told_from_a_number(text: str, is_one: bool) -> None:
    """A piece repeated without end is a recogniser's loop; no number repeats a digit so often."""
    assert is_loop(text) is is_one


def test_a_loop_is_dropped_with_all_its_pieces() -> None:
    """Of a loop no word is left, and the words round it stay: what was said there counts as missed."""
    window = Window(
        pieces=(Piece(span=Span(start_ms=5_000, end_ms=15_000), at_ms=0),),
        samples=np.zeros(10 * RATE, np.float32),
    )
    pieces = [HeardWord(start_ms=0, end_ms=400, confidence=0.9, text="okay")]
    pieces += [
        HeardWord(start_ms=1_000 + n * 20, end_ms=1_020 + n * 20, confidence=0.2, text="1", continues=n > 0)
        for n in range(200)
    ]
    pieces += [HeardWord(start_ms=6_000, end_ms=6_400, confidence=0.9, text="thanks")]

    assert [w.text for w in said(pieces, window, 0)] == ["okay", "thanks"]


def test_loud_sound_without_voice_is_passed_over() -> None:
    """Its pauses belong to it; a click does not count, nor what joins a voice."""
    samples = sound((500, 900), (1_200, 1_500), (2_300, 2_400), (2_600, 3_000))

    assert passed_over(spans((2_600, 2_900)), samples) == spans((500, 1_500))


def test_nothing_is_passed_over_in_silence() -> None:
    """A quiet room, and no sound at all."""
    assert passed_over((), sound()) == ()
    assert passed_over((), np.zeros(0, np.float32)) == ()
