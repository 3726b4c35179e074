"""Objects in a bucket that nobody can take back: S3 with Object Lock in COMPLIANCE mode.

A lock is on one version of an object.  A later version under the same name, or a
delete marker, hides the first and does not destroy it; so every version is read,
by its id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from compliance.errors import AnchorUnlocked
from compliance.store.s3 import S3Settings, connect, s3_refusals

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectVersionTypeDef

_MODE: Final = "COMPLIANCE"
"""The mode whose locks the bucket's owner cannot lift either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object."""

    name: str
    id: str
    kept_at_ms: int
    """When the store took it, by the store's clock; Unix milliseconds."""


class LockedBucket:
    """A bucket with Object Lock."""

    def __init__(self, settings: S3Settings, bucket: str) -> None:
        """Prepare a client; nothing is asked of the store yet."""
        self._client: Final = connect(settings)
        self._bucket: Final = bucket

    def put(self, name: str, data: bytes, *, until: datetime, content_type: str) -> str:
        """Keep the data until then, whatever anybody asks; the id of its version.

        The store is asked afterwards whether it did: there are some that take the
        request for a lock and forget it.

        Raises:
            AnchorUnlocked: the version is there, and can be destroyed before its time.
            StorageUnavailable: it was not kept.
        """
        with s3_refusals():
            put = self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=data,
                ContentType=content_type,
                ObjectLockMode=_MODE,
                ObjectLockRetainUntilDate=until,
            )
            version = put.get("VersionId", "")
        if not version or not self._is_locked(name, version, until):
            raise AnchorUnlocked("the bucket keeps objects without a lock (Object Lock, COMPLIANCE)")
        return version

    def versions(self, prefix: str) -> Iterator[Version]:
        """Every version of every object whose name begins so: by name, and of each name the oldest first."""
        with s3_refusals():
            for _, versions in groupby(self._listed(prefix), key=attrgetter("name")):
                yield from reversed(list(versions))

    def read(self, version: Version, limit: int) -> bytes:
        """The first bytes of a version, ``limit`` at most.

        Raises:
            SourceMissing: it is not there.
            StorageUnavailable: the store did not answer.
        """
        with s3_refusals():
            answer = self._client.get_object(Bucket=self._bucket, Key=version.name, VersionId=version.id)
            return answer["Body"].read(limit)

    def _is_locked(self, name: str, version: str, until: datetime) -> bool:
        with s3_refusals():
            head = self._client.head_object(Bucket=self._bucket, Key=name, VersionId=version)
        kept = head.get("ObjectLockRetainUntilDate")
        if head.get("ObjectLockMode") != _MODE or kept is None:
            return False
        return kept >= until.replace(microsecond=0)

    def _listed(self, prefix: str) -> Iterator[Version]:
        """The versions as S3 lists them: by name, of each name the newest first."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        for page in pages:
            yield from (_version(each) for each in page.get("Versions", []))


def _version(listed: ObjectVersionTypeDef) -> Version:
    kept_at_ms = int(listed["LastModified"].timestamp() * 1000)
    return Version(name=listed["Key"], id=listed["VersionId"], kept_at_ms=kept_at_ms)
