"""Checking the log: does what is stored still say what was signed, and what others hold of it?

Everything is computed anew from the stored bytes: from the first event on, or from
the checkpoint up to which it was computed before.  Then every event is read, and the
log compared with the checkpoints that lie elsewhere and with the times that were
stated of it.  What is not seen, and under which circumstances, docs/attacks.md tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from compliance.audit.anchors.guard import Loss
from compliance.audit.checks import witnesses
from compliance.audit.checks.hashing import Hashing, Progress
from compliance.audit.checks.outside import NOTHING, Outside
from compliance.audit.checks.reading import Read, read_all
from compliance.audit.checks.report import AuditReport, Check, Finding, Found, SinkReport, Standing
from compliance.audit.checks.signed import Signed
from compliance.audit.checks.source import Source, StoredLog
from compliance.audit.checks.spine import Spine, subtrees
from compliance.audit.checks.times import Times
from compliance.audit.checks.witnesses import Log, Stamps
from compliance.audit.events import EventKind
from compliance.audit.note import Checkpoint, Verifies
from compliance.errors import AuditInvalid

__all__ = ["AuditReport", "Check", "Finding", "SinkReport", "Standing", "check", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the log is to be checked."""

    outside: Outside = NOTHING
    since: Checkpoint | None = None
    """The checkpoint up to which it was found valid here before."""
    is_full: bool = True
    """Whether that part is computed anew as well."""
    distrust: str | None = None
    """Why the key is not the one that was named, if it is not."""
    is_named: bool = False
    """Whether one was named."""
    now_ms: int | None = None
    """Unix time in milliseconds, if the log is being written; a silence lasts until then."""


def _silent(leaves: int) -> None:
    """Tell nobody."""


def verify(connection: Connection, key: Verifies, terms: Terms | None = None) -> AuditReport:
    """Check the log of a database; ``connection`` must read from one snapshot (``Database.read``).

    Raises:
        DatabaseUnavailable: it could not be read.
    """
    return check(StoredLog(connection), key, terms or Terms())


def check(source: Source, key: Verifies, terms: Terms, progress: Progress = _silent) -> AuditReport:
    """Check a log: everything, or what came after it was found valid.

    Where the shorter check finds anything, the whole log is checked, so that the
    first event concerned is named and not only that there is one.
    """
    report = _Checking(source, key, terms, progress).run()
    if report.is_valid or terms.is_full:
        return report
    return _Checking(source, key, replace(terms, is_full=True), progress).run()


class _Checking:
    """One check of a log."""

    def __init__(self, source: Source, key: Verifies, terms: Terms, progress: Progress) -> None:
        self._source, self._key, self._terms, self._progress = source, key, terms, progress
        self._found = Found()
        newest = source.newest()
        self._size = 0 if newest is None else newest.size
        self._declared: tuple[Loss, ...] | None = None
        self._roots: dict[int, bytes] = {}

    def run(self) -> AuditReport:
        """Every check in its order."""
        if self._terms.distrust is not None:
            self._found.add(Check.KEY, self._terms.distrust)
        spine = self._spine()
        start, signed = spine.size, Signed(self._source, self._key, spine.size)
        hashing = Hashing(self._source, signed, spine, self._found, self._wanted())
        root = hashing.run(self._size, self._progress)
        self._roots = hashing.roots
        self._memory()
        sinks = self._others(start)
        return AuditReport(
            size=self._size,
            checkpoints=signed.count,
            unsealed=self._source.unsealed(),
            root=root,
            fingerprint=self._key.fingerprint,
            findings=self._found.findings(self._made(sinks)),
            since=start,
            sinks=sinks,
        )

    def _spine(self) -> Spine:
        """The tree to begin with: none, or the one found valid before, as the stored tiles have it."""
        since = self._terms.since
        if since is None or self._terms.is_full or since.size > self._size:
            return Spine()
        try:
            spine = Spine(since.size, [self._source.root(*each) for each in subtrees(since.size)])
        except AuditInvalid:
            return Spine()
        return spine if spine.root == since.root else Spine()

    def _wanted(self) -> frozenset[int]:
        """The sizes about which others have stated a root."""
        notes = (held for one in self._terms.outside.testimonies for held in one.notes)
        stated = {each.size for each in (held.stated for held in notes) if each is not None}
        tokens = {size for size, _ in self._source.tokens()}
        return frozenset(stated | tokens | ({self._terms.since.size} if self._terms.since else set()))

    def _root_at(self, size: int) -> bytes | None:
        if size > self._size:
            return None
        if size not in self._roots:
            try:
                self._roots[size] = _root(self._source, size)
            except AuditInvalid:
                return b""
        return self._roots[size]

    def _memory(self) -> None:
        """Compare with the checkpoint that was found valid here before."""
        since = self._terms.since
        if since is None or self._root_at(since.size) == since.root:
            return
        why = f"{since.size} events were found valid here before"
        loss = next((each for each in self._losses() if each.covers(since, 0)), None)
        if loss is not None:
            why = f"{why}; those from {loss.size} on are lost, as was declared here"
            self._found.add(Check.MEMORY, why, Standing.GAP, event_id=loss.event_id)
        elif since.size > self._size:
            self._found.add(Check.MEMORY, f"{why}; now there are {self._size}", Standing.MISSING)
        else:
            self._found.add(Check.MEMORY, f"{why}, and they are others now")

    def _others(self, start: int) -> tuple[SinkReport, ...]:
        """Compare with the sinks, then with the authority and with the log's own times."""
        log = Log(source=self._source, key=self._key, root_at=self._root_at, losses=self._losses)
        outside = self._terms.outside
        sinks = tuple(witnesses.judge(log, each, self._found) for each in outside.testimonies)
        stamps = Stamps(log, outside, self._found, least=start)
        told = self._read(start, stamps)
        stamps.compare(told)
        return sinks

    def _read(self, start: int, stamps: Stamps) -> dict[str, tuple[str, int]]:
        """Read every event; the time stamps of which the log tells."""
        times, told = Times(self._found, stamps.stated), {}
        for each in self._events(start):
            times.see(each)
            if each.kind == EventKind.LOG_TIMESTAMPED:
                told[str(each.fields.get("token_sha256"))] = (each.id, each.leaf_index)
        times.end(self._terms.now_ms)
        return told

    def _events(self, start: int) -> Iterator[Read]:
        return read_all(self._source, start, self._size, self._found)

    def _losses(self) -> tuple[Loss, ...]:
        """The declared losses; read only where something is missing."""
        if self._declared is None:
            self._declared = self._source.losses()
        return self._declared

    def _made(self, sinks: tuple[SinkReport, ...]) -> dict[Check, bool]:
        """Which checks were made, of those that need something besides the log."""
        return {
            Check.KEY: self._terms.is_named,
            Check.MEMORY: self._terms.since is not None,
            Check.ANCHORS: any(each.standing is not Standing.UNCHECKED for each in sinks),
            Check.TIMESTAMPS: next(iter(self._source.tokens()), None) is not None,
        }


def _root(source: Source, size: int) -> bytes:
    """The root of the first leaves, by the stored tiles."""
    return Spine(size, [source.root(*each) for each in subtrees(size)]).root
