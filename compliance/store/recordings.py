"""The table of recordings: where each one stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, select, tuple_, update

from compliance.errors import RecordingUnknown, StateConflict
from compliance.records import AgentKind, RecordingId, Role, Stage, State
from compliance.store.database import insert_once, values_of
from compliance.store.schema import recordings

_AMENDABLE = frozenset(
    {
        "profile",
        "agent_kind",
        "roles",
        "room_sid",
        "started_at_ms",
        "duration_ms",
        "source_sha256",
        "sources",
        "sealed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRow:
    """One recording as it is stored; what would identify people lies in ``sealed``."""

    id: RecordingId
    state: State
    stage: Stage | None
    """The stage that runs or ran last."""
    reasons: tuple[str, ...] = ()
    """Why it is held, as stable words."""
    profile: str
    agent_kind: AgentKind
    roles: tuple[Role, ...] = ()
    egress_id: str | None = None
    room_sid: str | None = None
    started_at_ms: int | None = None
    duration_ms: int | None = None
    source_sha256: str | None = None
    sources: tuple[Mapping[str, Any], ...] = ()
    """Where each source object is, in JSON; its key only sealed."""
    created_at_ms: int
    updated_at_ms: int
    sealed: bytes | None = field(default=None, repr=False)
    """JSON of parties and source keys, by ``seal.seal`` with the recording id as context."""


def egress_ids(connection: Connection, recording_ids: Collection[str]) -> dict[str, str]:
    """The egress of each of these recordings that came from one."""
    statement = select(recordings.c.id, recordings.c.egress_id).where(
        recordings.c.id.in_(recording_ids), recordings.c.egress_id.is_not(None)
    )
    return {row.id: row.egress_id for row in connection.execute(statement)}


def insert(connection: Connection, row: RecordingRow) -> bool:
    """Add a recording; False if its id or its egress is already there, which changes nothing."""
    return insert_once(connection, recordings, _values(values_of(row, recordings)))


def get(connection: Connection, recording_id: str) -> RecordingRow:
    """The recording of that id.

    Raises:
        RecordingUnknown: there is none.
    """
    row = connection.execute(select(recordings).where(recordings.c.id == recording_id)).one_or_none()
    if row is None:
        raise RecordingUnknown("there is no recording of that id")
    return _row(row)


def by_egress(connection: Connection, egress_id: str) -> RecordingRow | None:
    """The recording that this egress made, or None."""
    row = connection.execute(select(recordings).where(recordings.c.egress_id == egress_id)).one_or_none()
    return None if row is None else _row(row)


def gathering(connection: Connection) -> list[RecordingRow]:
    """Recordings of a room of which not every egress has ended yet."""
    statement = select(recordings).where(
        recordings.c.state == State.RECEIVED.value,
        recordings.c.egress_id.is_(None),
        recordings.c.room_sid.is_not(None),
    )
    return [_row(row) for row in connection.execute(statement.order_by(recordings.c.created_at_ms))]


def page(
    connection: Connection, *, state: State | None = None, after: str | None = None, limit: int = 50
) -> list[RecordingRow]:
    """Recordings from the newest on, beginning behind the one named ``after``.

    The place is kept by (created, id), so that recordings which arrive between
    two pages neither repeat one nor skip one.
    """
    place = tuple_(recordings.c.created_at_ms, recordings.c.id)
    statement = (
        select(recordings).order_by(recordings.c.created_at_ms.desc(), recordings.c.id.desc()).limit(limit)
    )
    if state is not None:
        statement = statement.where(recordings.c.state == state.value)
    if after is not None:
        last = select(recordings.c.created_at_ms, recordings.c.id).where(recordings.c.id == after)
        statement = statement.where(place < last.scalar_subquery())
    return [_row(row) for row in connection.execute(statement)]


def move(
    connection: Connection,
    recording_id: str,
    *,
    state: State,
    stage: Stage | None,
    reasons: Collection[str],
    now_ms: int,
    expected: Collection[State] | None = None,
) -> None:
    """Put a recording into a state, if it is in one of ``expected`` (None: whichever it is in).

    Raises:
        RecordingUnknown: there is no recording of that id.
        StateConflict: it is in another state; somebody else decided first.
    """
    statement = update(recordings).where(recordings.c.id == recording_id)
    if expected is not None:
        statement = statement.where(recordings.c.state.in_([each.value for each in expected]))
    values = _values({"state": state, "stage": stage, "reasons": tuple(reasons), "updated_at_ms": now_ms})
    if connection.execute(statement.values(**values)).rowcount != 1:
        found = get(connection, recording_id)
        raise StateConflict(f"recording {recording_id} is {found.state.value}")


def owing(connection: Connection, *, states: Collection[State]) -> list[RecordingId]:
    """Recordings in one of these states that still give a reason, the longest waiting first."""
    is_owing = cast(recordings.c.reasons, Text) != "[]"
    statement = select(recordings.c.id).where(
        recordings.c.state.in_([each.value for each in states]), is_owing
    )
    order = (recordings.c.updated_at_ms, recordings.c.id)
    return [RecordingId(each) for each in connection.execute(statement.order_by(*order)).scalars()]


def hold_still(connection: Connection, recording_id: str, state: State) -> bool:
    """Whether it is in that state; if so nobody moves it before this transaction ends."""
    statement = select(recordings.c.id).where(
        recordings.c.id == recording_id, recordings.c.state == state.value
    )
    return connection.execute(statement.with_for_update()).first() is not None


def lock(connection: Connection, recording_id: str) -> RecordingRow:
    """The recording of that id; nobody changes it before this transaction ends.

    Raises:
        RecordingUnknown: there is none.
    """
    statement = select(recordings).where(recordings.c.id == recording_id).with_for_update()
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise RecordingUnknown("there is no recording of that id")
    return _row(row)


def amend(connection: Connection, recording_id: str, *, now_ms: int, **facts: Any) -> None:
    """Write down what has been learnt of a recording since, by column name (``duration_ms=…``).

    State and identity are not among the columns: ``move`` changes the one, nothing the other.

    Raises:
        RecordingUnknown: there is no recording of that id.
    """
    if strange := facts.keys() - _AMENDABLE:
        raise TypeError(f"not a column that may be amended: {', '.join(sorted(strange))}")
    values = _values({**facts, "updated_at_ms": now_ms})
    if (
        connection.execute(
            update(recordings).where(recordings.c.id == recording_id).values(**values)
        ).rowcount
        != 1
    ):
        raise RecordingUnknown("there is no recording of that id")


def _values(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values for the columns: enums are strings of their own, tuples become lists."""
    return {name: list(each) if isinstance(each, tuple) else each for name, each in facts.items()}


def _row(row: Row[Any]) -> RecordingRow:
    facts = dict(row._mapping)
    facts.update(
        id=RecordingId(row.id),
        state=State(row.state),
        stage=None if row.stage is None else Stage(row.stage),
        reasons=tuple(row.reasons),
        agent_kind=AgentKind(row.agent_kind),
        roles=tuple(Role(each) for each in row.roles),
        sources=tuple(row.sources),
    )
    return RecordingRow(**facts)
