"""Keypad tones are told from speech-like sound by their samples alone."""

from __future__ import annotations

import numpy as np
import pytest

from compliance.transcribe.keypad import HIGH_HZ, KEYS, LOW_HZ, Keypad, keys

RATE = 16_000


def tone(key: str, length_ms: int, level: float = 0.2) -> np.ndarray:
    """The samples of one key."""
    row = next(n for n, each in enumerate(KEYS) if key in each)
    t = np.arange(RATE * length_ms // 1000) / RATE
    pair = np.sin(2 * np.pi * LOW_HZ[row] * t) + np.sin(2 * np.pi * HIGH_HZ[KEYS[row].index(key)] * t)
    return (level * pair).astype(np.float32)


def silence(length_ms: int) -> np.ndarray:
    """Nothing, as long as that."""
    return np.zeros(RATE * length_ms // 1000, dtype=np.float32)


def heard(samples: np.ndarray, *, block: int = RATE) -> tuple[tuple[int, int], ...]:
    """Tones of a channel given in blocks."""
    keypad = Keypad(RATE)
    for start in range(0, len(samples), block):
        keypad.add(samples[start : start + block])
    return tuple((span.start_ms, span.end_ms) for span in keypad.finish())


@pytest.mark.parametrize("key", list("1234567890*#"))
def test_every_key_is_heard_where_it_was_pressed(key: str) -> None:
    """A key of 100 ms is one span that covers it, and little more."""
    samples = np.concatenate([silence(500), tone(key, 100), silence(500)])
    ((start, end),) = heard(samples)

    assert start <= 510
    assert end >= 590
    assert end - start <= 150


@pytest.mark.parametrize("block", [160, 1_000, 7_777, 16_000])
def test_tones_do_not_depend_on_how_the_sound_is_cut_into_blocks(block: int) -> None:
    """The same sound in any blocks has the same tones."""
    samples = np.concatenate([part for key in "4546" for part in (tone(key, 90), silence(70))])
    assert heard(samples, block=block) == heard(samples, block=len(samples))
    assert len(heard(samples)) == 4


@pytest.mark.parametrize(
    "samples",
    [
        silence(2_000),
        np.random.default_rng(1).normal(0, 0.1, RATE * 2).astype(np.float32),
        (0.3 * np.sin(2 * np.pi * 770 * np.arange(RATE) / RATE)).astype(np.float32),
        tone("5", 40),
        tone("5", 400, level=0.0001),
    ],
    ids=["silence", "noise", "one tone only", "too short", "too faint"],
)
def test_what_is_no_key_is_not_taken_for_one(samples: np.ndarray) -> None:
    """Noise, a lone tone, and tones too short or too faint are no keys."""
    assert heard(samples) == ()


def test_a_key_is_told_by_its_pair_of_tones() -> None:
    """The key of each frame is read from its two tones."""
    frames = tone("7", 100)[None, :400]
    assert keys(frames, RATE) == ["7"]
