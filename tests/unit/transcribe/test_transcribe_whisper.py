"""How much of a window the recogniser encodes.  What it then reads takes weights: ``compliance eval``."""

from __future__ import annotations

import numpy as np
import pytest

from compliance.transcribe.whisper import FRAMES_A_SECOND, SHORT_S, SILENCE_S, most_tokens, shortened

HALF_A_MINUTE = 3_000
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
