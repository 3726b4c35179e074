"""The timeline of a run, drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.cli.picture import LEFT, LETTER, RIGHT, WIDTH, Mark, placed, svg

DURATION_MS = 60_000
NAMES = ("person", "credit card · card expiry …", "phone number")
marks = st.builds(
    lambda start, length, label: Mark(
        channel=0, start_ms=start, end_ms=start + length, label=label, style="cut"
    ),
    st.integers(0, DURATION_MS - 5_000),
    st.integers(1, 5_000),
    st.sampled_from(NAMES),
)


def peaks(channels: int = 2) -> np.ndarray:
    """Peaks as a short call has them."""
    return np.linspace(0.01, 0.9, channels * 100).reshape(channels, 100)


def texts(drawing: str) -> list[str]:
    """Every text in a drawing that parses."""
    tree = ElementTree.fromstring(drawing)
    return [each.text or "" for each in tree.iter("{http://www.w3.org/2000/svg}text")]


def test_the_same_run_gives_the_same_picture(manifest) -> None:
    """It can be committed, and compared."""
    assert svg(manifest, peaks(), peaks() / 2) == svg(manifest, peaks(), peaks() / 2)


def test_cuts_notice_and_speakers_are_named(manifest) -> None:
    """What was cut and what was spared can be read off the picture."""
    found = texts(svg(manifest, peaks(), peaks()))

    assert {"agent", "caller", "credit card", "person", "notice of recording"} <= set(found)
    assert "0:00" in found


def test_a_cut_over_every_channel_stands_on_each(manifest) -> None:
    """Channel null is drawn on both lanes."""
    manifest["cuts"] = [manifest["cuts"][0] | {"channel": None}]

    assert texts(svg(manifest, peaks(), peaks())).count("credit card") == 2


@pytest.mark.parametrize("seconds", [1, 76, 600, 7200])
def test_the_axis_has_few_and_round_ticks(manifest, seconds) -> None:
    """Twelve steps at most, whatever the length."""
    manifest["recording"]["duration_ms"] = seconds * 1000
    manifest |= {"cuts": [], "consent": None}
    clocks = [each for each in texts(svg(manifest, peaks(), peaks())) if each[-3:-2] == ":"]

    assert 2 <= len(clocks) <= 13


def test_one_channel_is_enough(manifest) -> None:
    """A mono recording has one lane."""
    manifest["recording"]["channels"] = [{"index": 0, "role": "unknown"}]
    for each in [*manifest["cuts"], *manifest["findings"]]:
        each["channel"] = 0

    assert "channel 1" in texts(svg(manifest, peaks(1), peaks(1)))


def test_text_is_text_and_not_markup(manifest) -> None:
    """What a manifest says cannot become part of the drawing."""
    manifest["cuts"] = [manifest["cuts"][0] | {"findings": [], "why": "<script>&"}]

    assert "<script>&" in texts(svg(manifest, peaks(), peaks()))


@given(st.lists(marks, max_size=30))
def test_no_label_covers_another(given_marks) -> None:
    """However close the cuts, every label can be read, and none leaves the picture."""
    rows: dict[int, list[tuple[float, float]]] = {}
    for label in placed(given_marks, DURATION_MS):
        half = len(label.mark.label) * LETTER / 2
        assert label.x - half >= LEFT - 0.01
        assert label.x + half <= WIDTH - RIGHT + 0.01
        rows.setdefault(label.row, []).append((label.x - half, label.x + half))
    for row in rows.values():
        assert all(a[1] < b[0] for a, b in zip(sorted(row), sorted(row)[1:], strict=False))
