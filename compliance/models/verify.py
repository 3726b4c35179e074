"""Whether the weights on disk are the ones that are pinned.

Hashing 150 MB at every start costs half a second and a cold disk much more, so a
file that was found right is remembered by its size, inode and times in
``.verified.json`` beside the models.  ``ctime`` cannot be set from user space, so
an edit that puts ``mtime`` back is still seen.  Whoever may write in that folder
can lie to the quick path; ``compliance models verify --full`` always hashes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from compliance.errors import ModelAltered, ModelMissing
from compliance.models.catalogue import Model, find
from compliance.records import ModelRef

CACHE = ".verified.json"


class Standing(StrEnum):
    """How a model's files compare with their pins."""

    RIGHT = "right"
    MISSING = "missing"
    """At least one file is not there."""
    ALTERED = "altered"
    """At least one file is not the one pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFolder:
    """Weights that were checked: where they are and what they are."""

    path: Path
    ref: ModelRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in a model's folder."""

    name: str
    standing: Standing
    missing: tuple[str, ...]
    altered: tuple[str, ...]


def require(models_dir: Path, name: str, *, full: bool = False) -> ModelFolder:
    """The folder of a model whose files are all there and unaltered.

    Raises:
        ArgumentInvalid: no model has that name.
        ModelMissing: a file is not there; the message says how to get it.
        ModelAltered: a file is not the one pinned; the message names it.
    """
    model = find(name)
    report = check(models_dir, model, full=full)
    if report.missing:
        raise ModelMissing(
            f"model {name} is not complete in {models_dir} ({report.missing[0]} is missing); "
            f"run `compliance models pull {name}`"
        )
    if report.altered:
        raise ModelAltered(
            f"model {name} was altered: {models_dir / name / report.altered[0]} does not match its SHA-256; "
            f"run `compliance models pull {name}` to replace it"
        )
    return ModelFolder(path=models_dir / name, ref=model.ref)


def check(models_dir: Path, model: Model, *, full: bool = False) -> Report:
    """Compare each file of a model with its pin, hashing only what is not remembered unless ``full``."""
    remembered = {} if full else _remembered(models_dir)
    seen: dict[str, str] = {}
    missing: list[str] = []
    altered: list[str] = []
    for file, sha256 in model.files.items():
        key = f"{model.name}/{file}"
        path = models_dir / model.name / file
        if not path.is_file():
            missing.append(file)
        elif remembered.get(key) == (trait := _trait(path, sha256)) or digest(path) == sha256:
            seen[key] = trait
        else:
            altered.append(file)
    if any(remembered.get(key) != trait for key, trait in seen.items()):
        _remember(models_dir, seen)
    standing = Standing.MISSING if missing else Standing.ALTERED if altered else Standing.RIGHT
    return Report(name=model.name, standing=standing, missing=tuple(missing), altered=tuple(altered))


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _trait(path: Path, sha256: str) -> str:
    """What identifies a file that was found right: its pin, and what changes whenever its bytes do."""
    stat = path.stat()
    return f"{sha256} {stat.st_size} {stat.st_ino} {stat.st_mtime_ns} {stat.st_ctime_ns}"


def _remembered(models_dir: Path) -> dict[str, str]:
    """What was found right before; nothing where the notes cannot be read."""
    try:
        notes = json.loads((models_dir / CACHE).read_text())
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in notes.items()} if isinstance(notes, dict) else {}


def _remember(models_dir: Path, seen: dict[str, str]) -> None:
    """Note what was found right; a folder that cannot be written is hashed again next time."""
    notes = json.dumps(_remembered(models_dir) | seen, indent=1, sort_keys=True)
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=CACHE, dir=models_dir)
        with os.fdopen(handle, "w") as file:
            file.write(notes)
        Path(name).replace(models_dir / CACHE)
