"""The way out after a restored backup: a person declares the loss, in the log, before it is signed on."""

from __future__ import annotations

from compliance.audit import log
from compliance.audit.anchors.guard import Conflict
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.merkle import EMPTY_ROOT
from compliance.errors import ArgumentInvalid
from compliance.store.database import Database


def declare(
    database: Database, conflict: Conflict | None, actor: Actor, *, statement_sha256: str, now_ms: int
) -> AuditEvent:
    """Write that the log goes on from its newest checkpoint though a later one was anchored.

    Both are named for good: whoever checks the log is told from which event on
    others were lost, how many, and who said so.

    Raises:
        ArgumentInvalid: there is nothing to declare.
    """
    if conflict is None:
        raise ArgumentInvalid("the log continues every anchor that can be read: there is nothing to declare")
    newest, anchored = conflict.newest, conflict.anchored
    told = event(
        EventKind.LOG_RESTORED,
        recording_id=None,
        key=f"{anchored.size}:{anchored.root.hex()}:{now_ms}",
        occurred_at_ms=now_ms,
        actor=actor,
        size=newest.size if newest else 0,
        root_sha256=(newest.root if newest else EMPTY_ROOT).hex(),
        anchored_size=anchored.size,
        anchored_sha256=anchored.root.hex(),
        statement_sha256=statement_sha256,
    )
    with database.begin() as connection:
        log.record(connection, told)
    return told
