"""What is wrong with a recording is measured before anything is done to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.records import Health, Span
from compliance.redact.examiner import Examiner

RATE = 8000


def voice(seconds: float, level: float = 0.3, hz: int = 200) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.float32)


def examined(*sides: np.ndarray, block: int = RATE, gaps: tuple[tuple[int, int], ...] = ()) -> Health:
    samples = np.stack(sides)
    examiner = Examiner(RATE, len(samples))
    for at in range(0, samples.shape[1], block):
        examiner.hear(samples[:, at : at + block])
    return examiner.health(gaps, 0)


def test_a_silent_side_is_told_from_one_that_sounds():
    """The peak of each side, and how long it sounds."""
    left, right = examined(np.concatenate([voice(2), silence(1)]), silence(3)).sides

    assert (left.peak_db, left.sounding_ms) == (-10.5, 2000)
    assert (right.peak_db, right.sounding_ms) == (-120.0, 0)


def test_clipping_is_counted_and_a_single_peak_is_not():
    """Two samples in a row at full scale are clipped."""
    peaks = voice(1)
    peaks[::800] = 1.0

    assert examined(peaks).sides[0].clipped_ms == 0
    assert examined(np.clip(voice(1, 4.0), -1, 1)).sides[0].clipped_ms > 500


@pytest.mark.parametrize(
    ("other", "is_mix"),
    [
        (voice(2), True),
        (voice(2) + 0.0005 * np.float32(1), True),
        (0.5 * voice(2), False),
        (voice(2, hz=300), False),
        (silence(2), False),
    ],
)
def test_two_channels_with_the_same_on_both_are_a_mix(other, is_mix):
    """The same sound; not one side that leaks into the other, nor one that is silent."""
    assert examined(voice(2), other.astype(np.float32)).is_mix is is_mix


@pytest.mark.parametrize(
    ("before", "after", "is_broken"),
    [
        (voice(1), voice(1), True),
        (silence(1), voice(1), False),
        (voice(1), silence(1), False),
        (np.concatenate([voice(0.5), silence(0.5)]), voice(1), False),
    ],
)
def test_a_gap_in_the_middle_of_sound_is_broken(before, after, is_broken):
    """Sound on both sides of it within 0.3 s: something that was said is missing."""
    side = np.concatenate([before, silence(0.2), after])

    found = examined(side, gaps=((RATE, RATE + RATE // 5),))

    assert found.gaps == (Span(start_ms=1000, end_ms=1200),)
    assert bool(found.broken) is is_broken


def test_silence_at_the_end_is_measured():
    """To the tenth of a second, on every channel at once."""
    assert (
        examined(np.concatenate([voice(1), silence(2)]), np.concatenate([voice(2), silence(1)])).tail_ms
        == 1000
    )
    assert examined(voice(1)).tail_ms == 0


@given(st.integers(1, 3 * RATE))
def test_the_blocks_make_no_difference(block):
    """However the recording is cut into blocks, what is found is the same, to a sample at each joint."""
    side = np.clip(np.concatenate([voice(1.03, 2.0), silence(0.4), voice(0.77, hz=310)]), -1, 1)
    whole, parts = examined(side, block=10**6), examined(side, block=max(block, 100))

    assert (parts.sides[0].peak_db, parts.tail_ms) == (whole.sides[0].peak_db, whole.tail_ms)
    assert parts.sides[0].sounding_ms == whole.sides[0].sounding_ms
