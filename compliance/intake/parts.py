"""What intake needs of a deployment, handed over by ``bootstrap``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr
from sqlalchemy import Connection

from compliance.intake.objects import Allowed
from compliance.records import AgentKind
from compliance.settings import Settings
from compliance.store import individuals
from compliance.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeParts:
    """Keys, lists and the database."""

    database: Database = field(repr=False)
    key: bytes = field(repr=False)
    """The deployment key, under which bodies and numbers are sealed."""
    livekit_keys: Mapping[str, SecretStr] = field(repr=False)
    max_age_s: int
    """How old an event may be."""
    allowed: Allowed
    profile: str
    agent_kind: AgentKind
    business_number: str | None = field(repr=False)
    place_attributes: tuple[str, ...] = ()
    """Attributes of a participant that tell where they are; nothing else of them is kept."""

    gathers_rooms: bool = False
    """Whether egresses of one participant or track are one recording with the others of their room."""
    room_wait_ms: int = 900_000
    """How long a room that seems over is waited for."""

    def pseudonym(self, connection: Connection, number: str) -> str:
        """The digest by which a number is found again, for as long as its salt is there."""
        return individuals.pseudonym(connection, self.key, number)


def parts_of(settings: Settings, database: Database, *, key: bytes) -> IntakeParts:
    """The parts that these settings ask for; ``key`` is the deployment key."""
    return IntakeParts(
        database=database,
        key=key,
        livekit_keys=settings.livekit_keys,
        max_age_s=settings.webhook_max_age_s,
        allowed=Allowed(buckets=settings.source_buckets, prefix=settings.source_prefix),
        profile=settings.profile,
        agent_kind=AgentKind(settings.agent_kind),
        business_number=settings.business_number,
        place_attributes=settings.place_attributes,
        gathers_rooms=settings.room_files == "together",
        room_wait_ms=settings.room_wait_s * 1000,
    )
