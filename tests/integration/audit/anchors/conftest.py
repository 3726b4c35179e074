"""Sinks for the tests of anchors: a folder, a bucket with Object Lock on the real server, an endpoint."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import boto3
import pytest
import servers
from anchoring import Endpoint
from authority import on_loopback
from pydantic import SecretStr

from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.s3 import BucketSink
from compliance.audit.anchors.sink import Sink
from compliance.store.database import Database
from compliance.store.s3 import S3Settings


@pytest.fixture
def s3_client(s3_server: servers.S3Server) -> Any:
    """A client as an administrator of the bucket has it."""
    return boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key=s3_server.secret_key,
    )


@pytest.fixture
def make_bucket(s3_client: Any) -> Callable[..., str]:
    """Makes a bucket of its own for a test."""

    def make(*, is_locked: bool = True) -> str:
        bucket = f"test-{secrets.token_hex(6)}"
        s3_client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=is_locked)
        return bucket

    return make


@pytest.fixture
def s3_settings(s3_server: servers.S3Server) -> S3Settings:
    """How to reach the real server."""
    return S3Settings(
        endpoint=s3_server.endpoint,
        access_key=SecretStr(s3_server.access_key),
        secret_key=SecretStr(s3_server.secret_key),
        attempts=1,
    )


@pytest.fixture(params=["folder", "s3"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Sink:
    """An empty sink that can be read."""
    if request.param == "folder":
        return FolderSink(tmp_path / "anchors")
    bucket = request.getfixturevalue("make_bucket")()
    settings = request.getfixturevalue("s3_settings")
    return BucketSink(settings, bucket, "log/one", keep=timedelta(minutes=10))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An endpoint on loopback."""
    known = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        """Keeps each POST."""

        def do_POST(self) -> None:
            """Answer as the test has it."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.received.append((self.path, dict(self.headers), body))
            self.send_response(known.status)
            if known.location:
                self.send_header("Location", known.location)
            self.end_headers()
            self.wfile.write(known.answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with on_loopback(Handler) as url:
        known.url = url
        yield known


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with its tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'compliance.db'}"
    else:
        url = request.getfixturevalue("postgres_database")
    database = Database(url)
    database.migrate()
    yield database
    database.close()
