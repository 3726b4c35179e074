"""A log of millions of events, made fast: a few real events, copied with other ids, times and digests.

The rows of the index come from the same function that fills it in service.  The
last events are left to that, so that its speed can be measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.audit.canonical import encode
from compliance.audit.events import Actor, EventKind, event
from compliance.audit.facts import index_row
from compliance.audit.merkle import leaf_hash
from compliance.records import Purpose
from compliance.store.event_index import IndexRow
from compliance.store.events import EventRow
from compliance.store.tree import LeafRow

START_MS = 1_780_000_000_000
CALL_MS = 40_000
"""So long after each other calls begin."""
OFFICERS = 20
STATES = ("ca", "ny", "tx", "fl", "wa", "il", "pa", "ma")

_RECORDING = "rec_" + "0" * 32
_EGRESS = "EG_" + "0" * 12
_DIGESTS = tuple(digit * 64 for digit in "123456")
_TOKEN = "t" + "0" * 12
_STATE = "consent/us/zz.yaml"
_TIME = 1_987_654_321_987
_MODELS = {"whisper-base": "d" * 64, "spacy-en": "e" * 64, "rampart": "f" * 64, "tagger": "c" * 64}
_PROFILE = {"redaction/default.yaml": "b" * 64}
_PIPELINE = Actor(type="service", id="pipeline", role="pipeline")
_OFFICER = Actor(type="person", id=_TOKEN, role="officer")
_API = Actor(type="service", id="api", role="api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One event with its place, and its row of the index."""

    leaf: LeafRow
    index: IndexRow


def _templates() -> list[bytes]:
    """The events of one call, as a service writes them."""
    told: list[tuple[EventKind, Actor, dict[str, Any]]] = [
        (
            EventKind.WEBHOOK_ACCEPTED,
            _API,
            {"event": "egress_ended", "event_id": "EV_x", "egress_id": _EGRESS},
        ),
        (
            EventKind.RECORDING_RECEIVED,
            Actor(type="service", id="intake", role="intake"),
            {"origin": "webhook", "profile": "default", "egress_id": _EGRESS},
        ),
        (
            EventKind.RECORDING_INGESTED,
            _PIPELINE,
            {"source_sha256": [_DIGESTS[0]], "size_bytes": 812_345, "duration_ms": 184_000, "channels": 2},
        ),
        (
            EventKind.TRANSCRIPT_CREATED,
            _PIPELINE,
            {"models": _MODELS, "words": 410, "turns": 52, "output_sha256": _DIGESTS[1]},
        ),
        (
            EventKind.DETECTION_RUN,
            _PIPELINE,
            {
                "findings": {"CREDIT_CARD": 1},
                "models": _MODELS,
                "policies": _PROFILE,
                "output_sha256": _DIGESTS[2],
            },
        ),
        (
            EventKind.CONSENT_EVALUATED,
            _PIPELINE,
            {
                "verdict": "satisfied",
                "rule": "all-party",
                "jurisdiction": "US-CA",
                "policies": {_STATE: "a" * 64, "disclosure.yaml": "9" * 64},
            },
        ),
        (
            EventKind.REDACTION_APPLIED,
            _PIPELINE,
            {
                "cuts": 4,
                "cut_ms": 21_000,
                "policies": _PROFILE,
                "input_sha256": [_DIGESTS[0]],
                "output_sha256": [_DIGESTS[3]],
            },
        ),
        (
            EventKind.REDACTION_VERIFIED,
            _PIPELINE,
            {
                "is_clean": True,
                "passes": 1,
                "checks": ["relistened"],
                "residual": 0,
                "models": _MODELS,
                "output_sha256": _DIGESTS[3],
            },
        ),
        (EventKind.RECORDING_RELEASED, _PIPELINE, {"outputs": {"redacted.ogg": _DIGESTS[3]}}),
        (EventKind.SOURCE_DELETED, _PIPELINE, {"source_sha256": [_DIGESTS[0]], "objects": 1}),
        (EventKind.VAULT_DESTROYED, _PIPELINE, {}),
        (EventKind.ACCESS_READ, _OFFICER, {"object": "recording", "token_id": _TOKEN, "purpose": "quality"}),
    ]
    return [
        encode(
            event(
                kind,
                recording_id=None if kind is EventKind.WEBHOOK_ACCEPTED else _RECORDING,
                key="1",
                occurred_at_ms=_TIME,
                actor=actor,
                **fields,
            )
        )
        for kind, actor, fields in told
    ]


