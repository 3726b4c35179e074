"""Spans of time: what is left of one when others are taken out."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.records import Span

spans = st.builds(lambda at, n: Span(start_ms=at, end_ms=at + n), st.integers(0, 60), st.integers(0, 30))


def milliseconds(span: Span) -> set[int]:
    """Every millisecond of a span."""
    return set(range(span.start_ms, span.end_ms))


@settings(deadline=None)
@given(span=spans, others=st.lists(spans, max_size=6))
def test_what_is_left_and_what_was_taken_are_the_span(span: Span, others: list[Span]) -> None:
    """Every millisecond of a span is either left, or was one of those taken out; never both, none besides."""
    left = [ms for each in span.without(others) for ms in milliseconds(each)]
    taken = set().union(*map(milliseconds, others))

    assert sorted(left) == sorted(milliseconds(span) - taken)


@settings(deadline=None)
@given(span=spans, others=st.lists(spans, max_size=6))
def test_what_is_left_is_in_order(span: Span, others: list[Span]) -> None:
    """What is left comes in order, and no part of it is empty."""
    left = list(span.without(others))

    assert all(one.end_ms <= other.start_ms for one, other in pairwise(left))
    assert all(each.length_ms > 0 for each in left)


@settings(deadline=None)
@given(span=spans, others=st.lists(spans, max_size=6))
def test_the_order_in_which_spans_are_taken_out_does_not_matter(span: Span, others: list[Span]) -> None:
    """What is left is the same whichever span is named first."""
    assert list(span.without(others)) == list(span.without(reversed(others)))
