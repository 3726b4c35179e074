"""Writers in a process of their own: so many threads, one event a transaction, as fast as they can.

python -m benchmarks.audit_writers WAY URL THREADS SECONDS WORK_MS NAME

Says "ready" when connected, begins at a line on its standard input, and prints how many were
committed, with each event's id and the time of its commit.
"""

from __future__ import annotations

import json
import sys
import threading
import time

from sqlalchemy import text

from benchmarks.audit_peers import WAYS
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.store.database import Database

ACTOR = Actor(type="service", id="benchmark", role="pipeline")


def made(name: str, number: int) -> AuditEvent:
    """An event of ordinary size."""
    return event(
        EventKind.REDACTION_VERIFIED,
        recording_id="rec_" + "0123456789abcdef" * 2,
        key=f"{name}:{number}",
        occurred_at_ms=1_700_000_000_000 + number,
        actor=ACTOR,
        is_clean=True,
        passes=1,
        checks=("samples", "listening", "text"),
        residual=0,
    )


def main() -> None:
    """Write until the time is over."""
    way, url, threads, seconds, work_ms, name = sys.argv[1:]
    database, start = Database(url), threading.Event()
    stop: list[float] = []
    done: list[tuple[str, float]] = []

    def write(who: int) -> None:
        mine: list[tuple[str, float]] = []
        with database.begin() as connection:
            connection.execute(text("SELECT 1"))
        connected.wait()
        start.wait()
        while time.time() < stop[0]:
            told = made(f"{name}:{who}", len(mine))
            with database.begin() as connection:
                WAYS[way](connection, told)
                if work_ms != "0":
                    time.sleep(float(work_ms) / 1000)
            mine.append((told.id, time.time()))
        done.extend(mine)

    connected = threading.Barrier(int(threads) + 1)
    writers = [threading.Thread(target=write, args=(who,)) for who in range(int(threads))]
    for each in writers:
        each.start()
    connected.wait()
    print("ready", flush=True)
    sys.stdin.readline()
    stop.append(time.time() + float(seconds))
    start.set()
    for each in writers:
        each.join()
    print(json.dumps(done))


if __name__ == "__main__":
    main()
