"""The door to what is kept: nothing leaves before it is on record that somebody read it."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from compliance.api.auth import Caller, Refusal, TokenRole, identify, permitted
from compliance.api.parts import Clock
from compliance.audit import events as audit
from compliance.audit import log
from compliance.errors import ComplianceError, RoleInsufficient
from compliance.records import Purpose
from compliance.store.database import Database

T = TypeVar("T")

NOBODY = audit.Actor(type="person", id="unknown", role="unknown")
_SERVICE = audit.Actor(type="service", id="api", role="api")
_MINUTE_MS = 60_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for."""

    object: str
    """A word: recording, audit_trail or recordings."""
    roles: frozenset[TokenRole]
    recording_id: str | None = None
    purpose: Purpose | None = None
    """What the caller says it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Lets callers in by token and role, and keeps the record of it."""

    database: Database
    clock: Clock
    key: bytes = field(repr=False)
    """The deployment key; cursors are made under a key of their own derived from it."""
    new_id: Callable[[], str] = field(default=lambda: secrets.token_hex(16))
    _told: dict[str, int] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def admit(self, header: str | None, wanted: Wanted) -> Caller:
        """The caller, if the token holds and the role suffices.

        Raises:
            TokenMissing, TokenInvalid, RoleInsufficient: and the denial is on record.
        """
        with self.database.read() as connection:
            found = identify(connection, header, self.clock())
        if isinstance(found, Caller):
            found = permitted(found, wanted.roles)
        if isinstance(found, Refusal):
            self._deny(found, wanted)
            raise found.error
        return found

    def read(self, caller: Caller, wanted: Wanted, reader: Callable[[Connection], tuple[T, int | None]]) -> T:
        """What ``reader`` reads, after the read itself is committed to the audit log.

        ``reader`` gives the value and, for a list, how many entries it has.

        Raises:
            DatabaseUnavailable: it could not be put on record, so nothing leaves.
        """
        with self.database.begin() as connection:
            value, entries = reader(connection)
            log.record(connection, self._read_event(caller, wanted, entries))
        return value

    def tell(self, kind: audit.EventKind, caller: Caller, wanted: Wanted, **facts: object) -> None:
        """Put on record what is about to leave.

        Raises:
            DatabaseUnavailable: it could not be put on record, so nothing leaves.
        """
        told = audit.event(
            kind,
            recording_id=wanted.recording_id,
            key=self.new_id(),
            occurred_at_ms=self.clock(),
            actor=_bearer(caller),
            outcome="success",
            reason=None,
            object=wanted.object,
            token_id=caller.token_id,
            purpose=wanted.purpose,
            **facts,
        )
        with self.database.begin() as connection:
            log.record(connection, told)

    def reject_webhook(self, reason: str, size_bytes: int | None) -> None:
        """Put a refused webhook on record, each reason at most once a minute.

        Anybody can send one; the log must not grow with what strangers send.
        """
        kind = audit.EventKind.WEBHOOK_REJECTED
        self._record_once(kind, reason, actor=_SERVICE, size_bytes=size_bytes)

    def _read_event(self, caller: Caller, wanted: Wanted, entries: int | None) -> audit.AuditEvent:
        kind = audit.EventKind.ACCESS_READ if entries is None else audit.EventKind.ACCESS_LIST
        entries_of_list = {} if entries is None else {"entries": entries}
        return audit.event(
            kind,
            recording_id=wanted.recording_id,
            key=self.new_id(),
            occurred_at_ms=self.clock(),
            actor=_person(caller.token_id, caller.role),
            outcome="success",
            reason=None,
            object=wanted.object,
            token_id=caller.token_id,
            purpose=wanted.purpose,
            **entries_of_list,
        )

    def _deny(self, refusal: Refusal, wanted: Wanted) -> None:
        """Put a denial on record: each one of a bearer we know, strangers' once a minute."""
        reason = refusal.error.reason
        actor = NOBODY if refusal.token_id is None else _person(refusal.token_id, "bearer")
        facts = {"object": wanted.object, "token_id": refusal.token_id}
        if isinstance(refusal.error, RoleInsufficient):
            kind = audit.EventKind.ACCESS_DENIED
            self._record(kind, self.new_id(), reason, wanted.recording_id, actor=actor, **facts)
        else:
            self._record_once(audit.EventKind.AUTH_FAILED, reason, actor=actor, **facts)

    def _record_once(
        self, kind: audit.EventKind, reason: str, *, actor: audit.Actor, **facts: object
    ) -> None:
        minute = self.clock() // _MINUTE_MS
        what = f"{kind}:{reason}:{facts.get('object')}:{actor.id}"
        with self._lock:
            if self._told.get(what) == minute:
                return
            if len(self._told) > 1000:
                self._told.clear()
            self._told[what] = minute
        self._record(kind, f"{what}:{minute}", reason, None, actor=actor, **facts)

    def _record(
        self,
        kind: audit.EventKind,
        key: str,
        reason: str,
        recording_id: str | None,
        *,
        actor: audit.Actor,
        **facts: object,
    ) -> None:
        """Record a refusal.  It stands even if it cannot be recorded; then the service's log tells."""
        told = audit.event(
            kind,
            recording_id=recording_id,
            key=key,
            occurred_at_ms=self.clock(),
            actor=actor,
            outcome="failure",
            reason=reason,
            **facts,
        )
        try:
            with self.database.begin() as connection:
                log.record(connection, told)
        except ComplianceError as error:
            _log.error("a refusal (%s) could not be recorded: %s", reason, error.reason)


def _bearer(caller: Caller) -> audit.Actor:
    """Who bears a token: a voice agent is no person."""
    if caller.role is TokenRole.AGENT:
        return audit.Actor(type="service", id=caller.token_id, role=str(caller.role))
    return _person(caller.token_id, caller.role)


def _person(token_id: str, role: str) -> audit.Actor:
    return audit.Actor(type="person", id=token_id, role=str(role))
