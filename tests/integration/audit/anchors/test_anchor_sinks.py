"""One contract over a folder and a bucket with Object Lock; and the endpoint, which cannot be read."""

from __future__ import annotations

import socket
import stat
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from anchoring import Endpoint
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from compliance.audit.anchors import places
from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.here import is_here
from compliance.audit.anchors.https import EndpointSink
from compliance.audit.anchors.s3 import BucketSink
from compliance.audit.anchors.sink import LIMIT, NOTES, TOKENS, Reach, Sink, name_of, size_of
from compliance.errors import AnchorUnavailable, AnchorUnlocked, ArgumentInvalid, StorageUnavailable
from compliance.settings import load
from compliance.store.s3 import S3Settings


def held(sink: Sink, prefix: str = NOTES) -> list[tuple[int | None, bytes]]:
    """What the sink holds, by size."""
    return [(size_of(each.name), each.data) for each in sink.read(prefix) or ()]


def test_the_largest_tree_is_read_first(sink: Sink) -> None:
    """Whatever the order in which they came, notes are read from the largest tree down; tokens lie apart."""
    for size in (9, 100, 10, 1_000_000):
        sink.put(name_of(size), b"note %d" % size)
    sink.put(name_of(10, prefix=TOKENS), b"token")

    assert held(sink) == [(size, b"note %d" % size) for size in (1_000_000, 100, 10, 9)]
    assert held(sink, TOKENS) == [(10, b"token")]


def test_a_second_note_of_one_size_hides_nothing(sink: Sink) -> None:
    """Both are there, the first of them first."""
    sink.put(name_of(5), b"first")
    sink.put(name_of(5), b"second")

    assert held(sink) == [(5, b"first"), (5, b"second")]


def test_what_a_sink_holds_is_read_in_bounds(sink: Sink) -> None:
    """Of a file that somebody made huge, no more than the limit is read."""
    sink.put(name_of(5), b"x" * (LIMIT + 10))

    assert [len(data) for _, data in held(sink)] == [LIMIT]


def test_a_folder_of_our_own_is_for_its_owner_and_written_once(tmp_path: Path) -> None:
    """Files of mode 0600; the same bytes again make no second file; an empty folder holds nothing."""
    sink = FolderSink(tmp_path / "anchors")
    assert held(sink) == []

    for _ in range(2):
        sink.put(name_of(1), b"note")

    files = [path for path in (tmp_path / "anchors").rglob("*") if path.is_file()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600]


def test_nobody_destroys_what_a_bucket_keeps(
    s3_client: Any, s3_settings: S3Settings, make_bucket: Callable[..., str]
) -> None:
    """The bucket's own administrator cannot delete a version, and a delete marker does not hide it."""
    bucket = make_bucket()
    sink = BucketSink(s3_settings, bucket, "", keep=timedelta(minutes=10))
    version = sink.put(name_of(7), b"first").decode()
    s3_client.delete_object(Bucket=bucket, Key=name_of(7))
    s3_client.put_object(Bucket=bucket, Key=name_of(7), Body=b"forged")

    for bypass in (False, True):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3_client.delete_object(
                Bucket=bucket, Key=name_of(7), VersionId=version, BypassGovernanceRetention=bypass
            )
    assert held(sink) == [(7, b"first"), (7, b"forged")]


def test_a_bucket_without_locks_is_refused(s3_settings: S3Settings, make_bucket: Callable[..., str]) -> None:
    """What the bucket's owner could destroy is not called anchored."""
    sink = BucketSink(s3_settings, make_bucket(is_locked=False), "", keep=timedelta(minutes=10))

    with pytest.raises((AnchorUnlocked, StorageUnavailable)):
        sink.put(name_of(1), b"note")


def test_a_bucket_that_does_not_answer_is_told_without_its_secret(s3_settings: S3Settings) -> None:
    """No answer is worth another try, and the message holds no secret."""
    deaf = replace(s3_settings, endpoint="http://127.0.0.1:1", secret_key=SecretStr("hunter2"))

    with pytest.raises(StorageUnavailable) as caught:
        BucketSink(deaf, "bucket", "", keep=timedelta(minutes=1)).put(name_of(1), b"note")

    assert "hunter2" not in str(caught.value)


