"""What one stage leaves for the next: values as JSON in the vault, with how long they took."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from compliance.errors import SealBroken
from compliance.records import (
    Conversation,
    Cut,
    Finding,
    FindingId,
    Output,
    RecordingId,
    Source,
    Stage,
    Unaltered,
    Verdict,
    Verification,
)
from compliance.store.vault import Vault

MEDIA = "redacted"
"""The redacted recording's name in the vault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What the redact stage made, or verify widened."""

    cuts: tuple[Cut, ...]
    spared: tuple[FindingId, ...]
    output: Output
    """The redacted recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the verify stage found, and the redaction it vouches for."""

    verification: Verification
    redaction: Redaction
    unaltered: Unaltered | None = None
    """Proof that nothing else was touched; made of what was found clean."""


KINDS: dict[Stage, Any] = {
    Stage.INTAKE: Source,
    Stage.TRANSCRIBE: Conversation,
    Stage.DETECT: tuple[Finding, ...],
    Stage.CONSENT: Verdict,
    Stage.REDACT: Redaction,
    Stage.VERIFY: Checked,
    Stage.RELEASE: tuple[Output, ...],
}
"""What each stage leaves."""

# A value that does not fit is not repeated in the error: it may be a transcript.
_HIDING = ConfigDict(hide_input_in_errors=True)
_ADAPTERS = {
    stage: TypeAdapter(tuple[float, kind], config=_HIDING)  # type: ignore[valid-type]  # kinds are values here
    for stage, kind in KINDS.items()
}


def name_of(stage: Stage) -> str:
    """Where a stage's value lies in the vault."""
    return f"{stage}.json"


def keep(vault: Vault, recording_id: RecordingId, stage: Stage, value: object, seconds: float) -> str:
    """Put a stage's value into the vault; its SHA-256."""
    body = _ADAPTERS[stage].dump_json((seconds, value))
    vault.put(recording_id, name_of(stage), body)
    return hashlib.sha256(body).hexdigest()


def load(vault: Vault, recording_id: RecordingId, stage: Stage, sha256: str) -> tuple[float, Any]:
    """A stage's seconds and value, as it finished them.

    Raises:
        SourceMissing: the stage left nothing, or it was destroyed.
        SealBroken: it is not what the stage left; a worker that had lost its lease wrote over it.
    """
    body = vault.get(recording_id, name_of(stage))
    if hashlib.sha256(body).hexdigest() != sha256:
        raise SealBroken(f"what {stage} left of {recording_id} is not what it left when it was done")
    return _ADAPTERS[stage].validate_json(body)
