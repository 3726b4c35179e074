"""What the end of an egress means for the recording: to be fetched, held for a person, or absent."""

from __future__ import annotations

from dataclasses import dataclass, replace

from compliance.errors import ObjectNotAllowed
from compliance.intake.events import EgressEvent, EgressFile, EgressSegments, Phase
from compliance.intake.objects import Allowed, SourceObject, manifest_of, object_key, source_of

OBJECT_NOT_ALLOWED = ObjectNotAllowed.reason
SEVERAL_FILES = "several_files"
SEGMENTS_NOT_SUPPORTED = "segments_not_supported"
EGRESS_ABORTED = "egress_aborted"
EGRESS_FAILED = "egress_failed"
UPLOAD_FAILED = "upload_failed"
NO_FILE = "no_file"
"""The egress ended well and uploaded nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """There is one file to fetch, or one playlist with its segments."""

    source: SourceObject
    manifest: SourceObject | None
    file: EgressFile
    live: SourceObject | None = None
    """A second playlist, of the last segments, which must go when the source goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Something was recorded, but not in a way that is treated; a person decides."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing was recorded, or what was is lost."""

    reason: str


Ending = Fetch | Held | Absent


def ending_of(event: EgressEvent, allowed: Allowed) -> Ending:
    """What follows from the end of an egress.

    A file is fetched if and only if it has a location and a size, whatever the
    status: a FAILED egress may have uploaded what it had, and a COMPLETE one
    nothing.  Segments beside a file hold the recording, since they are a second
    copy of the call that nothing would redact; so do two sets of them.
    """
    if len(event.segments) > 1 or (event.segments and event.usable):
        return Held(reason=SEGMENTS_NOT_SUPPORTED)
    if event.segments:
        return _fetch_segments(event, event.segments[0], allowed)
    if len(event.usable) > 1:
        return Held(reason=SEVERAL_FILES)
    if not event.usable:
        return Absent(reason=_loss(event))
    return _fetch(event, event.usable[0], allowed)


def _fetch(event: EgressEvent, file: EgressFile, allowed: Allowed) -> Ending:
    try:
        source = source_of(event, file, allowed)
    except ObjectNotAllowed:
        return Held(reason=OBJECT_NOT_ALLOWED)
    return Fetch(source=source, manifest=manifest_of(event, source), file=file)


def _fetch_segments(event: EgressEvent, segments: EgressSegments, allowed: Allowed) -> Ending:
    """A playlist that was never uploaded is fetched all the same: its segments are there, and hold it."""
    found = _fetch(event, segments.playlist, allowed)
    if not isinstance(found, Fetch) or not segments.live:
        return found
    try:
        key = object_key(allowed.prefix, segments.live)
    except ObjectNotAllowed:
        return Held(reason=OBJECT_NOT_ALLOWED)
    return replace(found, live=SourceObject(bucket=found.source.bucket, key=key))


def _loss(event: EgressEvent) -> str:
    """Why there is no file, as a stable word.  LiveKit has one status for all failures; the text tells."""
    if event.status == "EGRESS_ABORTED":
        return EGRESS_ABORTED
    if event.status in ("EGRESS_COMPLETE", "EGRESS_LIMIT_REACHED"):
        return NO_FILE
    return UPLOAD_FAILED if "upload failed" in event.error.lower() else EGRESS_FAILED


def outcome_of(event: EgressEvent, allowed: Allowed) -> str:
    """The word with which the event's row in the inbox is marked."""
    if event.phase is not Phase.ENDED:
        return "noted"
    match ending_of(event, allowed):
        case Fetch():
            return "to_fetch"
        case Held(reason=reason):
            return f"held:{reason}"
        case Absent(reason=reason):
            return f"absent:{reason}"
