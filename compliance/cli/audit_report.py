"""A report on the log, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table
from rich.text import Text

from compliance.audit.anchors.sink import Reach
from compliance.audit.checks.report import AuditReport, Finding, SinkReport, Standing
from compliance.cli.summary import safe

VALID, INVALID, UNCHECKED = 0, 1, 2
"""The exit codes of ``compliance audit verify``."""

VERDICTS = ("valid", "invalid", "unchecked")

_COLOURS = {
    Standing.VALID: "green",
    Standing.INVALID: "bold red",
    Standing.MISSING: "bold red",
    Standing.GAP: "yellow",
    Standing.UNCHECKED: "yellow",
}
_SHOWN = {Standing.INVALID: "INVALID"}

REACHES = {Reach.WITNESS: "witness", Reach.COPY: "copy, not a witness"}


def exit_code(report: AuditReport) -> int:
    """0 for a valid log, 1 for one that is not, 2 where something could not be checked."""
    if not report.is_valid:
        return INVALID
    return UNCHECKED if report.is_empty or not report.is_complete else VALID


def summary(report: AuditReport) -> str:
    """The report in a sentence or two."""
    unsealed = f" {report.unsealed} not covered by a checkpoint yet." if report.unsealed else ""
    if report.first is not None:
        event = report.first.event_id or "the log as a whole"
        return f"NOT VALID. First concerned: {event}: {report.first.why}.{unsealed}"
    if report.is_empty:
        return f"Nothing to check: the log has no checkpoint.{unsealed}"
    if not report.is_complete:
        unsealed = f" Not everything could be checked.{unsealed}"
    whole = "all computed anew" if report.since == 0 else f"{report.since} of them found valid before"
    covered = f"{report.size} events, {whole}, {report.checkpoints} checkpoints"
    return f"Valid: {covered}, key {report.fingerprint}.{unsealed}"


def document(report: AuditReport) -> dict[str, Any]:
    """The report as a JSON document (``compliance/audit-report/1``)."""
    return {
        "schema": "compliance/audit-report/1",
        "verdict": VERDICTS[exit_code(report)],
        "size": report.size,
        "since": report.since,
        "checkpoints": report.checkpoints,
        "unsealed": report.unsealed,
        "root": report.root.hex(),
        "key_fingerprint": report.fingerprint,
        "checks": [] if report.is_empty else [_check(each) for each in report.findings],
        "sinks": [sink(each) for each in report.sinks],
    }


def shown(report: AuditReport, *, now_ms: int) -> Iterator[Table | Text]:
    """The report for people: its checks, its sinks, and the sum of it."""
    if not report.is_empty:
        yield _checks(report)
    if report.sinks:
        yield sinks_table(report.sinks, now_ms=now_ms)
    yield safe(summary(report))


def sinks_table(sinks: tuple[SinkReport, ...], *, now_ms: int) -> Table:
    """The sinks as a table, with the age of what each holds."""
    table = Table("Sink", "Is a", "Standing", "Newest holds", "Taken", title="Anchors")
    for each in sinks:
        events = "nothing" if each.size is None else f"{each.size} events"
        standing = Text(_SHOWN.get(each.standing, each.standing.value), style=_COLOURS[each.standing])
        table.add_row(safe(each.where), REACHES[each.reach], standing, events, age(each.kept_at_ms, now_ms))
    return table


def age(at_ms: int | None, now_ms: int) -> str:
    """How long ago something was, in the largest unit that says enough."""
    if at_ms is None:
        return "never"
    seconds = max(0, now_ms - at_ms) // 1000
    for unit, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name} ago"
    return f"{seconds} s ago"


def _checks(report: AuditReport) -> Table:
    table = Table("Check", "Standing", "First event concerned", "Why", title="Audit log")
    for each in report.findings:
        standing = Text(_SHOWN.get(each.standing, each.standing.value), style=_COLOURS[each.standing])
        more = f" ({each.count} of this kind)" if each.count > 1 else ""
        table.add_row(each.check.value, standing, safe(each.event_id or ""), safe(each.why + more))
    return table


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check.value,
        "standing": finding.standing.value,
        "why": finding.why,
        "event_id": finding.event_id,
        "leaf_index": finding.leaf_index,
        "count": finding.count,
    }


def sink(report: SinkReport) -> dict[str, Any]:
    """One sink as an object of a document."""
    return {
        "id": report.id,
        "where": report.where,
        "reach": report.reach.value,
        "standing": report.standing.value,
        "held": report.held,
        "size": report.size,
        "kept_at_ms": report.kept_at_ms,
    }
