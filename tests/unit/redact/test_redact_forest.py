"""A few subtrees stand for many leaves, and give the root that the leaves would give."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import merkle
from compliance.redact.forest import Forest, levels

LEAVES = [hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(300)]


@given(st.integers(0, 300))
def test_a_forest_from_the_first_leaf_has_the_root_of_the_tree(size):
    """Leaf by leaf it comes to what RFC 6962 defines."""
    forest = Forest()
    for leaf in LEAVES[:size]:
        forest.add(leaf)

    assert (forest.size, forest.root) == (size, merkle.root(LEAVES[:size]))


@given(st.lists(st.integers(0, 300), min_size=2, max_size=12), st.integers(1, 300))
def test_stretches_may_be_given_by_their_subtrees(edges, size):
    """Any stretches replaced by their nodes leave the root as it is."""
    marks = sorted({min(edge, size) for edge in edges})
    stretches = list(zip(marks[::2], marks[1::2], strict=False))
    whole = Forest()
    for start, end in stretches:
        for leaf in LEAVES[whole.size : start]:
            whole.add(leaf)
        under = Forest(start)
        for leaf in LEAVES[start:end]:
            under.add(leaf)
        for node, level in zip(under.nodes, levels(start, end), strict=True):
            whole.add(node, level)
    for leaf in LEAVES[whole.size : size]:
        whole.add(leaf)

    assert whole.root == merkle.root(LEAVES[:size])
    assert len(whole.nodes) == size.bit_count()


def test_a_subtree_does_not_begin_anywhere():
    """One of four leaves begins at every fourth leaf."""
    forest = Forest(6)

    with pytest.raises(ValueError, match="no subtree"):
        forest.add(LEAVES[0], 2)
