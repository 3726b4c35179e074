"""Work begun before its turn, on other cores, and given out in order."""

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
    work: Callable[[Given], Made], given: Iterable[Given], *, at_once: int, threads: int | None = None
) -> Iterator[Made]:
    """What ``work`` makes of each, in order, no more than ``at_once`` of them begun; 0: one by one, here.

    For work that lets go of the interpreter, as FFmpeg's does.  Raises what ``work`` raises, in its turn.
    """
    if not at_once:
        yield from map(work, given)
        return
    rest = iter(given)
    with ThreadPoolExecutor(threads or min(at_once, os.cpu_count() or 1)) as pool:
        begun: deque[Future[Made]] = deque(pool.submit(work, each) for each in islice(rest, at_once))
        while begun:
            made = begun.popleft().result()
            begun.extend(pool.submit(work, each) for each in islice(rest, 1))
            yield made


def beforehand(items: Iterable[Made], *, at_once: int = 4) -> Iterator[Made]:
    """The same items, a few of them fetched before they are asked for."""
    rest, end = iter(items), object()
    for item in ahead(lambda _: next(rest, end), repeat(None), at_once=at_once, threads=1):
        if item is end:
            return
        yield item  # type: ignore[misc]  # anything but the end is one of the items
