"""What is emptied in the tables when a recording is erased: whatever is sealed, and whoever is named."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from compliance.records import State
from compliance.store import individuals
from compliance.store.recordings import RecordingRow
from compliance.store.schema import inbox, participants, recordings


def empty(connection: Connection, row: RecordingRow) -> int:
    """Empty the sealed columns of a recording, its webhooks and its room; how many rows there were.

    Who was in the room is kept while another recording of it is.
    """
    statement = update(recordings).where(recordings.c.id == row.id, recordings.c.sealed.is_not(None))
    count = connection.execute(statement.values(sealed=None)).rowcount
    count += individuals.leave(connection, row.id)
    if row.room_sid is not None and not _is_shared(connection, row):
        count += _empty_room(connection, row.room_sid)
    return count + _empty_webhooks(connection, row)


def _is_shared(connection: Connection, row: RecordingRow) -> bool:
    """Whether another recording of the room is kept."""
    statement = select(func.count()).where(
        recordings.c.room_sid == row.room_sid,
        recordings.c.id != row.id,
        recordings.c.state != State.DESTROYED.value,
    )
    return bool(connection.execute(statement).scalar_one())


def _empty_room(connection: Connection, room_sid: str) -> int:
    room = update(participants).where(participants.c.room_sid == room_sid, participants.c.sealed.is_not(None))
    webhooks = update(inbox).where(
        inbox.c.room_sid == room_sid, inbox.c.egress_id.is_(None), inbox.c.body != b""
    )
    count = connection.execute(room.values(sealed=None, lookup=None)).rowcount
    return count + connection.execute(webhooks.values(body=b"")).rowcount


def _empty_webhooks(connection: Connection, row: RecordingRow) -> int:
    if row.egress_id is None and row.room_sid is None:
        return 0
    statement = update(inbox).where(_own(row), inbox.c.handled_at_ms.is_not(None), inbox.c.body != b"")
    return connection.execute(statement.values(body=b"")).rowcount


def _own(row: RecordingRow) -> ColumnElement[bool]:
    """The webhooks of its egress; of a call gathered from a room, of every egress that made no other."""
    if row.egress_id is not None:
        return inbox.c.egress_id == row.egress_id
    alone = select(recordings.c.egress_id).where(
        recordings.c.room_sid == row.room_sid, recordings.c.egress_id.is_not(None)
    )
    return and_(
        inbox.c.room_sid == row.room_sid, inbox.c.egress_id.is_not(None), inbox.c.egress_id.not_in(alone)
    )
