"""How the sinks stand: what each holds, or took last where it cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from compliance.audit.anchors.sink import NOTES, Sink, size_of
from compliance.audit.checks.report import SinkReport, Standing
from compliance.errors import ComplianceError
from compliance.store import anchors


def reports(connection: Connection, sinks: Iterable[Sink]) -> tuple[SinkReport, ...]:
    """Each sink with the newest checkpoint that it holds; nothing is compared."""
    return tuple(told(connection, each, _asked(each)) for each in sinks)


def told(connection: Connection, sink: Sink, report: SinkReport) -> SinkReport:
    """The report, with what the sink took last by our own books where it could not be read."""
    if report.size is not None:
        return report
    taken = anchors.newest(connection, sink.id)
    if taken is None:
        return report
    return replace(report, size=taken.size, kept_at_ms=taken.anchored_at_ms)


def is_newest(report: SinkReport, reports: Sequence[SinkReport]) -> bool:
    """Whether the sink has as much as any other."""
    return report.size is not None and report.size == max(each.size or 0 for each in reports)


def _asked(sink: Sink) -> SinkReport:
    blank = SinkReport(id=sink.id, where=sink.where, reach=sink.reach, standing=Standing.UNCHECKED)
    try:
        newest = next(iter(sink.read(NOTES) or ()), None)
    except ComplianceError:
        return blank
    if newest is None:
        return blank
    return replace(
        blank, standing=Standing.VALID, held=1, size=size_of(newest.name), kept_at_ms=newest.kept_at_ms
    )
