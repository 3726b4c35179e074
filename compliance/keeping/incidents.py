"""Serious incidents (Regulation (EU) 2024/1689, Art. 73): opened, updated, reported, closed, each told."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection

from compliance.audit.events import Actor, EventKind
from compliance.audit.reports.incidents import Category, Incident, deadline, folded
from compliance.audit.reports.reading import told_of
from compliance.errors import ArgumentInvalid, IncidentUnknown
from compliance.keeping.telling import tell, words
from compliance.parts import Parts
from compliance.store import report_events

KINDS = ("incident.opened", "incident.updated", "incident.reported", "incident.closed")


def open_(parts: Parts, category: Category, aware_at_ms: int, statement: str, actor: Actor) -> Incident:
    """Open an incident; its deadline runs from the moment somebody became aware.

    Raises:
        ArgumentInvalid: that moment lies in the future, or nothing is said about it.
    """
    if aware_at_ms > parts.now_ms():
        raise ArgumentInvalid("nobody can have become aware in the future")
    incident_id = f"incident_{secrets.token_hex(6)}"
    with parts.database.begin() as connection:
        _tell(
            connection,
            parts,
            EventKind.INCIDENT_OPENED,
            incident_id,
            statement,
            actor,
            category=category.value,
            aware_at_ms=aware_at_ms,
            deadline_at_ms=deadline(category, aware_at_ms),
        )
        return _open(connection, incident_id)


def update(parts: Parts, incident_id: str, statement: str, actor: Actor) -> None:
    """Add what was learnt.

    Raises:
        IncidentUnknown: there is no such open incident.
    """
    with parts.database.begin() as connection:
        _open(connection, incident_id)
        _tell(connection, parts, EventKind.INCIDENT_UPDATED, incident_id, statement, actor)


def report(
    parts: Parts, incident_id: str, authority: str, sent_at_ms: int, statement: str, actor: Actor
) -> bool:
    """Put on record that it was reported; whether that was in time.

    ``authority`` is a word of the business's own, such as ``bnetza``.

    Raises:
        IncidentUnknown: there is no such open incident.
        ArgumentInvalid: it was sent before anybody was aware, or in the future.
    """
    with parts.database.begin() as connection:
        found = _open(connection, incident_id)
        if not found.aware_at_ms <= sent_at_ms <= parts.now_ms():
            raise ArgumentInvalid("a report is sent after somebody became aware, and not in the future")
        is_in_time = sent_at_ms <= found.deadline_at_ms
        _tell(
            connection,
            parts,
            EventKind.INCIDENT_REPORTED,
            incident_id,
            statement,
            actor,
            authority=authority,
            sent_at_ms=sent_at_ms,
            is_in_time=is_in_time,
        )
    return is_in_time


def close(parts: Parts, incident_id: str, statement: str, actor: Actor) -> None:
    """Close it.

    Raises:
        IncidentUnknown: there is no such open incident.
    """
    with parts.database.begin() as connection:
        _open(connection, incident_id)
        _tell(connection, parts, EventKind.INCIDENT_CLOSED, incident_id, statement, actor)


def all_(parts: Parts) -> list[Incident]:
    """Every incident, the oldest first."""
    with parts.database.read() as connection:
        return _all(connection)


def _all(connection: Connection) -> list[Incident]:
    return folded(told_of(each) for each in report_events.of_kinds(connection, KINDS))


def _open(connection: Connection, incident_id: str) -> Incident:
    found = next((each for each in _all(connection) if each.id == incident_id), None)
    if found is None or found.is_closed:
        raise IncidentUnknown("there is no incident of that id that is open")
    return found


def _tell(
    connection: Connection,
    parts: Parts,
    kind: EventKind,
    incident_id: str,
    statement: str,
    actor: Actor,
    **fields: Any,
) -> None:
    digest = words(connection, parts, statement)
    tell(connection, parts, kind, actor, incident_id=incident_id, statement_sha256=digest, **fields)
