"""Events and rows that tests of the log write."""

from __future__ import annotations

from compliance.audit import rotation
from compliance.audit.events import AuditEvent, EventKind, event
from compliance.records import AgentKind, RecordingId, Role, Stage, State
from compliance.store.recordings import RecordingRow


def numbered(number: int) -> AuditEvent:
    """An event that differs from others by its number."""
    return event(
        EventKind.TOKEN_REVOKED,
        recording_id=None,
        key=str(number),
        occurred_at_ms=number,
        actor=rotation.SEQUENCER,
        token_id=f"tok_{number}",
    )


def recording(name: str) -> RecordingRow:
    """A recording that has just been received."""
    return RecordingRow(
        id=RecordingId(name),
        state=State.PROCESSING,
        stage=Stage.INTAKE,
        profile="default",
        agent_kind=AgentKind.AI,
        roles=(Role.AGENT, Role.CALLER),
        created_at_ms=1,
        updated_at_ms=1,
        sealed=None,
    )
