"""The table of consent: what each verdict was judged by, and what it said; without a word of any call.

It outlives the recordings and their words.  Its digests stand in the audit log,
so a row that is altered shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, select

from compliance.store.database import insert_once, values_of
from compliance.store.schema import consent_facts

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One verdict with its facts, each as canonical JSON with its SHA-256 in hex."""

    recording_id: str
    verdict_sha256: str
    facts_sha256: str
    facts: bytes = field(repr=False)
    verdict: bytes = field(repr=False)
    created_at_ms: int


def keep(connection: Connection, row: ConsentRow) -> bool:
    """Add a verdict; False if the same one is there, which then stays."""
    return insert_once(connection, consent_facts, values_of(row, consent_facts))


def get(connection: Connection, recording_id: str, verdict_sha256: str) -> ConsentRow | None:
    """The verdict of that digest, or None."""
    statement = select(consent_facts).where(
        consent_facts.c.recording_id == recording_id, consent_facts.c.verdict_sha256 == verdict_sha256
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else ConsentRow(**row._mapping)


def count(connection: Connection) -> int:
    """How many recordings were judged."""
    return int(
        connection.execute(select(func.count(func.distinct(consent_facts.c.recording_id)))).scalar_one()
    )


def page(connection: Connection, *, after: str = "", limit: int = _PAGE) -> list[str]:
    """The ids of recordings that were judged, in order, beginning behind the one named ``after``."""
    column = consent_facts.c.recording_id
    statement = select(column).where(column > after).distinct().order_by(column).limit(limit)
    return list(connection.execute(statement).scalars())


def forget(connection: Connection, recording_id: str) -> int:
    """Remove what the verdicts of an erased recording were judged by; how many there were."""
    statement = delete(consent_facts).where(consent_facts.c.recording_id == recording_id)
    return connection.execute(statement).rowcount
