"""What the tests of anchors share: a signing key, events to write, and what an endpoint was sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from compliance.audit import log
from compliance.audit.events import Actor, EventKind, event
from compliance.audit.keyring import ORIGIN
from compliance.audit.note import SeedSigner
from compliance.store.database import Database

SIGNER = SeedSigner(name=ORIGIN, seed=bytes(range(32)))


@dataclass
class Endpoint:
    """Somebody's service: what it was sent, and what it answers."""

    url: str = ""
    status: int = 200
    answer: bytes = b"taken"
    location: str = ""
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


def write(database: Database, *numbers: int, at_ms: int = 1_700_000_000_000) -> None:
    """Write events that differ by their number, in one transaction."""
    with database.begin() as connection:
        for number in numbers:
            told = event(
                EventKind.STAGE_FAILED,
                recording_id="rec_" + "0" * 32,
                key=str(number),
                occurred_at_ms=at_ms + number,
                actor=Actor(type="service", id="pipeline", role="pipeline"),
                outcome="failure",
                reason="storage_unavailable",
                stage="transcribe",
                attempt=number,
            )
            log.record(connection, told)
