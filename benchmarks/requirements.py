"""How long it takes to say, before a call, what must be said in it.

Once as a function, over every pair of jurisdictions that has a policy file, from
two telephone numbers to the JSON document; and once over HTTP, with the event
committed before the answer, against the service in a process of its own.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from importlib import import_module
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import table, verdict, write
from benchmarks.webhooks import TESTS, figures, serving
from compliance.api.auth import TokenRole, issue
from compliance.api.parts import wall_clock
from compliance.cli.token import created
from compliance.consent import phone, policy
from compliance.consent.document import document
from compliance.consent.jurisdiction import Whereabouts
from compliance.consent.opening import opening
from compliance.consent.requirements import of_call
from compliance.records import AgentKind, Party, Role
from compliance.store.database import Database

TARGET_MS = 10
REQUESTS = 1_000
WARM_UP = 50
DAY = date(2026, 11, 22)
NUMBERS = (
    "+14155550121",
    "+12145550188",
    "+12065550115",
    "+16145550164",
    "+18005550143",
    "+442079460000",
    "",
)
"""California, Texas, Washington, Ohio, toll-free, abroad and withheld."""


def measure(data: Path | None) -> None:
    """Measure the function and the service; write the figures."""
    sys.path.insert(0, str(TESTS))
    servers = import_module("servers")  # the tests' own

    found = {
        "the function, its first script of a kind": figures(list(alone(is_first=True)), 1),
        "the function, later": figures(list(alone(is_first=False)), 1),
    }
    with TemporaryDirectory() as folder:
        found["over HTTP, SQLite, synchronous=FULL"] = served(Path(folder) / "sqlite", None)
        with servers.postgres(is_durable=True) as url:
            found["over HTTP, PostgreSQL, fsync on"] = served(Path(folder) / "postgres", url)
    write("requirements", page(found), has_data=False)


def alone(*, is_first: bool) -> Iterator[float]:
    """The seconds of each answer; with ``is_first`` no script has been composed before.

    Half of the calls are placed by real numbers, the rest by every pair of
    jurisdictions as if numbers had shown them.
    """
    law = policy.load(policy.packaged())
    pairs = [(one, other, phone.locate) for one, other in product(NUMBERS, repeat=2)]
    pairs += [(one, other, _here) for one, other in product(law.codes(), repeat=2)]
    opening.cache_clear()
    for one, other, locate in pairs:
        if is_first:
            opening.cache_clear()
        began = time.perf_counter()
        found = of_call(
            _parties(one, other),
            law,
            declared=(),
            agent=AgentKind.AI,
            day=DAY,
            explicit_consent=True,
            locate=locate,
        )
        json.dumps(document(found))
        yield time.perf_counter() - began


def served(home: Path, database_url: str | None) -> dict[str, float]:
    """The figures of one database, one request after another over one connection."""
    with serving(home, database_url) as port:
        token = _token(database_url or f"sqlite:///{home / 'compliance.db'}")
        ask(port, token, WARM_UP)
        began = time.perf_counter()
        seconds = ask(port, token, REQUESTS)
        return figures(seconds, time.perf_counter() - began)


def ask(port: int, token: str, count: int) -> list[float]:
    """Ask so many times; the seconds each answer took.

    Raises:
        RuntimeError: an answer was not 200.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    took = []
    for place in range(count):
        caller, business = NUMBERS[place % len(NUMBERS)], NUMBERS[place // len(NUMBERS) % len(NUMBERS)]
        body = json.dumps({"callers": [{"number": caller}], "business": {"number": business}})
        began = time.perf_counter()
        connection.request("POST", "/v1/consent/requirements", body, headers)
        answer = connection.getresponse()
        answer.read()
        took.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"a request was answered {answer.status}")
    connection.close()
    return took


def page(found: dict[str, dict[str, float]]) -> str:
    """A line for each way of asking, held against the target."""
    rows = [
        [
            name,
            f"{run['p50_ms']:.2f} ms",
            f"{run['p99_ms']:.2f} ms",
            f"{run['worst_ms']:.2f} ms",
            verdict(run["p99_ms"], TARGET_MS),
        ]
        for name, run in found.items()
    ]
    told = (
        f"Target: {TARGET_MS} ms at p99. Over HTTP: {REQUESTS} requests, one after another, one connection."
    )
    return f"{table(['asked of', 'p50', 'p99', 'worst', 'target'], rows)}\n\n{told}"


def _here(code: str) -> Whereabouts:
    return Whereabouts(jurisdiction=code, evidence="area_code", is_weak=True)


def _parties(caller: str, business: str) -> Sequence[Party]:
    return (
        Party(role=Role.CALLER, number=caller, channel=None, joined_ms=None),
        Party(role=Role.AGENT, number=business, channel=None, joined_ms=None),
    )


def _token(url: str) -> str:
    """A voice agent's token of the service that is running."""
    issued = issue("benchmark", TokenRole.AGENT, now_ms=wall_clock(), days=1)
    database = Database(url)
    with database.begin() as connection:
        created(connection, issued)
    database.close()
    return issued.token
