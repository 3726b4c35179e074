"""How much of a window the recogniser encodes.  What it then reads takes weights: ``compliance eval``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from faster_whisper.audio import decode_audio

from compliance.transcribe.whisper import (
    FRAMES_A_SECOND,
    SHORT_S,
    SILENCE_S,
    VOICE,
    Whisper,
    _speech,
    most_tokens,
    shortened,
)
from compliance.transcribe.windows import RATE, Samples

HALF_A_MINUTE = 3_000
CLIPS = Path(__file__).parents[2] / "fixtures" / "speech"
NO_WEIGHTS = Whisper(Path("none"))
"""Voice is detected without any."""
QUIET, LOUD = -0.5, 1.0


def features(*seconds: float) -> tuple[np.ndarray, list[int]]:
    """Windows as the library hands them over: each loud but for its first frame, zeros behind it."""
    frames = [round(each * FRAMES_A_SECOND) for each in seconds]
    windows = np.zeros((len(frames), 80, HALF_A_MINUTE), np.float32)
    for window, count in zip(windows, frames, strict=True):
        window[:, :count] = LOUD
        window[:, :1] = QUIET
    return windows, frames


@pytest.mark.parametrize("seconds", [(1.0,), (0.3, 2.5), (5.99, 1.0, 3.0), (7.31,), (10.0, 0.02)])
def test_short_windows_end_in_silence(seconds: tuple[float, ...]) -> None:
    """All of each window stays as it is, and behind it lies its own silence, enough of it and no zeros."""
    windows, frames = features(*seconds)
    kept = shortened(windows, frames)

    assert kept.shape[2] < HALF_A_MINUTE / 2
    assert kept.shape[2] % 2 == 0, "the encoder takes two frames at once"
    for window, before, count in zip(kept, windows, frames, strict=True):
        assert kept.shape[2] >= count + SILENCE_S * FRAMES_A_SECOND
        assert np.array_equal(window[:, :count], before[:, :count])
        assert np.all(window[:, count:] == QUIET)


def test_a_batch_with_a_long_window_stays_as_it_is() -> None:
    """Long windows are read as they always were."""
    windows, frames = features(2.0, SHORT_S + 0.01)

    assert shortened(windows, frames) is windows


def test_a_window_of_nothing_is_silence() -> None:
    """A window too short for a single frame breaks nothing."""
    windows, _ = features(0.0)

    assert np.ptp(shortened(windows, [0])) == pytest.approx(0)


def test_a_loop_in_a_short_window_ends() -> None:
    """No speech fills what a short window may be given; long windows have all that the model can write."""
    assert [most_tokens(frames) for frames in (0, 100, 1_000)] == [20, 36, 180]
    assert most_tokens(SHORT_S * FRAMES_A_SECOND + 1) is None


def test_a_whisper_is_voice() -> None:
    """A detector asked for speech hears less than a second of it; an e-mail address was lost by that."""
    samples = decode_audio(str(CLIPS / "whisper.ogg"), sampling_rate=RATE)
    plain, found = _speech(samples, VOICE), NO_WEIGHTS.voiced(samples)

    assert sum(each.length_ms for each in plain) < 1_000
    assert sum(each.length_ms for each in found) > 5_000


def tone(frequencies: tuple[float, ...], seconds: float) -> Samples:
    """Some pure tones at once."""
    time = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(0.05 * sum(np.sin(2 * np.pi * each * time) for each in frequencies), np.float32)


@pytest.mark.parametrize("kind", ["ringing", "knocks", "typing"])
def test_what_is_loud_and_no_voice_stays_none(kind: str) -> None:
    """It is looked into, and nothing is found.  Music may be taken for voice, and then is read."""
    random = np.random.default_rng(3)
    noise = random.normal(0, 1e-3, 12 * RATE).astype(np.float32)
    sounds = {
        "ringing": [(2.0 + 4 * n, tone((440, 480), 2.0)) for n in range(2)],
        "knocks": [
            (2.0 + n, random.normal(0, 0.2, 6_400) * np.exp(-np.arange(6_400) / 1_600)) for n in range(8)
        ],
        "typing": [(2.0 + 0.15 * n, random.normal(0, 0.2, 480)) for n in range(40)],
    }
    for at_s, heard in sounds[kind]:
        noise[int(at_s * RATE) : int(at_s * RATE) + len(heard)] += heard.astype(np.float32)

    found = sum(each.length_ms for each in NO_WEIGHTS.voiced(noise))
    assert found == sum(each.length_ms for each in _speech(noise, VOICE))
