"""The tone put in place of speech; the edge to pydub, whose generator makes it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # pydub looks for an ffmpeg program when imported; its generator needs none, nor do we.
    warnings.filterwarnings("ignore", message="Couldn't find ff", category=RuntimeWarning)
    # Its regular expressions are not raw strings, and audioop is deprecated up to 3.12.
    warnings.filterwarnings("ignore", message=".*invalid escape sequence")
    warnings.filterwarnings("ignore", message=".*audioop", category=DeprecationWarning)
    from pydub.generators import Sine

Float = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """How a cut sounds."""

    hz: int = 1000
    """Whole hertz, so that one second of it can be repeated without a seam."""
    fade_ms: int = 5
    """The tone swells and dies within the cut for so long; a hard edge clicks."""
    floor_db: int = -40
    """Level where nothing was said, in dBFS (RMS): a cut is always heard as one, at 8 bit too."""
    ceiling_db: int = -9
    noise_db: int = -52
    """Level of comfort noise in dBFS (RMS), whatever was said: of speech it keeps not even that."""


def hiss(tone: Tone) -> Float:
    """Comfort noise to be repeated, the same each time; too long for an ear to find where it begins again."""
    return _hiss(tone.noise_db)


@lru_cache(maxsize=2)
def _hiss(db: int) -> Float:
    drawn = np.random.default_rng(0).normal(0.0, 10 ** (db / 20), HISS_SAMPLES).astype(np.float32)
    drawn.flags.writeable = False
    return drawn


HISS_SAMPLES = 479_909
"""A prime number: no rate and no packet falls in step with it."""


def second(tone: Tone, rate: int) -> Float:
    """One second of the tone at full scale, to be repeated; not to be written to.

    pydub computes sample by sample in Python; a second is all it is asked for, and once.
    """
    return _second(tone.hz, rate)


@lru_cache(maxsize=8)
def _second(hz: int, rate: int) -> Float:
    segment = Sine(hz, sample_rate=rate, bit_depth=32).to_audio_segment(duration=1000)
    whole = np.asarray(segment.get_array_of_samples(), dtype=np.float64) / 2**31
    made = np.resize(whole, rate).astype(np.float32)
    made.flags.writeable = False
    return made
