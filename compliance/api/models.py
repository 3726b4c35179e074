"""The bodies of answers.  None has a field for a number, an identity, a room's name or a path."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from compliance.records import AgentKind, Role, Stage, State
from compliance.store.recordings import RecordingRow


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class RecordingView(_Body):
    """A recording as it may be shown."""

    id: str
    state: State
    stage: Stage | None = Field(description="The stage that runs or ran last.")
    reasons: tuple[str, ...] = Field(description="Why it is held or absent, as stable words.")
    profile: str
    agent_kind: AgentKind
    roles: tuple[Role, ...] = Field(description="Who speaks on each channel.")
    egress_id: str | None
    room_sid: str | None
    started_at_ms: int | None = Field(description="Unix time of the first sample.")
    duration_ms: int | None
    source_sha256: str | None = Field(description="Of the original; of several, of the first.")
    created_at_ms: int
    updated_at_ms: int


class RecordingDocument(_Body):
    """The answer to ``/v1/recordings/{id}``."""

    schema_: str = Field(default="compliance/recording/1", alias="schema")
    recording: RecordingView


class RecordingsDocument(_Body):
    """The answer to ``/v1/recordings``, newest first."""

    schema_: str = Field(default="compliance/recordings/1", alias="schema")
    recordings: tuple[RecordingView, ...]
    after: str | None = Field(description="Give this as `after` for the next page; null on the last.")


class AuditDocument(_Body):
    """The answer to ``/v1/recordings/{id}/audit``, oldest first."""

    schema_: str = Field(default="compliance/audit-trail/1", alias="schema")
    recording_id: str
    events: tuple[dict[str, Any], ...] = Field(
        description="The events as they were written (see docs/events.md)."
    )


class SealedEvent(_Body):
    """An event and its place in the log."""

    leaf_index: int
    event: dict[str, Any] = Field(description="The event as it was written (see docs/events.md).")


class EventsDocument(_Body):
    """The answer to ``/v1/audit/events``, by time."""

    schema_: str = Field(default="compliance/audit-events/2", alias="schema")
    size: int = Field(description="The answer, its following pages too, is of the first so many events.")
    waiting: int = Field(
        description="Events that came since, or are not sealed yet; the next answer has them."
    )
    events: tuple[SealedEvent, ...] = Field(description="May be short, or empty, with more to come.")
    next: str | None = Field(description="Give this as `cursor` for the next page; null on the last.")


class Received(_Body):
    """The answer to a webhook."""

    schema_: str = Field(default="compliance/receipt/1", alias="schema")
    receipt: str = Field(description="accepted, replayed or ignored.")


class Health(_Body):
    """The answer to ``/healthz`` and ``/readyz``."""

    schema_: str = Field(default="compliance/health/1", alias="schema")
    ok: bool
    checks: dict[str, str] = Field(
        default_factory=dict, description="ok, or the reason it is not, by what was asked."
    )


def view(row: RecordingRow) -> RecordingView:
    """The part of a row that may be shown."""
    return RecordingView(**{name: getattr(row, name) for name in RecordingView.model_fields})
