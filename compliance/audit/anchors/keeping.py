"""The keeper's work, again and again beside whoever signs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compliance.audit.anchors.keeper import LOOK_S, Keeper
from compliance.loop import Loop


def loops(keeper: Keeper, anchor_s: int) -> tuple[Loop, ...]:
    """What is done each minute, and what is looked for twice as often."""
    return Loop("anchoring", keeper.anchor, anchor_s), Loop("time stamps", keeper.stamp, LOOK_S)


@contextmanager
def keeping(keeper: Keeper, anchor_s: int) -> Iterator[None]:
    """Anchor and have time-stamped what is signed meanwhile; at the end the last checkpoint is anchored."""
    running = loops(keeper, anchor_s)
    for loop in running:
        loop.start()
    try:
        yield
    finally:
        for loop in running:
            loop.end()
        for loop in running:
            loop.join()
        Loop("anchoring", keeper.anchor, 0).once()
