"""Individuals: a person is found by a keyed digest of their number, and known by a salted one.

The log and the other tables know a person by a pseudonym, HMAC-SHA-256 under a
random salt of their own.  From the number to the pseudonym leads one row only:
with its destruction nobody can tell any more, not even with the deployment key,
whose pseudonym it was.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, select, update

from compliance.store.database import insert_once
from compliance.store.keys import lookup, lookup_key
from compliance.store.schema import appearances, individuals, participants, recordings
from compliance.store.seal import SALT_BYTES, seal, unseal

_CONTEXT: Final = b"individuals/"


def pseudonym(connection: Connection, key: bytes, number: str) -> str:
    """The person's pseudonym, made at first use; ``number`` is E.164 where it is one."""
    found = known(connection, key, number)
    if found is not None:
        return found
    digest, salt = lookup(lookup_key(key), number), secrets.token_bytes(SALT_BYTES)
    values = {
        "lookup": digest,
        "pseudonym": _salted(salt, digest),
        "salt": seal(key, salt, _CONTEXT + digest.encode()),
    }
    insert_once(connection, individuals, values)
    return _required(known(connection, key, number))  # of two that make it at once one wins


def known(connection: Connection, key: bytes, number: str) -> str | None:
    """The person's pseudonym, or None for whom there is none or whose salt was destroyed.

    Raises:
        SealBroken: the row was altered, or the deployment key is another.
    """
    digest = lookup(lookup_key(key), number)
    statement = select(individuals.c.salt).where(individuals.c.lookup == digest)
    sealed = connection.execute(statement).scalar()
    if sealed is None:
        return None
    return _salted(unseal(key, sealed, _CONTEXT + digest.encode()), digest)


def is_known_bare(connection: Connection, key: bytes, number: str) -> bool:
    """Whether something of this person was kept before there were salts."""
    digest = lookup(lookup_key(key), number)
    statement = select(participants.c.room_sid).where(participants.c.lookup == digest).limit(1)
    return connection.execute(statement).first() is not None


def adopt(connection: Connection, key: bytes, number: str, individual: str) -> int:
    """Give what was kept before there were salts the person's pseudonym; how many rows there were."""
    digest = lookup(lookup_key(key), number)
    statement = update(participants).where(participants.c.lookup == digest).values(lookup=individual)
    return connection.execute(statement).rowcount


def appear(connection: Connection, individual: str, recording_id: str) -> None:
    """Write down that this person was named as being in a recording."""
    insert_once(connection, appearances, {"individual": individual, "recording_id": recording_id})


def recordings_of(connection: Connection, individual: str) -> list[str]:
    """Every recording in which this person is known to be heard."""
    of_rooms = (
        select(recordings.c.id)
        .join(participants, participants.c.room_sid == recordings.c.room_sid)
        .where(participants.c.lookup == individual)
    )
    by_hand = select(appearances.c.recording_id.label("id")).where(appearances.c.individual == individual)
    found = of_rooms.union(by_hand).subquery()
    return list(connection.execute(select(found.c.id).order_by(found.c.id)).scalars())


def leave(connection: Connection, recording_id: str) -> int:
    """Forget who was named in a recording; how many there were."""
    statement = delete(appearances).where(appearances.c.recording_id == recording_id)
    return connection.execute(statement).rowcount


def forget(connection: Connection, individual: str) -> int:
    """Destroy the person's salt and whatever bears their pseudonym; how many rows there were."""
    emptied = update(participants).where(participants.c.lookup == individual)
    count = connection.execute(emptied.values(sealed=None, lookup=None)).rowcount
    count += connection.execute(delete(appearances).where(appearances.c.individual == individual)).rowcount
    return (
        count + connection.execute(delete(individuals).where(individuals.c.pseudonym == individual)).rowcount
    )


def _salted(salt: bytes, digest: str) -> str:
    return hmac.new(salt, digest.encode(), sha256).hexdigest()


def _required(found: str | None) -> str:
    assert found is not None, "it was inserted, or was there, in this transaction"
    return found
