"""Reading what became of recordings, for those with a token."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.security import HTTPBearer
from sqlalchemy import Connection

from compliance.api.admission import EVERYONE, RECORDING_ID, TRUSTED, Admission, Entry
from compliance.api.models import AuditDocument, RecordingDocument, RecordingsDocument, view
from compliance.api.problems import Problem
from compliance.records import State
from compliance.store import events, recordings

RecordingPath = Annotated[str, Path(pattern=f"^{RECORDING_ID.pattern}$", description="The recording's id.")]
RecordingQuery = Annotated[
    str | None,
    Query(pattern=f"^{RECORDING_ID.pattern}$", description="Begin behind this one, the last page's `after`."),
]


ToList = Annotated[Entry, Depends(Admission("recordings", EVERYONE))]
ToRecording = Annotated[Entry, Depends(Admission("recording", EVERYONE))]
ToTrail = Annotated[Entry, Depends(Admission("audit_trail", TRUSTED))]

router = APIRouter(
    prefix="/v1/recordings",
    tags=["recordings"],
    dependencies=[Security(HTTPBearer(auto_error=False, description="compliance token create"))],
    responses={status: {"model": Problem} for status in (401, 403, 422, 503)},
)


@router.get("")
def list_recordings(
    entry: ToList,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    after: RecordingQuery = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Entries on a page.")] = 50,
) -> RecordingsDocument:
    """Recordings, newest first.  The list being read is an audit event of its own."""

    def page(connection: Connection) -> tuple[RecordingsDocument, int]:
        # One more than asked for tells whether there is another page.
        rows = recordings.page(connection, state=state, after=after, limit=limit + 1)
        shown = tuple(view(row) for row in rows[:limit])
        following = shown[-1].id if len(rows) > limit else None
        return RecordingsDocument(recordings=shown, after=following), len(shown)

    return entry.door.read(entry.caller, entry.wanted, page)


@router.get("/{recording_id}", responses={404: {"model": Problem}})
def get_recording(entry: ToRecording, recording_id: RecordingPath) -> RecordingDocument:
    """One recording.  That it was read is on record before it is sent."""

    def one(connection: Connection) -> tuple[RecordingDocument, None]:
        return RecordingDocument(recording=view(recordings.get(connection, recording_id))), None

    return entry.door.read(entry.caller, entry.wanted, one)


@router.get("/{recording_id}/audit", responses={404: {"model": Problem}})
def get_audit_trail(entry: ToTrail, recording_id: RecordingPath) -> AuditDocument:
    """The audit events of one recording, oldest first, for officers and lawyers."""

    def trail(connection: Connection) -> tuple[AuditDocument, None]:
        recordings.get(connection, recording_id)
        told = tuple(json.loads(row.body) for row in events.of_recording(connection, recording_id))
        return AuditDocument(recording_id=recording_id, events=told), None

    return entry.door.read(entry.caller, entry.wanted, trail)
