"""Audit events: who did what to which recording, when, and how it ended.

An event is built by ``event`` and by nothing else in the service; it refuses
what the registry does not list, so that an event holds ids, digests, counts and
enum words, and never what was said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from compliance.audit import registry
from compliance.audit.contract import SCHEMA
from compliance.audit.kinds import EventKind
from compliance.errors import EventInvalid

__all__ = ["SCHEMA", "Actor", "AuditEvent", "EventKind", "Plain", "event", "event_id"]

Plain: TypeAlias = "str | int | bool | list[Plain] | dict[str, Plain] | None"
"""What an event's fields are made of, as JSON has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acted: a person by their id, a part of this service, or a model that decided."""

    type: Literal["person", "service", "model"]
    id: str
    role: str

    def __post_init__(self) -> None:
        """Refuse an id with room for a name or a telephone number."""
        if self.type not in ("person", "service", "model"):
            raise EventInvalid("an actor is a person, a service or a model")
        if not registry.is_id(self.id) or not registry.is_word(self.role):
            raise EventInvalid("an actor's id and role are an identifier and a word")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One event, checked against the registry.  Equal events have equal canonical bytes."""

    id: str
    kind: EventKind
    occurred_at_ms: int
    """Unix time in milliseconds, by the clock of the process that acted."""
    recording_id: str | None
    actor: Actor
    outcome: str
    """``success`` or ``failure``."""
    reason: str | None
    """Why it failed or was refused: the ``reason`` of an error, or another stable word."""
    fields: Mapping[str, Plain]


def event(
    kind: EventKind,
    *,
    recording_id: str | None,
    key: str,
    occurred_at_ms: int,
    actor: Actor,
    outcome: str = "success",
    reason: str | None = None,
    **fields: object,
) -> AuditEvent:
    """The event of a kind, checked.

    ``key`` names the step within the recording (an attempt, an object, a
    request): the same step tried again gives the same id, and so one event.
    It is hashed into the id and not stored; it must hold nothing that was said.

    Raises:
        EventInvalid: a field is unknown, missing or of another type.  The message names it, never its value.
    """
    kind = _kind(kind)
    _check_envelope(recording_id, key, occurred_at_ms, outcome, reason)
    _check_fields(kind, fields)
    return AuditEvent(
        id=event_id(recording_id, kind, key),
        kind=kind,
        occurred_at_ms=occurred_at_ms,
        recording_id=recording_id,
        actor=actor,
        outcome=str(outcome),
        reason=None if reason is None else str(reason),
        fields={name: _plain(value) for name, value in fields.items() if value is not None},
    )


def event_id(recording_id: str | None, kind: EventKind, key: str) -> str:
    """The id that this step's event has, however often it is tried."""
    step = json.dumps([recording_id, kind.value, key], separators=(",", ":"))
    return "ev_" + hashlib.sha256(step.encode()).hexdigest()[:32]


def _kind(kind: EventKind) -> EventKind:
    try:
        return EventKind(kind)
    except ValueError:
        raise EventInvalid("not a kind of event that the registry lists") from None


def _check_envelope(
    recording_id: str | None, key: str, occurred_at_ms: int, outcome: str, reason: str | None
) -> None:
    """Refuse an envelope with room for free text."""
    if recording_id is not None and not registry.is_id(recording_id):
        raise EventInvalid("recording_id is not an identifier")
    if not key:
        raise EventInvalid("key is empty: it names the step, so that a retry gives the same event")
    if not registry.is_count(occurred_at_ms):
        raise EventInvalid("occurred_at_ms is not Unix time in milliseconds")
    if outcome not in ("success", "failure"):
        raise EventInvalid("outcome is success or failure")
    if reason is not None and not registry.is_word(reason):
        raise EventInvalid("reason is not a word")


def _check_fields(kind: EventKind, fields: Mapping[str, object]) -> None:
    """Refuse fields that the registry does not list for this kind, or whose values are of another type.

    An optional field may be given as None, which leaves it out.
    """
    known = registry.kinds()[kind].fields
    for name in fields:
        if name not in known:
            raise EventInvalid(f"{kind}: an unknown field was given; known are {', '.join(known)}")
    for name, field in known.items():
        value = fields.get(name)
        if value is None and not field.is_optional:
            raise EventInvalid(f"{kind}: {name} is missing")
        if value is not None and not field.admits(value):
            raise EventInvalid(f"{kind}: {name} is not of type {field.type}")


def _plain(value: object) -> Plain:
    """The value as JSON has it: enum members as their words, tuples as lists."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    assert isinstance(value, list | tuple), "the registry admits nothing else"
    return [_plain(each) for each in value]
