"""The HTTP service over a real database, reached in process or over loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from compliance.api.app import create_app
from compliance.api.auth import TokenRole, issue
from compliance.api.parts import ApiParts
from compliance.cli.serve import configured, listening
from compliance.cli.token import created
from compliance.consent import policy
from compliance.intake.livekit import sign
from compliance.intake.parts import parts_of
from compliance.settings import Settings
from compliance.store import schema
from compliance.store.database import Database

FIXTURES = Path(__file__).parents[2] / "fixtures" / "livekit"
KEY = "APItestKey0001"
SECRET = SecretStr("a-secret-made-up-for-the-tests-0123456789")
NOW = 1_795_500_081_000
DAY_MS = 86_400_000


@dataclass
class World:
    """What a test may look at and turn."""

    database: Database
    parts: ApiParts
    now_ms: int = NOW
    woken: list[int] = field(default_factory=list)

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The audit events of a kind."""
        with self.database.read() as connection:
            bodies = connection.execute(
                select(schema.audit_events.c.body).where(schema.audit_events.c.kind == kind)
            )
            return [json.loads(each) for each in bodies.scalars()]

    def inbox(self) -> list[Any]:
        """The rows of the inbox."""
        with self.database.read() as connection:
            return list(connection.execute(select(schema.inbox)))

    def token(self, role: str = "officer", *, days: int = 30) -> dict[str, str]:
        """The header of a new token of a role."""
        issued = issue("tests", TokenRole(role), now_ms=NOW, days=days)
        with self.database.begin() as connection:
            created(connection, issued)
        return {"Authorization": f"Bearer {issued.token}"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A deployment that accepts the tests' key."""
    settings = Settings(
        home=tmp_path,
        livekit_keys={KEY: SECRET},
        source_buckets=("northwind-calls",),
        webhook_max_bytes=50_000,
    )
    database = Database(settings.database)
    database.migrate()
    made: list[World] = []
    parts = ApiParts(
        settings=settings,
        database=database,
        intake=parts_of(settings, database, key=bytes(32)),
        law=policy.load(policy.packaged()),
        wake=lambda: made[0].woken.append(1),
        checks={"keys": lambda: None, "models": lambda: None},
        clock=lambda: made[0].now_ms,
    )
    made.append(World(database=database, parts=parts))
    yield made[0]
    database.close()


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    """The service in process."""
    with TestClient(create_app(world.parts)) as client:
        yield client


@pytest.fixture
def server(world: World) -> Iterator[tuple[str, int]]:
    """The service over real HTTP on loopback, as ``compliance serve`` sets it up."""
    socket = listening("127.0.0.1", 0)
    running = uvicorn.Server(configured(create_app(world.parts)))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]})
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield socket.getsockname()
    running.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """The bytes of a sample webhook."""
    return lambda name: (FIXTURES / f"{name}.json").read_bytes()


@pytest.fixture
def post(client: TestClient) -> Callable[..., Any]:
    """Send a webhook as LiveKit does: bare token, its own content type."""

    def send(body: bytes, token: str | None = "", *, path: str = "/webhooks/livekit") -> Any:
        given = sign(body, KEY, SECRET) if token == "" else token
        headers = {"Content-Type": "application/webhook+json", "User-Agent": "LiveKit"}
        return client.post(path, content=body, headers=headers | ({"Authorization": given} if given else {}))

    return send
