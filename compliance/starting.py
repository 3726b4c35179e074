"""What the log is told when a process begins and ends: that it does, and what is no longer as it was.

An officer who asks why a recording of today was judged otherwise than one of last
week finds here when settings, policies or weights changed (PCI DSS 10.2.1.6 and .7;
EU AI Act, Art. 12(2)).  Names and digests are told, never values.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from compliance import __version__, embedded
from compliance.audit import canonical, log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.bootstrap import policies_folder
from compliance.errors import AuditInvalid, ComplianceError, SetupError
from compliance.parts import Parts
from compliance.settings import Settings
from compliance.store import events
from compliance.store.seal import derive

_log = logging.getLogger(__name__)

_MEMBERS: Final = {
    EventKind.CONFIG_CHANGED: "settings",
    EventKind.POLICY_CHANGED: "policies",
    EventKind.MODEL_CHANGED: "models",
}
"""What each kind lists, by name and digest."""


@contextmanager
def running(parts: Parts, component: str) -> Iterator[None]:
    """Tell of the start, and of the end unless the process dies; what happens between is the caller's.

    Raises:
        DatabaseUnavailable, DiskFull: the start could not be put on record, so nothing began.
    """
    begin(parts, component)
    try:
        yield
    finally:
        _end(parts, component)


def _end(parts: Parts, component: str) -> None:
    """Tell of the end; a process that cannot ends all the same, and its silence tells."""
    try:
        _tell(parts, component, EventKind.LOG_STOPPED, version=__version__)
        embedded.seal(parts)
    except ComplianceError as error:
        _log.error("the end of %s could not be recorded: %s", component, error.reason)


def begin(parts: Parts, component: str) -> None:
    """Put the start on record, and what changed since the last one of this component."""
    heartbeat_s = parts.settings.heartbeat_s
    _tell(parts, component, EventKind.LOG_STARTED, version=__version__, heartbeat_s=heartbeat_s)
    models = _models(parts, component)
    with parts.database.begin() as connection:
        version = {"version": __version__}
        _compare(connection, parts, component, EventKind.CONFIG_CHANGED, settings(parts), **version)
        _compare(connection, parts, component, EventKind.POLICY_CHANGED, policies(parts.settings))
        if models is not None:
            _compare(connection, parts, component, EventKind.MODEL_CHANGED, models)


def settings(parts: Parts) -> dict[str, str]:
    """Every setting's digest under a key of this deployment, by name.

    A plain digest would not do: most values are few enough to try them all.
    """
    key = derive(parts.key, b"settings")
    return {name: _digest(key, name, value) for name, value in _values(parts.settings)}


def _values(chosen: Settings) -> Iterator[tuple[str, Any]]:
    for name in type(chosen).model_fields:
        yield name, getattr(chosen, name)


def _digest(key: bytes, name: str, value: object) -> str:
    spelled = json.dumps([name, value], default=_spelled, sort_keys=True)
    return hmac.new(key, spelled.encode(), hashlib.sha256).hexdigest()


def _spelled(value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)
    return str(value if reveal is None else reveal())


def policies(chosen: Settings) -> dict[str, str]:
    """The digest of every policy file, by its name in the folder."""
    folder = policies_folder(chosen)
    return {str(each.relative_to(folder)): _of_file(each) for each in sorted(folder.rglob("*.yaml"))}


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _models(parts: Parts, component: str) -> dict[str, str] | None:
    """The weights by name and digest, checked now, with the event of that; None if they cannot be used."""
    try:
        found = {each.name: each.sha256 for each in parts.engines.refs}
    except SetupError as error:
        _tell(parts, component, EventKind.MODEL_VERIFIED, outcome="failure", reason=error.reason)
        return None
    _tell(parts, component, EventKind.MODEL_VERIFIED, models=found)
    return found


def _compare(
    connection: Connection,
    parts: Parts,
    component: str,
    kind: EventKind,
    now: Mapping[str, str],
    **fields: object,
) -> None:
    """The event of what differs from the component's last start, if anything does."""
    before = _last(connection, kind, component)
    changed = sorted(name for name in {*now, *(before or {})} if now.get(name) != (before or {}).get(name))
    if before is not None and not changed:
        return
    facts = {"is_first": before is None, "changed": changed, _MEMBERS[kind]: now}
    log.record(connection, _event(parts, component, kind, **facts, **fields))


def _last(connection: Connection, kind: EventKind, component: str) -> Mapping[str, str] | None:
    """What the component's newest event of the kind lists; None if there is none that can be read."""
    for row in events.changes(connection, kind.value):
        try:
            told: Any = canonical.decode(row.body)
        except AuditInvalid:
            continue
        if told["fields"]["component"] == component:
            found: Mapping[str, str] = told["fields"][_MEMBERS[kind]]
            return found
    return None


def _tell(parts: Parts, component: str, kind: EventKind, **fields: Any) -> None:
    """One event in a transaction of its own."""
    with parts.database.begin() as connection:
        log.record(connection, _event(parts, component, kind, **fields))


def _event(parts: Parts, component: str, kind: EventKind, **fields: Any) -> AuditEvent:
    actor = Actor(type="service", id=component, role="service")
    now_ms, key = parts.now_ms(), secrets.token_hex(16)
    fields |= {"component": component}
    return event(kind, recording_id=None, key=key, occurred_at_ms=now_ms, actor=actor, **fields)
