"""An event as the bytes that are stored and hashed, and back.

RFC 8785 gives one spelling to each JSON value, so that anybody can make the
same bytes from the same event, in any language, and get the same digest.
"""

from __future__ import annotations

import json

import rfc8785

from compliance.audit.events import SCHEMA, AuditEvent, Plain
from compliance.errors import AuditInvalid

ENVELOPE = frozenset(
    {"schema", "id", "kind", "occurred_at_ms", "recording_id", "actor", "outcome", "reason", "fields"}
)
"""The members of every event of the schema, no more and no fewer."""


def document(event: AuditEvent) -> dict[str, Plain]:
    """The event as a JSON object, envelope and fields."""
    actor: Plain = {"type": event.actor.type, "id": event.actor.id, "role": event.actor.role}
    return {
        "schema": SCHEMA,
        "id": event.id,
        "kind": event.kind.value,
        "occurred_at_ms": event.occurred_at_ms,
        "recording_id": event.recording_id,
        "actor": actor,
        "outcome": event.outcome,
        "reason": event.reason,
        "fields": dict(event.fields),
    }


def encode(event: AuditEvent) -> bytes:
    """The event's canonical bytes."""
    return rfc8785.dumps(document(event))


def dumps(value: Plain) -> bytes:
    """Any JSON value's canonical bytes."""
    return rfc8785.dumps(value)


def decode(body: bytes) -> dict[str, Plain]:
    """The stored bytes as a JSON object.

    Raises:
        AuditInvalid: they are not the canonical bytes of an event of a known schema.
    """
    try:
        read = json.loads(body)
        is_canonical = rfc8785.dumps(read) == body
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        raise AuditInvalid("an event's stored bytes are not JSON") from None
    if not is_canonical:
        raise AuditInvalid("an event's stored bytes are not canonical")
    if not isinstance(read, dict) or read.get("schema") != SCHEMA or read.keys() != ENVELOPE:
        raise AuditInvalid("an event's stored bytes are of no known schema")
    return read
