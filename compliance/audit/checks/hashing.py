"""The first pass: every leaf is hashed anew, and the tree compared with what was signed about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Final

from compliance.audit.checks.report import Check, Found, Standing
from compliance.audit.checks.signed import Signed
from compliance.audit.checks.source import LOWEST, Hashed, Source
from compliance.audit.checks.spine import Spine
from compliance.audit.merkle import HASH_BYTES

STEP: Final = 4_096
"""Leaves read at once; memory stays flat however long the log is."""

Progress = Callable[[int], None]
"""Is told how many leaves more are done."""


class Hashing:
    """Hashes the leaves that follow a tree known already, up to the newest checkpoint.

    Where an event was altered together with its digest only the tree shows it: the
    event named is then the first of those that one checkpoint added.
    """

    def __init__(
        self, source: Source, signed: Signed, spine: Spine, found: Found, wanted: frozenset[int]
    ) -> None:
        """``wanted`` are sizes whose roots somebody outside has stated."""
        self._source: Final = source
        self._signed: Final = signed
        self._spine: Final = spine
        self._found: Final = found
        self._wanted: Final = wanted
        self._seen = spine.size
        self._last: Hashed | None = None
        self._batch: Hashed | None = None
        """The first leaf that no checkpoint has confirmed yet."""
        self.roots: Final[dict[int, bytes]] = {}
        """The roots that were wanted, by size."""

    def run(self, size: int, progress: Progress) -> bytes:
        """Hash everything and say what is wrong; the root over what there was."""
        for rows in self._chunks(size):
            self._numbers(rows)
            self._grow(rows, self._hashes(rows))
            progress(len(rows))
        self._signatures(size)
        self._length(size)
        return self._spine.root

    def _chunks(self, size: int) -> Iterator[list[Hashed]]:
        """The leaves below ``size``, beginning with any of a negative number, to the first great gap."""
        start = self._seen
        if start == 0 and (before := self._source.hashed(LOWEST, 0)):
            yield before
        while start < size and (rows := self._source.hashed(start, min(start + STEP, size))):
            yield rows
            start += STEP

    def _numbers(self, rows: list[Hashed]) -> None:
        """Leaves are numbered as they come."""
        if [row[0] for row in rows] == list(range(self._seen, self._seen + len(rows))):
            return
        at, row = next((at, row) for at, row in enumerate(rows, self._seen) if row[0] != at)
        why = f"the leaf at {at} is numbered {row[0]}"
        self._found.add(Check.ORDER, why, event_id=row[1], leaf_index=row[0])

    def _hashes(self, rows: list[Hashed]) -> list[bytes]:
        """The hashes of the stored bytes; of an event that is gone, one that cannot be right."""
        made = [bytes(HASH_BYTES) if row[2] is None else sha256(b"\x00" + row[2]).digest() for row in rows]
        if made != [row[3] for row in rows]:
            for row, each in zip(rows, made, strict=True):
                self._event(row, each)
        return made

    def _event(self, row: Hashed, made: bytes) -> None:
        index, event_id, body, stored = row
        if body is None:
            why = "the event is no longer there"
            self._found.add(Check.EVENTS, why, Standing.MISSING, event_id=event_id, leaf_index=index)
        elif stored is not None and stored != made:
            why = "its stored bytes or their digest were altered"
            self._found.add(Check.BODIES, why, event_id=event_id, leaf_index=index)

    def _grow(self, rows: list[Hashed], hashes: list[bytes]) -> None:
        """Add the leaves, halting at each size about which something was stated."""
        start, self._seen, self._last = self._seen, self._seen + len(rows), rows[-1]
        due = self._signed.up_to(self._seen)
        outside = (each for each in self._wanted if start < each <= self._seen)
        for size in sorted({*(each for each in due if each > start), *outside, self._seen}):
            at = self._spine.size - start
            self._batch = self._batch or rows[at]
            self._spine.extend(hashes[at : size - start])
            self._compare(size, rows[size - 1 - start], due)

    def _compare(self, size: int, last: Hashed, due: Mapping[int, bytes]) -> None:
        """Compare the root with what was signed at this size, and keep it if it is wanted."""
        if size in self._wanted:
            self.roots[size] = self._spine.root
        if size not in due:
            return
        if self._spine.root != due[size] and self._batch is not None:
            why = f"the events from here to {last[1]} do not give the root that was signed"
            self._found.add(Check.TREE, why, event_id=self._batch[1], leaf_index=self._batch[0])
        self._batch = None

    def _signatures(self, size: int) -> None:
        """Name the event at which each checkpoint stands that is not to be believed."""
        self._signed.up_to(size)
        for at, why in self._signed.distrusted:
            rows = self._source.hashed(at - 1, at)
            event_id, leaf = (rows[0][1], rows[0][0]) if rows else (None, None)
            why = f"checkpoint {at}: {why}"
            self._found.add(Check.CHECKPOINTS, why, event_id=event_id, leaf_index=leaf)

    def _length(self, newest: int) -> None:
        """Compare where the leaves end with where the newest checkpoint does."""
        if self._seen < newest:
            why = f"{newest - self._seen} of {newest} leaves are missing, after this one if not before"
            self._lacking(Check.LENGTH, why, self._last)
            self._lacking(Check.TREE, "the newest checkpoint cannot be computed again", self._batch)
        size = self._source.size()
        if size > newest:
            rows = self._source.hashed(newest, newest + 1) or self._source.hashed(size - 1, size)
            why = f"leaves follow the newest checkpoint, of size {newest}"
            self._found.add(Check.LENGTH, why, event_id=rows[0][1], leaf_index=rows[0][0])

    def _lacking(self, check: Check, why: str, row: Hashed | None) -> None:
        event_id, leaf = (row[1], row[0]) if row else (None, None)
        self._found.add(check, why, Standing.MISSING, event_id=event_id, leaf_index=leaf)
