"""The Merkle tree: its proofs hold, and nothing else does."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit import merkle

VECTORS = Path(__file__).parents[2] / "fixtures" / "merkle"
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(130)]


def vectors(kind: str) -> list[Any]:
    """The public vectors of one kind, named by the file each came from."""
    entries = json.loads((VECTORS / f"{kind}.json").read_text())
    return [pytest.param(each, id=each["file"]) for each in entries]


def decoded(*values: str) -> list[bytes]:
    """Base64 as the vectors have it."""
    return [base64.b64decode(each) for each in values]


def naive_root(leaves: list[bytes]) -> bytes:
    """The root as RFC 9162, 2.1.1 defines it, with no thought to speed."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else merkle.EMPTY_ROOT
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return merkle.node_hash(naive_root(leaves[:cut]), naive_root(leaves[cut:]))


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_public_inclusion_vectors_are_judged_as_their_authors_do(vector: dict[str, Any]) -> None:
    """Every public inclusion proof is accepted or refused as it should be."""
    leaf, root, *proof = decoded(vector["leafHash"], vector["root"], *(vector["proof"] or []))

    is_good = merkle.verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root)

    assert is_good is not vector["wantErr"]


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_public_consistency_vectors_are_judged_as_their_authors_do(vector: dict[str, Any]) -> None:
    """Every public consistency proof is accepted or refused as it should be."""
    earlier, later, *proof = decoded(vector["root1"], vector["root2"], *(vector["proof"] or []))

    is_good = merkle.verify_consistency(vector["size1"], vector["size2"], proof, earlier, later)

    assert is_good is not vector["wantErr"]


@pytest.mark.parametrize("size", range(131))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    """The root kept by the frontier is the one that the RFC's recursive definition gives."""
    assert merkle.root(LEAVES[:size]) == naive_root(LEAVES[:size])


@given(st.integers(1, 130).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))), st.data())
def test_an_inclusion_proof_holds_for_its_leaf_only(place: tuple[int, int], data: st.DataObject) -> None:
    """Each leaf's proof is accepted; with any bit flipped, another index or another leaf it is not."""
    index, size = place
    leaves, root = LEAVES[:size], naive_root(LEAVES[:size])
    proof = merkle.inclusion_proof(leaves, index)

    assert merkle.verify_inclusion(leaves[index], index, size, proof, root)
    other = data.draw(st.integers(0, size).filter(lambda each: each != index))
    assert not merkle.verify_inclusion(leaves[index], other, size, proof, root)
    if proof:
        assert not merkle.verify_inclusion(leaves[index], index, size, flipped(proof, data), root)
        assert not merkle.verify_inclusion(leaves[index], index, size, proof[:-1], root)
    assert not merkle.verify_inclusion(leaves[index], index, size, (*proof, root), root)


@given(st.integers(1, 130).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))), st.data())
def test_a_consistency_proof_holds_for_its_trees_only(sizes: tuple[int, int], data: st.DataObject) -> None:
    """A tree is shown to be the beginning of a later one; with any bit flipped it is not."""
    earlier, later = sizes
    before, after = naive_root(LEAVES[:earlier]), naive_root(LEAVES[:later])
    proof = merkle.consistency_proof(LEAVES[:later], earlier)

    assert merkle.verify_consistency(earlier, later, proof, before, after)
    assert not merkle.verify_consistency(earlier, later, proof, before, flipped((after,), data)[0])
    assert not merkle.verify_consistency(earlier, later, proof, flipped((before,), data)[0], after)
    assert not merkle.verify_consistency(earlier, later, (*proof, after), before, after)
    if proof:
        assert not merkle.verify_consistency(earlier, later, flipped(proof, data), before, after)


def test_every_proof_of_every_small_tree_holds() -> None:
    """Of each tree of up to 130 leaves each leaf has a proof that holds, and each smaller tree as well."""
    roots = [naive_root(LEAVES[:size]) for size in range(131)]
    for size in range(1, 131):
        leaves = LEAVES[:size]
        for index in range(size):
            proof = merkle.inclusion_proof(leaves, index)
            assert merkle.verify_inclusion(leaves[index], index, size, proof, roots[size])
            earlier = index + 1
            proof = merkle.consistency_proof(leaves, earlier)
            assert merkle.verify_consistency(earlier, size, proof, roots[earlier], roots[size])


@given(st.integers(0, 130).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_frontier_may_grow_in_any_steps(sizes: tuple[int, int]) -> None:
    """Leaves added in two goes give the same frontier as in one."""
    first, whole = sizes
    grown = merkle.Frontier().extended(LEAVES[:first]).extended(LEAVES[first:whole])

    assert grown == merkle.Frontier().extended(LEAVES[:whole])
    assert len(grown.nodes) == whole.bit_count()


@pytest.mark.parametrize("index", [-1, 4])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int) -> None:
    """A proof for a leaf outside the tree is a mistake of the caller's."""
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_proof(LEAVES[:4], index)
    with pytest.raises(ValueError, match="no such earlier tree"):
        merkle.consistency_proof(LEAVES[:4], 0)


def flipped(proof: tuple[bytes, ...], data: st.DataObject) -> tuple[bytes, ...]:
    """The proof with one bit changed."""
    place = data.draw(st.integers(0, len(proof) * 256 - 1))
    changed = bytearray(b"".join(proof))
    changed[place // 8] ^= 1 << place % 8
    return tuple(bytes(changed[start : start + 32]) for start in range(0, len(changed), 32))
