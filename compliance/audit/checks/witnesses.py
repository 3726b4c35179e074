"""Compares the log with what the sinks hold, and with what an authority stamped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from compliance.audit.anchors.guard import Loss
from compliance.audit.anchors.rfc3161 import Pins
from compliance.audit.anchors.sink import Held, Sink, size_of
from compliance.audit.checks.outside import Outside, Testimony
from compliance.audit.checks.report import Check, Found, SinkReport, Standing
from compliance.audit.checks.source import Source
from compliance.audit.note import Checkpoint, Verifies
from compliance.errors import AuditInvalid, TimestampInvalid

Roots = Callable[[int], bytes | None]
"""The root of this log at a size, or None where it is shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is known of the log once it was hashed."""

    source: Source
    key: Verifies
    root_at: Roots
    losses: Callable[[], Iterable[Loss]] = field(repr=False)
    """The losses that were declared in it."""


def judge(log: Log, testimony: Testimony, found: Found) -> SinkReport:
    """Compare the log with everything that one sink holds."""
    sink = testimony.sink
    if testimony.trouble is not None:
        found.add(Check.ANCHORS, f"{sink.where} cannot be read: {testimony.trouble}", Standing.UNCHECKED)
        return SinkReport(id=sink.id, where=sink.where, reach=sink.reach, standing=Standing.UNCHECKED)
    if not testimony.is_readable:
        return SinkReport(id=sink.id, where=sink.where, reach=sink.reach, standing=Standing.UNCHECKED)
    mine = Found()
    for held in reversed(testimony.notes):  # the smallest tree first, to name the first event concerned
        _compare(log, held, sink.where, mine)
    largest = max(testimony.notes, key=lambda each: size_of(each.name) or 0, default=None)
    _compare_books(log, sink, largest, mine)
    for each in mine.worst.values():
        found.add(each.check, each.why, each.standing, event_id=each.event_id, leaf_index=each.leaf_index)
    return SinkReport(
        id=sink.id,
        where=sink.where,
        reach=sink.reach,
        standing=next((each.standing for each in mine.worst.values()), Standing.VALID),
        held=len(testimony.notes),
        size=None if largest is None else size_of(largest.name),
        kept_at_ms=None if largest is None else largest.kept_at_ms,
    )


def _compare(log: Log, held: Held, where: str, found: Found) -> None:
    """Compare the log with one note.  What holds no checkpoint at all is nobody's statement."""
    stated = held.stated
    if stated is None:
        return
    try:
        checkpoint = log.key.checkpoint_of(held.note or "")
    except AuditInvalid as error:
        why = f"{where} holds a checkpoint of {stated.size} events that is not this log's key's: {error}"
        event_id, leaf = _at(log.source, min(stated.size, log.source.size()) - 1)
        found.add(Check.ANCHORS, why, event_id=event_id, leaf_index=leaf)
        return
    root = log.root_at(checkpoint.size)
    if root != checkpoint.root:
        _contradicted(log, checkpoint, held, where, found, is_shorter=root is None)


def _compare_books(log: Log, sink: Sink, largest: Held | None, found: Found) -> None:
    """A sink holds what it took; where it does not, somebody could reach it."""
    taken = log.source.taken(sink.id)
    held = None if largest is None else size_of(largest.name)
    if taken is not None and (held or 0) < taken:
        event_id, leaf = _at(log.source, taken - 1)
        why = f"{sink.where} took a checkpoint of {taken} events and does not hold it"
        found.add(Check.ANCHORS, why, Standing.MISSING, event_id=event_id, leaf_index=leaf)


def _contradicted(
    log: Log, checkpoint: Checkpoint, held: Held, where: str, found: Found, *, is_shorter: bool
) -> None:
    loss = next((each for each in log.losses() if each.covers(checkpoint, held.kept_at_ms)), None)
    if loss is not None:
        why = f"the events from {loss.size} to {loss.anchored_size} are lost, as was declared here"
        found.add(Check.ANCHORS, why, Standing.GAP, event_id=loss.event_id)
    elif is_shorter:
        size = log.source.size()
        event_id, leaf = _at(log.source, size - 1)
        why = f"{where} holds a checkpoint of {checkpoint.size} events; this log ends here, at {size}"
        found.add(Check.ANCHORS, why, Standing.MISSING, event_id=event_id, leaf_index=leaf)
    else:
        event_id, leaf = _at(log.source, checkpoint.size - 1)
        why = f"up to here the log is another than the one that {where} holds the checkpoint of"
        found.add(Check.ANCHORS, why, event_id=event_id, leaf_index=leaf)