def _rare() -> list[bytes]:
    """What happens once in a while: a failure, a refusal, a person's decision."""
    told: list[tuple[EventKind, Actor, str | None, dict[str, Any]]] = [
        (EventKind.STAGE_FAILED, _PIPELINE, "storage_unavailable", {"stage": "intake", "attempt": 1}),
        (
            EventKind.ACCESS_DENIED,
            _OFFICER,
            "role_insufficient",
            {"object": "audit_events", "token_id": _TOKEN},
        ),
        (EventKind.PERSON_RELEASED, _OFFICER, None, {"statement_sha256": _DIGESTS[4]}),
        (
            EventKind.ACCESS_READ,
            _OFFICER,
            None,
            {"object": "audit_trail", "token_id": _TOKEN, "purpose": Purpose.LITIGATION},
        ),
    ]
    return [
        encode(
            event(
                kind,
                recording_id=_RECORDING,
                key="1",
                occurred_at_ms=_TIME,
                actor=actor,
                outcome="failure" if reason else "success",
                reason=reason,
                **fields,
            )
        )
        for kind, actor, reason, fields in told
    ]


def recording_id(call: int) -> str:
    """The id of a call's recording."""
    return "rec_" + _hex(f"call {call}", 32)


def egress_id(call: int) -> str:
    """The id of a call's egress."""
    return "EG_" + _hex(f"egress {call}", 12)


def source_sha256(call: int) -> str:
    """The digest of a call's source."""
    return _hex(f"{call}:0", 64)


def officer(number: int) -> str:
    """The id of an officer's token."""
    return "t" + _hex(f"officer {number % OFFICERS}", 12)


def rows(count: int) -> Iterator[Row]:
    """So many events, in the order of their leaves; one call in fifty has something rare besides."""
    usual, rare = _templates(), _rare()
    leaf = call = 0
    while leaf < count:
        bodies = [*usual, rare[call // 50 % len(rare)]] if call % 50 == 0 else usual
        for step, template in enumerate(bodies[: count - leaf]):
            yield _row(template, leaf, call, step)
            leaf += 1
        call += 1


def calls(count: int) -> int:
    """How many calls so many events are of, about."""
    return int(count / (len(_templates()) + 1 / 50))


def _row(template: bytes, leaf: int, call: int, step: int) -> Row:
    event_id = "ev_" + _hex(f"{call}/{step}", 32)
    # Late commits: the order of leaves is not quite that of time.
    moment = START_MS + call * CALL_MS + step * 900 - (7_000 if (call + step) % 31 == 0 else 0)
    body = _filled(template, call, event_id, moment)
    kind = body.partition(b'"kind":"')[2].partition(b'"')[0].decode()
    row = EventRow(
        seq=leaf + 1,
        id=event_id,
        recording_id=None if b'"recording_id":null' in body else recording_id(call),
        kind=kind,
        occurred_at_ms=moment,
        body=body,
        leaf_hash=leaf_hash(body),
    )
    placed = LeafRow(leaf_index=leaf, event_id=event_id, event=row)
    return Row(leaf=placed, index=index_row(placed, {recording_id(call): egress_id(call)}))


def _filled(template: bytes, call: int, event_id: str, moment: int) -> bytes:
    id_at = template.index(b'"id":"ev_') + 6
    body = template[:id_at] + event_id.encode() + template[id_at + 35 :]
    swaps: Sequence[tuple[str, str]] = (
        (_RECORDING, recording_id(call)),
        (_EGRESS, egress_id(call)),
        (_TOKEN, officer(call // 3)),
        (_STATE, f"consent/us/{STATES[call % len(STATES)]}.yaml"),
        (str(_TIME), str(moment)),
        *((digest, _hex(f"{call}:{n}", 64)) for n, digest in enumerate(_DIGESTS) if digest.encode() in body),
    )
    for old, new in swaps:
        body = body.replace(old.encode(), new.encode())
    return body


def _hex(seed: str, digits: int) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()[:digits]
