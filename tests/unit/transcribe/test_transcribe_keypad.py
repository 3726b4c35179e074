"""Keypad tones: each key by its two tones, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from compliance.records import Span
from compliance.transcribe.keypad import HIGH_HZ, KEYS, LOW_HZ, Keypad, keys

RATE = 16_000
NOISE = np.random.default_rng(7).normal(size=RATE).astype(np.float32) * np.float32(0.01)


def tones(*hz: int, ms: int = 100) -> np.ndarray:
    """Tones of equal level at once."""
    at = np.arange(RATE * ms // 1000) / RATE
    return sum(0.2 * np.sin(2 * np.pi * each * at) for each in hz).astype(np.float32)


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("column", range(4))
def test_each_key_is_told_by_its_tones(row, column):
    """One low and one high tone at once (ITU-T Q.23)."""
    frame = tones(LOW_HZ[row], HIGH_HZ[column], ms=25)

    assert keys(frame[None, :], RATE) == [KEYS[row][column]]


@pytest.mark.parametrize("sound", [tones(697), tones(440, 480), NOISE, np.zeros(RATE, np.float32)])
def test_what_is_no_key_is_none(sound):
    """One tone alone, a dial tone, noise, silence."""
    keypad = Keypad(RATE)
    keypad.add(sound)

    assert keypad.finish() == ()


@pytest.mark.parametrize("block", [160, 1000, RATE])
def test_a_tone_is_found_however_the_sound_is_divided(block):
    """From its first frame to its last, to within a frame."""
    sound = NOISE.copy()
    sound[4000:5600] += tones(LOW_HZ[1], HIGH_HZ[1])
    keypad = Keypad(RATE)
    for at in range(0, RATE, block):
        keypad.add(sound[at : at + block])

    (found,) = keypad.finish()
    assert found.overlaps(Span(start_ms=250, end_ms=350))
    assert abs(found.start_ms - 250) <= 25
    assert abs(found.end_ms - 350) <= 25


def test_a_tone_too_short_for_a_key_is_none():
    """A click in the line."""
    keypad = Keypad(RATE)
    keypad.add(
        np.concatenate([np.zeros(1600, np.float32), tones(697, 1209, ms=30), np.zeros(1600, np.float32)])
    )

    assert keypad.finish() == ()