class Stamps:
    """The time stamps over the log: whether each is the authority's and over this log, and what it states."""

    def __init__(self, log: Log, outside: Outside, found: Found, *, least: int) -> None:
        """Look at those over checkpoints of at least that size."""
        self._log: Final = log
        self._found: Final = found
        self._notes: Final[dict[int, set[str]]] = {}
        self._tokens: Final[dict[str, tuple[int, int | None]]] = {}
        """Digest of each token, with the size it is over and when a sink took it."""
        self.stated: Final[list[tuple[int, int]]] = []
        """The size of each checkpoint that was stamped, and the time stated of it."""
        for held in (each for one in outside.testimonies for each in one.notes):
            self._notes.setdefault(size_of(held.name) or 0, set()).add(held.note or "")
        for size, token, kept_at_ms in _tokens(log.source, outside):
            if size >= least:
                self._look(size, token, kept_at_ms, outside.pins)

    @property
    def is_any(self) -> bool:
        """Whether there is any."""
        return bool(self._tokens)

    def compare(self, told: dict[str, tuple[str, int]]) -> None:
        """Compare with the stamps of which the log tells: digest of the token -> event and leaf."""
        for digest, (event_id, leaf) in told.items():
            if digest not in self._tokens:
                why = "the time stamp of which it tells is nowhere to be found"
                self._found.add(Check.TIMESTAMPS, why, Standing.MISSING, event_id=event_id, leaf_index=leaf)
        untold = {digest: each for digest, each in self._tokens.items() if digest not in told}
        if self._log.source.unsealed() and untold:
            untold.pop(max(untold, key=lambda digest: untold[digest][0]))  # its event has no leaf yet
        for size, kept_at_ms in untold.values():
            self._untold(size, kept_at_ms)

    def _untold(self, size: int, kept_at_ms: int | None) -> None:
        if self._is_lost(size, kept_at_ms):
            return
        why = f"a time stamp over a checkpoint of {size} events, of which the log does not tell after them"
        event_id, leaf = _at(self._log.source, min(size, self._log.source.size()) - 1)
        self._found.add(Check.TIMESTAMPS, why, Standing.MISSING, event_id=event_id, leaf_index=leaf)

    def _look(self, size: int, token: bytes, kept_at_ms: int | None, pins: Pins | None) -> None:
        digest = sha256(token).hexdigest()
        if digest in self._tokens:
            return
        self._tokens[digest] = (size, kept_at_ms)
        if pins is None:
            why = "no certificate of the authority is known: set COMPLIANCE_TIMESTAMP_CERTIFICATES"
            self._found.add(Check.TIMESTAMPS, why, Standing.UNCHECKED)
            return
        stamped = self._stamped(size, token, pins)
        if stamped is not None:
            self.stated.append((size, stamped))
        elif not self._is_lost(size, kept_at_ms):
            event_id, leaf = _at(self._log.source, min(size, self._log.source.size()) - 1)
            why = f"the time stamp over {size} events is not the authority's over this log"
            self._found.add(Check.TIMESTAMPS, why, event_id=event_id, leaf_index=leaf)

    def _stamped(self, size: int, token: bytes, pins: Pins) -> int | None:
        """The time stated of a checkpoint of this log, or None if the token states none."""
        known = self._log.source.note(size)
        for note in {*self._notes.get(size, ()), *([known] if known else [])}:
            try:
                if self._log.key.checkpoint_of(note).root == self._log.root_at(size):
                    return pins.stated_at_ms(token, note.encode())
            except (AuditInvalid, TimestampInvalid):
                continue
        return None

    def _is_lost(self, size: int, kept_at_ms: int | None) -> bool:
        """Whether the checkpoint it is over was declared lost."""
        return any(
            each.size < size <= each.anchored_size and (kept_at_ms or 0) <= each.declared_at_ms
            for each in self._log.losses()
        )


def _tokens(source: Source, outside: Outside) -> Iterator[tuple[int, bytes, int | None]]:
    for size, token in source.tokens():
        yield size, token, None
    for held in (each for one in outside.testimonies for each in one.tokens):
        yield size_of(held.name) or 0, held.data, held.kept_at_ms


def _at(source: Source, leaf_index: int) -> tuple[str | None, int | None]:
    """The event of a leaf, and the leaf."""
    rows = source.hashed(leaf_index, leaf_index + 1) if leaf_index >= 0 else []
    return (rows[0][1], rows[0][0]) if rows else (None, None)
