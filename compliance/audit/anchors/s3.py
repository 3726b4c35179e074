"""A bucket with Object Lock as a sink."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from compliance.audit.anchors.here import is_here
from compliance.audit.anchors.sink import LIMIT, Held, Reach
from compliance.store.locked import LockedBucket, Version
from compliance.store.s3 import S3Settings

_TYPES: Final = {".note": "text/plain; charset=utf-8", ".tsr": "application/timestamp-reply"}
_AT_ONCE: Final = 8
"""Objects fetched at the same time."""


class BucketSink:
    """Objects that nobody can change or destroy before their time, the bucket's owner included."""

    def __init__(self, settings: S3Settings, bucket: str, prefix: str, *, keep: timedelta) -> None:
        """``keep`` is how long each object is locked; nothing is asked of the store yet."""
        self._bucket: Final = LockedBucket(settings, bucket)
        self._endpoint: Final = settings.endpoint
        self._name: Final = bucket
        self._prefix: Final = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._keep: Final = keep

    @property
    def id(self) -> str:
        """See ``Sink``."""
        place = " ".join((self._endpoint or "", self.where))
        return f"s3-{sha256(place.encode()).hexdigest()[:12]}"

    @property
    def where(self) -> str:
        """See ``Sink``."""
        return f"s3://{self._name}/{self._prefix}".rstrip("/")

    @property
    def reach(self) -> Reach:
        """A witness, unless its endpoint is this machine."""
        host = urlsplit(self._endpoint).hostname if self._endpoint else None
        return Reach.COPY if self._endpoint and is_here(host or "localhost") else Reach.WITNESS

    def put(self, name: str, data: bytes) -> bytes:
        """See ``Sink``; the receipt is the id of the version, by which it is found whatever comes later."""
        until = datetime.now(UTC) + self._keep
        kind = _TYPES[name[name.rindex(".") :]]
        return self._bucket.put(self._prefix + name, data, until=until, content_type=kind).encode()

    def read(self, prefix: str) -> Iterator[Held] | None:
        """See ``Sink``; each version is fetched when it is asked for."""
        return self._held(prefix)

    def _held(self, prefix: str) -> Iterator[Held]:
        """The first by itself, since often no more is asked for; then several at once."""
        versions, count = self._bucket.versions(self._prefix + prefix), 1
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while batch := list(islice(versions, count)):
                yield from pool.map(self._fetched, batch)
                count = 8 * _AT_ONCE

    def _fetched(self, version: Version) -> Held:
        name = version.name.removeprefix(self._prefix)
        return Held(name=name, data=self._bucket.read(version, LIMIT), kept_at_ms=version.kept_at_ms)
