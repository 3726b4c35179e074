"""The checkpoints of the log in order of their size, each looked at as the leaves reach it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from compliance.audit.checks.source import Source
from compliance.audit.note import Verifies
from compliance.errors import AuditInvalid
from compliance.store.checkpoints import CheckpointRow

_STEP: Final = 1_000


class Signed:
    """The checkpoints above a size."""

    def __init__(self, source: Source, key: Verifies, above: int) -> None:
        """Nothing is read yet."""
        self._source: Final = source
        self._key: Final = key
        self._above = above
        self._rows: list[CheckpointRow] = []
        self.distrusted: Final[list[tuple[int, str]]] = []
        """Sizes of those that are not to be believed, and why."""
        self.count = 0

    def up_to(self, size: int) -> Mapping[int, bytes]:
        """The roots stated by those up to this size that were not given before."""
        due: dict[int, bytes] = {}
        while (row := self._next()) is not None and row.size <= size:
            due[row.size] = row.root
            self._look(self._rows.pop(0))
        return due

    def _next(self) -> CheckpointRow | None:
        if not self._rows:
            self._rows = self._source.checkpoints(self._above, _STEP)
        return self._rows[0] if self._rows else None

    def _look(self, row: CheckpointRow) -> None:
        self._above, self.count = row.size, self.count + 1
        try:
            stated = self._key.checkpoint_of(row.note)
        except AuditInvalid as error:
            self.distrusted.append((row.size, str(error)))
            return
        if (stated.size, stated.root) != (row.size, row.root):
            self.distrusted.append((row.size, "its row says something else than was signed"))
