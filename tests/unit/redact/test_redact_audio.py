"""Cuts applied to samples."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ArgumentInvalid
from compliance.records import Cut, Method
from compliance.redact.audio import Bleeper, Patch, patches
from compliance.redact.meter import levelled
from compliance.redact.pcm import ENCODERS, alaw_values, mulaw_values
from compliance.redact.tone import Tone, second

RATE = 8000
TONE = Tone()


def cut(start: int, end: int, channel: int | None = None, method: Method = Method.TONE) -> Cut:
    return Cut(source=0, channel=channel, start_ms=start, end_ms=end, method=method, why="test", findings=())


def applied(block, cuts, size=RATE):
    """The block cut, handed over in pieces of ``size`` as a decoder would."""
    parts = patches(cuts, rate=RATE, channels=block.shape[0])
    pieces = [block[:, at : at + size] for at in range(0, block.shape[1], size)]
    made = [
        Bleeper(near, rate=RATE, tone=TONE).apply(piece, at)
        for at, piece, near in levelled(pieces, parts, rate=RATE, tone=TONE)
    ]
    return np.concatenate(made, axis=1)


def inside(cuts, channels, size):
    """Which samples the cuts cover, worked out sample by sample."""
    mask = np.zeros((channels, size), bool)
    for each in cuts:
        for place in range(size):
            # A sample lasts from place/RATE to (place + 1)/RATE seconds.
            if place * 1000 < each.end_ms * RATE and (place + 1) * 1000 > each.start_ms * RATE:
                mask[slice(None) if each.channel is None else each.channel, place] = True
    return mask


cut_lists = st.lists(
    st.builds(
        lambda start, length, channel, method: cut(start, start + length, channel, method),
        st.integers(-20, 150),
        st.integers(0, 90),
        st.sampled_from([None, 0, 1]),
        st.sampled_from(Method),
    ),
    max_size=5,
)


@given(cut_lists, st.integers(100, 2000))
def test_samples_outside_the_cuts_are_unchanged_and_inside_none_is_left(cuts, size):
    """Outside the cuts every sample is what it was; inside each depends on nothing but the level."""
    random = np.random.default_rng(1)
    block = random.normal(0, 0.1, (2, 1200)).astype(np.float32)
    mask = inside(cuts, 2, 1200)
    # Another call of the same loudness, with other words, must come out the same inside.
    other = np.where(mask, -block, block)

    changed = applied(block, cuts, size)

    assert np.array_equal(changed[~mask], block[~mask])
    assert np.array_equal(changed[mask], applied(other, cuts, size)[mask])


@given(cut_lists)
def test_redacting_again_changes_nothing(cuts):
    """What was cut, cut again in the same places, stays as it is."""
    block = np.random.default_rng(2).normal(0, 0.1, (2, 1200)).astype(np.float32)
    once = applied(block, cuts)

    again = applied(once, cuts)

    outside = ~inside(cuts, 2, 1200)
    assert np.array_equal(again[outside], once[outside])
    # A tone of few periods measures a decibel or so off, which is not heard.
    assert np.max(np.abs(again - once), initial=0) <= 0.1


def test_a_tone_of_common_length_is_cut_again_to_the_same_samples():
    """The level is rounded, so that the second time gives the very same tone."""
    block = np.random.default_rng(3).normal(0, 0.1, (1, RATE)).astype(np.float32)
    cuts = [cut(100, 700)]

    assert np.array_equal(applied(applied(block, cuts), cuts), applied(block, cuts))


def test_the_tone_swells_and_dies_within_the_cut():
    """The first and last sample of a cut are nothing; after five milliseconds the tone is full."""
    block = np.full((1, RATE), 0.25, np.float32)

    changed = applied(block, [cut(100, 300)])[0]

    begin, end, edge = 100 * RATE // 1000, 300 * RATE // 1000, TONE.fade_ms * RATE // 1000
    assert changed[begin] == changed[end - 1] == 0
    assert changed[begin - 1] == changed[end] == np.float32(0.25)
    full = np.max(np.abs(changed[begin + edge : end - edge]))
    assert np.max(np.abs(changed[begin : begin + edge // 2])) < 0.6 * full


@pytest.mark.parametrize(("loudness", "expected"), [(0.05, -26), (0.2, -14), (0.0, -40), (0.9, -9)])
def test_the_tone_is_as_loud_as_what_it_replaces(loudness, expected):
    """The tone's level is that of the speech, but never inaudible and never deafening."""
    block = np.random.default_rng(4).normal(0, loudness, (1, RATE)).astype(np.float32)

    middle = applied(block, [cut(0, 1000)])[0, 400:-400]

    assert 10 * np.log10(np.mean(middle**2)) == pytest.approx(expected, abs=0.6)


