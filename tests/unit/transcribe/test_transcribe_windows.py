"""Cutting a channel in its silences and packing what sounds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Span
from compliance.transcribe.windows import (
    FRAME_MS,
    RATE,
    Cutter,
    Packer,
    Packing,
    Piece,
    Samples,
    Stretch,
    Window,
    levels,
    sounding,
)

SMALL = Packing(longest_ms=2_000, block_ms=4_000, keep_ms=100)
"""Limits small enough for many blocks and windows to be made of little sound."""

sounds = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 120), st.sampled_from((0.3, 0.05, 0.005))), max_size=14
)
"""Silence and sound in turns: frames of silence, frames of sound, and how loud."""


def channel(parts: list[tuple[int, int, float]], noise: float = 0.0) -> Samples:
    """A channel on which silences and sounds follow each other."""
    at = np.arange(RATE * FRAME_MS // 1000)
    wave = np.sin(2 * np.pi * 440 * at / RATE)
    pieces = [np.concatenate((np.tile(0 * wave, s), np.tile(wave * a, n))) for s, n, a in parts]
    clean = np.concatenate(pieces) if pieces else np.zeros(0)
    hiss = np.random.default_rng(7).normal(0, 1, len(clean)) * noise
    return (clean + hiss).astype(np.float32)


def stretches(samples: Samples, packing: Packing, block: int) -> list[Stretch]:
    """What a cutter gives for a channel that comes in blocks."""
    cutter = Cutter(packing)
    out = [s for n in range(0, len(samples), block) for s in cutter.add(samples[n : n + block])]
    return out + list(cutter.finish())


def windows(samples: Samples, packing: Packing, block: int = RATE) -> list[Window]:
    """A channel, cut and packed."""
    packer = Packer(packing)
    out = [w for stretch in stretches(samples, packing, block) for w in packer.add(stretch)]
    return out + list(packer.finish())


@settings(max_examples=60, deadline=None)
@given(parts=sounds, block=st.integers(100, 3 * RATE))
def test_every_loud_sample_is_read(parts: list[tuple[int, int, float]], block: int) -> None:
    """Whatever is plainly heard on a channel lies in some window."""
    samples = channel(parts)
    is_read = np.zeros(len(samples), np.bool_)
    for window in windows(samples, SMALL, block):
        for piece in window.pieces:
            is_read[piece.span.start_ms * RATE // 1000 : piece.span.end_ms * RATE // 1000] = True

    assert np.all(is_read[np.abs(samples) > 0.02])


@settings(max_examples=60, deadline=None)
@given(parts=sounds, noise=st.sampled_from((0.0, 0.0005, 0.01)))
def test_a_window_holds_the_channels_own_samples(parts: list[tuple[int, int, float]], noise: float) -> None:
    """A window's pieces lie end to end, and each holds exactly the samples of the time it names."""
    samples = channel(parts, noise)
    for window in windows(samples, SMALL):
        at_ms = 0
        for piece in window.pieces:
            assert piece.at_ms == at_ms
            first, last = piece.span.start_ms * RATE // 1000, piece.span.end_ms * RATE // 1000
            there = window.samples[at_ms * RATE // 1000 :][: last - first]
            assert np.array_equal(there, samples[first:last])
            at_ms += piece.span.length_ms
        assert window.length_ms == at_ms


@settings(max_examples=60, deadline=None)
@given(parts=sounds, noise=st.sampled_from((0.0, 0.01)), block=st.integers(100, 3 * RATE))
def test_windows_are_never_longer_than_the_recognisers(
    parts: list[tuple[int, int, float]], noise: float, block: int
) -> None:
    """No window is longer than the limit, and pieces come in order without overlapping."""
    made = windows(channel(parts, noise), SMALL, block)
    spans = [piece.span for window in made for piece in window.pieces]

    assert all(window.length_ms <= SMALL.longest_ms for window in made)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(spans))


@settings(max_examples=30, deadline=None)
@given(parts=sounds, one=st.integers(100, 3 * RATE), other=st.integers(100, 3 * RATE))
def test_blocks_do_not_matter(parts: list[tuple[int, int, float]], one: int, other: int) -> None:
    """However a channel is handed over, the same stretches come out: a run is the same every time."""
    samples = channel(parts)

    assert [s.span for s in stretches(samples, SMALL, one)] == [
        s.span for s in stretches(samples, SMALL, other)
    ]


