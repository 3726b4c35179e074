"""Answers as files: NDJSON for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from compliance.audit.search import Hit

_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠|%")
"""What spreadsheets take for the beginning of a formula, full-width forms too (OWASP, CSV injection)."""

COLUMNS: Final = (
    "time (UTC)",
    "occurred_at_ms",
    "leaf_index",
    "id",
    "kind",
    "recording_id",
    "actor_type",
    "actor_id",
    "actor_role",
    "outcome",
    "reason",
    "purpose",
    "fields",
)


class Format(StrEnum):
    """How an answer is written."""

    JSON = "json"
    """A page, as a document of its own."""
    NDJSON = "ndjson"
    """Every event, one a line: the stored bytes, of which the digest is the leaf."""
    CSV = "csv"
    """Every event, one a row, times in UTC."""


def ndjson(hits: Iterable[Hit]) -> Iterator[bytes]:
    """The exact bytes of each event on a line of its own.

    Of an event whose bytes are no longer the ones that were written stands
    only that: altered bytes could pass for a line, or for several.
    """
    for hit in hits:
        yield (hit.body if hit.body is not None and hit.is_whole else _altered(hit)) + b"\n"


def _altered(hit: Hit) -> bytes:
    why = "the event is no longer there" if hit.body is None else "an event's stored bytes were altered"
    return json.dumps({"id": hit.event_id, "unreadable": why}).encode()


def csv_rows(hits: Iterable[Hit]) -> Iterator[bytes]:
    """A header, then a row for each event (RFC 4180, UTF-8, every cell in quotes).

    What a spreadsheet would take for a formula is given an apostrophe in front.
    """
    yield _line(COLUMNS)
    for hit in hits:
        yield _line(_cells(hit))


def _cells(hit: Hit) -> list[object]:
    told = hit.document()
    actor, fields = _mapping(told.get("actor")), _mapping(told.get("fields"))
    moment = told.get("occurred_at_ms")
    return [
        utc(moment) if isinstance(moment, int) else "",
        moment,
        hit.leaf_index,
        told.get("id"),
        told.get("kind", told.get("unreadable")),
        told.get("recording_id"),
        *(actor.get(name) for name in ("type", "id", "role")),
        told.get("outcome"),
        told.get("reason"),
        fields.get("purpose"),
        json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
    ]


def _line(cells: Iterable[object]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow([_cell(each) for each in cells])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def utc(unix_ms: int) -> str:
    """A time as ISO 8601 in UTC, to the millisecond."""
    try:
        return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return ""  # an altered row may hold any number


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def blocks(lines: Iterable[bytes], least: int = 65_536) -> Iterator[bytes]:
    """The same bytes in larger pieces: what is sent line by line costs more to send than to find."""
    block = bytearray()
    for line in lines:
        block += line
        if len(block) >= least:
            yield bytes(block)
            block.clear()
    yield bytes(block)


WRITERS: Final[Mapping[Format, Callable[[Iterable[Hit]], Iterator[bytes]]]] = {
    Format.NDJSON: ndjson,
    Format.CSV: csv_rows,
}
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.NDJSON: "application/x-ndjson",
    Format.CSV: "text/csv; charset=utf-8; header=present",
}
