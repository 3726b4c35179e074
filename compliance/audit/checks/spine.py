"""A growing tree of which only the left side is kept, built as fast as hashing allows."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.audit.merkle import EMPTY_ROOT, fold, node_hash, perfect_root
from compliance.audit.tiles import WIDTH


class Spine:
    """The roots of the perfect subtrees of a tree, the largest first: one for each bit of its size.

    Leaves that fill a whole tile are hashed together, level by level, which is
    twice as fast as one after the other.
    """

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        """A tree of that size, by its perfect subtrees."""
        self.size = size
        self._nodes = list(nodes)

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Add leaves, given by their hashes."""
        at = 0
        while at < len(hashes):
            width = WIDTH if self.size % WIDTH == 0 and len(hashes) - at >= WIDTH else 1
            node = hashes[at] if width == 1 else perfect_root(hashes[at : at + WIDTH])
            self._push(node, width)
            at += width

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return fold(self._nodes) if self._nodes else EMPTY_ROOT

    def _push(self, node: bytes, width: int) -> None:
        """Add a perfect subtree over ``width`` leaves, and join it with those that it completes."""
        filled = self.size // width
        while filled & 1:
            node = node_hash(self._nodes.pop(), node)
            filled >>= 1
        self._nodes.append(node)
        self.size += width


def subtrees(size: int) -> list[tuple[int, int]]:
    """The leaves of each perfect subtree of a tree of that size, the largest first."""
    found, start = [], 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            found.append((start, start + (1 << bit)))
            start += 1 << bit
    return found
