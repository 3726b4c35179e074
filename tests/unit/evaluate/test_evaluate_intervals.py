"""Exact binomial intervals, held against exact sums of the binomial distribution."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.evaluate.intervals import beta_share, interval

trials = st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


def at_least(count: int, of: int, share: float) -> float:
    """The chance of so many or more, summed without rounding."""
    p = Fraction(share)
    return float(sum(comb(of, k) * p**k * (1 - p) ** (of - k) for k in range(count, of + 1)))


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # As R's binom.test gives them.
        (0, 10, 0.0, 0.3084971),
        (1, 20, 0.001265089, 0.2487328),
        (5, 10, 0.1870860, 0.8129140),
        (7, 10, 0.3475471, 0.9332605),
        (10, 10, 0.6915029, 1.0),
    ],
)
def test_published_values_are_met(count, of, low, high) -> None:
    """To seven digits."""
    assert interval(count, of) == pytest.approx((low, high), abs=5e-8)


@given(trials)
def test_each_tail_is_a_fortieth(count_of) -> None:
    """At the lower bound so many or more, at the upper so many or fewer, come up once in forty times."""
    count, of = count_of
    low, high = interval(count, of)

    assert low <= count / of <= high
    if count > 0:
        assert at_least(count, of, low) == pytest.approx(0.025, rel=1e-6)
    if count < of:
        assert 1 - at_least(count + 1, of, high) == pytest.approx(0.025, rel=1e-6)


@given(trials)
def test_it_is_the_same_seen_from_the_other_side(count_of) -> None:
    """What is known of leaks is known of what was kept."""
    count, of = count_of
    low, high = interval(count, of)

    assert interval(of - count, of) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize("of", [1, 506, 100_000, 10_000_000])
def test_of_nothing_in_many_the_bound_is_known_in_closed_form(of) -> None:
    """1 - 0.025^(1/n), for any number of trials."""
    assert interval(0, of) == pytest.approx((0.0, 1 - 0.025 ** (1 / of)), rel=1e-9)


def test_more_trials_tell_more() -> None:
    """The same share of ten times as many is known better; no trial tells nothing."""
    (low, high), (nearer_low, nearer_high) = interval(3, 30), interval(300, 3000)

    assert low < nearer_low < 0.1 < nearer_high < high
    assert interval(0, 0) == (0.0, 1.0)


@given(st.floats(0.001, 0.999), st.integers(1, 300), st.integers(1, 300))
def test_the_beta_function_and_its_mirror_are_one(x, a, b) -> None:
    """Whichever tail is summed."""
    assert beta_share(x, a, b) + beta_share(1 - x, b, a) == pytest.approx(1, abs=1e-12)
    assert -1e-12 <= beta_share(x, a, b) <= 1 + 1e-12
