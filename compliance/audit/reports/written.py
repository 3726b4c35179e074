"""A report as files: HTML for people, CSV for spreadsheets, JSON for programs, all from the same values."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any, Final

from compliance.audit.reports.html import page
from compliance.audit.reports.reading import minute
from compliance.audit.reports.values import Cell, Report, Table
from compliance.errors import ArgumentInvalid

SCHEMA: Final = "compliance/report/1"
_FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠|%")
"""What spreadsheets take for the beginning of a formula, full-width forms too (OWASP, CSV injection)."""


def document(report: Report) -> dict[str, Any]:
    """The report as JSON, schema compliance/report/1."""
    return {
        "schema": SCHEMA,
        "name": report.name,
        "title": report.title,
        "basis": {**asdict(report.basis), "filters": list(report.basis.filters)},
        "sections": [
            {
                "title": each.title,
                "rule": each.rule,
                "notes": list(each.notes),
                "figures": [{"name": name, "value": value} for name, value in each.figures],
                "tables": [
                    {
                        "name": table.name,
                        "columns": list(table.columns),
                        "rows": [list(row) for row in table.rows],
                    }
                    for table in each.tables
                ],
            }
            for each in report.sections
        ],
    }


def as_json(report: Report) -> bytes:
    """The document's bytes."""
    return (json.dumps(document(report), ensure_ascii=False, indent=1) + "\n").encode()


def as_html(report: Report) -> bytes:
    """The page's bytes."""
    return page(report).encode()


def as_csv(report: Report, name: str) -> bytes:
    """One table (RFC 4180, UTF-8, every cell in quotes; times in UTC); the first rows say what it rests on.

    What a spreadsheet would take for a formula is given an apostrophe in front.

    Raises:
        ArgumentInvalid: the report has no such table.
    """
    table = next((each for each in report.tables if each.name == name), None)
    if table is None:
        names = ", ".join(each.name for each in report.tables)
        raise ArgumentInvalid(f"the report {report.name} has no such table; it has {names}")
    return _lines(report, table)


def files(report: Report) -> dict[str, bytes]:
    """Every file of a report by its name: the page, the document, and a CSV for each table."""
    return {
        f"{report.name}.html": as_html(report),
        f"{report.name}.json": as_json(report),
        **{f"{report.name}.{each.name}.csv": _lines(report, each) for each in report.tables},
    }


def _lines(report: Report, table: Table) -> bytes:
    text, basis = io.StringIO(), report.basis
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    period = f"{minute(basis.from_ms)} up to {minute(basis.to_ms)} (UTC)"
    log = f"first {basis.size} events, root {basis.root or 'none'}, key {basis.key_fingerprint}"
    writer.writerow(["report", report.name, "period", period, "filter", " ".join(basis.filters), "log", log])
    writer.writerow([_cell(each) for each in table.columns])
    writer.writerows([_cell(each) for each in row] for row in table.rows)
    return text.getvalue().encode()


def _cell(value: Cell) -> str:
    text = "" if value is None else str(value)
    is_number = isinstance(value, int | float)
    return f"'{text}" if not is_number and text.startswith(_FORMULA) else text
