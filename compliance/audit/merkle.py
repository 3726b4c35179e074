"""The Merkle tree of RFC 6962 and RFC 9162: its hashes, its proofs and their verification.

A tree over n leaves is cut at the largest power of two below n, and so on down.
Its root commits to every leaf and to their order.  An inclusion proof shows that
a leaf is in a tree; a consistency proof, that a tree grew out of an earlier one
and nothing of that one was changed.  Leaves and inner nodes are hashed with
different prefixes, so that neither can be passed off as the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256 as _sha256

EMPTY_ROOT = _sha256(b"").digest()
"""The root of the tree without leaves."""

HASH_BYTES = 32

Range = tuple[int, int]
"""The leaves from the first number up to, not including, the second."""


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf that holds ``body``."""
    return _sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return _sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """A tree reduced to the roots of its perfect subtrees, the largest first: one for each bit of its size.

    It is all that is needed to add leaves and to know the root, so that a log of
    ten million events grows by thirty hashes and not by ten million.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def extended(self, leaves: Iterable[bytes]) -> Frontier:
        """The frontier after more leaves, given by their hashes."""
        size, nodes = self.size, list(self.nodes)
        for node in leaves:
            filled = size
            while filled & 1:
                node = node_hash(nodes.pop(), node)
                filled >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size=size, nodes=tuple(nodes))

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return fold(self.nodes) if self.nodes else EMPTY_ROOT


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root of a perfect subtree: the number of its leaves is a power of two."""
    while len(hashes) > 1:
        hashes = [
            _sha256(b"\x01" + left + right).digest()
            for left, right in zip(hashes[::2], hashes[1::2], strict=True)
        ]
    return hashes[0]


def fold(nodes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, the largest first; there is at least one."""
    return reduce(lambda right, left: node_hash(left, right), reversed(nodes))


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over leaves, given by their hashes."""
    return Frontier().extended(leaves).root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from a leaf to the root, from below (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: there is no such leaf.
    """
    return tuple(root(leaves[start:stop]) for start, stop in inclusion_path(index, len(leaves)))


def consistency_proof(leaves: Sequence[bytes], size: int) -> tuple[bytes, ...]:
    """The hashes that show the tree of the first ``size`` leaves to be the beginning of this one (2.1.4.1).

    Raises:
        ValueError: the earlier tree is empty or larger than this one.
    """
    return tuple(root(leaves[start:stop]) for start, stop in consistency_path(size, len(leaves)))


def inclusion_path(index: int, size: int) -> tuple[Range, ...]:
    """Over which leaves stand the subtrees whose roots prove a leaf to be in a tree, from below.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    return _siblings(index, index + 1, 0, size)


def consistency_path(earlier: int, later: int) -> tuple[Range, ...]:
    """Over which leaves stand the subtrees whose roots prove a tree to be the beginning of a later one.

    It is the path of the largest perfect subtree that ends the earlier tree, headed by that
    subtree itself where it is not the whole of the earlier tree, whose root is known.

    Raises:
        ValueError: the earlier tree is empty or larger than the later one.
    """
    if not 0 < earlier <= later:
        raise ValueError("no such earlier tree")
    if earlier == later:
        return ()
    start = earlier & (earlier - 1)
    path = _siblings(start, earlier, 0, later)
    return path if start == 0 else ((start, earlier), *path)


def _siblings(start: int, stop: int, low: int, high: int) -> tuple[Range, ...]:
    """The subtrees beside the way from one subtree up to the root over ``low`` to ``high``."""
    found: list[Range] = []
    while (low, high) != (start, stop):
        cut = low + split(high - low)
        if start < cut:
            found.append((cut, high))
            high = cut
        else:
            found.append((low, cut))
            low = cut
    return tuple(reversed(found))


def split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << ((size - 1).bit_length() - 1)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows the leaf of that hash to stand at ``index`` in the tree of that size and root.

    A proof of the wrong length is refused before anything is hashed: the RFC's
    steps alone would accept some that are too long or too short.
    """
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        return False
    return _climb_left(_climb(leaf, index, proof[:inner]), proof[inner:]) == root


def verify_consistency(
    earlier: int, later: int, proof: Sequence[bytes], earlier_root: bytes, later_root: bytes
) -> bool:
    """Whether the proof shows that the earlier tree is the beginning of the later one.

    Every tree is consistent with itself, by the empty proof; about an empty
    earlier tree there is nothing to prove, and it is refused.
    """
    if not 0 < earlier <= later:
        return False
    if earlier == later:
        return not proof and earlier_root == later_root
    if not _are_hashes(earlier_root, later_root, *proof):
        return False
    # (1) The proof starts at the largest perfect subtree that ends the earlier tree;
    #     where that is the earlier tree itself, its root is known and left out.
    height = (earlier & -earlier).bit_length() - 1
    is_perfect = earlier == 1 << height
    if not is_perfect and not proof:
        return False
    seed, rest = (earlier_root, proof) if is_perfect else (proof[0], proof[1:])
    # (2) From there it is a path in both trees; its length follows from the sizes.
    place = (earlier - 1) >> height
    inner = (place ^ ((later - 1) >> height)).bit_length()
    if len(rest) != inner + (place >> inner).bit_count():
        return False
    # (3) Climbing only over what lies to the left gives the earlier root, over all of it the later one.
    lefts = [each for bit, each in enumerate(rest[:inner]) if place >> bit & 1]
    before = _climb_left(_climb_left(seed, lefts), rest[inner:])
    after = _climb_left(_climb(seed, place, rest[:inner]), rest[inner:])
    return before == earlier_root and after == later_root


def _climb(node: bytes, place: int, path: Sequence[bytes]) -> bytes:
    """The node reached over siblings, which lie to the left where the place has a bit set."""
    for bit, sibling in enumerate(path):
        node = node_hash(sibling, node) if place >> bit & 1 else node_hash(node, sibling)
    return node


def _climb_left(node: bytes, path: Sequence[bytes]) -> bytes:
    """The node reached over siblings that all lie to the left."""
    return reduce(lambda right, left: node_hash(left, right), path, node)


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
