"""What a report is made of, before anybody writes it out: what it rests on, and its sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Cell: TypeAlias = "str | int | float | None"
"""A number is right-aligned in HTML; text is escaped everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under named columns.  Its name is a word, for file names and programs."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "None in this period."
    """What is said where there are no rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Stacked bars, or lines over the same labels."""

    title: str
    labels: tuple[str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    """A value for each label; None leaves a gap."""
    unit: str
    is_line: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a report: what it answers, by which rule, and the answer."""

    title: str
    rule: str
    """The citation, with how sure it is."""
    notes: tuple[str, ...] = ()
    figures: tuple[tuple[str, Cell], ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a report rests on: a period of a log of stated size, under a checkpoint."""

    from_ms: int
    to_ms: int
    """Events that occurred before this time."""
    filters: tuple[str, ...]
    """What it was narrowed by, without values that name a person."""
    size: int
    """The log's first so many events were read; 0 before the first checkpoint."""
    root: str
    """The root hash of the checkpoint of that size, in hex."""
    key_fingerprint: str
    checkpoint_at_ms: int | None
    unsealed: int
    """Events that no checkpoint covered when the report was made; they are not in it."""
    altered: int
    """Events of the period whose stored bytes are no longer the ones that were written; they are left out."""
    made_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report, whole."""

    name: str
    title: str
    basis: Basis
    sections: tuple[Section, ...] = field(repr=False)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of every section."""
        return tuple(table for section in self.sections for table in section.tables)
