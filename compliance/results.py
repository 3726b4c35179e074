"""What a run left for people, wherever it lies: released files among the outputs, held ones in the vault."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from compliance.artifacts import media_of
from compliance.errors import ArgumentInvalid, ComplianceError, SourceMissing
from compliance.parts import Parts
from compliance.records import Decision, Release, Stage, State
from compliance.release import MANIFEST, OUTPUTS, manifest
from compliance.run import begin
from compliance.store.disk import refusals
from compliance.store.recordings import RecordingRow

_PLACE = "the output folder"


def manifest_of(parts: Parts, row: RecordingRow) -> dict[str, Any] | None:
    """The manifest of a released or held recording; of one held early, as far as its stages came.

    None for a recording that is not done, was destroyed, or never came.
    """
    if row.state not in (State.RELEASED, State.HELD):
        return None
    try:
        body: bytes | None = b"".join(open_(parts, row, MANIFEST))
    except SourceMissing:
        body = _early(parts, row) if row.state is State.HELD else None
    return dict(json.loads(body)) if body else None


def _early(parts: Parts, row: RecordingRow) -> bytes | None:
    """The manifest of a recording that was held before its last stage, if its cause lets one be made."""
    run = begin(parts, row.id, Stage.RELEASE, 1)
    try:
        return manifest(run, Release(decision=Decision.HELD, reasons=row.reasons)).body
    except ComplianceError:
        return None  # weights are gone, or the vault does not open: the reasons say so


def open_(parts: Parts, row: RecordingRow, file: str) -> Iterator[bytes]:
    """The bytes of one of a run's files.

    Raises:
        SourceMissing: the run left no such file.
    """
    if row.state is State.RELEASED:
        return parts.outputs.open(f"{row.id}/{file}")
    return parts.vault.open(row.id, media_of(file) or OUTPUTS + file)


def copy_out(parts: Parts, row: RecordingRow, document: dict[str, Any], folder: Path) -> list[Path]:
    """Copy a run's files into a folder, each whole or not at all, the manifest last; where they are now.

    Raises:
        DiskFull, StorageUnavailable: the folder cannot be written; what had been copied is removed again.
    """
    copied: list[Path] = []
    try:
        with refusals(_PLACE):
            folder.mkdir(parents=True, exist_ok=True)
            for each in document["outputs"]:
                copied.append(_write(folder / each["file"], open_(parts, row, each["file"])))
            copied.append(_write(folder / MANIFEST, _manifest(parts, row)))
    except BaseException:
        for path in copied:
            path.unlink(missing_ok=True)
        raise
    return copied


def _manifest(parts: Parts, row: RecordingRow) -> Iterator[bytes]:
    """The manifest's own bytes, so that its digest is the one in the log."""
    try:
        return open_(parts, row, MANIFEST)
    except SourceMissing:
        return iter([_early(parts, row) or b""])


def _write(path: Path, chunks: Iterator[bytes]) -> Path:
    """A file that appears under its name only when it is whole."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return path


def require_writable(folder: Path) -> None:
    """Find out before the work, not after it, that nothing can be written there.

    Raises:
        ArgumentInvalid: it is a file, or may not be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise ArgumentInvalid(f"{folder} is a file; --out wants a folder")
    existing = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise ArgumentInvalid(f"{existing} may not be written to; choose another folder with --out")
