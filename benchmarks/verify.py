"""How fast the log is checked: hashing what is stored, then reading every event, on one core.

By CPU time, so that it says the same on a machine that is busy; reading from the
database is in it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.audit_writers import made
from benchmarks.report import reached, table, write
from compliance.audit import log
from compliance.audit.checks.hashing import Hashing
from compliance.audit.checks.reading import read_all
from compliance.audit.checks.report import Found
from compliance.audit.checks.signed import Signed
from compliance.audit.checks.source import StoredLog
from compliance.audit.checks.spine import Spine
from compliance.audit.note import SeedSigner
from compliance.audit.sequencer import Sequencer
from compliance.audit.verify import Terms, check
from compliance.store.database import Database

EVENTS, ROUNDS = 100_000, 5
LEAST = 150_000
SIGNER = SeedSigner(name="compliance/audit", seed=bytes(range(32)))


def measure(data: Path | None) -> None:
    """Measure on SQLite; write the figures."""
    with TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/log.db")) as database:
        _fill(database)
        with database.read() as connection:
            figures = _figures(StoredLog(connection))
    write("verify", _page(*figures), has_data=False)


def _fill(database: Database) -> None:
    """A log of events of ordinary size, a thousand under each checkpoint."""
    database.migrate()
    sequencer = Sequencer(database, SIGNER)
    for start in range(0, EVENTS, 1_000):
        with database.begin() as connection:
            for number in range(start, start + 1_000):
                log.record(connection, made("verify", number))
        sequencer.seal(start)


def _figures(source: StoredLog) -> tuple[float, float, float]:
    """Events a second: hashed, read; and milliseconds of a check that finds nothing new."""
    newest = source.newest()
    assert newest is not None
    assert check(source, SIGNER.verifier, Terms()).is_valid
    since = Terms(since=SIGNER.verifier.checkpoint_of(newest.note), is_full=False)
    hashed = _seconds(lambda: _hashing(source).run(EVENTS, lambda _: None))
    read = _seconds(lambda: sum(1 for _ in read_all(source, 0, EVENTS, Found())))
    quick = _seconds(lambda: check(source, SIGNER.verifier, since))
    return EVENTS / hashed, EVENTS / read, 1000 * quick


def _hashing(source: StoredLog) -> Hashing:
    return Hashing(source, Signed(source, SIGNER.verifier, 0), Spine(), Found(), frozenset())


def _seconds(job: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        job()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def _page(hashed: float, read: float, quick_ms: float) -> str:
    rows = [
        [
            "hashed and compared with checkpoints, events a second",
            f"{hashed:,.0f}",
            f"≥ {LEAST:,}",
            reached(hashed, LEAST),
        ],
        ["read and compared with their rows, events a second", f"{read:,.0f}", "–", ""],
        ["a quick check with nothing new", f"{quick_ms:.1f} ms", "–", ""],
    ]
    return table([f"a log of {EVENTS:,} events, SQLite, one core", "measured", "target", ""], rows)
