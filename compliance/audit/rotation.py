"""What becomes of the signing keys, told to the log: made, passed on, retired, lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from compliance.audit import keyring, log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.keyring import Keyring
from compliance.audit.note import Signer, Verifier
from compliance.errors import KeyMissing, StateConflict
from compliance.store import checkpoints, events

SEQUENCER: Final = Actor(type="service", id="sequencer", role="sequencer")

OVERLAP: Final = 100
"""Checkpoints that two keys sign together, unless another number is asked for."""


def announce(connection: Connection, key: Verifier, now_ms: int) -> bool:
    """Tell the log of its first key; False if it knows one already."""
    if events.of_keys(connection):
        return False
    log.record(connection, _event(EventKind.KEY_CREATED, key, SEQUENCER, now_ms))
    return True


def in_office(connection: Connection, held: Sequence[Signer]) -> Signer:
    """The key that signs the log, which must be held and alone in office.

    Raises:
        StateConflict: a key takes over already, or none signs the log yet.
        KeyMissing: it is not held.
    """
    keys = [term.key for term in keyring.read(connection).terms if term.until is None]
    if len(keys) != 1:
        raise StateConflict("a key takes over from another just now, or nothing has been sealed yet")
    return signer_of({each.verifier.fingerprint: each for each in held}, keys[0])


def rotate(
    connection: Connection, old: Signer, new: Verifier, *, actor: Actor, overlap: int, now_ms: int
) -> None:
    """Let a new key sign from the next checkpoint on, for ``overlap`` checkpoints with the one in office."""
    signature = old.sign(keyring.passing(old.verifier.fingerprint, new.public.hex())).hex()
    fields = {"previous": old.verifier.fingerprint, "overlap": overlap, "signature": signature}
    log.record(connection, _event(EventKind.KEY_ROTATED, new, actor, now_ms, **fields))


def replace_lost(connection: Connection, new: Verifier, *, actor: Actor, now_ms: int) -> None:
    """Let a new key sign in place of one that is lost and can vouch for nothing.

    Whoever trusts the old key has to be told of the new one by other ways than the log.

    Raises:
        StateConflict: the log names no key that could be lost.
    """
    ring = keyring.read(connection)
    if not ring.terms:
        raise StateConflict("the log names no key that could be lost")
    fields = {"previous": ring.fingerprint}
    log.record(connection, _event(EventKind.KEY_LOST, new, actor, now_ms, **fields))


def retire_due(connection: Connection, ring: Keyring, held: Mapping[str, Signer], now_ms: int) -> None:
    """Retire the key before the newest, once both have signed as many checkpoints as was told."""
    for old, new in zip(ring.terms, ring.terms[1:], strict=False):
        if old.until is None and checkpoints.count_from(connection, new.since) >= new.overlap:
            signature = signer_of(held, old.key).sign(keyring.retiring(old.key.fingerprint)).hex()
            told = _event(EventKind.KEY_RETIRED, old.key, SEQUENCER, now_ms, signature=signature)
            log.record(connection, told)


def signers_of(held: Mapping[str, Signer], keys: Sequence[Verifier]) -> tuple[Signer, ...]:
    """The private halves of keys.

    Raises:
        KeyMissing: one is not among those held.
    """
    return tuple(signer_of(held, key) for key in keys)


def signer_of(held: Mapping[str, Signer], key: Verifier) -> Signer:
    """The private half of a key.

    Raises:
        KeyMissing: it is not among those held.
    """
    if key.fingerprint not in held:
        raise KeyMissing(f"the key {key.fingerprint[:16]} that signs the log is not here")
    return held[key.fingerprint]


def _event(kind: EventKind, key: Verifier, actor: Actor, now_ms: int, **fields: Any) -> AuditEvent:
    return event(
        kind,
        recording_id=None,
        key=key.fingerprint,
        occurred_at_ms=now_ms,
        actor=actor,
        purpose="audit",
        fingerprint=key.fingerprint,
        public_key=key.public.hex(),
        **fields,
    )
