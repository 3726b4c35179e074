"""The real service on loopback for the demo: HTTP in one thread, the embedded worker in others."""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from pydantic import SecretStr

from compliance.api.app import create_app
from compliance.api.service import api_parts
from compliance.cli.serve import configured, listening
from compliance.embedded import Worker
from compliance.errors import StorageUnavailable
from compliance.intake.livekit import sign
from compliance.parts import Parts

HOST = "127.0.0.1"
START_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """A LiveKit API key made up for one run."""

    key: str
    secret: SecretStr = field(repr=False)

    @classmethod
    def fresh(cls) -> Credentials:
        """A new one."""
        return cls(key=f"API{secrets.token_hex(6)}", secret=SecretStr(secrets.token_urlsafe(32)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service answered, and how quickly."""

    status: int
    body: dict[str, Any] = field(repr=False)
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Stands in for LiveKit, and for whoever reads the API."""

    port: int
    credentials: Credentials

    def webhook(self, body: bytes, *, secret: SecretStr | None = None) -> Answer:
        """Post a webhook, signed as LiveKit's server signs it, or with another secret."""
        token = sign(body, self.credentials.key, secret or self.credentials.secret)
        headers = {"Authorization": token, "Content-Type": "application/webhook+json"}
        return self._ask("POST", "/webhooks/livekit", body, headers)

    def get(self, path: str, token: str) -> Answer:
        """Read with a bearer token."""
        return self._ask("GET", path, None, {"Authorization": f"Bearer {token}"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        started = time.perf_counter()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = json.loads(answer.read() or b"{}")
        finally:
            connection.close()
        return Answer(status=answer.status, body=content, ms=1000 * (time.perf_counter() - started))


@contextmanager
def serving(parts: Parts, credentials: Credentials) -> Iterator[Client]:
    """The service over these parts, on a free port; what was under way is ended and sealed on leaving.

    Raises:
        StorageUnavailable: it did not start.
    """
    worker = Worker(parts)
    app = create_app(api_parts(parts, worker))
    with listening(HOST, 0) as door:
        server = uvicorn.Server(configured(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, name="http", daemon=True)
        thread.start()
        worker.start()
        try:
            _await(server)
            yield Client(port=door.getsockname()[1], credentials=credentials)
        finally:
            server.should_exit = True
            thread.join()
            worker.stop()


def _await(server: uvicorn.Server) -> None:
    """Wait until the server takes requests."""
    deadline = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > deadline:
            raise StorageUnavailable("the HTTP service did not start on loopback")
        time.sleep(0.01)
