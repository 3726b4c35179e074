"""The JSON Schema of an event, from the registry: what anybody may rely on who reads the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from compliance.audit import registry

SCHEMA: Final = "compliance/event/1"
"""The envelope's name and version; a reader keeps every version it ever knew."""


def schema() -> dict[str, Any]:
    """The contract of ``compliance/event/1`` (JSON Schema, draft 2020-12), each kind with its own fields."""
    kinds = registry.kinds()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:compliance:event:1",
        "title": "Audit event",
        "description": "One event of the audit log.  What is stored, hashed and sealed is its canonical JSON "
        "(RFC 8785).",
        "type": "object",
        "additionalProperties": False,
        "required": list(_ENVELOPE),
        "properties": {**_ENVELOPE, "kind": _kind(list(kinds))},
        "allOf": [_rule(name) for name in kinds],
        "$defs": {kind.name: _fields(kind) for kind in kinds.values()},
    }


def _kind(names: list[str]) -> dict[str, Any]:
    return {
        "type": "string",
        "description": "What happened; the list grows within this version.",
        "enum": names,
    }


def _rule(name: str) -> dict[str, Any]:
    """An event of this kind has this kind's fields."""
    return {
        "if": {"properties": {"kind": {"const": name}}},
        "then": {"properties": {"fields": {"$ref": f"#/$defs/{name}"}}},
    }


def _fields(kind: registry.Kind) -> dict[str, Any]:
    return {
        "type": "object",
        "description": kind.meaning,
        "additionalProperties": False,
        "required": [each.name for each in kind.fields.values() if not each.is_optional],
        "properties": {each.name: _field(each) for each in kind.fields.values()},
    }


def _field(field: registry.Field) -> dict[str, Any]:
    if "|" in field.type:
        return {"description": "One of these words.", "type": "string", "enum": field.type.split("|")}
    kind = registry.TYPES[field.type]
    return {"description": f"{kind.meaning[0].upper()}{kind.meaning[1:]}.", **kind.schema}


_ACTOR: Final[Mapping[str, Any]] = {
    "description": "Who acted.",
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "id", "role"],
    "properties": {
        "type": {
            "description": "A person, a part of this service, or a model that decided.",
            "type": "string",
            "enum": ["person", "service", "model"],
        },
        "id": {"description": "An identifier, never a name or a number.", **registry.TYPES["id"].schema},
        "role": {"description": "What the actor works as.", **registry.TYPES["word"].schema},
    },
}

_ENVELOPE: Final[Mapping[str, Any]] = {
    "schema": {"description": "Name and version of this contract.", "const": SCHEMA},
    "id": {
        "description": "The same for every try of the same step.",
        "type": "string",
        "pattern": "^ev_[0-9a-f]{32}$",
    },
    "kind": {},
    "occurred_at_ms": {
        "description": "Unix time in milliseconds, by the clock of the process that acted.",
        **registry.TYPES["ms"].schema,
    },
    "recording_id": {
        "description": "The recording concerned, or null.",
        "anyOf": [registry.TYPES["id"].schema, {"type": "null"}],
    },
    "actor": _ACTOR,
    "outcome": {
        "description": "How it ended.",
        "type": "string",
        "enum": ["success", "failure"],
    },
    "reason": {
        "description": "Why it failed or was refused: a stable word, or null.",
        "anyOf": [registry.TYPES["word"].schema, {"type": "null"}],
    },
    "fields": {"description": "What belongs to this kind of event; see its entry under $defs."},
}
"""The members that every event has, each described."""
