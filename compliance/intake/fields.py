"""Reading protobuf's JSON: absent zeros, 64-bit numbers in strings, enums by name.

Whatever is not of the expected kind reads as absent.  LiveKit's messages grow
and its servers differ; an event must not be lost over a field that nobody uses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_NOTHING: Mapping[str, object] = MappingProxyType({})

_ID = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_ENUM = re.compile(r"[A-Z][A-Z_]{0,39}")
_LATEST_MS = 10**14
"""In the year 5138; what is later is no time, and would not fit a column."""
_WHOLE = re.compile(r"-?[0-9]{1,19}")


def message(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The message in a field; an empty one where there is none."""
    value = parent.get(name)
    return value if isinstance(value, dict) else _NOTHING


def messages(parent: Mapping[str, object], name: str) -> tuple[Mapping[str, object], ...]:
    """The messages in a repeated field; none where it is absent."""
    value = parent.get(name)
    return tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()


def text(parent: Mapping[str, object], name: str) -> str:
    """The string in a field; empty where there is none."""
    value = parent.get(name)
    return value if isinstance(value, str) else ""


def flag(parent: Mapping[str, object], name: str) -> bool:
    """The bool in a field; false where there is none."""
    return parent.get(name) is True


def whole(parent: Mapping[str, object], name: str) -> int:
    """The integer in a field; 0 where there is none.

    protojson writes int64 as a string, since nanoseconds do not fit a double;
    so a float is not read at all, rather than read wrongly.
    """
    value = parent.get(name)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if abs(value) < 2**63 else 0


def identifier(parent: Mapping[str, object], name: str) -> str | None:
    """An id of LiveKit's (``EG_…``, ``RM_…``); None where absent or not of that shape.

    Ids go into log lines, columns and events in clear, so nothing else may pass
    for one, and digits alone may not: they could be a telephone number.
    """
    value = text(parent, name)
    return value if _ID.fullmatch(value) else None


def enum(parent: Mapping[str, object], name: str) -> str | None:
    """An enum's name; None where absent (its zero value) or not of the shape of one."""
    value = text(parent, name)
    return value if _ENUM.fullmatch(value) else None


def from_nanoseconds(parent: Mapping[str, object], name: str) -> int | None:
    """Milliseconds from a field in nanoseconds, a time or a duration; None where absent or below zero."""
    nanoseconds = whole(parent, name)
    return nanoseconds // 1_000_000 if nanoseconds > 0 else None


def joined_at_ms(parent: Mapping[str, object]) -> int | None:
    """When a participant joined; older servers tell it in seconds only."""
    moment = whole(parent, "joinedAtMs") or whole(parent, "joinedAt") * 1000
    return moment if 0 < moment < _LATEST_MS else None
