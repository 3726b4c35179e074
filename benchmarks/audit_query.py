"""How long a page of the audit log takes at three million events, whatever is asked."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from benchmarks import audit_log
from benchmarks.audit_load import load
from benchmarks.report import table, verdict, write
from compliance.audit import search
from compliance.audit.formats import WRITERS, Format, blocks
from compliance.audit.indexing import catch_up
from compliance.audit.question import Question, asked
from compliance.store import event_index
from compliance.store.database import Database
from compliance.store.event_scan import Walk
from compliance.store.schema import audit_index

EVENTS = int(os.environ.get("AUDIT_EVENTS", "3000000"))
LEFT = 20_000
"""Events at the end that are indexed by the service, and timed."""
PAGE = 50
ROUNDS = 30
TARGET_MS = 5.0
NEVER = "what never was"
"""Questions that nothing fits, although each filter fits very many: such a page ends by what it looked at."""
EXPORTED = 1_000_000
TESTS = Path(__file__).resolve().parent.parent / "tests"


def questions() -> Mapping[str, Question]:
    """What people ask, each of a call, a day or an officer in the middle of the log."""
    call = audit_log.calls(EVENTS) // 2 // 400 * 400
    day = {"since": _day(call - 1000), "until": _day(call + 1160)}
    officer = audit_log.officer(call // 3)
    given: Mapping[str, Mapping[str, str]] = {
        "everything": {},
        "a day": day,
        "one kind": {"kind": "consent.evaluated"},
        "a rare kind": {"kind": "person.released"},
        "kinds by their beginning": {"kind": "recording."},
        "an actor": {"actor": officer},
        "a recording": {"recording": audit_log.recording_id(call)},
        "an egress": {"egress": audit_log.egress_id(call)},
        "an object by its digest": {"object": audit_log.source_sha256(call)},
        "an object by its word": {"object": "audit_trail"},
        "failures": {"outcome": "failure"},
        "successes": {"outcome": "success"},
        "a purpose": {"purpose": "litigation"},
        "a policy file": {"policy": "consent/us/tx.yaml"},
        "a model": {"model": "whisper-base"},
        "an actor's reads": {"actor": officer, "kind": "access."},
        "an actor's refusals": {"actor": officer, "kind": "access.denied", "outcome": "failure"},
        "an actor, a purpose": {"actor": officer, "purpose": "litigation"},
        "a policy, one kind": {"policy": "consent/us/tx.yaml", "kind": "consent.evaluated"},
        "a model, one kind, a day": {"model": "whisper-base", "kind": "redaction.verified", **day},
        "failures of a day": {"outcome": "failure", **day},
        "an actor on a day": {"actor": officer, **day},
        "a recording, a policy": {"recording": audit_log.recording_id(call), "policy": "disclosure.yaml"},
        f"{NEVER}: failed consent": {"kind": "consent.", "outcome": "failure"},
        f"{NEVER}: a law in a redaction": {"policy": "consent/us/tx.yaml", "kind": "redaction.applied"},
    }
    return {name: asked(each) for name, each in given.items()}


def _day(call: int) -> str:
    moment = time.gmtime((audit_log.START_MS + call * audit_log.CALL_MS) / 1000)
    return time.strftime("%Y-%m-%d", moment)


def measure(data: Path | None) -> None:
    """Fill SQLite and PostgreSQL, ask both, and write the figures."""
    sys.path.insert(0, str(TESTS))
    servers = import_module("servers")
    with (
        TemporaryDirectory(dir=os.environ.get("AUDIT_FOLDER")) as folder,
        servers.postgres(is_durable=True) as url,
    ):
        path = Path(folder) / "log.db"
        databases = {"SQLite": Database(f"sqlite:///{path}"), "PostgreSQL": Database(url)}
        for database in databases.values():
            database.migrate()
        load(path, url, audit_log.rows(EVENTS), indexed=EVENTS - LEFT)
        found = {name: of(database) for name, database in databases.items()}
        for database in databases.values():
            database.close()
    write("audit-query", page(found), has_data=False)


def of(database: Database) -> dict[str, Any]:
    """The figures of one database."""
    began = time.perf_counter()
    size = catch_up(database)
    indexed = LEFT / (time.perf_counter() - began)
    if size != EVENTS:
        raise RuntimeError(f"{size} of {EVENTS} events can be found")
    pages = {name: _asked(database, question) for name, question in questions().items()}
    return {"indexed": indexed, "pages": pages, "offset_ms": _offset(database), **_export(database)}


def _asked(database: Database, question: Question) -> dict[str, float]:
    """Milliseconds of a page at the beginning and of one in the middle of the log."""
    middle = audit_log.START_MS + audit_log.calls(EVENTS) // 2 * audit_log.CALL_MS
    first = Walk(size=EVENTS)
    deep = replace(first, after=(middle + 6 * 3_600_000, EVENTS))
    took = {}
    for name, walk in (("first", first), ("deep", deep)):
        timed = [_page_ms(database, question, walk) for _ in range(ROUNDS)]
        took[name], took[f"{name}_least"] = median(timed), min(timed)
    return took


def _page_ms(database: Database, question: Question, walk: Walk) -> float:
    return _ms(lambda: _page(database, question, walk))


def _page(database: Database, question: Question, walk: Walk) -> search.Page:
    with database.read() as connection:
        return search.page(connection, question, walk, PAGE, most=search.MOST_LOOKED_AT)


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _offset(database: Database) -> float:
    """The page in the middle of everything as an offset would find it, the best of three."""

    def by_offset() -> None:
        place = (audit_index.c.occurred_at_ms, audit_index.c.leaf_index)
        statement = select(*place).order_by(*(each.desc() for each in place)).limit(PAGE).offset(EVENTS // 2)
        with database.read() as connection:
            connection.execute(statement).all()

    return min(_ms(by_offset) for _ in range(3))


def _export(database: Database) -> dict[str, float]:
    """Events a second of an NDJSON export, and how much memory grew after its first tenth."""
    question, seen, early = Question(), 0, 0
    with database.read() as connection:
        walk = Walk(size=event_index.size(connection))
    began, most = time.perf_counter(), min(EXPORTED, EVENTS)
    for block in blocks(WRITERS[Format.NDJSON](search.everything(database, question, walk))):
        seen += block.count(b"\n")
        early = early or (_resident() if seen > most // 10 else 0)
        if seen >= most:
            break
    return {
        "export_s": seen / (time.perf_counter() - began),
        "grown_mb": (_resident() - early) / 2**20,
        "exported": seen,
    }


def _resident() -> int:
    """Bytes of memory in use by this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def page(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A line for each question, and what else there is to say."""
    columns = [f"{name}, {place}" for name in found for place in ("first page", "in the middle")]
    rows = [
        [
            question,
            *(_cell(run["pages"][question], place) for run in found.values() for place in ("first", "deep")),
        ]
        for question in next(iter(found.values()))["pages"]
    ]
    others = [
        _other("slowest median of a page; target 5 ms", found, lambda run: _target(run["pages"])),
        _other(
            "slowest where nothing fits, before it gives a cursor",
            found,
            lambda run: f"{_worst(run['pages'], lambda name: name.startswith(NEVER)):.1f} ms",
        ),
        _other("the middle of everything by an offset", found, lambda run: f"{run['offset_ms']:.0f} ms"),
        _other("made findable a second", found, lambda run: f"{run['indexed']:,.0f}"),
        _other("NDJSON, events a second", found, lambda run: f"{run['export_s']:,.0f}"),
        _other(
            "memory grown from 1/10 to the end of that export",
            found,
            lambda run: f"{run['grown_mb']:.1f} MB over {run['exported']:,}",
        ),
    ]
    told = (
        f"{EVENTS:,} events of {audit_log.calls(EVENTS):,} calls, pages of {PAGE} with their bytes, median "
        f"(and fastest) of {ROUNDS}, by the function that the API and the command line call."
    )
    return "\n\n".join((told, table(["question", *columns], rows), table(["", *found], others)))


def _cell(run: Mapping[str, float], place: str) -> str:
    return f"{run[place]:.1f} ({run[f'{place}_least']:.1f}) ms"


def _target(pages: Mapping[str, Mapping[str, float]]) -> str:
    """The slowest question of all that something fits."""
    worst = _worst(pages, lambda name: not name.startswith(NEVER))
    return f"{worst:.1f} ms, {verdict(worst, TARGET_MS)}"


def _worst(pages: Mapping[str, Mapping[str, float]], fits: Callable[[str], bool]) -> float:
    return max(max(each["first"], each["deep"]) for name, each in pages.items() if fits(name))


def _other(name: str, found: Mapping[str, Any], told: Callable[[Any], str]) -> Sequence[str]:
    return [name, *(told(run) for run in found.values())]
