"""One contract over a folder, a bucket and a bucket that keeps versions."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
import servers
from pydantic import SecretStr

from compliance.errors import SourceMissing, SourceNotDestroyed, StorageUnavailable
from compliance.store.objects import CHUNK, Objects
from compliance.store.s3 import S3Objects, S3Settings


def test_what_is_put_is_what_opens(objects: Objects, tmp_path: Path) -> None:
    """A file put under a name opens with the same bytes, at most a chunk at a time."""
    data = os.urandom(20 * CHUNK + 17)
    file = tmp_path / "file"
    file.write_bytes(data)
    objects.put("rec_1/source", file, content_type="audio/ogg")

    chunks = list(objects.open("rec_1/source"))

    assert b"".join(chunks) == data
    assert max(map(len, chunks)) <= CHUNK
    assert objects.size("rec_1/source") == len(data)


@pytest.mark.parametrize("data", [b"", b"x", b"\0" * 5000])
def test_bytes_put_under_a_name_open_again(objects: Objects, data: bytes) -> None:
    """Bytes put under a name open again, none at all included."""
    objects.put_bytes("rec_1/notes.json", data, content_type="application/json")

    assert b"".join(objects.open("rec_1/notes.json")) == data
    assert objects.size("rec_1/notes.json") == len(data)


def test_a_second_put_replaces_the_first(objects: Objects) -> None:
    """An object put twice has the second one's bytes."""
    objects.put_bytes("a", b"first, and longer", content_type="text/plain")
    objects.put_bytes("a", b"second", content_type="text/plain")

    assert b"".join(objects.open("a")) == b"second"


def test_an_object_that_is_not_there_is_missed_at_once(objects: Objects) -> None:
    """Opening what is not there raises before anything is read, and names no object."""
    with pytest.raises(SourceMissing) as caught:
        objects.open("rooms/alice/call.ogg")

    assert "alice" not in str(caught.value)
    assert objects.size("rooms/alice/call.ogg") is None


def test_names_are_those_with_the_prefix(objects: Objects) -> None:
    """Names that begin with the prefix are listed, folders or not."""
    for name in ("rec_2/b", "rec_1/z", "rec_1/a/deep", "rec_10/x", "rec_1/a.json"):
        objects.put_bytes(name, b"x", content_type="text/plain")

    assert sorted(objects.names("rec_1/")) == ["rec_1/a.json", "rec_1/a/deep", "rec_1/z"]
    assert sorted(objects.names("rec_1")) == ["rec_1/a.json", "rec_1/a/deep", "rec_1/z", "rec_10/x"]
    assert len(list(objects.names(""))) == 5
    assert list(objects.names("rec_9/")) == []


def test_a_deleted_object_is_gone_and_its_neighbours_are_not(objects: Objects) -> None:
    """Delete removes one object, does nothing the second time, and spares names that begin alike."""
    for name in ("call.ogg", "call.ogg.json"):
        objects.put_bytes(name, b"x", content_type="text/plain")

    objects.delete("call.ogg")
    objects.delete("call.ogg")

    assert objects.size("call.ogg") is None
    assert objects.size("call.ogg.json") == 1


def _versions(server: servers.S3Server, bucket: str) -> int:
    client = _client(server)
    answer = client.list_object_versions(Bucket=bucket)
    return len(answer.get("Versions", [])) + len(answer.get("DeleteMarkers", []))


def _client(server: servers.S3Server):  # type: ignore[no-untyped-def]  # boto3 makes its classes as it runs
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
    )


def test_delete_leaves_no_version_and_no_marker(
    s3_server: servers.S3Server, s3_settings: S3Settings, make_bucket: Callable[..., str]
) -> None:
    """In a bucket that keeps versions, delete removes all of them and the delete markers."""
    bucket = make_bucket(is_versioned=True)
    objects = S3Objects(s3_settings, bucket)
    for data in (b"one", b"two", b"three"):
        objects.put_bytes("call.ogg", data, content_type="audio/ogg")
    _client(s3_server).delete_object(Bucket=bucket, Key="call.ogg")
    assert _versions(s3_server, bucket) == 4

    objects.delete("call.ogg")

    assert _versions(s3_server, bucket) == 0


def test_a_refused_delete_is_told(
    s3_server: servers.S3Server, s3_settings: S3Settings, make_bucket: Callable[..., str]
) -> None:
    """An object under a lock stays, and the refusal is source_not_destroyed."""
    bucket = make_bucket(is_locked=True)
    _client(s3_server).put_object(
        Bucket=bucket,
        Key="call.ogg",
        Body=b"kept",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(hours=1),
    )
    objects = S3Objects(s3_settings, bucket)

    with pytest.raises(SourceNotDestroyed) as caught:
        objects.delete("call.ogg")

    assert caught.value.reason == "source_not_destroyed"
    assert objects.size("call.ogg") == 4


def test_a_store_that_does_not_answer_is_worth_another_try(s3_settings: S3Settings) -> None:
    """A refused connection is storage_unavailable, as is a wrong secret; neither is told."""
    deaf = S3Objects(replace(s3_settings, endpoint="http://127.0.0.1:1"), "bucket")
    wrong = S3Objects(replace(s3_settings, secret_key=SecretStr("hunter2")), "bucket")
    for objects in (deaf, wrong):
        with pytest.raises(StorageUnavailable) as caught:
            objects.open("rooms/alice.ogg")
        assert "alice" not in str(caught.value)
        assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r} {objects!r}"
