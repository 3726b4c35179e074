"""The Merkle tree of RFC 6962 and RFC 9162: its hashes, its proofs and their verification.

A tree over n leaves is cut at the largest power of two below n, and so on down.
Its root commits to every leaf and to their order.  An inclusion proof shows that
a leaf is in a tree; a consistency proof, that a tree grew out of an earlier one
and nothing of that one was changed.  Leaves and inner nodes are hashed with
different prefixes, so that neither can be passed off as the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""

HASH_BYTES = 32


def leaf_hash(body: bytes) -> bytes:
    """The hash of a leaf that holds ``body``."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


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
        if not self.nodes:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.nodes))


def root(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over leaves, given by their hashes."""
    return Frontier().extended(leaves).root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The hashes that lead from a leaf to the root, from below (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise ValueError("no such leaf")
    if len(leaves) == 1:
        return ()
    cut = _split(len(leaves))
    if index < cut:
        return (*inclusion_proof(leaves[:cut], index), root(leaves[cut:]))
    return (*inclusion_proof(leaves[cut:], index - cut), root(leaves[:cut]))


def consistency_proof(leaves: Sequence[bytes], size: int) -> tuple[bytes, ...]:
    """The hashes that show the tree of the first ``size`` leaves to be the beginning of this one (2.1.4.1).

    Raises:
        ValueError: the earlier tree is empty or larger than this one.
    """
    if not 0 < size <= len(leaves):
        raise ValueError("no such earlier tree")
    return _subproof(leaves, size, is_whole=True)


def _subproof(leaves: Sequence[bytes], size: int, *, is_whole: bool) -> tuple[bytes, ...]:
    if size == len(leaves):
        return () if is_whole else (root(leaves),)
    cut = _split(len(leaves))
    if size <= cut:
        return (*_subproof(leaves[:cut], size, is_whole=is_whole), root(leaves[cut:]))
    return (*_subproof(leaves[cut:], size - cut, is_whole=False), root(leaves[:cut]))


def _split(size: int) -> int:
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
