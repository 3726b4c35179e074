"""Where a voice begins and ends, closer than a detector of voice or a recogniser tells.

A detector is late by up to a third of a second where a word begins or ends softly
("eight", "six"), passes over whole words now and then, loud ones too, and what it
leaves out would stay audible beside a cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from compliance.records import Span, Word, joined
from compliance.transcribe.windows import FRAME_MS, Piece, Samples, Window, levels

REACH_MS = 320
"""A voice is followed no further past the detector's edge."""
LOUD_REACH_MS = 600
"""But so much further while it stays loud: a word that the detector passed over."""
BACKGROUND_DB = 6.0
"""Voices no louder than this over the quietest tenth are a room full of people, not somebody who speaks."""
ABOVE_FLOOR_DB = 9.0
"""What lies so far above the quietest tenth of the stretch is sound."""
LOUD_DB, LIKE_VOICE_DB = 12.0, 20.0
"""Loud is what lies so far above the quietest tenth, and not so far below the voice that it joins."""
WORD_REACH_MS = 300
"""A word for which no voice was heard is followed no further than this past its time."""

PASSED_OVER_MS, PAUSE_MS = 300, 500
"""Loud sound of this length is looked into where no voice was heard; pauses in it are no longer than that."""

Frames = npt.NDArray[np.bool_]


def passed_over(voice: Sequence[Span], samples: Samples) -> tuple[Span, ...]:
    """Where there is loud sound and no voice was heard: a whisper, or a knock.

    A detector that is asked what is voice passes over whispering, seconds of it.
    """
    level = levels(samples)
    if not len(level):
        return ()
    loud = np.asarray(level > float(np.percentile(level, 10)) + LOUD_DB)
    for each in carried(voice, samples):
        loud[each.start_ms // FRAME_MS : -(-each.end_ms // FRAME_MS)] = False
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8))) * FRAME_MS
    runs = [Span(start_ms=int(a), end_ms=int(b)) for a, b in edges.reshape(-1, 2)]
    return tuple(each for each in joined(runs, gap_ms=PAUSE_MS) if each.length_ms >= PASSED_OVER_MS)


def carried(voice: Sequence[Span], samples: Samples) -> tuple[Span, ...]:
    """Each span of voice, carried on in both directions for as long as there is sound."""
    level = levels(samples)
    if not len(level) or not voice:
        return tuple(voice)
    floor = float(np.percentile(level, 10))
    heard = [span for span in voice if _level(span, level) > floor + BACKGROUND_DB]
    near = [_carried(span, level > floor + ABOVE_FLOOR_DB, REACH_MS) for span in heard]
    return joined([_carried(span, _loud(span, level, floor), LOUD_REACH_MS) for span in near])


def heard_out(words: Sequence[Word], voice: Sequence[Span], window: Window) -> list[Word]:
    """Each word carried on over the sound that it lies in, at an edge where no voice was heard.

    Never into another word.  Where voice was heard its own edge is the better one.
    """
    level = levels(window.samples)
    if not len(level):
        return list(words)
    floor = float(np.percentile(level, 10))
    out = []
    for word, around in zip(words, _between(words), strict=True):
        is_begun, is_ended = _edges_heard(word, voice)
        if not (is_begun and is_ended):
            sound = _loud_at(word, window, level, floor)
            start_ms = word.start_ms if is_begun else max(min(word.start_ms, sound.start_ms), around.start_ms)
            end_ms = word.end_ms if is_ended else min(max(word.end_ms, sound.end_ms), around.end_ms)
            word = replace(word, start_ms=start_ms, end_ms=end_ms)
        out.append(word)
    return out


def _edges_heard(word: Word, voice: Sequence[Span]) -> tuple[bool, bool]:
    """Whether voice was heard where a word begins, and where it ends."""
    heard = [each for each in voice if each.start_ms < word.end_ms and each.end_ms > word.start_ms]
    is_begun = any(each.start_ms <= word.start_ms for each in heard)
    return is_begun, any(each.end_ms >= word.end_ms for each in heard)


def _between(words: Sequence[Word]) -> Iterator[Span]:
    """For each word the time from the end of those before it to the start of those after it."""
    starts = [*(word.start_ms for word in words), 1 << 60]
    end_ms = 0
    for place, word in enumerate(words):
        after_ms = min(starts[place + 1 : place + 3])
        yield Span(start_ms=min(end_ms, word.start_ms), end_ms=max(after_ms, word.end_ms))
        end_ms = max(end_ms, word.end_ms)


def _loud_at(word: Word, window: Window, level: Samples, floor: float) -> Span:
    """The loud sound in which a word lies, as far as its reach; its own time if it is not loud."""
    own = Span(start_ms=word.start_ms, end_ms=word.end_ms)
    piece = next((each for each in window.pieces if each.span.overlaps(own)), None)
    if piece is None:
        return own
    local = _moved(own, piece.at_ms - piece.span.start_ms)
    if _level(local, level) <= floor + LOUD_DB:
        return own
    loud = _within(piece, _loud(local, level, floor))
    return _moved(_carried(local, loud, WORD_REACH_MS), piece.span.start_ms - piece.at_ms)


def _moved(span: Span, by_ms: int) -> Span:
    """A span later, or earlier, by so much."""
    return Span(start_ms=span.start_ms + by_ms, end_ms=span.end_ms + by_ms)


def _within(piece: Piece, loud: Frames) -> Frames:
    """The frames of one piece of a window: what lies beside it there was said at another time."""
    first, last = piece.at_ms // FRAME_MS, (piece.at_ms + piece.span.length_ms) // FRAME_MS
    kept = np.zeros_like(loud)
    kept[first:last] = loud[first:last]
    return kept


def _loud(span: Span, level: Samples, floor: float) -> Frames:
    """Which frames are about as loud as a span is."""
    return np.asarray(level > max(floor + LOUD_DB, _level(span, level) - LIKE_VOICE_DB))


def _level(span: Span, level: Samples) -> float:
    """The level of a span, as the mean of its power, dBFS."""
    part = level[span.start_ms // FRAME_MS : -(-span.end_ms // FRAME_MS)]
    return float(10 * np.log10(np.mean(10 ** (part / 10)))) if len(part) else -120.0


def _carried(span: Span, is_sound: Frames, reach_ms: int) -> Span:
    """One span, with the frames of sound that join it."""
    first, last = span.start_ms // FRAME_MS, min(-(-span.end_ms // FRAME_MS), len(is_sound))
    reach = reach_ms // FRAME_MS
    begin, end = first, last
    while begin > max(0, first - reach) and is_sound[begin - 1]:
        begin -= 1
    while end < min(len(is_sound), last + reach) and is_sound[end]:
        end += 1
    return Span(start_ms=min(span.start_ms, begin * FRAME_MS), end_ms=max(span.end_ms, end * FRAME_MS))
