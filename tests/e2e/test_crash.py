"""What crashes or hangs in C code while a recording is at work: it is held, and everything else goes on."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from excerpt import excerpt
from processes import until
from pydantic import SecretStr
from sqlalchemy import select

from compliance.cli.demo_call import DemoCall, put_in_place
from compliance.intake.livekit import sign
from compliance.store import schema
from compliance.store.database import Database

ROOT = Path(__file__).parents[2]
MODELS = Path(os.environ.get("COMPLIANCE_MODELS") or ROOT / ".models")
KEY, SECRET = "APIcrashTest", SecretStr("a-secret-made-up-for-the-crashes-0123456789")
TRIES, SECONDS = 2, 30


@dataclass
class Service:
    """``compliance serve`` on SQLite and folders, and what it keeps."""

    folder: Path
    database: Database
    environment: dict[str, str]
    port: int
    process: subprocess.Popen[bytes]

    def call(self) -> DemoCall:
        """A call in the bucket, in place of the one before."""
        shutil.rmtree(self.folder / "bucket", ignore_errors=True)
        call = put_in_place(self.folder / "bucket", now_s=int(time.time()))
        call.media.write_bytes(excerpt(SECONDS))
        return call

    def post(self, call: DemoCall) -> None:
        """Tell of a call as LiveKit does."""
        for body in call.webhooks.values():
            headers = {"Authorization": sign(body, KEY, SECRET), "Content-Type": "application/webhook+json"}
            assert self.ask("POST", "/webhooks/livekit", body, headers) == 200

    def ask(self, *request: Any) -> int:
        """The status of an answer; 0 where there is none."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            with suppress(OSError):
                connection.request(*request)
                return connection.getresponse().status
            return 0

    def rows(self, table: Any) -> list[Any]:
        """A table."""
        with self.database.read() as connection:
            return list(connection.execute(select(table)))

    def running(self, stage: str) -> int | None:
        """The id of the process that is at a stage."""
        found = [r.owner for r in self.rows(schema.work) if (r.stage, r.state) == (stage, "running")]
        return int(found[0].split(":")[1]) if found else None

    def ended(self) -> dict[str, tuple[str, ...]]:
        """The recordings that have come to an end, with their reasons, by state."""
        rows = self.rows(schema.recordings)
        return {r.state: tuple(r.reasons) for r in rows if r.state in ("held", "released")}

    def kinds(self) -> Counter[str]:
        """How often each kind of event was recorded."""
        return Counter(r.kind for r in self.rows(schema.audit_events))


def environment(folder: Path, **more: object) -> dict[str, str]:
    """Settings for quick recovery, in an environment that holds nothing else."""
    settings = {
        "HOME": folder / "home",
        "MODELS": MODELS,
        "LIVEKIT_KEYS": f"{KEY}:{SECRET.get_secret_value()}",
        "SOURCE_BUCKETS": f"file://{folder / 'bucket'}",
        "LEASE_S": 2,
        "SWEEP_S": 1,
        "MAX_ATTEMPTS": TRIES,
        **more,
    }
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    return kept | {f"COMPLIANCE_{name}": str(each) for name, each in settings.items()}


def started(arguments: tuple[str, ...], folder: Path, around: dict[str, str]) -> subprocess.Popen[bytes]:
    """One of our commands, leading a process group of its own."""
    with (folder / f"log-{arguments[0]}").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "compliance.cli.main", *arguments],
            env=around,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """A service that answers; a broker beside it where the test asks for one."""
    more = getattr(request, "param", {})
    if more.pop("broker", False):
        url = urlsplit(request.getfixturevalue("valkey_url"))
        more |= {"BROKER_URL": f"redis://:{url.password}@{url.hostname}:{url.port}/9"}
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    around = environment(tmp_path, **more)
    processes = [started(("serve", "--port", str(port)), tmp_path, around)]
    if "BROKER_URL" in more:
        processes.append(started(("worker",), tmp_path, around))
    try:
        path = tmp_path / "home" / "compliance.db"
        until(path.exists, 60)
        with closing(Database(f"sqlite:///{path}")) as database:
            made = Service(
                folder=tmp_path, database=database, environment=around, port=port, process=processes[0]
            )
            until(lambda: made.ask("GET", "/readyz") == 200, 60)
            yield made
    finally:
        for each in processes:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait(10)


def killed(service: Service, stage: str, how: signal.Signals) -> int:
    """Send a signal to each process that begins a stage, until a recording is held; how many it were."""
    seen: set[int] = set()

    def look() -> bool:
        pid = service.running(stage)
        # The process after the last try only puts down that the call is held.
        if pid is not None and pid not in seen and len(seen) < TRIES:
            seen.add(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        return "held" in service.ended()

    until(look, 120)
    return len(seen)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("service", "how"),
    [({}, signal.SIGSEGV), ({}, signal.SIGSTOP), ({"broker": True}, signal.SIGSEGV)],
    ids=["crashes", "hangs", "crashes-a-worker"],
    indirect=["service"],
)
def test_a_stage_that_kills_or_hangs_each_process_is_held(service: Service, how: signal.Signals) -> None:
    """So many tries and no more; each death is in the log; the service answers, and the next call goes on."""
    service.post(service.call())

    assert killed(service, "transcribe", how) == TRIES

    assert service.ended() == {"held": ("worker_died",)}
    assert service.kinds()["lease.taken_over"] == TRIES
    assert service.kinds()["recording.held"] == service.kinds()["stage.failed"] == 1
    assert service.process.poll() is None
    assert service.ask("GET", "/readyz") == 200
    assert not list((service.folder / "home" / "outputs").rglob("*"))
    service.post(service.call())
    until(lambda: "released" in service.ended(), 200)
