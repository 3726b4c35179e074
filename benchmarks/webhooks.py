"""How many webhooks a second the service keeps, and how soon it answers.

The service runs in a process of its own, as ``compliance serve`` starts it, with its
embedded worker.  The client signs its events beforehand, keeps its connections open,
and shares the machine with the service; every event is another one.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select

from benchmarks.corpus import SAMPLE
from benchmarks.report import table, write
from compliance.intake.livekit import sign
from compliance.store.database import Database
from compliance.store.schema import inbox

REQUESTS = 2_000
CONNECTIONS = 4
WARM_UP = 100
KEY, SECRET = "APIbenchmark", "a-secret-of-the-benchmark-that-is-long-enough"
SERVE = "from compliance.cli.main import main; main()"
TESTS = Path(__file__).resolve().parent.parent / "tests"

Signed = tuple[bytes, str]
"""A body and the token that LiveKit would send with it."""


def measure(data: Path | None) -> None:
    """Measure with SQLite and with PostgreSQL; write the figures."""
    sys.path.insert(0, str(TESTS))
    servers = import_module("servers")  # the tests' own

    with TemporaryDirectory() as folder:
        found = {"SQLite, synchronous=FULL": against(Path(folder) / "sqlite", None)}
        with servers.postgres(is_durable=True) as url:
            found["PostgreSQL, fsync on"] = against(Path(folder) / "postgres", url)
    write("webhooks", page(found), has_data=False)


def against(home: Path, database_url: str | None) -> dict[str, float]:
    """The figures of one database.

    Raises:
        RuntimeError: an answer was not 200, or a row is missing.
    """
    events = signed(REQUESTS + WARM_UP, now_s=int(time.time()))
    with serving(home, database_url) as port:
        post(port, events[:WARM_UP])
        began = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            shares = [events[WARM_UP + n :: CONNECTIONS] for n in range(CONNECTIONS)]
            seconds = [each for took in pool.map(lambda share: post(port, share), shares) for each in took]
        whole = time.perf_counter() - began
    kept = rows(database_url or f"sqlite:///{home / 'compliance.db'}")
    if kept != len(events):
        raise RuntimeError(f"{len(events)} webhooks were answered 200 and {kept} are in the inbox")
    return figures(seconds, whole)


def figures(seconds: Sequence[float], whole_s: float) -> dict[str, float]:
    """Requests a second, and how long an answer takes at the median and at worst of a hundred."""
    ordered = sorted(seconds)
    return {
        "per_second": len(ordered) / whole_s,
        "p50_ms": 1000 * percentile(ordered, 0.50),
        "p99_ms": 1000 * percentile(ordered, 0.99),
        "worst_ms": 1000 * ordered[-1],
    }


def percentile(ordered: Sequence[float], part: float) -> float:
    """The least value that this part of them does not exceed (nearest rank)."""
    return ordered[max(0, -(-round(len(ordered) * part * 1000) // 1000) - 1)]


def signed(count: int, *, now_s: int) -> list[Signed]:
    """So many distinct joinings of callers, signed."""
    template = json.loads((SAMPLE / "webhooks" / "participant_joined.json").read_text(encoding="utf-8"))
    secret = SecretStr(SECRET)
    made = []
    for n in range(count):
        template |= {"id": f"EV_bench{n:08d}", "createdAt": str(now_s)}
        template["participant"]["sid"] = f"PA_bench{n:08d}"
        body = json.dumps(template).encode()
        made.append((body, sign(body, KEY, secret)))
    return made


def post(port: int, events: Sequence[Signed]) -> list[float]:
    """Post them over one connection, one after another; the seconds each answer took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for body, token in events:
        began = time.perf_counter()
        connection.request(
            "POST",
            "/webhooks/livekit",
            body,
            {"Authorization": token, "Content-Type": "application/webhook+json"},
        )
        answer = connection.getresponse()
        told = answer.read()
        took.append(time.perf_counter() - began)
        if answer.status != 200 or json.loads(told)["receipt"] != "accepted":
            raise RuntimeError(f"a webhook was answered {answer.status}")
    connection.close()
    return took


@contextmanager
def serving(home: Path, database_url: str | None) -> Iterator[int]:
    """The service on a free port of loopback; it is stopped at the end."""
    settings = {"COMPLIANCE_HOME": str(home), "COMPLIANCE_LIVEKIT_KEYS": f"{KEY}:{SECRET}"}
    settings |= {"COMPLIANCE_LOG_LEVEL": "ERROR"}
    if database_url:
        settings["COMPLIANCE_DATABASE_URL"] = database_url
    command = [sys.executable, "-c", SERVE, "serve", "--port", "0"]
    process = subprocess.Popen(
        command, env={**os.environ, **settings}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        yield _port(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _port(process: subprocess.Popen[str]) -> int:
    """The port that the service says it listens on."""
    assert process.stderr is not None, "a pipe was asked for"
    told = []
    for line in process.stderr:
        if found := re.search(r"Serving on http://127\.0\.0\.1:(\d+)", line):
            return _answering(int(found[1]))
        told.append(line)
    raise RuntimeError(f"the service did not start:\n{''.join(told)}")


def _answering(port: int) -> int:
    """The port, once something answers there."""
    for _ in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return port
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("the service does not answer")


def rows(url: str) -> int:
    """How many webhooks are in the inbox."""
    database = Database(url)
    with database.read() as connection:
        count = connection.execute(select(func.count()).select_from(inbox)).scalar_one()
    database.close()
    return int(count)


def page(found: dict[str, dict[str, Any]]) -> str:
    """A line for each database."""
    rows_ = [
        [
            name,
            f"{run['per_second']:.0f}",
            f"{run['p50_ms']:.1f} ms",
            f"{run['p99_ms']:.1f} ms",
            f"{run['worst_ms']:.1f} ms",
        ]
        for name, run in found.items()
    ]
    told = (
        f"{REQUESTS} distinct events over {CONNECTIONS} connections; "
        "every answer 200, every row in the inbox."
    )
    return f"{table(['inbox in', 'requests a second', 'p50', 'p99', 'worst'], rows_)}\n\n{told}"
