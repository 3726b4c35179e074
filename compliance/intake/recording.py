"""A recording between the tables and the stages: what of it is sealed, and what a stage gets to see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from compliance.intake import files as call_files
from compliance.intake.events import EgressEvent, EgressSegments, Phase, parse
from compliance.intake.files import CallFile, object_from, object_json
from compliance.intake.objects import SourceObject
from compliance.intake.parties import from_json, participant_from, parties_of, to_json
from compliance.intake.parts import IntakeParts
from compliance.records import Party, Recording, RecordingId
from compliance.store import participants
from compliance.store.recordings import RecordingRow
from compliance.store.seal import seal, unseal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What identifies people, kept in one sealed column."""

    parties: tuple[Party, ...] = field(default=(), repr=False)
    """As given by hand; where LiveKit tells them they are read from the room, which may learn more."""
    source: SourceObject | None = None
    manifest: SourceObject | None = None
    """Egress's side file, which names the room and must go when the source goes."""
    live: SourceObject | None = None
    """A playlist of the last segments, beside the one that is the source."""
    segments: tuple[SourceObject, ...] = ()
    """What the source names, if it is a playlist; known once that was read."""
    files: tuple[CallFile, ...] = field(default=(), repr=False)
    """Every file of a call in several files, in the order in which they began; else none."""
    members: tuple[str, ...] = ()
    """Of a call gathered from a room, the egresses that are in it."""
    event: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The masked ``egressInfo`` of the end, so that a held recording can be decided anew."""

    @property
    def sources(self) -> tuple[tuple[str, SourceObject], ...]:
        """Every object of LiveKit's making with what it is: media, manifest, playlists, segments.

        A playlist comes last: while it is there, what it names can be found out.
        """
        pairs = [*((each.source, each.manifest) for each in self.files), (self.source, self.manifest)]
        whole = [named for media, side in pairs for named in (("media", media), ("manifest", side))]
        listed = [("segment", each) for each in self.segments]
        # Of one egress all files share a manifest.
        every = dict.fromkeys([*listed, *whole, ("live", self.live)])
        return tuple((kind, each) for kind, each in every if each is not None)


def id_of(event: EgressEvent, event_id: str) -> RecordingId:
    """The id of the recording that an egress makes: the same one however often LiveKit tells it.

    An egress that was never launched has no id of its own, and its event's id stands in.
    """
    name = f"egress:{event.egress_id}" if event.egress_id else f"event:{event_id}"
    return RecordingId("rec_" + hashlib.sha256(name.encode("ascii")).hexdigest()[:32])


def id_of_room(room_sid: str) -> RecordingId:
    """The id of the recording that the egresses of a room make together."""
    return RecordingId("rec_" + hashlib.sha256(f"room:{room_sid}".encode("ascii")).hexdigest()[:32])


def close(sealed: Sealed, key: bytes, recording_id: str) -> bytes:
    """The column's bytes."""
    plain = {
        "parties": to_json(sealed.parties),
        "source": object_json(sealed.source),
        "manifest": object_json(sealed.manifest),
        "files": call_files.to_json(sealed.files),
        "members": sealed.members,
        "live": object_json(sealed.live),
        "segments": [object_json(each) for each in sealed.segments],
        "event": sealed.event,
    }
    return seal(key, json.dumps(plain).encode("ascii"), recording_id.encode("ascii"))


def open_(row: RecordingRow, key: bytes) -> Sealed:
    """What ``close`` sealed; nothing where the column is empty.

    Raises:
        SealBroken: the bytes are not what was sealed for this recording.
    """
    if row.sealed is None:
        return Sealed()
    plain = json.loads(unseal(key, row.sealed, row.id.encode("ascii")))
    return Sealed(
        parties=from_json(plain["parties"]),
        source=object_from(plain["source"]),
        manifest=object_from(plain["manifest"]),
        files=call_files.from_json(plain.get("files", ())),
        members=tuple(plain.get("members", ())),
        live=object_from(plain.get("live")),
        segments=tuple(SourceObject(**each) for each in plain.get("segments", ())),
        event=plain["event"],
    )


def files_of(sealed: Sealed) -> tuple[CallFile, ...]:
    """The files of a recording, in order; one, bar those of a call in several."""
    return sealed.files or (CallFile(source=sealed.source, told_ms=told_ms(sealed)),)


def told_ms(sealed: Sealed) -> int | None:
    """The duration that LiveKit claims of the recording, wall clock for some sources; None where absent."""
    if (segments := segments_of(sealed)) is not None:
        return segments.playlist.duration_ms
    usable = event.usable if (event := _ended(sealed)) else ()
    return usable[0].duration_ms if len(usable) == 1 else None


def segments_of(sealed: Sealed) -> EgressSegments | None:
    """What LiveKit told of a recording's segments; None where it is one file."""
    event = _ended(sealed)
    return event.segments[0] if event and len(event.segments) == 1 and not event.usable else None


def _ended(sealed: Sealed) -> EgressEvent | None:
    event = parse(Phase.ENDED, {"egressInfo": sealed.event}) if sealed.event else None
    return event if isinstance(event, EgressEvent) else None


def recording_of(connection: Connection, row: RecordingRow, parts: IntakeParts) -> Recording:
    """The recording as the stages see it.

    Its parties are read from the room each time, since ``participant_joined``
    may arrive after the egress has ended; those given by hand stand as given.
    """
    return Recording(
        id=row.id,
        profile=row.profile,
        agent_kind=row.agent_kind,
        roles=row.roles,
        parties=open_(row, parts.key).parties or _from_room(connection, row, parts),
        started_at_ms=row.started_at_ms,
        egress_id=row.egress_id,
        room_sid=row.room_sid,
    )


def _from_room(connection: Connection, row: RecordingRow, parts: IntakeParts) -> tuple[Party, ...]:
    rows = participants.of_room(connection, row.room_sid) if row.room_sid else []
    people = [
        participant_from(
            each.kind,
            each.joined_at_ms,
            each.sealed and unseal(parts.key, each.sealed, each.participant_sid.encode("ascii")),
        )
        for each in rows
    ]
    return parties_of(
        people, roles=row.roles, started_at_ms=row.started_at_ms, business_number=parts.business_number
    )
