"""Cutting a channel into stretches that a speech recogniser reads well.

A recogniser with a 30 s window loses its place in long silences: sentences are
written many seconds from where they were said, and the ones after them are
skipped.  So a channel is cut in the middle of its silences, and what lies
between is packed, with the silences shortened, into windows that are never
longer than the recogniser's own.  Level alone decides, and loosely: a stretch
is left out only where nothing louder than the noise floor was heard.  All of it
streams: no more than a window of samples is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from compliance.records import Span

Samples = npt.NDArray[np.float32]

RATE = 16_000
"""Samples per second throughout this module; the recogniser's own."""
FRAME_MS = 20
"""Level is measured in frames of this length."""
FRAME = RATE * FRAME_MS // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """How a channel is cut and packed.  Milliseconds and decibels."""

    longest_ms: int = 28_000
    """Longest window; the recogniser's own limit is 30 s."""
    block_ms: int = 60_000
    """Sound is told from silence over this much of the channel at once."""
    keep_ms: int = 400
    """Silence kept on each side of sound; gaps under twice this stay as they are."""
    above_floor_db: float = 8.0
    """Sound is what lies this far above the noise floor."""
    loud_dbfs: float = -35.0
    """Above this it is sound, whatever the floor: a voice that never pauses is its own floor."""
    silent_dbfs: float = -66.0
    """Below this nothing is audible on a telephone, whatever the floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the channel and where it lies in its window."""

    span: Span
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Samples for the recogniser with the map back to the recording's time."""

    pieces: tuple[Piece, ...]
    samples: Samples = field(repr=False)

    @property
    def length_ms(self) -> int:
        """Length of its samples."""
        return len(self.samples) * 1000 // RATE

    def recording_span(self, start_ms: int, end_ms: int) -> Span:
        """Where a stretch of the window lies in the recording.

        One that crosses a seam is put where most of it is: nothing that was said
        lasts over a silence that was dropped.
        """
        shared = [min(end_ms, p.at_ms + p.span.length_ms) - max(start_ms, p.at_ms) for p in self.pieces]
        piece = self.pieces[shared.index(max(shared))]
        offset_ms = piece.span.start_ms - piece.at_ms
        first = min(max(start_ms + offset_ms, piece.span.start_ms), piece.span.end_ms)
        last = min(max(end_ms + offset_ms, piece.span.start_ms), piece.span.end_ms)
        return Span(start_ms=first, end_ms=max(first, last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Sound of the channel, with its margins."""

    span: Span
    samples: Samples = field(repr=False)


def levels(samples: Samples) -> Samples:
    """Level of each frame in dBFS; a part frame at the end counts as one."""
    count = -(-len(samples) // FRAME)
    padded = np.zeros(count * FRAME, np.float32)
    padded[: len(samples)] = samples
    power = np.mean(padded.reshape(count, FRAME) ** 2, axis=1)
    level: Samples = (10 * np.log10(power + 1e-12)).astype(np.float32)
    return level


def sounding(level: npt.NDArray[np.float32], packing: Packing) -> npt.NDArray[np.bool_]:
    """Which frames hold sound: well above the quietest tenth, or plainly loud.

    Where speech never pauses, the quietest tenth is speech itself; there the
    limit sinks to 3 dB above it, so that at most that tenth is left out.
    """
    if not len(level):
        return np.zeros(0, np.bool_)
    floor, peak = (float(p) for p in np.percentile(level, (10, 99)))
    limit = min(floor + packing.above_floor_db, peak - 20.0) if peak - floor > 25.0 else floor + 3.0
    return np.asarray(level > max(min(limit, packing.loud_dbfs), packing.silent_dbfs))


def spans_of_sound(sound: npt.NDArray[np.bool_], *, keep_ms: int, total_ms: int) -> tuple[Span, ...]:
    """The stretches to read: sound with a margin on both sides, joined where margins meet."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], sound.astype(np.int8), [0]))))
    joined: list[Span] = []
    for first, last in edges.reshape(-1, 2):
        start, end = max(0, int(first) * FRAME_MS - keep_ms), min(total_ms, int(last) * FRAME_MS + keep_ms)
        if joined and start <= joined[-1].end_ms:
            joined[-1] = Span(start_ms=joined[-1].start_ms, end_ms=end)
        else:
            joined.append(Span(start_ms=start, end_ms=end))
    return tuple(joined)


class Cutter:
    """Takes a channel block by block and gives its sound, in order.

    A stretch that runs into the end of what is held is carried over, so that no
    word is cut by a block's edge.
    """

    def __init__(self, packing: Packing) -> None:
        """Start at the beginning of the channel."""
        self._packing = packing
        self._held: list[Samples] = []
        self._samples = 0
        self._at_ms = 0

    def add(self, block: Samples) -> Iterator[Stretch]:
        """Take the next samples; give the stretches that are complete."""
        self._held.append(block.copy())
        self._samples += len(block)
        while self._samples * 1000 // RATE >= self._packing.block_ms:
            held = np.concatenate(self._held)
            cut_ms = _quietest_ms(held[: self._packing.block_ms * RATE // 1000], self._packing)
            yield from _sounds(held[: cut_ms * RATE // 1000], self._at_ms, self._packing)
            self._hold(held[cut_ms * RATE // 1000 :])
            self._at_ms += cut_ms

    def finish(self) -> Iterator[Stretch]:
        """Give what is left at the end of the channel."""
        if self._held:
            yield from _sounds(np.concatenate(self._held), self._at_ms, self._packing)
        self._hold(np.zeros(0, np.float32))

    def _hold(self, rest: Samples) -> None:
        """Go on from these samples."""
        self._held, self._samples = [rest], len(rest)


def _quietest_ms(samples: Samples, packing: Packing) -> int:
    """The middle of the longest silence in the second half, or else its quietest moment."""
    level = levels(samples)
    half = len(level) // 2
    silent = ~sounding(level, packing)[half:]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], silent.astype(np.int8), [0])))).reshape(-1, 2)
    if len(edges):
        first, last = max(edges, key=lambda edge: int(edge[1] - edge[0]))
        return (half + int(first + last) // 2) * FRAME_MS
    return (half + _quietest_frame(level[half:])) * FRAME_MS


def _quietest_frame(level: npt.NDArray[np.float32]) -> int:
    """The middle of the quietest tenth of a second."""
    return int(np.argmin(np.convolve(level, np.ones(5) / 5, "same")))


def _sounds(samples: Samples, at_ms: int, packing: Packing) -> Iterator[Stretch]:
    """The stretches of one block, none longer than a window."""
    total_ms = len(samples) * 1000 // RATE
    sound = sounding(levels(samples), packing)
    for span in spans_of_sound(sound, keep_ms=packing.keep_ms, total_ms=total_ms):
        rest = span
        while rest.length_ms > packing.longest_ms:
            half = Span(
                start_ms=rest.start_ms + packing.longest_ms // 2, end_ms=rest.start_ms + packing.longest_ms
            )
            cut_ms = half.start_ms + FRAME_MS * _quietest_frame(levels(_slice(samples, half)))
            yield _stretch(samples, Span(start_ms=rest.start_ms, end_ms=cut_ms), at_ms)
            rest = Span(start_ms=cut_ms, end_ms=rest.end_ms)
        yield _stretch(samples, rest, at_ms)


def _slice(samples: Samples, span: Span) -> Samples:
    """The samples of a span of this block."""
    return samples[span.start_ms * RATE // 1000 : span.end_ms * RATE // 1000]


def _stretch(samples: Samples, span: Span, at_ms: int) -> Stretch:
    """A span of this block, with its place in the recording."""
    placed = Span(start_ms=at_ms + span.start_ms, end_ms=at_ms + span.end_ms)
    return Stretch(span=placed, samples=_slice(samples, span).copy())


class Packer:
    """Fills windows with stretches, in order, each as full as it can be."""

    def __init__(self, packing: Packing) -> None:
        """Start with an empty window."""
        self._packing = packing
        self._waiting: list[Stretch] = []

    def add(self, stretch: Stretch) -> Iterator[Window]:
        """Take a stretch; give the window that it no longer fits into."""
        length_ms = sum(each.span.length_ms for each in self._waiting)
        if self._waiting and length_ms + stretch.span.length_ms > self._packing.longest_ms:
            yield from self.finish()
        self._waiting.append(stretch)

    def finish(self) -> Iterator[Window]:
        """Give the window that is being filled, if it holds anything."""
        if self._waiting:
            yield _window(self._waiting)
        self._waiting = []


def _window(sounds: list[Stretch]) -> Window:
    """Stretches side by side."""
    pieces, at_ms = [], 0
    for sound in sounds:
        pieces.append(Piece(span=sound.span, at_ms=at_ms))
        at_ms += sound.span.length_ms
    return Window(pieces=tuple(pieces), samples=np.concatenate([sound.samples for sound in sounds]))
