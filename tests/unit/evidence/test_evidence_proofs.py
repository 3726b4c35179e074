"""Proofs in the stand-alone check: it judges as the public vectors and as the log's own code do."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from compliance.audit import merkle
from compliance.evidence.verify_alone import Checkpoint, has_grown, is_included, is_led

VECTORS = Path(__file__).parents[2] / "fixtures" / "merkle"
BODIES = [b"%d" % number for number in range(70)]
LEAVES = [merkle.leaf_hash(each) for each in BODIES]


def vectors(kind: str) -> list[Any]:
    """The public vectors of one kind, named by the file each came from."""
    return [
        pytest.param(each, id=each["file"]) for each in json.loads((VECTORS / f"{kind}.json").read_text())
    ]


def decoded(*values: str) -> list[bytes]:
    """Base64 as the vectors have it."""
    return [base64.b64decode(each) for each in values]


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_public_inclusion_vectors(vector: dict[str, Any]) -> None:
    """Every public inclusion proof is accepted or refused as it should be."""
    leaf, root, *proof = decoded(vector["leafHash"], vector["root"], *(vector["proof"] or []))
    tree = Checkpoint("log", vector["treeSize"], root)

    assert is_led(leaf, vector["leafIdx"], proof, tree) is not vector["wantErr"]


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_public_consistency_vectors(vector: dict[str, Any]) -> None:
    """Every public consistency proof is judged as it should be; that nothing grew is not asked."""
    first, second, *proof = decoded(vector["root1"], vector["root2"], *(vector["proof"] or []))
    old, new = Checkpoint("log", vector["size1"], first), Checkpoint("log", vector["size2"], second)
    is_good = not vector["wantErr"] and vector["size1"] < vector["size2"]

    assert has_grown(old, new, proof) is is_good


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_every_proof_holds_and_no_other(size: int) -> None:
    """Each leaf of each tree is led to the root by its own proof, and by no neighbour's nor a longer one."""
    tree = Checkpoint("log", size, merkle.root(LEAVES[:size]))
    for index in range(size):
        proof = merkle.inclusion_proof(LEAVES[:size], index)
        assert is_included(BODIES[index], index, proof, tree)
        assert not is_included(BODIES[index] + b" ", index, proof, tree)
        assert not is_included(BODIES[index], index + 1, proof, tree)
        assert not is_included(BODIES[index], index, (*proof, tree.root), tree)
        assert not proof or not is_included(BODIES[index], index, proof[:-1], tree)
    for earlier in range(1, size):
        old = Checkpoint("log", earlier, merkle.root(LEAVES[:earlier]))
        growth = merkle.consistency_proof(LEAVES[:size], earlier)
        assert has_grown(old, tree, growth)
        assert not has_grown(old, tree, (*growth, tree.root))
        assert not has_grown(old, tree, growth[:-1])
        assert not has_grown(Checkpoint("log", earlier, LEAVES[-1]), tree, growth)
