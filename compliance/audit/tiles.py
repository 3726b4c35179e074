"""The tree cut into tiles of 256 hashes, as C2SP tlog-tiles lays it out, and its growing right edge.

A tile of level 0 holds the hashes of 256 leaves; one of the level above, the roots
of 256 whole tiles below it.  A whole tile never changes again, so it is stored once.
What is to the right of the whole tiles is at most 255 hashes a level; it follows
from what is stored, and is all that is needed to add leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from compliance.audit.merkle import EMPTY_ROOT, HASH_BYTES, fold, perfect_root

WIDTH: Final = 256
"""Hashes in a whole tile."""

HEIGHT: Final = 8
"""Levels of the tree that one level of tiles spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A whole tile."""

    level: int
    index: int
    """Its number within the level, from 0 at the left."""
    hashes: bytes
    """``WIDTH`` hashes, one after the other: 8192 bytes."""
    root: bytes
    """The root of the subtree it spans: its one hash in the tile above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The right edge of a tree: of each level, from the leaves up, the hashes that fill no tile yet."""

    size: int = 0
    """How many leaves the tree has."""
    levels: tuple[tuple[bytes, ...], ...] = ()

    def extended(self, leaves: Sequence[bytes]) -> tuple[Edge, tuple[Tile, ...]]:
        """The edge after more leaves, given by their hashes, and the tiles that they made whole."""
        levels, tiles = [], []
        arriving, level, count = leaves, 0, self.size
        while arriving or level < len(self.levels):
            hashes = (*self._level(level), *arriving)
            whole = _whole(level, count // WIDTH, hashes)
            tiles += whole
            levels.append(hashes[len(whole) * WIDTH :])
            arriving, level, count = tuple(tile.root for tile in whole), level + 1, count // WIDTH
        return Edge(size=self.size + len(leaves), levels=tuple(levels)), tuple(tiles)

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        nodes = [node for hashes in reversed(self.levels) for node in _perfect(hashes)]
        return fold(nodes) if nodes else EMPTY_ROOT

    def _level(self, level: int) -> tuple[bytes, ...]:
        return self.levels[level] if level < len(self.levels) else ()


def widths(size: int) -> tuple[int, ...]:
    """How many hashes the edge of a tree of that size has on each level, from the leaves up."""
    found = []
    while size:
        found.append(size % WIDTH)
        size //= WIDTH
    return tuple(found)


def cut(hashes: bytes) -> tuple[bytes, ...]:
    """The hashes of a tile, each by itself."""
    return tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))


def path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where tlog-tiles puts a tile, or with ``entries`` for the level the entries below it.

    The number is written three digits at a time, so that no folder grows beyond a thousand
    names: tile 1234067 of level 0 is ``tile/0/x001/x234/067``.
    """
    digits = f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    name = "/".join([*(f"x{each}" for each in parts[:-1]), parts[-1]])
    return f"tile/{level}/{name}" + ("" if width == WIDTH else f".p/{width}")


def _whole(level: int, first: int, hashes: Sequence[bytes]) -> list[Tile]:
    """The whole tiles that the hashes of one level fill, the first numbered ``first``."""
    groups = [hashes[at : at + WIDTH] for at in range(0, len(hashes) - WIDTH + 1, WIDTH)]
    return [
        Tile(level=level, index=index, hashes=b"".join(group), root=perfect_root(group))
        for index, group in enumerate(groups, first)
    ]


def _perfect(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect subtrees over less than a tile, the largest first: one a bit of its width."""
    found, start = [], 0
    for bit in reversed(range(HEIGHT)):
        if len(hashes) >> bit & 1:
            found.append(perfect_root(hashes[start : start + (1 << bit)]))
            start += 1 << bit
    return found
