"""Signing off a review of the log (45 CFR 164.308(a)(1)(ii)(D); PCI DSS v4.0.1, 10.4.1)."""

from __future__ import annotations

from enum import StrEnum

from compliance.audit.events import Actor, EventKind
from compliance.errors import ArgumentInvalid, StateConflict
from compliance.keeping.telling import tell, words
from compliance.parts import Parts
from compliance.store import checkpoints


class Finding(StrEnum):
    """What the reviewer found."""

    NOTHING = "nothing"
    FOLLOW_UP = "follow_up"
    """Something that must be looked into."""
    INCIDENT = "incident"


def sign_off(
    parts: Parts, *, from_ms: int, to_ms: int, finding: Finding, statement: str, actor: Actor
) -> int:
    """Put on record that a person reviewed the log of a period; the size of the log that they had.

    Raises:
        ArgumentInvalid: the period ends before it begins or in the future, or nothing is said about it.
        StateConflict: the log has no checkpoint yet, so there is nothing that could be signed for.
    """
    if not from_ms < to_ms <= parts.now_ms():
        raise ArgumentInvalid("a review is of a period that has begun and ended")
    with parts.database.begin() as connection:
        checkpoint = checkpoints.latest(connection)
        if checkpoint is None:
            raise StateConflict("the log has no checkpoint yet; there is nothing to sign for")
        digest = words(connection, parts, statement)
        tell(
            connection,
            parts,
            EventKind.LOG_REVIEWED,
            actor,
            from_ms=from_ms,
            to_ms=to_ms,
            size=checkpoint.size,
            root_sha256=checkpoint.root.hex(),
            finding=finding.value,
            statement_sha256=digest,
        )
    return checkpoint.size
