"""A question to the audit log: what may be asked, and in which words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Final

from compliance.audit import registry
from compliance.audit.facts import About, term
from compliance.errors import QueryInvalid
from compliance.records import Purpose
from compliance.store.event_scan import Wanted

OUTCOMES: Final = ("success", "failure")

_RECORDING: Final = re.compile(r"rec_[0-9a-f]{32}")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for; all of it must hold, and nothing given asks for every event.

    Values are checked, as ``asked`` does; none is ever repeated in an error, a log line or an event.
    """

    since_ms: int | None = None
    """Events that occurred from this time on, in Unix milliseconds."""
    until_ms: int | None = None
    """Events that occurred before this time."""
    kind: str | None = None
    """A kind in full, or its beginning, such as ``consent.``."""
    actor: str | None = None
    object: str | None = None
    """A word such as ``audit_trail``, an id that a field names, or a SHA-256."""
    recording: str | None = None
    egress: str | None = None
    outcome: str | None = None
    purpose: str | None = None
    policy: str | None = None
    """A policy file by its name, or its SHA-256."""
    model: str | None = None
    """A model by its name, or the SHA-256 of its weights."""

    @property
    def filters(self) -> tuple[str, ...]:
        """The names of what was asked by, for the record; never the values."""
        return tuple(WORDS[each.name] for each in fields(self) if getattr(self, each.name) is not None)

    @property
    def digest(self) -> bytes:
        """Eight bytes that tell one question from another."""
        asked = json.dumps({each.name: getattr(self, each.name) for each in fields(self)}, sort_keys=True)
        return hashlib.sha256(asked.encode()).digest()[:8]

    @property
    def wanted(self) -> Wanted:
        """The question in the words of the index."""
        kinds, area = _kinds(self.kind)
        named = {
            About.OBJECT: self.object,
            About.PURPOSE: self.purpose,
            About.POLICY: self.policy,
            About.MODEL: self.model,
        }
        return Wanted(
            since_ms=self.since_ms,
            until_ms=self.until_ms,
            kinds=kinds,
            area=area,
            actor=self.actor,
            outcome=self.outcome,
            recording_id=self.recording,
            egress_id=self.egress,
            terms=tuple(term(about, value) for about, value in named.items() if value is not None),
        )


WORDS: Final[Mapping[str, str]] = {
    "since_ms": "since",
    "until_ms": "until",
    **{each.name: each.name for each in fields(Question) if not each.name.endswith("_ms")},
}
"""What each part of a question is called where it is asked."""

FILTERS: Final[Mapping[str, str]] = {
    "since": "Events that occurred from this date (its beginning in UTC) or time with offset on.",
    "until": "Events that occurred before this date or time.",
    "kind": "A kind of event, or the beginning of some, such as `consent.`.",
    "actor": "Who acted: a token's id, `uid:` and a number on the command line, `pipeline`, `serve`.",
    "object": "What was acted on: a word such as `audit_trail`, an id that a field names, or a SHA-256.",
    "recording": "Id of the recording.",
    "egress": "LiveKit's id of the egress: its webhooks, and the events of the recording it became.",
    "outcome": "`success` or `failure`.",
    "purpose": "What something was read for.",
    "policy": "A policy file by which something was decided, or its SHA-256.",
    "model": "A model that was used, or the SHA-256 of its weights.",
}
"""Each filter, and what it asks for."""


def asked(given: Mapping[str, str | None]) -> Question:
    """The question that these words ask, by the names in ``FILTERS``.

    Raises:
        QueryInvalid: an unknown filter, a value that cannot be one, an unknown kind, or a time that ends
            before it begins.  The message names the filter and what is allowed, never what was given.
    """
    if set(given) - set(FILTERS):
        raise QueryInvalid(f"there is no such filter; there are {', '.join(FILTERS)}")
    known = {name: value for name, value in given.items() if value is not None}
    for name, value in known.items():
        is_right, what = _CHECKS[name]
        if not is_right(value):
            raise QueryInvalid(f"{name} must be {what}")
    since, until = (moment(known.pop(name, None)) for name in ("since", "until"))
    if since is not None and until is not None and since >= until:
        raise QueryInvalid("until must lie behind since: events are from since on, and before until")
    return Question(since_ms=since, until_ms=until, **known)


def moment(text: str | None) -> int | None:
    """Unix milliseconds of a date (its beginning in UTC) or of a time with its offset from UTC."""
    if text is None:
        return None
    parsed = datetime.fromisoformat(text)
    if _DAY.fullmatch(text):
        parsed = parsed.replace(tzinfo=UTC)
    return (parsed - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _is_moment(text: str) -> bool:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return False
    is_placed = _DAY.fullmatch(text) is not None or parsed.tzinfo is not None
    return is_placed and 1970 <= parsed.year < 9999


def _kinds(asked: str | None) -> tuple[tuple[str, ...], str | None]:
    """The kinds that begin so, or the area that holds just these."""
    if asked is None:
        return (), None
    if asked in registry.kinds():
        return (asked,), None
    if asked.endswith(".") and asked.count(".") == 1:
        return (), asked[:-1]
    return tuple(name for name in registry.kinds() if name.startswith(asked)), None


def _is_kind(text: str) -> bool:
    return bool(text) and any(name.startswith(text) for name in registry.kinds())


def _areas() -> str:
    return ", ".join(dict.fromkeys(f"{name.partition('.')[0]}." for name in registry.kinds()))


def _is_object(text: str) -> bool:
    return registry.is_id(text) or registry.is_digest(text)


def _is_ref(text: str) -> bool:
    """A digest, or the name of a file or model; digits alone are refused, as of an id."""
    return registry.is_digest(text) or (registry.is_name(text) and registry.LETTER.search(text) is not None)


_A_TIME: Final = "a date (2026-11-27) or a time with its offset from UTC (2026-11-27T09:30:00Z)"

_CHECKS: Final[Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "since": (_is_moment, _A_TIME),
    "until": (_is_moment, _A_TIME),
    "kind": (_is_kind, f"a kind of docs/events.md or the beginning of some: {_areas()}"),
    "actor": (registry.is_id, "an actor's id, such as a token's, uid:1000 or pipeline"),
    "object": (_is_object, "a word such as audit_trail, an id, or a SHA-256 in lower-case hex"),
    "recording": (lambda text: _RECORDING.fullmatch(text) is not None, "rec_ and 32 hex digits"),
    "egress": (registry.is_id, "LiveKit's id of an egress"),
    "outcome": (OUTCOMES.__contains__, " or ".join(OUTCOMES)),
    "purpose": (lambda text: text in set(Purpose), f"one of {', '.join(Purpose)}"),
    "policy": (_is_ref, "a policy file such as consent/us/ca.yaml, or its SHA-256 in lower-case hex"),
    "model": (_is_ref, "a model such as whisper-base, or the SHA-256 of its weights in lower-case hex"),
}
"""How each filter's value is checked, and what it must be."""
