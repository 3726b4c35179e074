"""Reports of the log over HTTP, for officers and lawyers: on record before their first byte leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, Security
from fastapi.security import HTTPBearer

from compliance.api.admission import TRUSTED, Admission, Entry
from compliance.api.problems import Problem
from compliance.api.recordings import RecordingQuery
from compliance.audit.events import Actor
from compliance.audit.reports.make import Name, Wanted, record
from compliance.audit.reports.values import Report
from compliance.audit.reports.written import as_csv, as_html, as_json
from compliance.errors import ArgumentInvalid
from compliance.store import recordings

YEAR = timedelta(days=365)


class Form(StrEnum):
    """How a report is written."""

    JSON = "json"
    HTML = "html"
    CSV = "csv"
    """One table of it."""


_TYPES = {
    Form.JSON: "application/json",
    Form.HTML: "text/html; charset=utf-8",
    Form.CSV: "text/csv; charset=utf-8; header=present",
}

ToReport = Annotated[Entry, Depends(Admission("report", TRUSTED))]
First = Annotated[
    date | None, Query(alias="from", description="First day, in UTC; a year back if not given.")
]
Last = Annotated[
    date | None, Query(alias="to", description="Last day, in UTC, included; today if not given.")
]
TableQuery = Annotated[str | None, Query(description="Which table; for csv.", pattern="^[a-z_]{1,40}$")]

router = APIRouter(
    prefix="/v1/audit/reports",
    tags=["audit"],
    dependencies=[Security(HTTPBearer(auto_error=False, description="compliance token create"))],
    responses={status: {"model": Problem} for status in (401, 403, 404, 422, 503)},
)


@router.get("/{name}")
def get_report(
    entry: ToReport,
    request: Request,
    name: Name,
    first: First = None,
    last: Last = None,
    form: Annotated[Form, Query(alias="format", description="json, html, or csv.")] = Form.JSON,
    table: TableQuery = None,
    recording: RecordingQuery = None,
) -> Response:
    """A report of the log.  One person's accounting is not given here: a number must not stand in a URL."""
    now = datetime.fromtimestamp(entry.door.clock() / 1000, UTC)
    ends = now.date() if last is None else last
    begins = ends - YEAR if first is None else first
    wanted = Wanted(
        name=name, from_ms=_ms(begins), to_ms=_ms(ends + timedelta(days=1)), recording_id=recording
    )
    body = _recorded(entry, request, wanted, form, table)
    suffix = f".{table}" if form is Form.CSV else ""
    return Response(
        body,
        media_type=_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}{suffix}.{form}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def _recorded(entry: Entry, request: Request, wanted: Wanted, form: Form, table: str | None) -> bytes:
    """The report's bytes, after the event with their digest is committed.

    Raises:
        RecordingUnknown: there is no recording of that id.
        DatabaseUnavailable: it could not be put on record, so nothing leaves.
    """
    actor = Actor(type="person", id=entry.caller.token_id, role=entry.caller.role.value)
    with entry.door.database.read() as connection:
        if wanted.recording_id is not None:
            recordings.get(connection, wanted.recording_id)
        report: Report = request.app.state.report(connection, wanted)
    body = _written(report, form, table)
    name = f"{wanted.name}.{table}.csv" if form is Form.CSV else f"{wanted.name}.{form}"
    with entry.door.database.begin() as connection:
        record(connection, wanted, report, {name: body}, actor)
    return body


def _written(report: Report, form: Form, table: str | None) -> bytes:
    if form is Form.JSON:
        return as_json(report)
    if form is Form.HTML:
        return as_html(report)
    if table is None:
        raise ArgumentInvalid(f"csv is of one table: {', '.join(each.name for each in report.tables)}")
    return as_csv(report, table)


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