def test_a_cut_that_reaches_past_the_end_is_as_loud_as_any():
    """Its level is that of the sound that is there, not thinned by what is not."""
    block = np.random.default_rng(4).normal(0, 0.1, (1, RATE)).astype(np.float32)

    middle = applied(block, [cut(0, 900_000)])[0, 400:]

    assert 10 * np.log10(np.mean(middle**2)) == pytest.approx(-20, abs=0.6)


def test_silence_is_silence():
    """A cut by silence leaves zeros and no tone."""
    block = np.ones((2, RATE), np.float32)

    changed = applied(block, [cut(10, 20, 1, Method.SILENCE)])

    assert not changed[1, 80:160].any()
    assert changed[0].all()


def test_a_fraction_of_a_sample_belongs_to_the_cut():
    """At 44.1 kHz a millisecond is 44.1 samples; the cut covers 45 of them or more."""
    parts = patches([cut(1, 2)], rate=44100, channels=1)

    assert parts == (Patch(start=44, end=89, channel=0, method=Method.TONE),)


@pytest.mark.parametrize("wrong", [cut(0, 10, 1), cut(0, 10, -1), cut(10, 0)])
def test_a_cut_that_cannot_be_made_is_refused(wrong):
    """A cut of a channel that is not there is an error: skipped, it would leave in what was to go."""
    with pytest.raises(ArgumentInvalid):
        patches([wrong], rate=RATE, channels=1)


@given(cut_lists)
def test_patches_never_overlap_and_cover_every_cut(cuts):
    """Overlapping cuts become patches side by side that cover the same samples."""
    covered = np.zeros((2, 3000), int)
    for part in patches(cuts, rate=RATE, channels=2):
        covered[part.channel, part.start : part.end] += 1

    assert np.array_equal(covered == 1, inside(cuts, 2, 3000))
    assert covered.max(initial=0) <= 1


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_a_second_of_tone_repeats_without_a_seam(rate):
    """The tone is a sine of the frequency asked for, over two seconds as over one."""
    twice = np.tile(second(TONE, rate), 2)

    expected = np.sin(2 * np.pi * TONE.hz * np.arange(2 * rate) / rate)
    assert np.max(np.abs(twice - expected)) < 1e-3


@pytest.mark.parametrize(("codec", "values"), [("pcm_mulaw", mulaw_values()), ("pcm_alaw", alaw_values())])
def test_every_companded_value_encodes_to_itself(codec, values):
    """Each of the 256 values comes back as a code of the same value."""
    codes = ENCODERS[codec]((values / 32768).astype(np.float32))[:, 0]

    assert np.array_equal(values[codes], values)


def test_companding_tables_are_those_of_g711():
    """Known points of ITU-T G.711: silence, the smallest step and the loudest value."""
    assert (mulaw_values()[0xFF], mulaw_values()[0x80], mulaw_values()[0x00]) == (0, 32124, -32124)
    assert (alaw_values()[0xD5], alaw_values()[0xAA], alaw_values()[0x2A]) == (8, 32256, -32256)


def test_loading_the_tone_says_nothing():
    """pydub's warning of a missing ffmpeg program does not reach the user, who needs none."""
    run = subprocess.run(
        [sys.executable, "-W", "always", "-c", "import compliance.redact.tone"],
        env={
            "PATH": "",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert (run.stdout, run.stderr) == ("", "")
