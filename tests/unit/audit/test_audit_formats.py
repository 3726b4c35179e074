"""Answers as files: rows that no spreadsheet obeys, and bytes that are the ones written."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import rfc8785

from compliance.audit import canonical
from compliance.audit.events import Actor, EventKind, event
from compliance.audit.formats import COLUMNS, blocks, csv_rows, ndjson
from compliance.audit.search import Hit

READ = event(
    EventKind.ACCESS_READ,
    recording_id="rec_" + "0" * 32,
    key="1",
    occurred_at_ms=1_700_000_000_123,
    actor=Actor(type="person", id="t0123456789ab", role="officer"),
    object="recording",
    purpose="litigation",
)


def hit(body: bytes | None, *, is_whole: bool = True) -> Hit:
    """An event that was found."""
    return Hit(leaf_index=7, event_id="ev_1", body=body, is_whole=is_whole)


def rows(*hits: Hit) -> list[list[str]]:
    """The cells of a CSV file."""
    return list(csv.reader(io.StringIO(b"".join(csv_rows(hits)).decode(), newline="")))


def test_a_row_holds_the_event_and_names_its_zone() -> None:
    """Times are in UTC, which the header says; fields are one cell of JSON."""
    header, row = rows(hit(canonical.encode(READ)))
    told = dict(zip(header, row, strict=True))

    assert tuple(header) == COLUMNS
    assert told["time (UTC)"] == "2023-11-14T22:13:20.123+00:00"
    assert (told["leaf_index"], told["kind"], told["purpose"]) == ("7", "access.read", "litigation")
    assert json.loads(told["fields"]) == READ.fields


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%"])
def test_no_cell_begins_a_formula(begin: str) -> None:
    """An altered log may hold anything; an apostrophe goes before what a spreadsheet would run."""
    formula = begin + 'HYPERLINK("http://evil.example","x")'
    told = canonical.document(READ) | {"reason": formula, "kind": formula}
    told["actor"] = {"type": formula, "id": formula, "role": formula}

    text = b"".join(csv_rows([hit(rfc8785.dumps(told))])).decode()
    [row] = list(csv.reader(io.StringIO(text, newline="")))[1:]

    assert row.count("'" + formula) == 5
    assert not any(cell.startswith(begin) for cell in row)
    assert text.count('"') % 2 == 0


def test_a_line_holds_the_bytes_that_were_written() -> None:
    """To the byte, one event a line."""
    body = canonical.encode(READ)

    assert b"".join(ndjson([hit(body), hit(body)])) == (body + b"\n") * 2


@pytest.mark.parametrize("body", [None, b"", b'{"a":1}\n{"forged":true}', b"\xff"])
def test_altered_bytes_do_not_pass_for_events(body: bytes | None) -> None:
    """Only that they were altered, on one line; in a row likewise."""
    lines = b"".join(ndjson([hit(body, is_whole=False)])).splitlines()
    _, row = rows(hit(body, is_whole=False))

    assert len(lines) == 1
    assert json.loads(lines[0]).keys() == {"id", "unreadable"}
    assert "no longer there" in row[4] or "stored bytes" in row[4]


@pytest.mark.parametrize("occurred", [2**53 - 1, -(2**53 - 1), "soon", None])
def test_a_time_that_is_none_is_left_empty(occurred: Any) -> None:
    """An altered row may hold any number."""
    body = rfc8785.dumps(canonical.document(READ) | {"occurred_at_ms": occurred})

    assert rows(hit(body))[1][0] == ""


def test_pieces_are_large_and_lose_nothing() -> None:
    """Lines are sent many at a time."""
    lines = [b"x" * 100 + b"\n"] * 1000
    pieces = list(blocks(lines, least=4096))

    assert b"".join(pieces) == b"".join(lines)
    assert len(pieces) < 30
