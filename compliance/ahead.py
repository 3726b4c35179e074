"""Work begun before its turn, in threads, and given out in order.

For work that lets go of the interpreter, as FFmpeg's and the recogniser's does.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice, repeat
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def ahead(
    work: Callable[[Given], Made], given: Iterable[Given], *, most: int, threads: int | None = None
) -> Iterator[Made]:
    """What ``work`` makes of each, in order; no more than ``most`` of them begun; 0: one by one, here.

    What the making of one raises is raised in its turn.
    """
    if not most:
        yield from map(work, given)
        return
    rest = iter(given)
    with ThreadPoolExecutor(threads or min(most, os.cpu_count() or 1)) as pool:
        try:
            begun: deque[Future[Made]] = deque(pool.submit(work, each) for each in islice(rest, most))
            while begun:
                made = begun.popleft().result()
                begun.extend(pool.submit(work, each) for each in islice(rest, 1))
                yield made
        finally:
            pool.shutdown(cancel_futures=True)


def beforehand(items: Iterable[Made], *, most: int = 4) -> Iterator[Made]:
    """The same items in the same order, up to ``most`` of them made before they are asked for."""
    rest, end = iter(items), object()
    for item in ahead(lambda _: next(rest, end), repeat(None), most=most, threads=1):
        if item is end:
            return
        yield item  # type: ignore[misc]  # anything but the end is one of the items
