"""A recording that came as a playlist and its segments: fetched, and joined in the vault as one source.

A transport stream is made to be joined bytewise (RFC 8216, 3.2).  Where each segment began
is kept beside the source; every object that was named is, so that all of them can go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from compliance.errors import (
    ComplianceError,
    MediaTruncated,
    ObjectNotAllowed,
    PlaylistInvalid,
    SourceMissing,
)
from compliance.intake.events import EgressSegments
from compliance.intake.fetch import Fetched, into_vault
from compliance.intake.objects import SourceObject
from compliance.intake.playlist import HEAD, LARGEST, Entry, Owns, is_below, may_own, of_egress, parse
from compliance.records import RecordingId, Segment, Source
from compliance.store.folder import FolderObjects
from compliance.store.objects import Objects
from compliance.store.vault import Vault

SEGMENTS = "segments.json"
"""The name in the vault of what the source was joined from."""
PACKET = 188
"""Bytes of a packet of a transport stream; a segment is made of whole ones."""
SLACK_MS, SLACK = 1000, 0.01
"""A playlist may tell so much more than was recorded: its clock is not the sound's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A playlist that was read, and the store in which it and its segments lie."""

    store: Objects = field(repr=False)
    source: SourceObject
    entries: tuple[Entry, ...]

    @property
    def objects(self) -> tuple[SourceObject, ...]:
        """The segments as objects: in the playlist's bucket, at its place or below."""
        folder = self.source.key.rpartition("/")[0]
        keys = (f"{folder}/{each.name}" if folder else each.name for each in self.entries)
        return tuple(SourceObject(bucket=self.source.bucket, key=key) for key in keys)


def listed(source: SourceObject, told: EgressSegments, stores: Mapping[str, Objects]) -> Listed:
    """What the playlist of an egress names, once it is as many segments as were uploaded.

    Raises:
        ObjectNotAllowed: its bucket is not on the list (any more).
        SourceMissing: it is not there.
        PlaylistInvalid: it is not the finished list of that egress's own segments.
        StorageUnavailable: a store did not answer; worth another try.
    """
    if source.bucket not in stores:
        raise ObjectNotAllowed("the playlist lies in a bucket that is not allowed")
    owns = of_egress(told.playlist.filename, told.prefix)
    found = _listed(source, stores[source.bucket], owns)
    if told.count and len(found.entries) != told.count:
        raise PlaylistInvalid("the playlist names another number of segments than were uploaded")
    return found


def _listed(source: SourceObject, store: Objects, owns: Owns) -> Listed:
    text = b""
    for chunk in store.open(source.key):
        text += chunk
        if len(text) > LARGEST:
            break
    return Listed(store=store, source=source, entries=parse(text, owns))


def join(
    recording_id: RecordingId, found: Listed, vault: Vault, *, max_bytes: int, told_bytes: int = 0
) -> Fetched:
    """Bring the segments into the vault, joined under ``SOURCE``, with a list of them under ``SEGMENTS``.

    Raises:
        SourceMissing: one is not there.
        MediaTruncated: one is not made of whole packets, or all are of another size than was told.
        SourceTooLarge, MediaEmpty, StorageUnavailable: as for ``fetch``.
    """
    seen: list[Segment] = []
    fetched = into_vault(recording_id, _joined(found, seen), vault, max_bytes)
    if told_bytes and fetched.size_bytes != told_bytes:
        raise MediaTruncated("the segments are of another size than was uploaded")
    body = json.dumps([asdict(each) for each in seen]).encode("ascii")
    vault.put(recording_id, SEGMENTS, body)
    return fetched


def _joined(found: Listed, seen: list[Segment]) -> Iterator[bytes]:
    """The bytes of all segments; each is noted down once it has gone by."""
    for entry, each in zip(found.entries, found.objects, strict=True):
        digest, size = hashlib.sha256(), 0
        for chunk in found.store.open(each.key):
            digest.update(chunk)
            size += len(chunk)
            yield chunk
        if not size or size % PACKET:
            raise MediaTruncated("a segment of the recording breaks off")
        seen.append(Segment(size_bytes=size, duration_ms=entry.duration_ms, sha256=digest.hexdigest()))


def is_playlist(path: Path) -> bool:
    """Whether a file given by hand says that it is one."""
    try:
        with path.open("rb") as file:
            return file.read(len(HEAD)) == HEAD
    except OSError:
        return False


def take_listed(recording_id: RecordingId, path: Path, vault: Vault, *, max_bytes: int) -> Fetched:
    """Bring the segments that a playlist given by hand names into the vault, joined.

    They lie in its folder or below, and no link leads them out of it.

    Raises:
        MediaTruncated: a segment is not there, is no file, or is not whole.
        PlaylistInvalid, SourceTooLarge, MediaEmpty: as for ``listed`` and ``join``.
    """
    source = SourceObject(bucket="", key=path.name)
    try:
        return join(
            recording_id, _listed(source, FolderObjects(path.parent), is_below), vault, max_bytes=max_bytes
        )
    except (SourceMissing, ObjectNotAllowed) as error:
        raise MediaTruncated("a segment that the playlist names is not in its folder") from error


def with_segments(recording_id: RecordingId, source: Source, vault: Vault) -> Source:
    """The source with what it was joined from, if it was.

    Raises:
        MediaTruncated: it is shorter than its playlist tells: packets were lost where it could not be seen.
    """
    if SEGMENTS not in vault.names(recording_id):
        return source
    segments = tuple(Segment(**each) for each in json.loads(vault.get(recording_id, SEGMENTS)))
    told_ms = sum(each.duration_ms for each in segments)
    if told_ms - source.duration_ms > max(SLACK_MS, SLACK * told_ms):
        raise MediaTruncated("the segments hold less sound than the playlist tells")
    return replace(source, segments=segments)


def named(
    source: SourceObject, told: EgressSegments, stores: Mapping[str, Objects]
) -> tuple[SourceObject, ...]:
    """The segments of a recording that is to be destroyed and whose playlist was never read to its end.

    None if no object is left that could be one: somebody else destroyed them.

    Raises:
        ComplianceError: the playlist does not tell, and there are some.
    """
    try:
        return listed(source, told, stores).objects
    except ComplianceError:
        if _is_any_left(source, told, stores):
            raise
        return ()


def _is_any_left(source: SourceObject, told: EgressSegments, stores: Mapping[str, Objects]) -> bool:
    folder = source.key.rpartition("/")[0]
    start = f"{folder}/" if folder else ""
    names = stores[source.bucket].names(start)
    return any(may_own(told.playlist.filename, told.prefix, name.removeprefix(start)) for name in names)
