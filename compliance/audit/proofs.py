"""Proofs from the stored tiles: that an event is in the log, and that the log only grew.

Each reads at most two tiles a level, eight of a log of a billion events.
"""

from __future__ import annotations

from sqlalchemy import Connection

from compliance.audit.merkle import consistency_path, inclusion_path, verify_consistency, verify_inclusion
from compliance.audit.proof import Proof
from compliance.audit.stored import StoredTree
from compliance.errors import ArgumentInvalid, AuditInvalid, EventUnsealed
from compliance.store import checkpoints, events, tree
from compliance.store.checkpoints import CheckpointRow


def inclusion(connection: Connection, event_id: str, size: int | None = None) -> Proof:
    """That the event is under the newest checkpoint, or under the one of that size.

    ``connection`` must read from one snapshot (``Database.read``).

    Raises:
        EventUnsealed: the checkpoint does not cover the event, or none does yet.
        ArgumentInvalid: there is no such event, or no checkpoint of that size.
        AuditInvalid: what is stored does not lead to the checkpoint.
    """
    event, index = events.get(connection, event_id), tree.leaf_of(connection, event_id)
    if event is None:
        raise ArgumentInvalid("there is no event of that id")
    checkpoint = checkpoints.latest(connection) if size is None else _of_size(connection, size)
    if index is None or checkpoint is None or index >= checkpoint.size:
        raise EventUnsealed(f"the checkpoint does not cover {event_id} yet")
    stored = StoredTree(connection, checkpoint.size)
    hashes = tuple(stored.root(*each) for each in inclusion_path(index, checkpoint.size))
    if not verify_inclusion(event.leaf_hash, index, checkpoint.size, hashes, checkpoint.root):
        raise AuditInvalid(f"the stored tree does not lead from {event_id} to checkpoint {checkpoint.size}")
    return Proof(leaf_index=index, hashes=hashes, note=checkpoint.note)


def consistency(connection: Connection, first: int, second: int) -> tuple[bytes, ...]:
    """The hashes which show that the log of ``second`` events begins with the one of ``first``.

    Raises:
        ArgumentInvalid: there is no checkpoint of one of the sizes, or the first is the larger.
        AuditInvalid: what is stored does not lead from one to the other.
    """
    earlier, later = _of_size(connection, first), _of_size(connection, second)
    if first > second:
        raise ArgumentInvalid("a log does not begin with a larger one")
    hashes = consistency_hashes(connection, first, second)
    if not verify_consistency(first, second, hashes, earlier.root, later.root):
        raise AuditInvalid(f"checkpoint {second} does not continue checkpoint {first}")
    return hashes


def consistency_hashes(connection: Connection, first: int, second: int) -> tuple[bytes, ...]:
    """The same as it is stored, whether it holds or not; ``first`` is no checkpoint's size necessarily."""
    stored = StoredTree(connection, second)
    return tuple(stored.root(*each) for each in consistency_path(first, second))


def _of_size(connection: Connection, size: int) -> CheckpointRow:
    found = checkpoints.of_size(connection, size)
    if found is None:
        raise ArgumentInvalid(f"there is no checkpoint of size {size}")
    return found
