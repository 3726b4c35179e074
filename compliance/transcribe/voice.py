"""Where a voice begins and ends, closer than a detector of voice tells.

A detector is late by up to a third of a second where a word begins or ends softly
("eight", "six"), and what it leaves out would stay audible beside a cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compliance.records import Span
from compliance.transcribe.turns import joined
from compliance.transcribe.windows import FRAME_MS, Samples, levels

REACH_MS = 320
"""A voice is followed no further past the detector's edge."""
BACKGROUND_DB = 6.0
"""Voices no louder than this over the quietest tenth are a room full of people, not somebody who speaks."""
ABOVE_FLOOR_DB = 9.0
"""What lies so far above the quietest tenth of the stretch is sound."""


def carried(voice: Sequence[Span], samples: Samples) -> tuple[Span, ...]:
    """Each span of voice, carried on in both directions for as long as there is sound."""
    level = levels(samples)
    if not len(level) or not voice:
        return tuple(voice)
    floor = np.percentile(level, 10)
    heard = [span for span in voice if _level(span, level) > floor + BACKGROUND_DB]
    return joined([_carried(span, level > floor + ABOVE_FLOOR_DB) for span in heard], gap_ms=0)


def _level(span: Span, level: Samples) -> float:
    """The level of a span, as the mean of its power, dBFS."""
    part = level[span.start_ms // FRAME_MS : -(-span.end_ms // FRAME_MS)]
    return float(10 * np.log10(np.mean(10 ** (part / 10)))) if len(part) else -120.0


def _carried(span: Span, is_sound: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Span:
    """One span, with the frames of sound that join it."""
    first, last = span.start_ms // FRAME_MS, min(-(-span.end_ms // FRAME_MS), len(is_sound))
    reach = REACH_MS // FRAME_MS
    begin, end = first, last
    while begin > max(0, first - reach) and is_sound[begin - 1]:
        begin -= 1
    while end < min(len(is_sound), last + reach) and is_sound[end]:
        end += 1
    return Span(start_ms=min(span.start_ms, begin * FRAME_MS), end_ms=max(span.end_ms, end * FRAME_MS))
