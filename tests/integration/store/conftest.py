"""The pairs over which the contract tests run: SQLite and PostgreSQL, a folder and S3."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
import servers
from pydantic import SecretStr

from compliance.store.database import Database
from compliance.store.folder import FolderObjects
from compliance.store.objects import Objects
from compliance.store.s3 import S3Objects, S3Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'compliance.db'}"
    found: str = request.getfixturevalue("postgres_database")
    return found


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with its tables."""
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def make_bucket(s3_server: servers.S3Server) -> Callable[..., str]:
    """Makes a bucket of its own for a test, on the real server."""

    def make(*, is_versioned: bool = False, is_locked: bool = False) -> str:
        client = boto3.client(
            "s3",
            endpoint_url=s3_server.endpoint,
            region_name="us-east-1",
            aws_access_key_id=s3_server.access_key,
            aws_secret_access_key=s3_server.secret_key,
        )
        bucket = f"test-{secrets.token_hex(6)}"
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=is_locked)
        if is_versioned:
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        return bucket

    return make


@pytest.fixture
def s3_settings(s3_server: servers.S3Server) -> S3Settings:
    """How to reach the real server."""
    return S3Settings(
        endpoint=s3_server.endpoint,
        access_key=SecretStr(s3_server.access_key),
        secret_key=SecretStr(s3_server.secret_key),
    )


@pytest.fixture(params=["folder", "s3", "s3-versioned"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """An empty place for objects."""
    if request.param == "folder":
        return FolderObjects(tmp_path / "objects")
    bucket = request.getfixturevalue("make_bucket")(is_versioned=request.param == "s3-versioned")
    return S3Objects(request.getfixturevalue("s3_settings"), bucket)
