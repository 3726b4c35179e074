"""Writing to the audit log: the event goes in with the act it tells of, or neither happens."""

from __future__ import annotations

from sqlalchemy import Connection

from compliance.audit.canonical import encode
from compliance.audit.events import AuditEvent
from compliance.audit.merkle import leaf_hash
from compliance.store import events


def record(connection: Connection, event: AuditEvent) -> None:
    """Write the event in the caller's transaction; one that is there already stays as it is.

    Its bytes are made once, here: what is stored is what is hashed, sealed and
    handed over as evidence, whatever later versions of this code would write.

    Raises:
        DatabaseUnavailable: (on leaving the transaction) it was not written, nor was anything else.
    """
    body = encode(event)
    events.insert(
        connection,
        id=event.id,
        recording_id=event.recording_id,
        kind=event.kind.value,
        occurred_at_ms=event.occurred_at_ms,
        body=body,
        leaf_hash=leaf_hash(body),
    )
