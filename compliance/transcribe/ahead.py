"""Items made ahead, in a thread, while those before them are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T], *, most: int) -> Iterator[T]:
    """The same items in the same order, up to ``most`` of them made before they are asked for.

    Decoding takes one core, and a recogniser that reads on all of them leaves some waiting
    for others.  What the making of an item raises is raised in its place.
    """
    end: T = object()  # type: ignore[assignment]  # no item is this
    with ThreadPoolExecutor(1) as thread:
        try:
            coming = deque(thread.submit(next, items, end) for _ in range(most))
            while (item := coming.popleft().result()) is not end:
                coming.append(thread.submit(next, items, end))
                yield item
        finally:
            thread.shutdown(cancel_futures=True)
