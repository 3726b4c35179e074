"""What lies outside: read before the log is, so that a log that grows meanwhile is only longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from compliance.audit.anchors.rfc3161 import Pins
from compliance.audit.anchors.sink import NOTES, TOKENS, Held, Sink, size_of
from compliance.errors import ComplianceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """What one sink holds."""

    sink: Sink = field(repr=False)
    notes: tuple[Held, ...] = field(repr=False, default=())
    tokens: tuple[Held, ...] = field(repr=False, default=())
    is_readable: bool = True
    """Whether it is of a kind that can be asked."""
    trouble: str | None = None
    """Why it could not be read, though it can be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything that speaks for the log and does not lie in it."""

    testimonies: tuple[Testimony, ...] = ()
    pins: Pins | None = field(repr=False, default=None)
    """The certificates of the time-stamping authority, where they are known."""


NOTHING = Outside()


def hear(sinks: Sequence[Sink], pins: Pins | None, *, is_full: bool) -> Outside:
    """Read what the sinks hold: everything, or of each the newest."""
    return Outside(testimonies=tuple(_testimony(each, is_full) for each in sinks), pins=pins)


def _testimony(sink: Sink, is_full: bool) -> Testimony:
    try:
        notes = _held(lambda: sink.read(NOTES), is_full)
        tokens = _held(lambda: sink.read(TOKENS), is_full)
    except ComplianceError as error:
        return Testimony(sink=sink, trouble=str(error))
    if notes is None:
        return Testimony(sink=sink, is_readable=False)
    return Testimony(sink=sink, notes=notes, tokens=tokens or ())


def _held(read: Callable[[], Iterator[Held] | None], is_full: bool) -> tuple[Held, ...] | None:
    """All of it, or every version of the largest size."""
    found = read()
    if found is None:
        return None
    sizes = groupby(found, key=lambda each: size_of(each.name))
    return tuple(each for _, versions in (sizes if is_full else islice(sizes, 1)) for each in versions)
