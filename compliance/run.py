"""One recording on its way through one stage: what it may read, and how it tells of what it did."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from compliance import artifacts
from compliance.audit.events import AuditEvent, EventKind, event
from compliance.errors import SealBroken, SourceMissing
from compliance.intake.recording import recording_of
from compliance.parts import PIPELINE, Parts
from compliance.records import (
    Recording,
    RecordingId,
    Stage,
)
from compliance.redact.profile import Profile, choose
from compliance.store import recordings, work
from compliance.store.recordings import RecordingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One recording on its way through the stages in this process."""

    parts: Parts
    row: RecordingRow
    recording: Recording
    stage: Stage
    fence: int
    """Grows with every claim of the stage, also after a person's retry: no two tell the same events."""

    @property
    def id(self) -> RecordingId:
        """The recording's id."""
        return self.row.id

    @property
    def profile(self) -> Profile:
        """The redaction profile that applies to it."""
        return choose(self.parts.profiles, self.row.profile)

    @property
    def models(self) -> dict[str, str]:
        """The models in use by name and digest, for events."""
        return {ref.name: ref.sha256 for ref in self.parts.engines.refs}

    def value(self, stage: Stage) -> Any:
        """What an earlier stage left."""
        return self.left(stage)[1]

    def left(self, stage: Stage) -> tuple[float, Any]:
        """What an earlier stage left, and how many seconds it took.

        Raises:
            SourceMissing: it is not done, or what it left was destroyed.
            SealBroken: it is not what the stage left.
        """
        with self.parts.database.read() as connection:
            output = work.output(connection, self.id, stage)
        if output is None or output.sha256 is None:
            raise SourceMissing(f"{stage} left nothing of {self.id}")
        return artifacts.load(self.parts.vault, self.id, stage, output.sha256)

    def told(self, done: float) -> None:
        """Tell how far this stage is."""
        self.parts.progress(self.id, self.stage, min(1.0, done))

    def event(self, kind: EventKind, key: str = "", **fields: Any) -> AuditEvent:
        """An event of this stage.  Of all claims of a stage one finishes, so it tells of itself once."""
        return event_of(self.parts, self.id, kind, key or f"{self.stage}:{self.fence}", **fields)

    @contextlib.contextmanager
    def file(self, name: str, sha256: str | None = None) -> Iterator[Path]:
        """An object of the vault as a file, for as long as it is needed.

        Raises:
            SealBroken: it has another digest than the one asked for.
        """
        with self.scratch() as folder:
            path = folder / "media"
            self.parts.vault.copy_to(self.id, name, path)
            if sha256 is not None and _digest(path) != sha256:
                raise SealBroken(f"{name} of {self.id} is not what an earlier stage left")
            yield path

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder that is gone afterwards."""
        with self.parts.home.scratch() as folder:
            yield folder


def _digest(path: Path) -> str:
    """A file's SHA-256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def event_of(parts: Parts, recording_id: RecordingId, kind: EventKind, key: str, **fields: Any) -> AuditEvent:
    """An event of the pipeline's."""
    now_ms = parts.now_ms()
    return event(kind, recording_id=recording_id, key=key, occurred_at_ms=now_ms, actor=PIPELINE, **fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a stage made: its value, and how to tell of it once the value's digest is known."""

    value: Any
    told: Callable[[str], AuditEvent]
    amend: dict[str, Any] | None = None
    """Facts learnt of the recording, by column."""
    kept: Callable[[Connection], object] | None = None
    """Writes what outlives the recording, in the transaction of the event."""


def begin(parts: Parts, recording_id: RecordingId, stage: Stage, fence: int) -> Run:
    """The recording as it stands, for one stage."""
    with parts.database.read() as connection:
        row = recordings.get(connection, recording_id)
        recording = recording_of(connection, row, parts.intake)
    return Run(parts=parts, row=row, recording=recording, stage=stage, fence=fence)
