"""From the bytes of a webhook to one committed row of the inbox.

Nothing else happens before the answer: LiveKit drops what has waited thirty
seconds in its queue, and repeats what was not answered.
"""

from __future__ import annotations

import json
from enum import StrEnum

from compliance.audit import events as audit
from compliance.audit import log
from compliance.intake.events import EgressEvent, Event, dedupe_key, parse, parse_room
from compliance.intake.livekit import SignedEvent, verify
from compliance.intake.mask import masked
from compliance.intake.parts import IntakeParts
from compliance.store import inbox
from compliance.store.inbox import InboxRow
from compliance.store.seal import seal

ACTOR = audit.Actor(type="service", id="intake", role="intake")


class Receipt(StrEnum):
    """What became of a webhook that was believed."""

    ACCEPTED = "accepted"
    REPLAYED = "replayed"
    """It was there already, by its id or as the same end of the same egress; nothing was done."""
    IGNORED = "ignored"
    """Of no use to us; nothing was kept."""


def receive(body: bytes, token: str | None, parts: IntakeParts, *, now_ms: int) -> Receipt:
    """Verify a webhook, mask its secrets, and keep it; once this returns it is kept.

    Raises:
        SignatureInvalid, BodyInvalid: it is not believed; nothing was kept.
        DatabaseUnavailable, DiskFull: nothing was kept; LiveKit should send it again.
    """
    signed = verify(body, token, parts.livekit_keys, now_ms=now_ms, max_age_s=parts.max_age_s)
    event = parse(signed.name, signed.body)
    if event is None and parts.gathers_rooms:
        event = parse_room(signed.name, signed.body)
    if event is None:
        return Receipt.IGNORED
    return _kept(_row(signed, event, parts.key, now_ms), parts)


def _kept(row: InboxRow, parts: IntakeParts) -> Receipt:
    with parts.database.begin() as connection:
        if not inbox.put(connection, row):
            return Receipt.REPLAYED
        log.record(
            connection,
            audit.event(
                audit.EventKind.WEBHOOK_ACCEPTED,
                recording_id=None,
                key=row.event_id,
                occurred_at_ms=row.received_at_ms,
                actor=ACTOR,
                event=row.event,
                event_id=row.event_id,
                egress_id=row.egress_id,
                room_sid=row.room_sid,
            ),
        )
    return Receipt.ACCEPTED


def _row(signed: SignedEvent, event: Event, key: bytes, now_ms: int) -> InboxRow:
    """The row, its body masked first and then sealed: the key opens numbers, not other people's storage."""
    plain = json.dumps(masked(signed.body), separators=(",", ":")).encode("ascii")
    return InboxRow(
        event_id=signed.event_id,
        dedupe_key=dedupe_key(event),
        event=signed.name,
        egress_id=event.egress_id if isinstance(event, EgressEvent) else None,
        room_sid=event.room_sid,
        received_at_ms=now_ms,
        body=seal(key, plain, signed.event_id.encode("ascii")),
    )
