"""A report as one HTML file: no scripts, nothing fetched from anywhere, made for reading and for print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from compliance.audit.reports import svg
from compliance.audit.reports.reading import minute
from compliance.audit.reports.values import Basis, Cell, Report, Section, Table

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 Georgia, 'Times New Roman', serif; color: #1a1a1a; background: #fff;
  margin: 2.5rem auto; max-width: 60rem; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .2rem; border-top: 2px solid #1a1a1a; padding-top: .7rem; }
.rule, .empty, figcaption, .legend, th, dt, footer { font-family: Helvetica, Arial, sans-serif; }
.rule { color: #555; font-size: .85rem; margin: 0 0 .7rem; }
.empty { color: #555; font-style: italic; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: .8rem 0; }
dt { color: #555; font-size: .85rem; padding-top: .1rem; } dd { margin: 0; overflow-wrap: anywhere; }
.basis { background: #f4f3ef; padding: .7rem 1rem; font-size: .9rem; }
.basis code, td code { font: .82rem/1.4 Menlo, Consolas, monospace; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0 1.2rem; font-size: .86rem; }
th { text-align: left; font-size: .78rem; color: #333; border-bottom: 1.5px solid #1a1a1a;
  padding: .3rem .6rem .3rem 0; vertical-align: bottom; }
td { border-bottom: 1px solid #ddd; padding: .3rem .6rem .3rem 0; vertical-align: top;
  overflow-wrap: break-word; }
td.l { overflow-wrap: anywhere; font: .74rem/1.4 Menlo, Consolas, monospace; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
td.t { white-space: nowrap; }
td.n + td, th.n + th { padding-left: 1rem; }
td code { white-space: nowrap; font-size: .74rem; }
figure { margin: 1rem 0; } figcaption { font-size: .85rem; font-weight: bold; margin-bottom: .3rem; }
svg { width: 100%; height: auto; } svg text { font: 11px Helvetica, Arial, sans-serif; fill: #444; }
svg .grid { stroke: #ddd; } .legend { font-size: .8rem; }
.key { margin-right: 1.2rem; white-space: nowrap; }
.key i { display: inline-block; width: .75rem; height: .75rem; margin-right: .35rem; vertical-align: -1px;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
footer { margin-top: 3rem; border-top: 1px solid #999; padding-top: .6rem; color: #555; font-size: .8rem; }
@page { margin: 18mm 15mm; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { break-after: avoid; } figure, tr, dl { break-inside: avoid; } thead { display: table-header-group; }
  .basis { border: 1px solid #999; }
}
"""
_TIME = re.compile(r"\d{4}-\d{2}(-\d{2}( \d{2}:\d{2})?)?")
_LONG = re.compile(r"\S{40}")
"""A word that must be broken, or the table would be wider than the page."""
_ID = re.compile(r"[a-z]+_[0-9a-f]{12,64}")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""A browser that reads it fetches nothing and runs nothing, whatever got into it."""
_WORTH = (
    "Made from an audit log by the deployment that keeps it. It proves nothing by itself: the checkpoint "
    "above "
    "says which log it was made from, and that log can be checked. It is no legal advice."
)


def page(report: Report) -> str:
    """The report as a document."""
    body = "".join(_section(each) for each in report.sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(report.title)}</h1>{_basis(report.basis)}{body}"
        f"<footer>{escape(_WORTH)}</footer></body></html>\n"
    )


def _basis(basis: Basis) -> str:
    """What it rests on, at its head."""
    covered = (
        f"first {basis.size:,} events of the log" if basis.size else "nothing: the log has no checkpoint yet"
    )
    rows: list[tuple[str, str]] = [
        ("Period (UTC)", escape(f"{minute(basis.from_ms)} up to {minute(basis.to_ms)}")),
        ("Filter", escape(", ".join(basis.filters) or "none")),
        ("Made from", escape(covered)),
        (
            "Checkpoint",
            f"<code>{escape(basis.root) or '–'}</code> of {escape(minute(basis.checkpoint_at_ms))}",
        ),
        ("Signed by key", f"<code>{escape(basis.key_fingerprint)}</code>"),
        ("Made (UTC)", escape(minute(basis.made_at_ms))),
    ]
    if basis.unsealed:
        rows.append(("Not in it", f"{basis.unsealed:,} newer events that no checkpoint covers yet"))
    if basis.altered:
        rows.append(("ALTERED", f"<b>{basis.altered:,} events whose bytes were changed are left out</b>"))
    return f'<dl class="basis">{"".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)}</dl>'


def _section(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>", f'<p class="rule">{escape(section.rule)}</p>']
    parts += [f"<p>{escape(each)}</p>" for each in section.notes]
    if section.figures:
        pairs = (f"<dt>{escape(name)}</dt><dd>{_shown(value)}</dd>" for name, value in section.figures)
        parts.append(f"<dl>{''.join(pairs)}</dl>")
    parts += [svg.chart(each) for each in section.charts]
    parts += [_table(each) for each in section.tables]
    return f"<section>{''.join(parts)}</section>"


def _table(table: Table) -> str:
    if not table.rows:
        return f'<p class="empty">{escape(table.empty)}</p>'
    numeric = [
        all(isinstance(row[n], int | float | None) for row in table.rows) for n in range(len(table.columns))
    ]
    head = "".join(
        f"<th{' class=n' if is_number else ''}>{escape(name)}</th>"
        for name, is_number in zip(table.columns, numeric, strict=True)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(_rows(table, numeric))}</tbody></table>"


def _rows(table: Table, numeric: list[bool]) -> Iterator[str]:
    for row in table.rows:
        cells = "".join(
            f"<td{_kind(cell, is_number)}>{_shown(cell)}</td>"
            for cell, is_number in zip(row, numeric, strict=True)
        )
        yield f"<tr>{cells}</tr>"


def _kind(cell: Cell, is_number: bool) -> str:
    """How a cell is set: numbers to the right, times unbroken."""
    if is_number:
        return " class=n"
    if isinstance(cell, str) and _LONG.search(cell):
        return " class=l"
    return " class=t" if isinstance(cell, str) and _TIME.fullmatch(cell) else ""


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"<code>{cell}</code>" if _ID.fullmatch(cell) else escape(cell).replace("_", "_<wbr>")
