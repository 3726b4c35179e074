"""Webhooks as LiveKit sends them, and a database to receive them in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from compliance.intake.livekit import sign
from compliance.intake.objects import Allowed
from compliance.intake.parts import IntakeParts
from compliance.intake.receive import Receipt, receive
from compliance.records import AgentKind
from compliance.store.database import Database

FIXTURES = Path(__file__).parents[2] / "fixtures" / "livekit"
KEY = "APItestKey0001"
SECRET = SecretStr("a-secret-made-up-for-the-tests-0123456789")
NOW = 1_795_500_081_000


@pytest.fixture
def body() -> Callable[[str], dict[str, Any]]:
    """The sample of a name as parsed JSON, fresh each time."""
    return lambda name: json.loads((FIXTURES / f"{name}.json").read_bytes())


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty SQLite file."""
    return f"sqlite:///{tmp_path / 'compliance.db'}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with its tables."""
    database = Database(url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def parts(database: Database) -> IntakeParts:
    """The parts of a deployment that allows one bucket."""
    return IntakeParts(
        database=database,
        key=bytes(range(32)),
        livekit_keys={KEY: SECRET},
        max_age_s=3600,
        allowed=Allowed(buckets=("northwind-calls",)),
        profile="default",
        agent_kind=AgentKind.AI,
        business_number=None,
    )


@pytest.fixture
def post(parts: IntakeParts, body) -> Callable[..., Receipt]:
    """Sign a sample, or a changed one, and hand it to intake."""

    def send(what: str | dict[str, Any], *, now_ms: int = NOW) -> Receipt:
        sample = body(what) if isinstance(what, str) else what
        raw = json.dumps(sample).encode()
        return receive(raw, sign(raw, KEY, SECRET), parts, now_ms=now_ms)

    return send
