"""What one stage leaves for the next: values as JSON in the vault, with how long they took."""

from __future__ import annotations

import hashlib
import re
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
"""The redacted recording's name in the vault; the first file's, of several."""
_FILE = re.compile(r"redacted(?:-([1-9][0-9]?))?\.[a-z0-9]+")


def media_name(index: int) -> str:
    """The name in the vault of one redacted file of a call, counted from 0."""
    return MEDIA if index == 0 else f"{MEDIA}-{index + 1}"


def is_media(name: str) -> bool:
    """Whether a redacted file lies under that name in the vault."""
    return name == MEDIA or name.startswith(f"{MEDIA}-")


def media_file(index: int, count: int, suffix: str) -> str:
    """The name under which a redacted file is written out: numbered from 1 where there are several."""
    return f"{MEDIA}.{suffix}" if count == 1 else f"{MEDIA}-{index + 1}.{suffix}"


def media_of(file: str) -> str | None:
    """The name in the vault of what is written out under that name; None if it is no redacted sound."""
    found = _FILE.fullmatch(file)
    return media_name(int(found[1] or 1) - 1) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What the redact stage made, or verify widened."""

    cuts: tuple[Cut, ...]
    spared: tuple[FindingId, ...]
    outputs: tuple[Output, ...]
    """The redacted recording, a file for each of its sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the verify stage found, and the redaction it vouches for."""

    verification: Verification
    redaction: Redaction
    unaltered: tuple[Unaltered, ...] = ()
    """Proof for each file that nothing else was touched; made of what was found clean."""


KINDS: dict[Stage, Any] = {
    Stage.INTAKE: tuple[Source, ...],
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
