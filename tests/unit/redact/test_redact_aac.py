"""AAC: which streams can be copied, and which packets a cut takes with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.redact.aac import STEP, is_plain, is_sound
from compliance.redact.pace import Pace, runs

RATE = 48_000


@pytest.mark.parametrize(
    ("head", "rate", "channels", "expected"),
    [
        ("1190", 48_000, 2, True),
        ("119056e500", 48_000, 2, True),
        ("1188", 48_000, 1, True),
        ("1210", 44_100, 2, True),
        ("1190", 44_100, 2, False),
        ("1190", 48_000, 1, False),
        ("119056e580", 48_000, 2, False),
        ("2b920800", 48_000, 2, False),
        ("1310", 24_000, 2, False),
        ("1310", 48_000, 2, False),
        ("1194", 48_000, 2, False),
        ("0990", 48_000, 2, False),
        ("", 48_000, 2, False),
        ("11", 48_000, 2, False),
    ],
    ids=[
        "LC",
        "LC that says it has no SBR",
        "mono",
        "44.1 kHz",
        "another rate",
        "other channels",
        "SBR told behind",
        "SBR told first",
        "half the rate, whose packets are too long",
        "half the rate, doubled by SBR nobody told of",
        "960 samples a packet",
        "Main, which predicts",
        "nothing",
        "half a header",
    ],
)
def test_only_lc_is_copied(head, rate, channels, expected):
    """What draws on packets before, or counts otherwise, is not."""
    assert is_plain(bytes.fromhex(head), rate, channels) is expected


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (b"\x21\x18", True),
        (b"\x01\x18", True),
        (b"\xde\x02\x00Lavc62.28.102\x00\x02", True),
        (b"\xde\x02\x00four one one\x00\x02", False),
        (b"\xde\x02\x00Lavc four one\x00\x02", False),
        (b"\xde\x02\x00Lavc4111111111111111\x00\x02", False),
        (b"\x80\x18", False),
    ],
    ids=[
        "a pair",
        "one channel",
        "an encoder's name",
        "something else",
        "a name and something else",
        "a name and a number",
        "data",
    ],
)
def test_packets_begin_with_sound(packet, expected):
    """Or with the name of an encoder; what else is written there might be what was said."""
    assert is_sound(packet) is expected


@given(st.integers(0, 900_000), st.integers(1, 60_000))
def test_no_window_that_reaches_into_a_cut_is_left(start, size):
    """A packet is heard in its own place and the one behind it; one more on each side goes as well."""
    pace = Pace(
        codec="aac",
        rate=RATE,
        step=STEP,
        count=1_000,
        start=-STEP,
        total=999 * STEP,
        bits=64_000,
        settled=0,
        before=2 * STEP,
        behind=STEP,
    )

    gone = {index for run in runs([(start, start + size)], pace) for index in range(run.first, run.last + 1)}

    def heard(index):
        at = pace.start + index * STEP
        return at < start + size and start < at + 2 * STEP

    touching = {index for index in range(pace.count) if heard(index)}
    assert touching <= gone
    around = {near for index in touching for near in (index - 1, index + 1) if 0 <= near < pace.count}
    assert around <= gone
