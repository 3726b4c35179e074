"""Servers that tests share: each starts at its first use and stops at the end; properties have patience."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
import servers
from hypothesis import HealthCheck, settings

# A shared machine is slow at times, and a property is not wrong for that.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of PostgreSQL's superuser; ``postgres_database`` is one's own database."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """The ``redis://`` URL of a Valkey."""
    with servers.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[servers.S3Server]:
    """SeaweedFS as S3: ``endpoint``, ``access_key`` and ``secret_key``."""
    with servers.seaweedfs() as server:
        yield server


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database, dropped after the test."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres_url.rpartition("/")[0] + f"/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
