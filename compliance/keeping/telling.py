"""How this room writes to the log: a person's own words apart, and conflicts between duties told once."""

from __future__ import annotations

import secrets
from typing import Any, Final

from sqlalchemy import Connection

from compliance.audit import log
from compliance.audit.events import Actor, EventKind, event
from compliance.errors import ArgumentInvalid
from compliance.parts import Parts
from compliance.store import payloads

KEEPER: Final = Actor(type="service", id="retention", role="retention")
"""Who writes the events of what is done by itself."""


def words(
    connection: Connection,
    parts: Parts,
    statement: str,
    *,
    recording_id: str | None = None,
    individual: str | None = None,
) -> str:
    """Keep a person's own words sealed; the commitment to them.

    Raises:
        ArgumentInvalid: there are none.
    """
    if not statement.strip():
        raise ArgumentInvalid("a reason must be given")
    return payloads.commit(
        connection,
        parts.key,
        {"statement": statement.strip()},
        now_ms=parts.now_ms(),
        recording_id=recording_id,
        individual=individual,
    )


def tell(
    connection: Connection,
    parts: Parts,
    kind: EventKind,
    actor: Actor,
    *,
    recording_id: str | None = None,
    key: str | None = None,
    **fields: Any,
) -> None:
    """One event in the caller's transaction; without a key each call is one."""
    told = event(
        kind,
        recording_id=recording_id,
        key=key or secrets.token_hex(16),
        occurred_at_ms=parts.now_ms(),
        actor=actor,
        **fields,
    )
    log.record(connection, told)


def conflict(
    connection: Connection,
    parts: Parts,
    actor: Actor,
    *,
    recording_id: str | None,
    thing: str,
    between: tuple[str, str],
    decided: str,
    key: str,
) -> None:
    """Put a contradiction between two duties on record, once for each key; it waits for a person."""
    tell(
        connection,
        parts,
        EventKind.RETENTION_CONFLICT,
        actor,
        recording_id=recording_id,
        key=f"{thing}:{':'.join(between)}:{key}",
        thing=thing,
        between=list(between),
        decided=decided,
    )
