"""The tree as the database holds it, read tile by tile: its right edge, and the root of any part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from compliance.audit.merkle import HASH_BYTES, node_hash, perfect_root, split
from compliance.audit.tiles import HEIGHT, WIDTH, Edge, cut, widths
from compliance.errors import AuditInvalid
from compliance.store import tree


class StoredTree:
    """The tree of the first ``size`` leaves.  Each tile is read once, and only if it is needed.

    Tiles that are not whole are stored nowhere: what they hold are the hashes of
    leaves, or the roots of the whole tiles below.
    """

    def __init__(self, connection: Connection, size: int) -> None:
        """Nothing is read yet.  There must be a checkpoint of that size or of a larger one."""
        self.size: Final = size
        self._connection: Final = connection
        self._read: Final[dict[tuple[int, int], Sequence[bytes]]] = {}

    def edge(self) -> Edge:
        """What is needed to add leaves: one read a level.

        Raises:
            AuditInvalid: a leaf or a tile is missing.
        """
        counts = widths(self.size)
        levels = (
            tuple(self.hashes(level, (self.size // WIDTH**level) // WIDTH)) if width else ()
            for level, width in enumerate(counts)
        )
        return Edge(size=self.size, levels=tuple(levels))

    def root(self, start: int, stop: int) -> bytes:
        """The root over the leaves ``start`` up to, not including, ``stop``.

        They must stand under one node of the tree, as those of a proof's path do.

        Raises:
            AuditInvalid: a leaf or a tile is missing.
        """
        count = stop - start
        if count & (count - 1) == 0:
            return self._perfect(start, count.bit_length() - 1)
        middle = start + split(count)
        return node_hash(self.root(start, middle), self.root(middle, stop))

    def hashes(self, level: int, index: int) -> Sequence[bytes]:
        """The hashes of a tile, as many as this tree fills.

        Raises:
            AuditInvalid: they are not there.
        """
        if (level, index) not in self._read:
            self._read[level, index] = self._fetch(level, index)
        return self._read[level, index]

    def _perfect(self, start: int, height: int) -> bytes:
        """The root of the perfect subtree of that height that begins at a leaf."""
        level, inside = divmod(height, HEIGHT)
        index, place = divmod(start // WIDTH**level, WIDTH)
        return perfect_root(self.hashes(level, index)[place : place + (1 << inside)])

    def _fetch(self, level: int, index: int) -> Sequence[bytes]:
        start = index * WIDTH
        width = min(WIDTH, self.size // WIDTH**level - start)
        if width == WIDTH:
            found: Sequence[bytes] = cut(tree.tile(self._connection, level, index) or b"")
        elif level == 0:
            found = tree.leaf_hashes(self._connection, start, start + width)
        else:
            found = tree.tile_roots(self._connection, level - 1, start, start + width)
        if len(found) != width or any(len(each) != HASH_BYTES for each in found):
            raise AuditInvalid(f"the log's tree lacks tile {index} of level {level}, or a part of it")
        return found
