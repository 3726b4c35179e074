"""What Opus packets say of themselves, and which of them a cut concerns."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.redact import opus
from compliance.redact.pace import REACH_MS, Pace, Run, concerned, reach, runs

HEAD = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"


def pace(step: int = 960, count: int = 1000, settled: int = 0) -> Pace:
    return Pace(
        step=step,
        count=count,
        start=-312,
        total=count * step - 312,
        bits=64_000,
        settled=settled,
        before=reach(step),
        behind=reach(step),
    )


spans = st.lists(st.tuples(st.integers(-2_000, 900_000), st.integers(1, 60_000)), max_size=8).map(
    lambda found: [(start, start + size) for start, size in found]
)


def test_a_header_is_read():
    """Channels, what is skipped and the gain, as RFC 7845 lays them out."""
    assert opus.head(HEAD) == opus.Head(channels=2, pre_skip=312, gain=0)
    assert opus.head(HEAD[:16] + b"\x00\xff\x00") == opus.Head(channels=2, pre_skip=312, gain=-256)


@pytest.mark.parametrize("body", [None, b"", HEAD[:18], HEAD + b"x", HEAD[:18] + b"\x01", b"x" * 19])
def test_another_header_is_none(body):
    """A header of several streams, one broken off, or with more behind it is not read."""
    assert opus.head(body) is None


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (b"", 0),
        (b"\x00", 480),
        (b"\x18", 2880),
        (b"\x68", 960),
        (b"\x80", 120),
        (b"\xf8", 960),
        (b"\xf9", 1920),
        (b"\xfa", 1920),
        (b"\xfb", 0),
        (b"\xfb\x03", 2880),
        (b"\xfb\xc3", 2880),
    ],
)
def test_a_packet_tells_its_length(packet, samples):
    """By the first byte, and the second where there may be any number of frames (RFC 6716 3)."""
    assert opus.samples(packet) == samples


@pytest.mark.parametrize(
    ("packet", "is_padded"),
    [
        (b"", False),
        (b"\xf8abc", False),
        (b"\xfb\x01abc", False),
        (b"\xfb\x41\x00abc", False),
        (b"\xfb\x41\x02abc\x00\x00", False),
        (b"\xfb\x41\x02abc\x00\x01", True),
        (b"\xfb\x41\xff\x01abc" + bytes(255), False),
        (b"\xfb\x41\xff\x01abc" + bytes(200) + b"x" + bytes(54), True),
        (b"\xfb\x41\xff\xff", True),
        (b"\xfb\x41", True),
    ],
)
def test_data_in_padding_is_seen(packet, is_padded):
    """Zeros are padding; anything else may be a copy of what was said before, and so may what breaks off."""
    assert opus.is_padded_with_data(packet) == is_padded


def test_celt_is_told_from_silk():
    """By the packet's first byte: hybrid packets are SILK's too."""
    assert [opus.is_celt(bytes([each << 3])) for each in (0, 11, 12, 15, 16, 31)] == [False] * 4 + [True] * 2
    assert not opus.is_celt(b"")


@given(spans, st.sampled_from([480, 960, 1920, 2880]))
def test_runs_take_in_every_packet_that_a_cut_touches_and_one_beside_it(stretches, step):
    """Whole packets, one more on each side and no less than a packet draws on; apart from each other."""
    tempo = pace(step)
    found = runs(stretches, tempo)

    flags = list(concerned(found, tempo.count))
    assert len(flags) == tempo.count
    reach = max(step, REACH_MS * 48)
    for index, is_concerned in enumerate(flags):
        low = tempo.start + index * step
        near = any(start - reach < low + step and low < end + reach for start, end in stretches)
        assert is_concerned == near
    assert all(one.last + 1 < other.first for one, other in pairwise(found))


def test_the_start_is_made_anew_as_a_whole():
    """While an encoder has not settled on CELT its packets hang together; later ones do not need them."""
    tempo = pace(settled=35)

    assert runs([(10_000, 11_000)], tempo) == (Run(first=0, last=34),)
    assert runs([(480_000, 480_001)], tempo) == (Run(first=499, last=501),)
