"""A sink: a place that keeps copies of what the log signed, and what is asked of every such place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from compliance.audit import note as notes
from compliance.errors import AuditInvalid

NOTES: Final = "checkpoints/"
"""Where signed checkpoints lie in a sink."""
TOKENS: Final = "timestamps/"
"""Where time-stamp tokens lie in a sink."""
LIMIT: Final = 65_536
"""Most bytes that are read of anything a sink holds."""

_LAST: Final = 10**16 - 1


class Reach(StrEnum):
    """Whether the operator of this machine could change what the sink holds."""

    WITNESS = "witness"
    """It is somebody else's machine, as far as can be told from here."""
    COPY = "copy"
    """It is this machine, or nothing tells that it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Something that a sink holds."""

    name: str
    data: bytes = field(repr=False)
    kept_at_ms: int
    """When the sink took it, by its own clock; Unix milliseconds."""

    @property
    def note(self) -> str | None:
        """The signed note that it is, or None if it is no text."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return None

    @property
    def stated(self) -> notes.Checkpoint | None:
        """The checkpoint it holds by its own account, signatures not looked at; None if it holds none."""
        try:
            return notes.parse_checkpoint(notes.text_of(self.note or ""))
        except AuditInvalid:
            return None


class Sink(Protocol):
    """Keeps what it is given.  Each raises TransientError or SetupError when it cannot."""

    @property
    def id(self) -> str:
        """The sink's name in events and tables: its kind and a digest of where it is."""
        ...

    @property
    def where(self) -> str:
        """Where it is, for people; no secret is in it."""
        ...

    @property
    def reach(self) -> Reach:
        """Whether it is a witness; asked anew each time, since names may come to mean another machine."""
        ...

    def put(self, name: str, data: bytes) -> bytes:
        """Keep the data under that name beside whatever is there; the sink's receipt, or empty."""
        ...

    def read(self, prefix: str) -> Iterator[Held] | None:
        """What it holds under the prefix, by name, of each name the oldest first; None if it cannot be asked.

        Names are made so that the largest tree comes first (``name_of``): reading a
        few is reading the newest.
        """
        ...


def name_of(size: int, *, prefix: str = NOTES) -> str:
    """The name of what concerns the checkpoint of that size.

    Sinks list names in their order and give the first at once; so the number that
    leads is counted from the end.
    """
    return f"{prefix}{_LAST - size:016d}-{size}{'.note' if prefix == NOTES else '.tsr'}"


def size_of(name: str) -> int | None:
    """The size of the tree that a name tells of, or None if it is not such a name."""
    digits = name.rpartition("/")[2].rpartition("-")[2].partition(".")[0]
    return int(digits) if notes.is_decimal(digits) and len(digits) <= 16 else None
