"""What the end of an egress means for the recording: to be fetched, held for a person, or absent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from compliance.errors import HoldError, ObjectNotAllowed
from compliance.intake.events import EgressEvent, EgressFile, EgressSegments, Phase
from compliance.intake.files import CallFile
from compliance.intake.objects import Allowed, SourceObject, manifest_of, object_key, source_of
from compliance.intake.several import Told, call_files, in_order, known_files

OBJECT_NOT_ALLOWED = ObjectNotAllowed.reason
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
class FetchCall:
    """There are several files of one call to fetch, in the order in which they began."""

    files: tuple[CallFile, ...]
    started_at_ms: int | None
    """When the first of them began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Something was recorded, but not in a way that is treated; a person decides."""

    reason: str
    file: int | None = None
    """Which of several files it is held for, counted from 1."""
    files: tuple[CallFile, ...] = field(default=(), compare=False)
    """Those of a call in several files that are known, should it be destroyed."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reason as stable words, with the file beside it."""
        return (self.reason, *((f"file_{self.file}",) if self.file else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Nothing was recorded, or what was is lost."""

    reason: str


Ending = Fetch | FetchCall | Held | Absent


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
        return fetch_call([(event, each) for each in event.files], allowed)
    if not event.usable:
        return Absent(reason=loss_of(event))
    return _fetch(event, event.usable[0], allowed)


def fetch_call(told: Sequence[Told], allowed: Allowed) -> Ending:
    """What follows from several files of one call; if one was lost, the others are no whole call."""
    ordered = in_order(told)
    lost = next((n for n, (_, file) in enumerate(ordered, 1) if not file.is_usable), None)
    if lost is not None:
        usable = [each for each in ordered if each[1].is_usable]
        return Held(reason=loss_of(ordered[lost - 1][0]), file=lost, files=known_files(usable, allowed))
    try:
        files = call_files(ordered, allowed)
    except HoldError as error:
        return Held(reason=error.reason, file=error.file, files=known_files(ordered, allowed))
    return FetchCall(files=files, started_at_ms=ordered[0][1].started_at_ms)


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


def loss_of(event: EgressEvent) -> str:
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
        case Fetch() | FetchCall():
            return "to_fetch"
        case Held(reason=reason):
            return f"held:{reason}"
        case Absent(reason=reason):
            return f"absent:{reason}"
