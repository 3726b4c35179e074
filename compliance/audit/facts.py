"""What can be asked of an event, read from its stored bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from compliance.audit import registry
from compliance.store.event_index import IndexRow
from compliance.store.tree import LeafRow

UNREADABLE: Final = "unreadable"
"""Stands for actor and outcome of an event whose bytes were altered so that nobody can read them."""

_IDS: Final = ("_id", "_sid")


class About(StrEnum):
    """What an event may name several of."""

    OBJECT = "object"
    PURPOSE = "purpose"
    POLICY = "policy"
    MODEL = "model"


_LISTS: Final = {"policies": About.POLICY, "models": About.MODEL}


def term(about: About, value: str) -> int:
    """The number under which the index has something named.

    63 bits of its SHA-256: two of a million names share one in a log of a hundred thousand.
    """
    return int.from_bytes(hashlib.sha256(f"{about}={value}".encode()).digest()[:8]) >> 1


def index_row(leaf: LeafRow, egress_ids: Mapping[str, str]) -> IndexRow:
    """An event by what can be asked for; ``egress_ids`` gives the egress of a recording.

    Of bytes that cannot be read the row's own columns are taken, and of an event that is gone its
    leaf: both are found where nothing in particular is asked for, and shown as what they are.
    """
    event = leaf.event
    if event is None:
        return _gone(leaf)
    told = read(event.body)
    fields = _mapping(told.get("fields"))
    return IndexRow(
        leaf_index=leaf.leaf_index,
        event_id=event.id,
        kind=event.kind,
        area=event.kind.partition(".")[0],
        occurred_at_ms=event.occurred_at_ms,
        actor=str(_mapping(told.get("actor")).get("id", UNREADABLE)),
        outcome=str(told.get("outcome", UNREADABLE)),
        recording_id=event.recording_id,
        egress_id=_text(fields.get("egress_id")) or egress_ids.get(event.recording_id or ""),
        terms=tuple({term(about, value) for about, value in named(fields)}),
    )


def _gone(leaf: LeafRow) -> IndexRow:
    return IndexRow(
        leaf_index=leaf.leaf_index,
        event_id=leaf.event_id,
        kind=UNREADABLE,
        area=UNREADABLE,
        occurred_at_ms=0,
        actor=UNREADABLE,
        outcome=UNREADABLE,
    )


def read(body: bytes) -> Mapping[str, Any]:
    """The bytes as an object; empty if they are none."""
    try:
        return _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def named(fields: Mapping[str, Any]) -> Iterator[tuple[About, str]]:
    """Everything that an event's fields name: by which file and which digest, of which object, and what for.

    It goes by the names and shapes of fields and not by the registry: an event
    of a kind that this version does not know is found as well.
    """
    for name, value in fields.items():
        if name in _LISTS:
            yield from _refs(_LISTS[name], value)
        elif name == "settings":
            continue  # their digests are keyed: nobody has one to ask by
        elif name == "purpose" and isinstance(value, str):
            yield About.PURPOSE, value
        elif name == "object" or name.endswith(_IDS):
            yield from ((About.OBJECT, each) for each in (value,) if isinstance(each, str))
        else:
            yield from ((About.OBJECT, each) for each in _digests(value))


def _refs(about: About, value: object) -> Iterator[tuple[About, str]]:
    for name, digest in _mapping(value).items():
        yield about, name
        yield about, str(digest)


def _digests(value: object) -> Iterator[str]:
    """The SHA-256 in a field: one, a list of them, or those of the files it lists."""
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
    yield from (each for each in values if isinstance(each, str) and registry.is_digest(each))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
