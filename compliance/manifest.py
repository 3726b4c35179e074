"""The manifest: the one list that drives and explains what was done to a recording.

It holds no value of anything that was removed: times, kinds, rules, digests.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from compliance.records import (
    Cut,
    Finding,
    ModelRef,
    Output,
    PolicyRef,
    RecordingId,
    Release,
    Role,
    Source,
    Unaltered,
    Verdict,
    Verification,
)

SCHEMA = "compliance/manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything the stages decided, as far as they came."""

    recording: RecordingId
    profile: str
    roles: tuple[Role, ...]
    sources: tuple[Source, ...] = ()
    outputs: tuple[Output, ...] = ()
    findings: tuple[Finding, ...] = ()
    cuts: tuple[Cut, ...] = ()
    consent: Verdict | None = None
    verification: Verification | None = None
    unaltered: Unaltered | None = None
    release: Release
    models: tuple[ModelRef, ...] = ()
    policies: tuple[PolicyRef, ...] = ()
    timings: Mapping[str, float]
    """Seconds, by stage."""


def document(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON, schema compliance/manifest/1."""
    duration_ms = max((source.duration_ms for source in manifest.sources), default=None)
    return {
        "schema": SCHEMA,
        "recording": {
            "id": str(manifest.recording),
            "duration_ms": duration_ms,
            "profile": manifest.profile,
            "channels": [{"index": n, "role": str(role)} for n, role in enumerate(manifest.roles)],
        },
        "sources": [plain(each) for each in manifest.sources],
        "outputs": [plain(each) for each in manifest.outputs],
        "findings": [_finding(each) for each in manifest.findings],
        "cuts": [plain(each) for each in manifest.cuts],
        "consent": plain(manifest.consent),
        "verification": plain(manifest.verification),
        "unaltered": plain(manifest.unaltered),
        "release": plain(manifest.release),
        "models": [plain(each) for each in manifest.models],
        "policies": [plain(each) for each in policies(manifest.policies, manifest.consent)],
        "timings": _timings(manifest.timings, duration_ms),
    }


def policies(own: Sequence[PolicyRef], verdict: Verdict | None) -> tuple[PolicyRef, ...]:
    """Every policy file that was used, once."""
    return tuple(dict.fromkeys((*own, *(verdict.policies if verdict else ()))))


def _finding(finding: Finding) -> dict[str, Any]:
    """A finding without the places of its words, whose number would give digits away."""
    return {name: value for name, value in plain(finding).items() if name != "words"}


def _timings(seconds: Mapping[str, float], duration_ms: int | None) -> dict[str, float | None]:
    """Seconds per stage, their sum, and the real-time factor (seconds per second of recording)."""
    total = round(sum(seconds.values()), 3)
    rtf = round(total * 1000 / duration_ms, 4) if duration_ms else None
    return {**{name: round(value, 3) for name, value in seconds.items()}, "total": total, "rtf": rtf}


def plain(value: Any) -> Any:
    """Frozen values as JSON's own kinds."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    return value
