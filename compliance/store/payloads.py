"""What an event only commits to: names, addresses and people's own words, sealed in a table beside the log.

An event holds the commitment, SHA-256 over a random salt and the value's JSON.
Without the salt no guess at the value can be tested.  Erasing destroys salt and
value; the event keeps its bytes, its leaf and its proof.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, and_, or_, select, update

from compliance.errors import SealBroken
from compliance.store.schema import sealed_values
from compliance.store.seal import SALT_BYTES, seal, unseal

_CONTEXT: Final = b"sealed_values/"
ERASED: Final = "sealed, erased"
"""What readers say of a value that is no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A value that an event commits to; None once it was erased, or where no such row is."""

    commitment: str
    value: Mapping[str, Any] | None = field(repr=False)

    def text(self, name: str) -> str:
        """One of its fields, or that it was erased."""
        return ERASED if self.value is None else str(self.value.get(name, ""))


def commit(
    connection: Connection,
    key: bytes,
    value: Mapping[str, Any],
    *,
    now_ms: int,
    recording_id: str | None = None,
    individual: str | None = None,
) -> str:
    """Keep a value sealed; the commitment to it, for an event in the same transaction."""
    salt, body = secrets.token_bytes(SALT_BYTES), _bytes(value)
    commitment = _commitment(salt, body)
    row = {
        "commitment": commitment,
        "recording_id": recording_id,
        "individual": individual,
        "sealed": seal(key, salt + body, _CONTEXT + commitment.encode()),
        "created_at_ms": now_ms,
    }
    connection.execute(sealed_values.insert().values(**row))
    return commitment


def read(connection: Connection, key: bytes, commitment: str) -> Payload:
    """The value that a commitment is of.

    Raises:
        SealBroken: the row was altered: what it holds is not what the event commits to.
    """
    statement = select(sealed_values.c.sealed).where(sealed_values.c.commitment == commitment)
    sealed = connection.execute(statement).scalar()
    if sealed is None:
        return Payload(commitment=commitment, value=None)
    plain = unseal(key, sealed, _CONTEXT + commitment.encode())
    salt, body = plain[:SALT_BYTES], plain[SALT_BYTES:]
    if _commitment(salt, body) != commitment:
        raise SealBroken("a sealed value is not the one that its event commits to")
    return Payload(commitment=commitment, value=json.loads(body))


def kept_of(connection: Connection, individual: str) -> list[int]:
    """When each sealed value about a person was kept, in Unix milliseconds; erased ones are left out."""
    statement = select(sealed_values.c.created_at_ms).where(
        sealed_values.c.individual == individual, sealed_values.c.sealed.is_not(None)
    )
    return list(connection.execute(statement).scalars())


def erase(
    connection: Connection, *, now_ms: int, recording_id: str | None = None, individual: str | None = None
) -> int:
    """Destroy salts and values of a recording, or of an individual; how many there were."""
    wanted = []
    if recording_id is not None:
        wanted.append(sealed_values.c.recording_id == recording_id)
    if individual is not None:
        wanted.append(sealed_values.c.individual == individual)
    statement = update(sealed_values).where(and_(sealed_values.c.sealed.is_not(None), or_(False, *wanted)))
    return connection.execute(statement.values(sealed=None, individual=None, erased_at_ms=now_ms)).rowcount


def _bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _commitment(salt: bytes, body: bytes) -> str:
    return hashlib.sha256(salt + body).hexdigest()
