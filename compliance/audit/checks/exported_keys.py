"""The keys of an exported log, as its events tell of them; without its checkpoints but for the last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from compliance.audit import canonical
from compliance.audit.events import EventKind
from compliance.audit.keyring import ORIGIN, Keyring, Term, passing
from compliance.audit.note import Verifier

_TELLING = frozenset({EventKind.KEY_CREATED, EventKind.KEY_ROTATED, EventKind.KEY_LOST})
MARK = b'"kind":"key.'
"""What the bytes of an event hold that tells of a key."""


def keyring(bodies: Iterable[tuple[int, bytes]]) -> Keyring:
    """The keys of a log, from the leaves and bytes of its events.

    Of a key that takes over from another the first signature is asked for at the
    next checkpoint; that the old one goes on signing for a while is not asked for.

    Raises:
        AuditInvalid: an event that tells of a key cannot be read.
    """
    terms: tuple[Term, ...] = ()
    for leaf, body in bodies:
        told = canonical.decode(body) if MARK in body else {}
        fields = told.get("fields")
        if told.get("kind") in _TELLING and isinstance(fields, dict) and fields.get("purpose") == "audit":
            terms = _after(terms, leaf, str(told["kind"]), fields)
    return Keyring(terms=terms)


def _after(terms: tuple[Term, ...], leaf: int, kind: str, fields: Mapping[str, Any]) -> tuple[Term, ...]:
    """The terms after one event; one that brings no key in leaves them as they are."""
    if "public_key" not in fields:
        return terms
    key = Verifier(name=ORIGIN, public=bytes.fromhex(str(fields["public_key"])))
    if kind == EventKind.KEY_CREATED:
        return terms or (Term(key=key, since=0),)
    if not terms:
        return terms
    is_vouched = kind == EventKind.KEY_ROTATED
    if is_vouched and not _has_passed(terms[-1].key, fields):
        return terms
    ended = replace(terms[-1], until=leaf)
    return (*terms[:-1], ended, Term(key=key, since=leaf + 1, is_vouched=is_vouched))


def _has_passed(previous: Verifier, fields: Mapping[str, Any]) -> bool:
    statement = passing(previous.fingerprint, str(fields["public_key"]))
    return previous.has_signed(statement, bytes.fromhex(str(fields["signature"])))
