"""The sequencer: gives written events their place in the tree and signs a checkpoint over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection

from compliance.audit.keyring import Keyring, Term, read
from compliance.audit.merkle import leaf_hash, verify_consistency
from compliance.audit.note import Checkpoint, Signer, sign
from compliance.audit.proofs import consistency_hashes
from compliance.audit.rotation import retire_due, signers_of
from compliance.audit.stored import StoredTree
from compliance.audit.tiles import WIDTH, Edge, Tile
from compliance.errors import AuditInvalid
from compliance.store import checkpoints, tree
from compliance.store.checkpoints import CheckpointRow
from compliance.store.database import Database

BATCH: Final = 4_096
"""Most leaves under one checkpoint: few enough that writers to SQLite do not wait for long."""

Hook = Callable[[Connection, Checkpoint], None]
"""Is shown a checkpoint before it is signed, and raises if it must not be."""


def nothing(connection: Connection, checkpoint: Checkpoint) -> None:
    """Let every checkpoint be signed."""


class Sequencer:
    """Turns pending events into leaves, in the order in which they were written.

    It remembers the tree's right edge from one call to the next, under a fencing
    number.  Whoever begins to seal takes the next number; the one before finds a
    higher one than its own, forgets what it knew and begins anew from what is
    stored.  So one that slept cannot sign on from where it fell asleep.
    """

    def __init__(
        self,
        database: Database,
        *signers: Signer,
        owner: str = "",
        before_signing: Hook = nothing,
        is_first: bool = False,
    ) -> None:
        """A sequencer that has read nothing yet.

        Of the signers those sign that the log names; the first one does while it names none.
        ``is_first`` says that the log has just been told of its first key, which somebody
        should write down.
        """
        self.is_first: Final = is_first
        self._database: Final = database
        self._first: Final = signers[0].verifier
        self._signers: Final = {each.verifier.fingerprint: each for each in signers}
        self._owner: Final = owner
        self._before_signing: Final = before_signing
        self._edge = Edge()
        self._fence = 0

    @property
    def fingerprint(self) -> str:
        """Of the newest key it has been given."""
        return list(self._signers)[-1]

    def seal(self, now_ms: int) -> Checkpoint | None:
        """Take every pending event into the tree and sign the new checkpoint; None if there was none.

        Of two that seal at once, one waits and finds nothing left.

        Raises:
            AuditInvalid: the tree does not match the latest checkpoint, that is not signed by the log's key,
                or does not continue what this sequencer has signed before.  Nothing is signed then: a
                second history under the same key could not be told from the first.
            KeyMissing: a key that has to sign is not here.  Nothing is signed then either.
            DatabaseUnavailable: nothing was sealed; the events stay pending.
        """
        newest = None
        while checkpoint := self._seal_batch(now_ms):
            newest = checkpoint
        return newest

    def _seal_batch(self, now_ms: int) -> Checkpoint | None:
        with self._database.read() as connection:
            if not tree.is_pending(connection):
                return None
        with self._database.begin() as connection:
            tree.lock(connection)
            edge, fence = self._caught_up(connection, now_ms)
            grown, tiles = _taken(connection, edge)
            checkpoint = Checkpoint(origin=self._first.name, size=grown.size, root=grown.root)
            if grown.size > edge.size:
                tree.add_tiles(connection, (_row(each) for each in tiles))
                self._publish(connection, checkpoint, now_ms)
        self._edge, self._fence = grown, fence
        return checkpoint if grown.size > edge.size else None

    def _caught_up(self, connection: Connection, now_ms: int) -> tuple[Edge, int]:
        """The right edge at the latest checkpoint, to which it must lead, and the number to seal under."""
        latest = checkpoints.latest(connection)
        size = 0 if latest is None else latest.size
        if self._edge.size > size or tree.size(connection) != size:
            raise AuditInvalid(f"the log's leaves do not end where its latest checkpoint does, at {size}")
        edge, fence = self._edge, tree.fence(connection)
        if not (0 < fence == self._fence and edge.size == size):
            edge, fence = _read_edge(connection, size), fence + 1
            row = tree.FenceRow(fence=fence, owner=self._owner, size=size, taken_at_ms=now_ms)
            tree.take_over(connection, row)
        if latest is not None:
            self._check(connection, edge, latest)
        return edge, fence

    def _check(self, connection: Connection, edge: Edge, latest: CheckpointRow) -> None:
        """Refuse to go on from a checkpoint that is not this key's, this tree's, or this history's."""
        # (1) It is signed by the log's keys, and its row says what was signed.
        signed = self._keys(connection, latest.size).checkpoint_of(latest.note)
        # (2) The tree that is stored has the root that was signed.
        if not (signed.size, signed.root) == (latest.size, latest.root) == (edge.size, edge.root):
            raise AuditInvalid(f"the log's leaves do not match its latest checkpoint, of size {latest.size}")
        # (3) It continues what this sequencer saw last.
        if 0 < self._edge.size < latest.size:
            sizes = (self._edge.size, latest.size)
            proof = consistency_hashes(connection, *sizes)
            if not verify_consistency(*sizes, proof, self._edge.root, edge.root):
                raise AuditInvalid(f"the latest checkpoint does not continue the one of size {sizes[0]}")

    def _publish(self, connection: Connection, checkpoint: Checkpoint, now_ms: int) -> None:
        self._before_signing(connection, checkpoint)
        ring = self._keys(connection, checkpoint.size)
        note = sign(checkpoint.text, *signers_of(self._signers, ring.required(checkpoint.size)))
        row = CheckpointRow(size=checkpoint.size, root=checkpoint.root, note=note, created_at_ms=now_ms)
        if not checkpoints.add(connection, row):
            raise AuditInvalid(f"there is a checkpoint of size {checkpoint.size} already")
        retire_due(connection, ring, self._signers, now_ms)

    def _keys(self, connection: Connection, size: int) -> Keyring:
        """The keys of the log of that size; while it names none, the first one here."""
        ring = read(connection, size, held=self._signers)
        return ring if ring.terms else Keyring(terms=(Term(key=self._first, since=0),))


def _read_edge(connection: Connection, size: int) -> Edge:
    """The stored right edge; the leaves that fill no tile yet are hashed anew from their events' bytes."""
    _hashes(tree.leaves(connection, size - size % WIDTH, size))
    return StoredTree(connection, size).edge()


def _taken(connection: Connection, edge: Edge) -> tuple[Edge, tuple[Tile, ...]]:
    """The edge after pending events were given their leaves, and the tiles that became whole."""
    return edge.extended(_hashes(tree.append(connection, edge.size, BATCH)))


def _hashes(rows: Iterable[tree.LeafRow]) -> tuple[bytes, ...]:
    """The leaf hashes of events, made anew from their bytes: an altered event is not sealed as it is."""
    return tuple(_hash(row) for row in rows)


def _hash(row: tree.LeafRow) -> bytes:
    if row.event is None:
        raise AuditInvalid(f"the event {row.event_id} that has a leaf is no longer there")
    if leaf_hash(row.event.body) != row.event.leaf_hash:
        raise AuditInvalid(f"the stored bytes of {row.event_id} are not the ones that were written")
    return row.event.leaf_hash


def _row(tile: Tile) -> tree.TileRow:
    return tree.TileRow(level=tile.level, tile_index=tile.index, root=tile.root, hashes=tile.hashes)
