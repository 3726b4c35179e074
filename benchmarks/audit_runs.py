"""One round: each way of writing in turn, by writers in processes of their own, the sequencer beside ours."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text

from benchmarks.audit_peers import WAYS, plain
from benchmarks.audit_writers import made
from compliance.api.sequencing import SequencerProcess
from compliance.audit import log
from compliance.settings import Settings
from compliance.store import checkpoints, tree
from compliance.store.database import Database
from compliance.store.schema import audit_leaves

SECONDS = 4.0
PROCESSES = 8
COMMITS = 1_500
"""Of one writer to SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one way came to."""

    per_second: float
    waits: tuple[float, ...] = ()
    """Seconds from each commit to the first sight of a checkpoint over it."""


def together(url: str, home: Path, *, writers: int, work_ms: int) -> dict[str, Run]:
    """Each way in turn, with so many writers.

    Raises:
        RuntimeError: an event that was committed is not in the tree.
    """
    found = {}
    for way in WAYS:
        if way == "ours":
            with sequencing(url, home), watched(url) as seen:
                commits = _written(way, url, writers, work_ms)
                _await_seal(url)
            found[way] = Run(per_second=len(commits) / SECONDS, waits=_waits(url, commits, seen))
        else:
            found[way] = Run(per_second=len(_written(way, url, writers, work_ms)) / SECONDS)
        print(f"  {writers} writers, {work_ms} ms, {way}: {found[way].per_second:.0f}/s", flush=True)
    return found


def alone(home: Path) -> dict[str, float]:
    """Commits a second of one writer to SQLite, with and without the log, in turns."""
    home.mkdir()
    url = f"sqlite:///{home / 'compliance.db'}"
    with closing(Database(url)) as database:
        database.migrate()
        with database.begin() as connection:
            columns = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'audit_events'"))
            connection.execute(text(columns.scalar_one().replace("audit_events", "plain")))
            index = text("SELECT sql FROM sqlite_master WHERE name = 'ix_audit_events_recording_id_seq'")
            connection.execute(text(connection.execute(index).scalar_one().replace("audit_events", "plain")))
        with sequencing(url, home):
            seconds = dict.fromkeys(("plain", "ours"), 0.0)
            for part in range(10):
                for way, record in (("plain", plain), ("ours", log.record)):
                    told = [made(f"{way}:{part}", number) for number in range(COMMITS // 10)]
                    began = time.perf_counter()
                    for each in told:
                        with database.begin() as connection:
                            record(connection, each)
                    seconds[way] += time.perf_counter() - began
    print(f"  SQLite: { ({way: round(COMMITS / each) for way, each in seconds.items()}) }", flush=True)
    return {way: COMMITS / each for way, each in seconds.items()}


@contextmanager
def sequencing(url: str, home: Path) -> Iterator[None]:
    """The sequencer in its own process, ready."""
    process = SequencerProcess(Settings(home=home, database_url=url, log_level="ERROR"))
    with closing(Database(url)) as database:
        with database.begin() as connection:
            before = tree.fence(connection)
            log.record(connection, made("start", time.time_ns() % 10**12))
        process.start()
        while _fence(database) == before:
            time.sleep(0.05)
        try:
            yield
        finally:
            process.stop()


def _fence(database: Database) -> int:
    with database.read() as connection:
        return tree.fence(connection)


@contextmanager
def watched(url: str) -> Iterator[list[tuple[int, float]]]:
    """The sizes of checkpoints, and when each was first seen."""
    seen: list[tuple[int, float]] = []
    over = threading.Event()

    def watch(database: Database) -> None:
        while not over.wait(0.1):
            with database.read() as connection:
                newest = checkpoints.latest(connection)
            if newest is not None and (not seen or newest.size > seen[-1][0]):
                seen.append((newest.size, time.time()))

    with closing(Database(url)) as database:
        thread = threading.Thread(target=watch, args=(database,))
        thread.start()
        try:
            yield seen
        finally:
            over.set()
            thread.join()


def _written(way: str, url: str, writers: int, work_ms: int) -> list[tuple[str, float]]:
    """What the writers committed, all begun at once."""
    each = [str(writers // PROCESSES), str(SECONDS), str(work_ms)]
    command = [sys.executable, "-m", "benchmarks.audit_writers", way, url, *each]
    started = [
        subprocess.Popen(
            [*command, f"{time.time_ns()}:{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("a writer did not start")
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in started]
    return [(id, at) for commits in told for id, at in commits]


def _await_seal(url: str) -> None:
    with closing(Database(url)) as database:
        while True:
            with database.read() as connection:
                if not tree.is_pending(connection):
                    break
            time.sleep(0.05)
    time.sleep(0.5)  # the watcher looks once more


def _waits(url: str, commits: list[tuple[str, float]], seen: list[tuple[int, float]]) -> tuple[float, ...]:
    """How long each event waited for its checkpoint; each must be in the tree, once."""
    with closing(Database(url)) as database, database.read() as connection:
        places = {row.event_id: row.leaf_index for row in connection.execute(select(audit_leaves))}
    sizes = [size for size, _ in seen]
    if missing := [id for id, _ in commits if id not in places]:
        raise RuntimeError(f"{len(missing)} events that were committed are not in the tree")
    return tuple(seen[bisect_right(sizes, places[id])][1] - at for id, at in commits)
