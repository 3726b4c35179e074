"""Items made ahead in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ahead import beforehand


@given(items=st.lists(st.integers()), most=st.integers(1, 9))
def test_the_same_items_come_in_the_same_order(items: list[int], most: int) -> None:
    """However far ahead they are made, nothing is lost, doubled or moved."""
    assert list(beforehand(iter(items), most=most)) == items


def test_the_next_items_are_made_while_one_is_used() -> None:
    """The maker goes on in a thread of its own without being asked."""
    is_made = [threading.Event() for _ in range(4)]
    makers: list[int] = []

    def making() -> Iterator[int]:
        for number, made in enumerate(is_made):
            makers.append(threading.get_ident())
            made.set()
            yield number

    items = beforehand(making(), most=3)

    assert next(items) == 0
    assert all(made.wait(timeout=10) for made in is_made)
    assert list(items) == [1, 2, 3]
    assert threading.get_ident() not in makers


def test_no_more_are_made_than_may_be() -> None:
    """What is made and not yet used is bounded, so that memory is."""
    made: list[int] = []
    items = beforehand((number for number in range(100) if made.append(number) is None), most=3)

    for used in items:
        assert len(made) <= used + 1 + 3


def test_an_error_comes_where_its_item_would_have() -> None:
    """What was made before it is used first."""

    def breaking() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    items = beforehand(breaking(), most=4)

    assert next(items) == 1
    with pytest.raises(ValueError, match="no more"):
        next(items)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    """The making ends with the using."""
    before = threading.active_count()
    items = beforehand(iter(range(1_000_000)), most=3)
    next(items)
    items.close()  # type: ignore[attr-defined]  # it is a generator

    assert threading.active_count() == before
