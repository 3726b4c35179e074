"""Cuts shortened on purpose: which, and how they are told."""

from __future__ import annotations

import pytest

from benchmarks.relisten import APART_MS, Trial, far_apart, page, shortened
from compliance.records import Cut, Method


def cut(start_ms: int, end_ms: int) -> Cut:
    """A cut on the caller's channel."""
    return Cut(source=0, channel=1, start_ms=start_ms, end_ms=end_ms, method=Method.TONE, why="", findings=())


@pytest.mark.parametrize(
    ("end", "by_ms", "left"),
    [("beginning", 500, (1_500, 3_000)), ("end", 500, (1_000, 2_500)), ("end", 1_000, (1_000, 2_000))],
)
def test_a_cut_loses_one_end(end: str, by_ms: int, left: tuple[int, int]) -> None:
    """The other stays, and so does what it was."""
    found = shortened(cut(1_000, 3_000), end, by_ms)

    assert found is not None
    assert (found.cut.start_ms, found.cut.end_ms) == left
    assert found.before == cut(1_000, 3_000)


def test_of_a_short_cut_nothing_would_be_left() -> None:
    """It is not shortened."""
    assert shortened(cut(1_000, 2_000), "end", 500) is not None
    assert shortened(cut(1_000, 1_999), "end", 500) is None


def test_cuts_at_a_distance_are_shortened_at_once() -> None:
    """What is heard beside one is not taken for what is left of another."""
    cuts = [cut(at, at + 2_000) for at in (0, 11_999, 12_000)]
    first, near, far = (found for each in cuts if (found := shortened(each, "end", 500)))
    assert APART_MS == 10_000

    assert far_apart([first, near, far]) == [first, far]
    assert far_apart([near, first, far]) == [near]


def test_the_page_counts_what_was_noticed() -> None:
    """By length and end, all together, and by call."""
    trials = [
        Trial(call="a", by_ms=500, end="end", is_noticed=True),
        Trial(call="a", by_ms=500, end="end", is_noticed=False),
        Trial(call="b", by_ms=1_000, end="beginning", is_noticed=False),
    ]
    told = page(trials)

    assert "| 0.5 s off the end | 1 of 2 | 50.0% |" in told
    assert "| 1 s off the beginning | 0 of 1 | 0.0% |" in told
    assert "| 0.5 s off the beginning | 0 of 0 |  |" in told
    assert "| all | 1 of 3 | 33.3% |" in told
    assert "noticed: 1 of 2" in told
