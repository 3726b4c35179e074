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
from compliance.strands import duration_ms, slack_ms, strands_of

SCHEMA = "compliance/manifest/1"
OF_SEVERAL = "compliance/manifest/2"
"""Of a call in several files."""


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
    unaltered: tuple[Unaltered, ...] = ()
    """One for each source; none where it was not verified as clean."""
    release: Release
    models: tuple[ModelRef, ...] = ()
    policies: tuple[PolicyRef, ...] = ()
    timings: Mapping[str, float]
    """Seconds, by stage."""


def document(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON, schema compliance/manifest/1; of a call in several files, 2."""
    is_several = len(manifest.sources) > 1
    length_ms = duration_ms(manifest.sources) if manifest.sources else None
    return {
        "schema": OF_SEVERAL if is_several else SCHEMA,
        "recording": _recording(manifest, length_ms, is_several=is_several),
        "sources": [_source(each, is_several=is_several) for each in manifest.sources],
        "outputs": [plain(each) for each in manifest.outputs],
        "findings": [_finding(each) for each in manifest.findings],
        "cuts": [plain(each) for each in manifest.cuts],
        "consent": plain(manifest.consent),
        "verification": plain(manifest.verification),
        "unaltered": _unaltered(manifest, is_several=is_several),
        "release": plain(manifest.release),
        "models": [plain(each) for each in manifest.models],
        "policies": [plain(each) for each in policies(manifest.policies, manifest.consent)],
        "timings": _timings(manifest.timings, length_ms),
    }


def _recording(manifest: Manifest, length_ms: int | None, *, is_several: bool) -> dict[str, Any]:
    """What the recording is; of a call in several files also where each channel lies."""
    channels = [{"index": n, "role": str(role)} for n, role in enumerate(manifest.roles)]
    told: dict[str, Any] = {
        "id": str(manifest.recording),
        "duration_ms": length_ms,
        "profile": manifest.profile,
        "channels": channels,
    }
    if not is_several:
        return told
    strands = strands_of(manifest.sources)
    placed = [
        {**each, "source": strand.source, "source_channels": list(strand.channels)}
        for each, strand in zip(channels, strands, strict=True)
    ]
    return {**told, "channels": placed, "slack_ms": slack_ms(manifest.sources)}


def _source(source: Source, *, is_several: bool) -> dict[str, Any]:
    """A file; where it begins is told only beside others."""
    hidden = () if is_several else ("offset_ms",)
    return {name: value for name, value in plain(source).items() if name not in hidden}


def _unaltered(manifest: Manifest, *, is_several: bool) -> Any:
    """What can be shown of each file; of a single one as itself."""
    if not manifest.unaltered:
        return None
    if not is_several:
        return plain(manifest.unaltered[0])
    return [{"source": n, **plain(each)} for n, each in enumerate(manifest.unaltered)]


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
