"""Recordings above 4 GB, whose lengths no longer fit where RIFF has them."""

from __future__ import annotations

import os
import struct

import numpy as np
import pytest

from compliance.redact.media import probe
from compliance.redact.rewrite import rewrite
from compliance.redact.tone import Tone

RATE, FRAMES = 48_000, (1 << 32) // 16 + 12_345
"""Two channels of 64 bit: a little more than 4 GB, most of which is a hole in the file."""


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.skipif("HUGE_TESTS" not in os.environ, reason="takes minutes and 5 GB of disk: HUGE_TESTS=1")
def test_a_recording_above_four_gigabytes_is_cut_at_both_ends(maker, tmp_path):
    """RF64 (EBU Tech 3306) is read by its wide lengths and written with such; places above 4 GB hold."""
    source, target, size = tmp_path / "call", tmp_path / "redacted", FRAMES * 16
    sound = np.ascontiguousarray(maker.speech(RATE, 3, 2).T.astype("<f8")).tobytes()
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 2, RATE, RATE * 16, 16, 64)
    ds64 = struct.pack("<4sIQQQI", b"ds64", 28, size + 72, size, FRAMES, 0)
    with source.open("wb") as file:
        file.write(b"RF64" + b"\xff" * 4 + b"WAVE" + ds64 + fmt + b"data" + b"\xff" * 4)
        begin = file.tell()
        file.write(sound)
        file.seek(begin + size - len(sound))
        file.write(sound)
    told = probe(source)
    end_ms = told.duration_ms
    cuts = [maker.cut(1000, 2000, 0), maker.cut(end_ms - 2000, end_ms - 1000)]

    rewrite(source, target, cuts, tone=Tone())

    assert (told.codec, told.size_bytes) == ("pcm_f64le", source.stat().st_size)
    assert end_ms == round(FRAMES * 1000 / RATE)
    assert source.stat().st_size > 1 << 32
    with source.open("rb") as before, target.open("rb") as after:
        assert after.read(4) == b"RF64"
        first = begin + target.stat().st_size - source.stat().st_size
        for at in (0, FRAMES - 3 * RATE):
            sides = []
            for file, start in ((before, begin), (after, first)):
                file.seek(start + at * 16)
                sides.append(np.frombuffer(file.read(3 * RATE * 16), "<f8").reshape(-1, 2))
            changed = (sides[0] != sides[1]).any(axis=1)
            assert changed[RATE : 2 * RATE].mean() > 0.99
            assert not changed[: RATE - RATE // 1000].any()
            assert not changed[2 * RATE + RATE // 1000 :].any()
    assert probe(target).duration_ms == end_ms
