"""Which object may be fetched: a plain name in a bucket of the configured list, and nothing else.

A webhook is signed, but the names in it are made of room names and identities,
which callers choose.  ``location`` could point anywhere and is never fetched.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from compliance.errors import ObjectNotAllowed
from compliance.intake.events import EgressEvent, EgressFile

LOCAL = "file://"
"""How an allowed folder begins, where an allowed bucket is a bare name."""

_LONGEST = 1024
"""Bytes in an S3 key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceObject:
    """An object that may be fetched."""

    bucket: str
    """An entry of the setting ``source_buckets``, as configured."""
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What the deployment allows to be fetched."""

    buckets: tuple[str, ...]
    prefix: str = ""
    """The storage prefix configured in Egress, which its file names leave out."""


def source_of(event: EgressEvent, file: EgressFile, allowed: Allowed) -> SourceObject:
    """The object that holds a file of an egress.

    Raises:
        ObjectNotAllowed: the name is no plain relative path, or the bucket is not
            on the list or cannot be told.
    """
    key = object_key(allowed.prefix, file.filename)
    return SourceObject(bucket=_bucket(event, file, allowed.buckets), key=key)


def manifest_of(event: EgressEvent, source: SourceObject) -> SourceObject | None:
    """The manifest that Egress writes beside a recording, room name and all; None where it wrote none."""
    if not event.has_manifest or event.egress_id is None:
        return None
    folder = source.key.rpartition("/")[0]
    name = f"{event.egress_id}.json"
    return SourceObject(bucket=source.bucket, key=f"{folder}/{name}" if folder else name)


def object_key(prefix: str, filename: str) -> str:
    """The name in the bucket: prefix and file name, joined as Egress joins them.

    Raises:
        ObjectNotAllowed: any reading of the name (as it is, percent-decoded, or
            with compatibility characters resolved) leads elsewhere.
    """
    key = f"{prefix.rstrip('/')}/{filename}" if prefix else filename
    if not filename or len(key.encode("utf-8", "replace")) > _LONGEST:
        raise ObjectNotAllowed("the file name in the webhook is empty or too long")
    if not all(_is_plain(reading) for reading in _readings(filename)):
        raise ObjectNotAllowed("the file name in the webhook is not a plain relative path")
    return key


def _readings(name: str) -> set[str]:
    """The name, and all that a careless layer below might make of it."""
    found = {name, unicodedata.normalize("NFKC", name)}
    while new := {unquote(each) for each in found} - found:
        found |= new | {unicodedata.normalize("NFKC", each) for each in new}
    return found


def _is_plain(name: str) -> bool:
    """Whether the name goes down from where it starts: no root, drive, scheme, dots or control characters."""
    parts = name.split("/")
    return (
        not any(part in ("", ".", "..") for part in parts)
        and "\\" not in name
        and not parts[0].endswith(":")
        and not any(unicodedata.category(each) in ("Cc", "Cs") for each in name)
    )


def _bucket(event: EgressEvent, file: EgressFile, allowed: tuple[str, ...]) -> str:
    """The bucket the file is in: the one the request names, or the only one allowed.

    Where that leaves a choice (several are allowed, or the upload went to the
    backup storage, which no request names), ``location`` decides among those
    allowed; it can never add one.
    """
    if any(each not in allowed for each in event.buckets):
        raise ObjectNotAllowed("the webhook names a bucket that is not among the source_buckets")
    candidates = allowed if event.is_backup else event.buckets or allowed
    if len(candidates) == 1 and not event.is_backup:
        return candidates[0]
    hinted = [each for each in candidates if _lies_in(file.location, each)]
    if len(hinted) != 1:
        raise ObjectNotAllowed("the webhook does not tell which of the source_buckets holds the file")
    return hinted[0]


def _lies_in(location: str, bucket: str) -> bool:
    """Whether an uploader's address names a bucket, as a host or as the first folder of the path."""
    try:
        parts = urlsplit(location)
        host = parts.hostname or ""
    except ValueError:
        return False
    return host.startswith(f"{bucket.lower()}.") or parts.path.startswith(f"/{bucket}/")
