"""The keys that sign the log, one after another, as the log itself tells of them.

Each key has a term: from the checkpoint that first covers the event which brought it
in, to the last before its retirement.  A checkpoint is believed when every key in
office at its size has signed it.  What brings a key in or retires it must itself be
signed by the key before: else whoever may write an event could name a key of his own.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection

from compliance.audit import canonical
from compliance.audit.events import EventKind
from compliance.audit.note import Checkpoint, Verifier, parse_checkpoint, text_of
from compliance.errors import AuditInvalid, KeyMissing
from compliance.store import checkpoints, events, tree

ORIGIN: Final = "compliance/audit"
"""The log's name in every checkpoint; logs are told apart by their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One key, and the sizes of the tree at which its signature is asked for."""

    key: Verifier
    since: int
    until: int | None = None
    """The last such size; None while it is in office."""
    is_vouched: bool = False
    """Whether the key before it signed it in; not so of the first, nor of one that follows a lost key."""
    overlap: int = 0
    """How many checkpoints the key before it signs with it."""

    def covers(self, size: int) -> bool:
        """Whether a checkpoint of that size needs its signature."""
        return self.since <= size and (self.until is None or size <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The keys of a log, in their order."""

    terms: tuple[Term, ...] = ()

    def required(self, size: int) -> tuple[Verifier, ...]:
        """The keys that sign a checkpoint of that size: one, or two while one takes over from another."""
        return tuple(term.key for term in self.terms if term.covers(size))

    def checkpoint_of(self, note: str) -> Checkpoint:
        """The checkpoint that a note states, signed by every key in office at its size.

        Raises:
            AuditInvalid: it is not such a note.
        """
        checkpoint = parse_checkpoint(text_of(note))
        keys = self.required(checkpoint.size)
        if not keys:
            raise AuditInvalid(f"no key of the log is in office at size {checkpoint.size}")
        for key in keys:
            key.checkpoint_of(note)
        return checkpoint

    @property
    def fingerprint(self) -> str:
        """Of the newest key; empty while the log names none."""
        return self.terms[-1].key.fingerprint if self.terms else ""

    def trusts(self, pin: str) -> bool:
        """Whether trust in the key of that fingerprint reaches the newest key.

        Those before it are vouched for by the tree that it signs; of those after it, each by the one before.
        """
        pinned = [place for place, term in enumerate(self.terms) if term.key.fingerprint == pin]
        return bool(pinned) and all(term.is_vouched for term in self.terms[pinned[-1] + 1 :])


def trusted(connection: Connection, pin: str | None) -> Keyring:
    """The keys of the log, which lead from the trusted one, if its fingerprint is given.

    Raises:
        KeyMissing: the log is signed but names no key.
        AuditInvalid: its keys do not lead from the trusted one to the newest.
    """
    ring = read(connection)
    if checkpoints.latest(connection) is None:
        return ring
    if pin and not ring.trusts(pin):
        raise AuditInvalid(f"the keys that sign the log do not lead from the trusted one, {pin}")
    if not ring.terms:
        raise KeyMissing("the log names no key by which it could be checked: let its sequencer start once")
    return ring


def passing(previous: str, public: str) -> bytes:
    """What a key signs to bring in its successor: both as hex, the first by its fingerprint."""
    return f"{ORIGIN}/key\npass\n{previous}\n{public}\n".encode()


def retiring(fingerprint: str) -> bytes:
    """What a key signs to retire."""
    return f"{ORIGIN}/key\nretire\n{fingerprint}\n".encode()


def read(connection: Connection, size: int | None = None, held: Container[str] = ()) -> Keyring:
    """The keys of the log of that size, by default of the newest checkpoint.

    ``held`` are the fingerprints of keys that are about to sign: what they have not
    yet confirmed by signing over it counts as if they had.

    Raises:
        AuditInvalid: an event that tells of a key cannot be read.
    """
    if size is None:
        latest = checkpoints.latest(connection)
        size = 0 if latest is None else latest.size
    placed = [(tree.leaf_of(connection, row.id), row) for row in events.of_keys(connection)]
    ring = Keyring()
    for leaf, row in sorted((leaf, row.body) for leaf, row in placed if leaf is not None and leaf < size):
        ring = _after(connection, ring, leaf, canonical.decode(row), held)
    return ring


def _after(
    connection: Connection, ring: Keyring, leaf: int, event: Mapping[str, Any], held: Container[str]
) -> Keyring:
    """The ring after one event; one that has no effect leaves it as it was."""
    kind, fields, terms = event["kind"], event["fields"], ring.terms
    if fields.get("purpose") != "audit" or "public_key" not in fields:
        return ring
    key = Verifier(name=ORIGIN, public=bytes.fromhex(fields["public_key"]))
    if kind == EventKind.KEY_CREATED and not terms:
        is_ours = _confirms(connection, leaf, key, held)
        return Keyring(terms=(Term(key=key, since=0),)) if is_ours else ring
    if kind == EventKind.KEY_ROTATED and terms:
        return _rotated(terms, leaf, key, fields)
    if kind == EventKind.KEY_RETIRED:
        return _retired(terms, leaf, key, fields)
    if kind == EventKind.KEY_LOST and terms and _confirms(connection, leaf, key, held):
        is_there = _confirms(connection, leaf, terms[-1].key, held)
        return ring if is_there else _replaced(terms, leaf, key)
    return ring


def _rotated(terms: Sequence[Term], leaf: int, key: Verifier, fields: Mapping[str, Any]) -> Keyring:
    last = terms[-1].key
    statement = passing(last.fingerprint, fields["public_key"])
    if not last.has_signed(statement, bytes.fromhex(fields["signature"])):
        return Keyring(terms=tuple(terms))
    term = Term(key=key, since=leaf + 1, is_vouched=True, overlap=fields["overlap"])
    return Keyring(terms=(*terms, term))


def _retired(terms: Sequence[Term], leaf: int, key: Verifier, fields: Mapping[str, Any]) -> Keyring:
    """The ring without the key in office; the newest cannot retire."""
    is_signed = key.has_signed(retiring(key.fingerprint), bytes.fromhex(fields["signature"]))
    return Keyring(
        terms=tuple(
            replace(term, until=leaf) if is_signed and term.key == key and term.until is None else term
            for term in terms[:-1]
        )
        + tuple(terms[-1:])
    )


def _replaced(terms: Sequence[Term], leaf: int, key: Verifier) -> Keyring:
    ended = (replace(term, until=leaf) if term.until is None else term for term in terms)
    return Keyring(terms=(*ended, Term(key=key, since=leaf + 1)))


def _confirms(connection: Connection, leaf: int, key: Verifier, held: Container[str]) -> bool:
    """Whether the first checkpoint over the event is signed by the key, or is about to be."""
    row = checkpoints.covering(connection, leaf)
    if row is None:
        return key.fingerprint in held
    try:
        return bool(key.text_of(row.note))
    except AuditInvalid:
        return False
