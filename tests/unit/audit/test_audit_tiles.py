"""Tiles: the tree cut as tlog-tiles cuts it, its root the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import merkle
from compliance.audit.tiles import WIDTH, Edge, Tile, cut, path, widths

LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(WIDTH * WIDTH + WIDTH + 2)]
SQUARE = WIDTH * WIDTH
BOUNDARIES = [
    near + off for near in (WIDTH, 2 * WIDTH, SQUARE, SQUARE + WIDTH) for off in (-1, 0, 1) if near + off
]


def grown(size: int) -> tuple[Edge, tuple[Tile, ...]]:
    """The edge and the tiles of a tree of so many leaves."""
    return Edge().extended(LEAVES[:size])


@pytest.mark.parametrize("size", [*range(131), *BOUNDARIES])
def test_the_edge_gives_the_trees_root(size: int) -> None:
    """The root that follows from the right edge alone is the root of the tree."""
    edge, _ = grown(size)

    assert edge.root == merkle.root(LEAVES[:size])
    assert edge.size == size


@given(st.lists(st.integers(0, 300), max_size=8))
def test_a_tree_may_grow_in_any_steps(steps: list[int]) -> None:
    """Leaves added in several goes give the same edge and the same tiles as in one, in some order."""
    edge, tiles = Edge(), []
    for step in steps:
        edge, more = edge.extended(LEAVES[edge.size : edge.size + step])
        tiles += more
    at_once, all_tiles = grown(sum(steps))

    assert edge.root == at_once.root
    assert [len(hashes) for hashes in edge.levels] == list(widths(sum(steps)))
    assert sorted(tiles, key=lambda tile: (tile.level, tile.index)) == list(all_tiles)


@pytest.mark.parametrize("size", BOUNDARIES)
def test_tiles_hold_what_the_format_defines(size: int) -> None:
    """Hash i of tile n of level l is the root over the leaves (n*256+i)*256**l to (n*256+i+1)*256**l."""
    edge, tiles = grown(size)
    whole = {(tile.level, tile.index): cut(tile.hashes) for tile in tiles}
    partial = {(level, size // WIDTH ** (level + 1)): hashes for level, hashes in enumerate(edge.levels)}

    assert sorted(whole) == [
        (level, index) for level in range(2) for index in range(size // WIDTH ** (level + 1))
    ]
    for (level, index), hashes in {**partial, **whole}.items():
        span = WIDTH**level
        first = index * WIDTH * span
        spans = [LEAVES[first + n * span : first + (n + 1) * span] for n in range(len(hashes))]
        assert list(hashes) == [merkle.root(each) for each in spans]
    assert all(tile.root == merkle.root(cut(tile.hashes)) for tile in tiles)


def test_the_example_of_the_format() -> None:
    """A tree of 70,000 leaves has partial tiles of 112, 17 and 1 hashes, as the format says of it."""
    assert widths(70_000) == (112, 17, 1)
    assert widths(WIDTH) == (0, 1)
    assert widths(0) == ()


@pytest.mark.parametrize(
    ("level", "index", "width", "name"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 0, 1, "tile/0/000.p/1"),
        (1, 999, 255, "tile/1/999.p/255"),
        (2, 1_000, 256, "tile/2/x001/000"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (0, 1_234_067, 112, "tile/0/x001/x234/067.p/112"),
        ("entries", 273, 112, "tile/entries/273.p/112"),
    ],
)
def test_tiles_lie_where_the_format_puts_them(level: int | str, index: int, width: int, name: str) -> None:
    """A tile's path has its number in groups of three digits, and the width of one that is not whole."""
    assert path(level, index, width) == name
