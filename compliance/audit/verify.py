"""Checking the log: does what is stored still say what the checkpoints say?

Everything is computed anew from the stored bytes.  What no check here can see
is a forged history signed with the stolen key, and a log that was cut back
together with its checkpoints; copies of checkpoints elsewhere show those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from compliance.audit import canonical
from compliance.audit.merkle import Frontier, leaf_hash
from compliance.audit.note import Verifies
from compliance.errors import AuditInvalid
from compliance.store import checkpoints, events, tree

STEP: Final = 2_000
"""Leaves read at once; memory stays flat however long the log is."""

_LOWEST: Final = -(2**63)


class Standing(StrEnum):
    """What a check came to."""

    VALID = "valid"
    INVALID = "invalid"
    """Something is there that should not be, or is not what it was."""
    MISSING = "missing"
    """Something is not there that should be."""


class Check(StrEnum):
    """What is checked, the most telling first."""

    CHECKPOINTS = "checkpoints"
    """Each is signed by the key and says what its row says."""
    ORDER = "order"
    """Leaves are numbered from 0 without gap or repetition."""
    EVENTS = "events"
    """Each leaf has its event."""
    BODIES = "bodies"
    """Each event's bytes are the ones that were written: canonical, of a known schema, told of by its row."""
    LENGTH = "length"
    """The leaves end where the newest checkpoint does."""
    TREE = "tree"
    """The leaves up to each checkpoint have the root that it signs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check came to, and the first event concerned."""

    check: Check
    standing: Standing
    why: str = ""
    event_id: str | None = None
    leaf_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What was checked, and what came of it."""

    size: int
    """Events that the newest checkpoint covers."""
    checkpoints: int
    unsealed: int
    """Events that no checkpoint covers yet; nothing can be said about them."""
    root: bytes
    fingerprint: str
    """Of the key by which the signatures were checked."""
    findings: tuple[Finding, ...]

    @property
    def is_valid(self) -> bool:
        """Whether every check passed."""
        return all(each.standing is Standing.VALID for each in self.findings)

    @property
    def is_empty(self) -> bool:
        """Whether there is no checkpoint and no leaf, so that there was nothing to check."""
        return self.is_valid and self.checkpoints == 0

    @property
    def first(self) -> Finding | None:
        """The most telling check that failed, or None."""
        return next((each for each in self.findings if each.standing is not Standing.VALID), None)


@dataclass(slots=True)
class _Walk:
    """What is known so far while the leaves go by; of each check the first failure is kept."""

    roots: Mapping[int, bytes]
    failed: dict[Check, Finding] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    seen: int = 0
    last: tree.LeafRow | None = None
    batch: tree.LeafRow | None = None
    """The first leaf that no checkpoint has confirmed yet."""

    def fail(
        self,
        check: Check,
        why: str,
        leaf: tree.LeafRow | None = None,
        standing: Standing = Standing.INVALID,
    ) -> None:
        """Keep the failure, unless the check has failed before."""
        finding = Finding(
            check=check,
            standing=standing,
            why=why,
            event_id=leaf.event_id if leaf else None,
            leaf_index=leaf.leaf_index if leaf else None,
        )
        self.failed.setdefault(check, finding)

    def leaf(self, leaf: tree.LeafRow) -> None:
        """Check one leaf, and the tree if a checkpoint ends here."""
        self.last, self.batch = leaf, self.batch or leaf
        if leaf.leaf_index != self.seen:
            self.fail(Check.ORDER, f"the leaf at {self.seen} is numbered {leaf.leaf_index}", leaf)
        self.seen += 1
        if leaf.event is None:
            self.fail(Check.EVENTS, "the event is no longer there", leaf, Standing.MISSING)
        else:
            self._body(leaf, leaf.event)
        if self.seen in self.roots:
            self._checkpoint(leaf)

    def _body(self, leaf: tree.LeafRow, event: events.EventRow) -> None:
        computed = leaf_hash(event.body)
        self.frontier = self.frontier.extended((computed,))
        if computed != event.leaf_hash:
            self.fail(Check.BODIES, "its stored bytes or their digest were altered", leaf)
        elif why := _disagreement(event):
            self.fail(Check.BODIES, why, leaf)

    def _checkpoint(self, last: tree.LeafRow) -> None:
        """Compare the root; a leaf without event leaves the tree too short to match."""
        is_confirmed = (self.frontier.size, self.frontier.root) == (self.seen, self.roots[self.seen])
        if not is_confirmed:
            why = f"the events from here to {last.event_id} do not give the root that was signed"
            self.fail(Check.TREE, why, self.batch)
        self.batch = None


def verify(connection: Connection, verifier: Verifies) -> AuditReport:
    """Compute the log anew from its stored bytes, compare it with every checkpoint, and say what is wrong.

    ``connection`` must read from one snapshot (``Database.read``).  Where an
    event was altered together with its digest, only the tree shows it: the
    event named is then the first of those that one checkpoint added.
    """
    rows = checkpoints.every(connection)
    newest = rows[-1].size if rows else 0
    walk = _Walk(roots={row.size: row.root for row in rows})
    for row in rows:
        if why := _distrust(row, verifier):
            walk.fail(
                Check.CHECKPOINTS, why, next(iter(tree.leaves(connection, row.size - 1, row.size)), None)
            )
    for leaf in _leaves(connection, newest):
        walk.leaf(leaf)
    _check_length(connection, walk, newest)
    return AuditReport(
        size=newest,
        checkpoints=len(rows),
        unsealed=tree.unsealed(connection),
        root=walk.frontier.root,
        fingerprint=verifier.fingerprint,
        findings=tuple(walk.failed.get(each, Finding(check=each, standing=Standing.VALID)) for each in Check),
    )


def _distrust(row: checkpoints.CheckpointRow, verifier: Verifies) -> str | None:
    """Why a checkpoint is not to be believed, or None."""
    try:
        signed = verifier.checkpoint_of(row.note)
    except AuditInvalid as error:
        return f"checkpoint {row.size}: {error}"
    if (signed.size, signed.root) != (row.size, row.root):
        return f"checkpoint {row.size}: its row says something else than was signed"
    return None


def _leaves(connection: Connection, size: int) -> Iterator[tree.LeafRow]:
    """The leaves below ``size``, beginning with any of a negative number, to the first great gap."""
    start, stop = _LOWEST, min(STEP, size)
    while start < size and (rows := tree.leaves(connection, start, stop)):
        yield from rows
        start, stop = stop, min(stop + STEP, size)


def _check_length(connection: Connection, walk: _Walk, newest: int) -> None:
    """Compare where the leaves end with where the newest checkpoint does."""
    if walk.seen < newest:
        why = f"{newest - walk.seen} of {newest} leaves are missing, after this one if not before"
        walk.fail(Check.LENGTH, why, walk.last, Standing.MISSING)
        walk.fail(Check.TREE, "the newest checkpoint cannot be computed again", walk.batch, Standing.MISSING)
    size = tree.size(connection)
    if size > newest:
        surplus = tree.leaves(connection, newest, newest + 1) or tree.leaves(connection, size - 1, size)
        walk.fail(Check.LENGTH, f"leaves follow the newest checkpoint, of size {newest}", surplus[0])


def _disagreement(event: events.EventRow) -> str | None:
    """How an event's bytes and its row disagree, or None: readers find events by the row."""
    try:
        read = canonical.decode(event.body)
    except AuditInvalid as error:
        return str(error)
    for name in ("id", "recording_id", "kind", "occurred_at_ms"):
        if read[name] != getattr(event, name):
            return f"its row gives another {name} than its stored bytes"
    return None
