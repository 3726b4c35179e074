"""A recorder's warning tone is told from every other sound by its pitch, its length and its beat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Span
from compliance.transcribe.keypad import HIGH_HZ, LOW_HZ
from compliance.transcribe.warning import BEAT_MS, OFF_BEAT_MS, WarningTone, series

RATE = 16_000


def wave(*hz: float, length_ms: int, level: float = 0.2) -> np.ndarray:
    """Tones at once."""
    t = np.arange(RATE * length_ms // 1000) / RATE
    return np.asarray(level * sum(np.sin(2 * np.pi * each * t) for each in hz), dtype=np.float32)


def track(length_s: float) -> np.ndarray:
    """The noise of a quiet line."""
    return np.random.default_rng(3).normal(0, 0.0005, int(RATE * length_s)).astype(np.float32)


def with_beeps(beep: np.ndarray, *, every_s: float, count: int, onto: np.ndarray | None = None) -> np.ndarray:
    """A line with a sound repeated from two seconds on."""
    samples = track(every_s * count + 4) if onto is None else onto.copy()
    for n in range(count):
        at = int(RATE * (2 + n * every_s))
        samples[at : at + len(beep)] += beep
    return samples


def heard(samples: np.ndarray, *, block: int = RATE) -> tuple[Span, ...]:
    """Series of a channel given in blocks."""
    tone = WarningTone(RATE)
    for start in range(0, len(samples), block):
        tone.add(samples[start : start + block])
    return tone.finish()


def voice(length_s: float, level: float = 0.1) -> np.ndarray:
    """A voice of harmonics whose pitch and loudness move, as in speech."""
    t = np.arange(int(RATE * length_s)) / RATE
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.7 * t) + 10 * np.sin(2 * np.pi * 3.1 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    shape = np.clip(np.sin(2 * np.pi * 2.3 * t), 0, 1)
    return np.asarray(level * shape * sum(np.sin(k * phase) / k for k in range(1, 25)), dtype=np.float32)


@pytest.mark.parametrize("every_s", [12, 13.5, 15])
@pytest.mark.parametrize("hz", [1_379, 1_400, 1_421])
def test_a_recorders_beep_is_heard_where_it_sounds(hz: float, every_s: float) -> None:
    """The tone of the old rule, at either end of what it allows, is one span from first to last beep."""
    (found,) = heard(with_beeps(wave(hz, length_ms=200), every_s=every_s, count=5))

    assert abs(found.start_ms - 2_000) <= 40
    assert abs(found.end_ms - (2_200 + 4_000 * every_s)) <= 40


@pytest.mark.parametrize("length_ms", [160, 240])
def test_a_beep_may_be_a_fifth_shorter_or_longer(length_ms: int) -> None:
    """The rule allowed 20 % either way."""
    assert len(heard(with_beeps(wave(1_400, length_ms=length_ms), every_s=15, count=4))) == 1


def test_a_beep_is_heard_under_a_voice() -> None:
    """Somebody mostly speaks while it sounds; a beep or two may drown."""
    speech = voice(90)
    assert len(heard(with_beeps(wave(1_400, length_ms=200), every_s=14, count=6, onto=speech))) == 1


@pytest.mark.parametrize("block", [160, 7_777, 16_000])
def test_blocks_do_not_matter(block: int) -> None:
    """The same sound in any blocks has the same series."""
    samples = with_beeps(wave(1_400, length_ms=200), every_s=15, count=4)
    assert heard(samples, block=block) == heard(samples, block=len(samples))


@pytest.mark.parametrize(
    "samples",
    [
        track(40),
        voice(60),
        with_beeps(wave(1_400, length_ms=200), every_s=15, count=2),
        with_beeps(wave(1_400, length_ms=200), every_s=5, count=8),
        with_beeps(wave(1_400, length_ms=200), every_s=25, count=5),
        with_beeps(wave(1_400, length_ms=80), every_s=15, count=5),
        with_beeps(wave(1_400, length_ms=600), every_s=15, count=5),
        with_beeps(wave(1_400, length_ms=200, level=0.0005), every_s=15, count=5),
        with_beeps(wave(1_000, length_ms=200), every_s=15, count=5),
        with_beeps(wave(1_500, length_ms=200), every_s=15, count=5),
        with_beeps(wave(440, 480, length_ms=2_000), every_s=12, count=5),
        with_beeps(wave(1_100, length_ms=500), every_s=12, count=5),
        *(
            with_beeps(wave(low, high, length_ms=200), every_s=14, count=5)
            for low, high in zip(LOW_HZ, HIGH_HZ, strict=True)
        ),
        wave(1_400, length_ms=60_000),
    ],
)
def test_what_is_no_recorder(samples: np.ndarray) -> None:
    """A line's noise, speech, few beeps, another beat, length, level or pitch, ringing, keys, our bleep."""
    assert heard(samples) == ()


@given(st.lists(st.integers(0, 600_000), max_size=40, unique=True))
@settings(max_examples=200)
def test_a_series_keeps_its_beat(starts: list[int]) -> None:
    """No span is given that is shorter than two beats; spans come in order of their first beep."""
    beeps = [Span(start_ms=each, end_ms=each + 200) for each in sorted(starts)]
    found = list(series(beeps))

    assert all(each.length_ms >= 2 * BEAT_MS[0] - OFF_BEAT_MS for each in found)
    assert [each.start_ms for each in found] == sorted(each.start_ms for each in found)