@given(
    lengths=st.lists(st.tuples(st.integers(1, 500), st.integers(20, 900)), min_size=1, max_size=6),
    data=st.data(),
)
def test_times_are_mapped_back_exactly(lengths: list[tuple[int, int]], data: st.DataObject) -> None:
    """A stretch inside one piece comes back to the very milliseconds it was taken from."""
    window = _window(lengths)
    piece = data.draw(st.sampled_from(window.pieces))
    start = data.draw(st.integers(piece.span.start_ms, piece.span.end_ms - 1))
    end = data.draw(st.integers(start + 1, piece.span.end_ms))
    offset = piece.at_ms - piece.span.start_ms

    assert window.recording_span(start + offset, end + offset) == Span(start_ms=start, end_ms=end)


@given(
    lengths=st.lists(st.tuples(st.integers(1, 500), st.integers(20, 900)), min_size=1, max_size=6),
    start=st.integers(0, 6_000),
    length=st.integers(0, 3_000),
)
def test_nothing_is_said_over_a_silence(lengths: list[tuple[int, int]], start: int, length: int) -> None:
    """Wherever a recogniser puts a word, in the recording it lies inside one piece."""
    window = _window(lengths)
    span = window.recording_span(start, start + length)

    assert span.length_ms >= 0
    assert any(p.span.start_ms <= span.start_ms and span.end_ms <= p.span.end_ms for p in window.pieces)


def _window(lengths: list[tuple[int, int]]) -> Window:
    """A window whose pieces have these silences before them and these lengths."""
    pieces, at_ms, now_ms = [], 0, 0
    for gap_ms, length_ms in lengths:
        span = Span(start_ms=now_ms + gap_ms, end_ms=now_ms + gap_ms + length_ms)
        pieces.append(Piece(span=span, at_ms=at_ms))
        at_ms, now_ms = at_ms + length_ms, span.end_ms
    return Window(pieces=tuple(pieces), samples=np.zeros(at_ms * RATE // 1000, np.float32))


def test_a_voice_that_never_pauses_is_read() -> None:
    """Sound of one level from start to end is no noise floor where it is plainly loud."""
    samples = channel([(0, 500, 0.05)])
    read_ms = sum(window.length_ms for window in windows(samples, Packing()))

    assert read_ms == 10_000


def test_silence_is_not_read() -> None:
    """A silent channel gives no window: nothing can be invented where nothing sounds."""
    assert windows(np.zeros(10 * RATE, np.float32), SMALL) == []


def test_long_silences_are_shortened() -> None:
    """Between two words a minute apart only the margins of silence are read."""
    samples = channel([(50, 20, 0.3), (3_000, 20, 0.3)])
    read_ms = sum(window.length_ms for window in windows(samples, Packing()))

    assert 2 * 400 <= read_ms <= 2 * 400 + 4 * Packing().keep_ms


@pytest.mark.parametrize(("amplitude", "dbfs"), [(1.0, -3.0), (0.1, -23.0), (0.001, -63.0), (0.0, -120.0)])
def test_levels_are_in_dbfs(amplitude: float, dbfs: float) -> None:
    """A full-scale sine has -3 dBFS, a tenth of it 20 dB less; silence ends at -120."""
    assert levels(channel([(0, 5, amplitude)])) == pytest.approx([dbfs] * 5, abs=0.2)


def test_speech_in_noise_is_told_from_it() -> None:
    """Over a noise floor the floor is silence, and what rises from it is sound."""
    samples = channel([(200, 50, 0.1), (200, 0, 0.1)], noise=0.003)
    sound = sounding(levels(samples), Packing())

    assert sound[200:250].all()
    assert sound[:200].mean() < 0.02


def test_memory_is_flat() -> None:
    """While an hour streams by, a cutter and a packer hold no more than a block and a window."""
    packing = Packing()
    cutter, packer = Cutter(packing), Packer(packing)
    second = channel([(10, 40, 0.3)])
    most = 0
    for _ in range(600):
        for stretch in cutter.add(second):
            list(packer.add(stretch))
        held = len(cutter._held) + sum(len(s.samples) for s in packer._waiting)
        most = max(most, held)

    assert most * 1000 / RATE <= packing.block_ms + packing.longest_ms + 2_000