def test_an_endpoint_is_posted_to_and_its_answer_is_the_receipt(endpoint: Endpoint) -> None:
    """The note as it is, the token as a bearer; whatever comes back is given back."""
    sink = EndpointSink(endpoint.url + "/log?tenant=7", "hunter2")

    assert sink.put(name_of(3), b"note") == b"taken"
    path, headers, body = endpoint.received[0]
    assert (path, body, headers["Authorization"]) == ("/log?tenant=7", b"note", "Bearer hunter2")
    assert headers["Compliance-Anchor"] == name_of(3)
    assert sink.read(NOTES) is None
    assert "tenant" not in sink.where


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 500, 503])
def test_no_redirect_is_followed_and_no_other_status_is_a_receipt(endpoint: Endpoint, status: int) -> None:
    """A redirect, to this host or another, is a failure: the token is for the host that was set."""
    endpoint.status, endpoint.location = status, endpoint.url + "/elsewhere"

    with pytest.raises(AnchorUnavailable):
        EndpointSink(endpoint.url, "hunter2").put(name_of(3), b"note")

    assert len(endpoint.received) == 1


def test_an_endless_answer_is_no_receipt(endpoint: Endpoint) -> None:
    """More than the limit is not read, and not kept."""
    endpoint.answer = b"x" * (LIMIT + 1)

    with pytest.raises(AnchorUnavailable):
        EndpointSink(endpoint.url, None).put(name_of(3), b"note")


def test_a_sink_on_this_machine_is_a_copy_and_no_witness(
    tmp_path: Path, endpoint: Endpoint, s3_settings: S3Settings
) -> None:
    """Loopback, a folder and this machine's own names are within its administrator's reach."""
    port = urllib.parse.urlsplit(endpoint.url).port
    sinks = (
        FolderSink(tmp_path),
        EndpointSink(endpoint.url, None),
        EndpointSink(f"https://localhost:{port}/", None),
        EndpointSink(f"https://{socket.gethostname()}/", None),
        BucketSink(s3_settings, "bucket", "", keep=timedelta(days=1)),
    )

    assert {each.reach for each in sinks} == {Reach.COPY}
    elsewhere = replace(s3_settings, endpoint=None)
    assert BucketSink(elsewhere, "bucket", "", keep=timedelta(days=1)).reach is Reach.WITNESS


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", True),
        ("169.254.169.254", True),
        ("localhost", True),
        ("no-such-host.invalid", True),
        ("192.0.2.10", False),
        ("198.51.100.7", False),
        ("2001:db8::1", False),
    ],
)
def test_this_machine_is_known_by_its_addresses(host: str, here: bool) -> None:
    """An address that a socket of ours may have is ours, one from elsewhere is not."""
    assert is_here(host) is here


def test_an_address_of_a_network_card_is_this_machine() -> None:
    """Not loopback alone: what this machine is called by others is this machine."""
    own = {str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None)}

    assert own
    assert all(map(is_here, own))


@pytest.mark.parametrize(
    "address",
    [
        "ftp://host/path",
        "s3://",
        "s3://bucket/x?y=1",
        "https://",
        "https://user:hunter2@host/",
        "https://host/#hunter2",
        "http://witness.example/log",
        "http://127.0.0.1.example/log",
        "file://host/folder",
        "file:folder",
        "/folder",
        "https://host:hunter2/",
        "",
    ],
)
def test_what_is_no_sink_is_refused_and_not_repeated(address: str) -> None:
    """An address that cannot be a sink is refused before anything is sent, without showing what it holds."""
    with pytest.raises(ArgumentInvalid) as caught:
        places.sinks(load(), [address])

    assert "hunter2" not in str(caught.value)


@given(st.lists(st.integers(min_value=0, max_value=10**15), unique=True, min_size=2))
def test_names_stand_in_the_order_of_sizes(sizes: list[int]) -> None:
    """Names sorted as text are sizes sorted from the largest; each gives its size back."""
    names = sorted(name_of(size) for size in sizes)

    assert [size_of(name) for name in names] == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    "name", ["checkpoints/", "x-.note", "x-01.note", "x-٣.note", "README", "x-" + "9" * 30]
)
def test_a_name_that_is_none_of_ours_has_no_size(name: str) -> None:
    """What others put into a folder is not taken for a checkpoint of some size."""
    assert size_of(name) is None
