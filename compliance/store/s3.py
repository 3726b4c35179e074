"""Objects in a bucket of S3, or of what speaks its language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from pydantic import SecretStr

from compliance.errors import SourceMissing, SourceNotDestroyed, StorageUnavailable
from compliance.store.disk import refusals
from compliance.store.objects import CHUNK

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchVersion"})
_REFUSED: Final = frozenset({"AccessDenied", "403", "InvalidRequest", "ObjectLocked", "MethodNotAllowed"})
"""Answers to a delete that no repetition will change: no right to it, or a lock on the object."""
_BATCH: Final = 1000
"""Objects in one DeleteObjects request, by S3's limit."""
_TRANSFER: Final = TransferConfig(
    max_concurrency=4, multipart_chunksize=16 * CHUNK, multipart_threshold=16 * CHUNK
)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """How to reach the store; what is None is left to boto3's own chain."""

    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: SecretStr | None = field(default=None, repr=False)
    secret_key: SecretStr | None = field(default=None, repr=False)
    read_timeout_s: int = 60
    attempts: int = 3


class S3Objects:
    """Objects in one bucket."""

    def __init__(self, client_settings: S3Settings, bucket: str) -> None:
        """Prepare a client; nothing is asked of the store yet."""
        self._client: Final = connect(client_settings)
        self._bucket: Final = bucket

    def put(self, name: str, path: Path, *, content_type: str) -> None:
        """See ``Objects``; an upload that breaks off leaves the object as it was."""
        extra = {"ContentType": content_type}
        with s3_refusals(), refusals("the file to upload"):
            self._client.upload_file(str(path), self._bucket, name, ExtraArgs=extra, Config=_TRANSFER)

    def put_bytes(self, name: str, data: bytes, *, content_type: str) -> None:
        """See ``Objects``."""
        with s3_refusals():
            self._client.put_object(Bucket=self._bucket, Key=name, Body=data, ContentType=content_type)

    def open(self, name: str) -> Iterator[bytes]:
        """See ``Objects``."""
        with s3_refusals():
            body = self._client.get_object(Bucket=self._bucket, Key=name)["Body"]
        return _chunks(body)

    def size(self, name: str) -> int | None:
        """See ``Objects``."""
        try:
            with s3_refusals():
                return self._client.head_object(Bucket=self._bucket, Key=name)["ContentLength"]
        except SourceMissing:
            return None

    def names(self, prefix: str) -> Iterator[str]:
        """See ``Objects``."""
        with s3_refusals():
            for page in self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            ):
                yield from (each["Key"] for each in page.get("Contents", []))

    def delete(self, name: str) -> None:
        """See ``Objects``: every version and every delete marker, one by one.

        A plain delete in a versioned bucket only hides the object.
        """
        with s3_refusals(), _refused_deletes():
            versions = self._versions(name)
            while batch := list(islice(versions, _BATCH)):
                _check(
                    self._client.delete_objects(Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True})
                )
            if next(self._versions(name), None) is not None:
                raise SourceNotDestroyed("the store still keeps a version of the object")

    def _versions(self, name: str) -> Iterator[ObjectIdentifierTypeDef]:
        """Every version and delete marker of exactly this name."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=name)
        for page in pages:
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                if each["Key"] == name:
                    yield {"Key": name, "VersionId": each["VersionId"]}


def connect(settings: S3Settings) -> S3Client:
    """A client that waits seconds rather than minutes, and signs with version 4."""
    config = Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=settings.read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": settings.attempts},
        s3={"addressing_style": "path"} if settings.endpoint else {},
    )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=_value(settings.access_key),
        aws_secret_access_key=_value(settings.secret_key),
        config=config,
    )


def _value(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _chunks(body: Any) -> Iterator[bytes]:
    with s3_refusals():
        yield from body.iter_chunks(CHUNK)


def _check(answer: Any) -> None:
    """DeleteObjects answers 200 even where it refuses each object."""
    errors: Iterable[Any] = answer.get("Errors", [])
    codes = sorted({each.get("Code", "unknown") for each in errors} - _ABSENT)
    if codes:
        raise SourceNotDestroyed(f"the store refuses to delete the object ({', '.join(codes)})")


@contextmanager
def _refused_deletes() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code in _REFUSED:
            raise SourceNotDestroyed(f"the store refuses to delete the object ({code})") from error
        raise


@contextmanager
def s3_refusals() -> Iterator[None]:
    """Turn boto3's errors into ours; their text may hold the key of an object, so it is left out."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "unknown")
        if code in _ABSENT:
            raise SourceMissing("the object is not in the bucket") from error
        raise StorageUnavailable(f"the object store refused ({code})") from error
    except (BotoCoreError, Boto3Error, HTTPClientError) as error:
        raise StorageUnavailable(f"the object store did not answer ({type(error).__name__})") from error
