"""Events as a table for people, narrow enough for a terminal of 100 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from compliance.audit.formats import utc
from compliance.audit.search import Hit
from compliance.cli.printable import printable

WIDE = 124
"""Columns from which a recording's id is shown in full."""
_SHORT = 12


def events_table(hits: Iterable[Hit], width: int) -> Table:
    """Number in the log, time in UTC, kind, recording, actor and outcome, the reason beside it."""
    table = Table(box=None, pad_edge=False)
    for name in ("no.", "time (UTC)", "kind", "recording", "actor"):
        table.add_column(name, no_wrap=True, justify="right" if name == "no." else "left")
    table.add_column("outcome", overflow="fold")
    for hit in hits:
        table.add_row(*_cells(hit, is_wide=width >= WIDE))
    return table


def line(hit: Hit) -> Text:
    """The same as a line, for whoever follows the log."""
    return Text("  ").join(_cells(hit, is_wide=True))


def _cells(hit: Hit, *, is_wide: bool) -> tuple[Text, ...]:
    told = hit.document()
    if "unreadable" in told:
        blank, why = printable(""), printable(str(told["unreadable"]), "red")
        return (printable(str(hit.leaf_index)), blank, why, blank, blank, blank)
    recording = str(told["recording_id"] or "")
    return (
        printable(str(hit.leaf_index)),
        printable(utc(told["occurred_at_ms"])[:19].replace("T", " ")),
        printable(str(told["kind"])),
        printable(recording if is_wide or len(recording) <= _SHORT else f"{recording[:_SHORT]}…"),
        printable(str(told["actor"]["id"])),
        _outcome(told),
    )


def _outcome(told: dict[str, Any]) -> Text:
    """``success``, or the reason why not."""
    is_failure = told["outcome"] != "success"
    words = f"{told['outcome']}: {told['reason']}" if told["reason"] else str(told["outcome"])
    return printable(words, "yellow" if is_failure else "green")
