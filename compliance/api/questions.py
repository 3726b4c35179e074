"""Questions to the audit log over HTTP, for officers and lawyers; each is on record before it is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Security
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi.security import HTTPBearer

from compliance.api.admission import TRUSTED, Admission, Entry
from compliance.api.models import EventsDocument
from compliance.api.problems import Problem
from compliance.audit import answer, cursor, search
from compliance.audit.events import EventKind
from compliance.audit.formats import MEDIA_TYPES, WRITERS, Format, blocks
from compliance.audit.indexing import catch_up
from compliance.audit.question import FILTERS, Question, asked
from compliance.errors import QueryInvalid
from compliance.store.event_scan import Walk

CATCH_UP: Final = 2_000
"""Leaves made findable before an answer, should nobody have done it; a service does it each second."""
MOST: Final = 1_000
USUAL: Final = 50
ORDERS: Final = ("newest", "oldest")

OPTIONS: Final[Mapping[str, str]] = {
    "order": "`newest` first (the usual) or `oldest` first.",
    "format": "`json`: a page. `ndjson`: every event's stored bytes, one a line. `csv`: a row for each.",
    "cursor": "Go on behind a page: its `next`. For `json` alone.",
    "limit": f"Events on a page, 1 to {MOST}; {USUAL} unless told otherwise. For `json` alone.",
}
"""Each parameter that is no filter."""

ToEvents = Annotated[Entry, Depends(Admission("audit_events", TRUSTED))]

router = APIRouter(
    prefix="/v1/audit",
    tags=["audit"],
    dependencies=[Security(HTTPBearer(auto_error=False, description="compliance token create"))],
    responses={status: {"model": Problem} for status in (400, 401, 403, 503)},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked, and how the answer is wanted."""

    question: Question
    format: Format
    is_oldest_first: bool
    cursor: str | None
    limit: int


def _parameters() -> list[dict[str, Any]]:
    """The parameters for OpenAPI; they are read by hand, since the usual answer to a wrong one repeats it."""
    return [
        {"name": name, "in": "query", "required": False, "description": told, "schema": {"type": "string"}}
        for name, told in {**FILTERS, **OPTIONS}.items()
    ]


_FILES: Final = {each.partition(";")[0]: {"schema": {"type": "string"}} for each in MEDIA_TYPES.values()}


@router.get(
    "/events",
    response_model=None,
    openapi_extra={"parameters": _parameters()},
    responses={200: {"model": EventsDocument, "content": _FILES}},
)
def list_events(request: Request, entry: ToEvents) -> Response:
    """Sealed events that fit every filter given, by time.  That it was asked is an event of its own."""
    call = _call(request)
    catch_up(entry.door.database, CATCH_UP)
    entry = replace(entry, wanted=replace(entry.wanted, recording_id=call.question.recording))
    return _page(entry, call) if call.format is Format.JSON else _file(entry, call)


def _page(entry: Entry, call: Call) -> Response:
    """One page as a document."""
    door = entry.door
    with door.database.read() as connection:
        walk = _walk(entry, call) or search.begin(connection, is_oldest_first=call.is_oldest_first)
        page = search.page(connection, call.question, walk, call.limit, most=search.MOST_LOOKED_AT)
        told = answer.document(connection, door.key, call.question, walk, page)
    door.tell(EventKind.ACCESS_LIST, entry.caller, entry.wanted, **_facts(call, len(page.hits), page.size))
    return JSONResponse(told)


def _walk(entry: Entry, call: Call) -> Walk | None:
    """Where the cursor goes on, if there is one."""
    if call.cursor is None:
        return None
    return cursor.read(entry.door.key, call.question, call.cursor, is_oldest_first=call.is_oldest_first)


def _file(entry: Entry, call: Call) -> Response:
    """All of it.  How much that is, is counted and on record first: of this size the log never changes."""
    door = entry.door
    with door.database.read() as connection:
        walk = search.begin(connection, is_oldest_first=call.is_oldest_first)
        entries = search.count(connection, call.question, walk)
    facts = _facts(call, entries, walk.size) | {"format": call.format}
    door.tell(EventKind.ACCESS_EXPORT, entry.caller, entry.wanted, **facts)
    hits = search.everything(door.database, call.question, walk)
    return StreamingResponse(
        blocks(WRITERS[call.format](hits)),
        media_type=MEDIA_TYPES[call.format],
        headers={"Content-Disposition": f'attachment; filename="audit-events.{call.format}"'},
    )


def _facts(call: Call, entries: int, size: int) -> dict[str, Any]:
    """What goes on record of a question: by what was asked, never for what."""
    return {"entries": entries, "filters": call.question.filters, "size": size}


def _call(request: Request) -> Call:
    """The parameters, checked.

    Raises:
        QueryInvalid: one is unknown, given twice, or not what it must be.
    """
    given = _given(request)
    options = {name: given.pop(name, None) for name in OPTIONS}
    question = asked(given)
    form, order = options["format"] or Format.JSON, options["order"] or ORDERS[0]
    if form not in set(Format) or order not in ORDERS:
        raise QueryInvalid(f"format must be one of {', '.join(Format)}; order one of {', '.join(ORDERS)}")
    if form != Format.JSON and (options["cursor"] or options["limit"]):
        raise QueryInvalid("cursor and limit are for pages (format json); a file holds every event that fits")
    return Call(
        question=question,
        format=Format(form),
        is_oldest_first=order == "oldest",
        cursor=options["cursor"],
        limit=_limit(options["limit"]),
    )


def _given(request: Request) -> dict[str, str]:
    """The parameters by name.

    Raises:
        QueryInvalid: one is unknown or given twice.
    """
    counted = Counter(name for name, _ in request.query_params.multi_items())
    known = {**FILTERS, **OPTIONS}
    if counted.keys() - known.keys():
        raise QueryInvalid(f"there is no such parameter; there are {', '.join(known)}")
    if twice := sorted(name for name, times in counted.items() if times > 1):
        raise QueryInvalid(f"given twice: {', '.join(twice)}")
    return dict(request.query_params)


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST):
        raise QueryInvalid(f"limit must be a whole number from 1 to {MOST}")
    return int(text)
