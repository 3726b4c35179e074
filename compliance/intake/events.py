"""What LiveKit's webhooks say, as frozen values.

Names, units and traps are those of livekit/protocol: nanoseconds in EgressInfo,
seconds in ``createdAt``, no key where the value is zero.  Phone numbers, room
names and paths stay out of reprs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compliance.intake.channels import roles_of
from compliance.intake.fields import (
    enum,
    flag,
    from_nanoseconds,
    identifier,
    joined_at_ms,
    message,
    messages,
    text,
    whole,
)
from compliance.records import Role

STATUSES = (
    "EGRESS_STARTING",
    "EGRESS_ACTIVE",
    "EGRESS_ENDING",
    "EGRESS_COMPLETE",
    "EGRESS_FAILED",
    "EGRESS_ABORTED",
    "EGRESS_LIMIT_REACHED",
)
"""EgressStatus by number; a name that is not here is kept as it came."""

REQUESTS = ("egress", "replay", "roomComposite", "web", "participant", "trackComposite", "track")
"""The forms in which EgressInfo echoes the request; exactly one is filled."""


class Phase(StrEnum):
    """Which of LiveKit's egress events it was."""

    STARTED = "egress_started"
    UPDATED = "egress_updated"
    ENDED = "egress_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressFile:
    """One entry of ``fileResults``."""

    filename: str = field(repr=False)
    """Its path in the storage, without the storage's own prefix."""
    location: str = field(repr=False)
    """The uploader's address of it; a sign that it was uploaded, and never fetched."""
    size_bytes: int
    started_at_ms: int | None
    duration_ms: int | None
    """What LiveKit claims, wall clock for some sources; None where it is zero or negative."""

    @property
    def is_usable(self) -> bool:
        """Whether there is something to fetch.  The status does not tell: a FAILED one may be whole."""
        return bool(self.location) and self.size_bytes > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressSegments:
    """One entry of ``segmentResults``: a playlist, and the segments that it names."""

    playlist: EgressFile
    """The finished playlist; size, start and duration are those of all segments together."""
    live: str = field(repr=False)
    """The playlist of the last few segments, if one was asked for."""
    count: int
    """How many segments were uploaded."""
    prefix: str = field(repr=False)
    """How their names begin, as the request has it; empty where it leaves that to Egress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressEvent:
    """What an ``egress_*`` webhook says."""

    phase: Phase
    egress_id: str | None
    """None where the server failed to launch an automatic egress."""
    room_sid: str | None
    room_name: str = field(repr=False)
    status: str
    error: str = field(repr=False)
    error_code: int
    files: tuple[EgressFile, ...]
    segments: tuple[EgressSegments, ...]
    """Entries of ``segmentResults`` of which something was uploaded."""
    roles: tuple[Role, ...]
    buckets: tuple[str, ...]
    """The buckets that the request names; none where the server's own storage is used."""
    has_manifest: bool
    is_backup: bool
    """Whether the upload went to the backup storage, which the request does not name."""
    retry: int
    request: str = ""
    """The form of the request, one of ``REQUESTS``."""
    identity: str = field(default="", repr=False)
    """Whom a participant egress records."""
    track_sid: str | None = None
    """What a track egress records."""

    @property
    def usable(self) -> tuple[EgressFile, ...]:
        """The files that can be fetched."""
        return tuple(each for each in self.files if each.is_usable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantEvent:
    """What a ``participant_*`` webhook says."""

    has_left: bool
    room_sid: str
    participant_sid: str
    kind: str
    """STANDARD, SIP, AGENT, INGRESS, CONNECTOR, BRIDGE, or one that is newer."""
    identity: str = field(repr=False)
    number: str | None = field(repr=False)
    """``sip.phoneNumber``: the remote party, whoever called whom."""
    trunk_number: str | None = field(repr=False)
    """``sip.trunkPhoneNumber``: the business's own number."""
    joined_at_ms: int | None
    at_ms: int
    """When the event was made."""
    attributes: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Every attribute that is text, SIP headers among them as ``sip.h.<header>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvent:
    """What tells of a room whose egresses are gathered: that it ended, or that a track was published."""

    room_sid: str
    is_over: bool
    track_sid: str | None = None
    participant_sid: str | None = None
    """Who published the track."""


Event = EgressEvent | ParticipantEvent | RoomEvent


def parse(name: str, body: Mapping[str, object]) -> Event | None:
    """The event as a value; None for one that tells us nothing: other names, recorders, no room id."""
    if name in set(Phase):
        return _egress(Phase(name), message(body, "egressInfo"))
    if name in ("participant_joined", "participant_left", "participant_connection_aborted"):
        return _participant(body, has_left=name != "participant_joined")
    return None


def parse_room(name: str, body: Mapping[str, object]) -> RoomEvent | None:
    """The same for the events of rooms, which are of use only where egresses are gathered by room."""
    room = identifier(message(body, "room"), "sid")
    if room is None or name not in ("room_finished", "track_published"):
        return None
    return RoomEvent(
        room_sid=room,
        is_over=name == "room_finished",
        track_sid=identifier(message(body, "track"), "sid"),
        participant_sid=identifier(message(body, "participant"), "sid"),
    )


def dedupe_key(event: Event) -> str | None:
    """What makes two deliveries with different ids the same: egress id and terminal status.

    Egress reports its end again when the server's answer is late, and each
    report becomes a webhook with an id of its own.
    """
    if not isinstance(event, EgressEvent) or event.phase is not Phase.ENDED or event.egress_id is None:
        return None
    return f"{event.egress_id}:{event.status}"


def _egress(phase: Phase, info: Mapping[str, object]) -> EgressEvent:
    form = next((name for name in REQUESTS if message(info, name)), "")
    request = message(info, form)
    return EgressEvent(
        phase=phase,
        egress_id=identifier(info, "egressId"),
        room_sid=identifier(info, "roomId"),
        room_name=text(info, "roomName"),
        status=_status(info),
        error=text(info, "error"),
        error_code=whole(info, "errorCode"),
        files=_files(info),
        segments=_segments(info, request),
        roles=roles_of(info),
        buckets=_buckets(request),
        has_manifest=bool(text(info, "manifestLocation")),
        is_backup=flag(info, "backupStorageUsed"),
        retry=max(0, whole(info, "retryCount")),
        request=form,
        identity=text(request, "identity") if form == "participant" else "",
        track_sid=identifier(request, "trackId" if form == "track" else "audioTrackId"),
    )


def _status(info: Mapping[str, object]) -> str:
    """The status by name.  A name not known here stays, so that it never passes for another."""
    value = info.get("status", 0)
    if isinstance(value, int) and 0 <= value < len(STATUSES):
        return STATUSES[value]
    return enum(info, "status") or "EGRESS_UNKNOWN"


def _files(info: Mapping[str, object]) -> tuple[EgressFile, ...]:
    """The file results; ``file``, their deprecated single form, where the list is empty."""
    single = message(info, "file")
    found = messages(info, "fileResults") or ((single,) if single else ())
    return tuple(_file(each) for each in found)


def _file(result: Mapping[str, object]) -> EgressFile:
    return EgressFile(
        filename=text(result, "filename"),
        location=text(result, "location"),
        size_bytes=max(0, whole(result, "size")),
        started_at_ms=from_nanoseconds(result, "startedAt"),
        duration_ms=from_nanoseconds(result, "duration"),
    )


def _segments(info: Mapping[str, object], request: Mapping[str, object]) -> tuple[EgressSegments, ...]:
    single = message(info, "segments")
    found = messages(info, "segmentResults") or ((single,) if single else ())
    prefixes = [text(each, "filenamePrefix") for each in _segment_outputs(request)]
    prefix = prefixes[0] if len(prefixes) == 1 else ""
    made = (_segmented(each, prefix) for each in found)
    return tuple(each for each in made if each.playlist.size_bytes > 0 or each.count > 0)


def _segmented(result: Mapping[str, object], prefix: str) -> EgressSegments:
    playlist = EgressFile(
        filename=text(result, "playlistName"),
        location=text(result, "playlistLocation"),
        size_bytes=max(0, whole(result, "size")),
        started_at_ms=from_nanoseconds(result, "startedAt"),
        duration_ms=from_nanoseconds(result, "duration"),
    )
    count, live = max(0, whole(result, "segmentCount")), text(result, "livePlaylistName")
    return EgressSegments(playlist=playlist, live=live, count=count, prefix=prefix)


def _segment_outputs(request: Mapping[str, object]) -> tuple[Mapping[str, object], ...]:
    """What a request says of segments; v2 has it in ``outputs``."""
    of_v2 = (message(each, "segments") for each in messages(request, "outputs"))
    found = (message(request, "segments"), *messages(request, "segmentOutputs"), *of_v2)
    return tuple(each for each in found if each)


def _buckets(request: Mapping[str, object]) -> tuple[str, ...]:
    """The distinct buckets of a request: v1 has them in each output, v2 also beside the outputs."""
    outputs = (
        *messages(request, "fileOutputs"),
        *messages(request, "segmentOutputs"),
        message(request, "file"),
        message(request, "segments"),
        message(request, "storage"),
        *(message(each, "storage") for each in messages(request, "outputs")),
    )
    stores = (message(each, kind) for each in outputs for kind in ("s3", "gcp", "aliOSS", "azure"))
    names = (text(each, "bucket") or text(each, "containerName") for each in stores)
    return tuple(dict.fromkeys(name for name in names if name))


def _participant(body: Mapping[str, object], *, has_left: bool) -> ParticipantEvent | None:
    person = message(body, "participant")
    room, sid = identifier(message(body, "room"), "sid"), identifier(person, "sid")
    kind = enum(person, "kind") or "STANDARD"
    if room is None or sid is None or kind == "EGRESS":
        return None
    attributes = message(person, "attributes")
    return ParticipantEvent(
        has_left=has_left,
        room_sid=room,
        participant_sid=sid,
        kind=kind,
        identity=text(person, "identity"),
        number=text(attributes, "sip.phoneNumber") or None,
        trunk_number=text(attributes, "sip.trunkPhoneNumber") or None,
        joined_at_ms=joined_at_ms(person),
        at_ms=whole(body, "createdAt") * 1000,
        attributes={name: value for name, value in attributes.items() if isinstance(value, str)},
    )
