"""One file of a call as intake knows it, before its bytes are read: where it lies and when it began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.intake.objects import SourceObject


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFile:
    """One of the files of a call."""

    source: SourceObject | None = None
    """Where it is fetched; None where it was given by hand and lies in the vault."""
    manifest: SourceObject | None = None
    """Egress's side file, which names the room and must go when the source goes."""
    offset_ms: int = 0
    """Where it begins in the call."""
    told_ms: int | None = None
    """The duration that LiveKit claims, wall clock for some sources; None where absent."""


def to_json(files: Iterable[CallFile]) -> list[dict[str, Any]]:
    """Files as JSON, keys and all, to be sealed."""
    return [
        {
            "source": object_json(each.source),
            "manifest": object_json(each.manifest),
            "offset_ms": each.offset_ms,
            "told_ms": each.told_ms,
        }
        for each in files
    ]


def from_json(values: Iterable[Mapping[str, Any]]) -> tuple[CallFile, ...]:
    """The files that ``to_json`` wrote."""
    return tuple(
        CallFile(
            source=object_from(each["source"]),
            manifest=object_from(each["manifest"]),
            offset_ms=each["offset_ms"],
            told_ms=each["told_ms"],
        )
        for each in values
    )


def object_json(source: SourceObject | None) -> dict[str, str] | None:
    """Where an object lies, as JSON."""
    return None if source is None else {"bucket": source.bucket, "key": source.key}


def object_from(value: Mapping[str, str] | None) -> SourceObject | None:
    """The object that ``object_json`` wrote."""
    return None if value is None else SourceObject(bucket=value["bucket"], key=value["key"])
