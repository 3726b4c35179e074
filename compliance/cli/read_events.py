"""That the audit log was read on the command line goes on record before anything is shown."""

from __future__ import annotations

import secrets
from typing import Any

from compliance import embedded
from compliance.audit import log
from compliance.audit.events import EventKind, event
from compliance.cli.process import operator
from compliance.parts import Parts


def told(parts: Parts, kind: EventKind, recording_id: str | None = None, **facts: Any) -> None:
    """Put a read of the log on record, and seal it.

    Raises:
        DatabaseUnavailable: it could not be put on record, so nothing is shown.
    """
    read = event(
        kind,
        recording_id=recording_id,
        key=secrets.token_hex(16),
        occurred_at_ms=parts.now_ms(),
        actor=operator(),
        **facts,
    )
    with parts.database.begin() as connection:
        log.record(connection, read)
    embedded.seal(parts)
