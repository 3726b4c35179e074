"""Perfect subtrees in a row, as they stand in the hash tree of RFC 6962 over some of its leaves.

A few of them stand for a long stretch of leaves.  With those that lie under the
changed stretches of a recording, its root can be computed from the leaves that
were left, though the changed ones are gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from compliance.audit.merkle import EMPTY_ROOT, fold, node_hash


class Forest:
    """The largest subtrees over the leaves from ``start`` on, joined as more are added."""

    def __init__(self, start: int = 0) -> None:
        """No leaf yet."""
        self._end = start
        self._trees: list[tuple[int, int, bytes]] = []

    def add(self, node: bytes, level: int = 0) -> None:
        """Put a leaf's hash, or the root over 2 ** ``level`` leaves, behind the others.

        Raises:
            ValueError: a subtree of that size cannot begin here.
        """
        if self._end % (1 << level):
            raise ValueError("no subtree of that size begins at this leaf")
        start, self._end = self._end, self._end + (1 << level)
        while self._trees and self._trees[-1][1] == level and not self._trees[-1][0] % (2 << level):
            start, _, left = self._trees.pop()
            node, level = node_hash(left, node), level + 1
        self._trees.append((start, level, node))

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """The roots of the subtrees, from the left."""
        return tuple(node for _, _, node in self._trees)

    @property
    def size(self) -> int:
        """Where the last leaf ends, counted from the tree's first."""
        return self._end

    @property
    def root(self) -> bytes:
        """The root over all leaves, of a forest that starts at 0."""
        return fold(self.nodes) if self._trees else EMPTY_ROOT


def levels(start: int, end: int) -> Iterator[int]:
    """The levels of the largest subtrees over the leaves from ``start`` up to ``end``, from the left."""
    while start < end:
        most = (end - start).bit_length() - 1
        level = min(most, (start & -start).bit_length() - 1) if start else most
        yield level
        start += 1 << level
