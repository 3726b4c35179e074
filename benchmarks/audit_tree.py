"""The log's arithmetic: hashing, and a proof at a billion leaves of a tree that nobody has to store."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from compliance.audit import merkle
from compliance.audit.canonical import encode
from compliance.audit.note import Checkpoint, SeedSigner, sign
from compliance.audit.proof import Proof, parse
from compliance.audit.tiles import Edge

LEAVES = 10**9
SIGNER = SeedSigner(name="compliance/audit", seed=bytes(range(32)))
SUCCESSOR = SeedSigner(name="compliance/audit", seed=bytes(range(1, 33)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFigures:
    """Of a proof at a billion leaves."""

    hashes: int
    size_bytes: int
    with_two_keys_bytes: int
    check_ms: float
    """Read from its text and checked: CPU time at the median."""
    worst_ms: float
    """Of a hundred, the slowest but one."""


def hashing(rounds: int = 5, count: int = 100_000) -> float:
    """Events a second of one core, leaf and tree hashing, by CPU time; the median of some rounds."""
    from benchmarks.audit_writers import made

    bodies = [encode(made("hashing", number)) for number in range(1_000)] * (count // 1_000)
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        Edge().extended([merkle.leaf_hash(body) for body in bodies])
        taken.append(time.process_time() - began)
    return count / statistics.median(taken)


def proof(rounds: int = 1_000) -> ProofFigures:
    """A proof of the longest kind, read and checked again and again."""
    body, roots = b"one event", [merkle.leaf_hash(b"one event")]
    while len(roots) < LEAVES.bit_length():
        roots.append(merkle.node_hash(roots[-1], roots[-1]))
    index = LEAVES // 3
    hashes = tuple(_root(roots, stop - start) for start, stop in merkle.inclusion_path(index, LEAVES))
    checkpoint = Checkpoint(origin=SIGNER.name, size=LEAVES, root=_root(roots, LEAVES))
    made = Proof(leaf_index=index, hashes=hashes, note=sign(checkpoint.text, SIGNER))
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        parse(made.text).check(body, SIGNER.verifier)
        taken.append(1000 * (time.process_time() - began))
    doubled = Proof(leaf_index=index, hashes=hashes, note=sign(checkpoint.text, SIGNER, SUCCESSOR))
    return ProofFigures(
        hashes=len(hashes),
        size_bytes=len(made.text.encode()),
        with_two_keys_bytes=len(doubled.text.encode()),
        check_ms=statistics.median(taken),
        worst_ms=sorted(taken)[int(0.99 * rounds)],
    )


def _root(roots: list[bytes], count: int) -> bytes:
    """The root over so many leaves that are all the same."""
    if count & (count - 1) == 0:
        return roots[count.bit_length() - 1]
    cut = merkle.split(count)
    return merkle.node_hash(_root(roots, cut), _root(roots, count - cut))
