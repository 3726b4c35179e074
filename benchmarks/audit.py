"""What the audit log costs: events a second against plain inserts and chains; how soon they are signed."""

from __future__ import annotations

import statistics
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import audit_peers, audit_tree
from benchmarks.audit_runs import Run, alone, together
from benchmarks.audit_tree import ProofFigures
from benchmarks.report import reached, table, verdict, write
from benchmarks.webhooks import percentile
from compliance.store.database import Database

TESTS = Path(__file__).resolve().parent.parent / "tests"
ROUNDS = 5
Rounds = list[dict[str, Run]]


def measure(data: Path | None) -> None:
    """Measure everything; write the figures."""
    sys.path.insert(0, str(TESTS))
    servers = import_module("servers")  # the tests' own
    with TemporaryDirectory() as folder:
        with servers.postgres(is_durable=True, connections=120) as url:
            with closing(Database(url)) as database:
                database.migrate()
                with database.begin() as connection:
                    audit_peers.make(connection)
            short = [together(url, Path(folder), writers=16, work_ms=0) for _ in range(ROUNDS)]
            long = [together(url, Path(folder), writers=64, work_ms=5) for _ in range(ROUNDS)]
        single = [alone(Path(folder) / f"sqlite-{n}") for n in range(ROUNDS)]
    body = page(short, long, single, audit_tree.hashing(), audit_tree.proof())
    write("audit", body, has_data=False)


def page(
    short: Rounds, long: Rounds, single: list[dict[str, float]], hashed: float, proof: ProofFigures
) -> str:
    """The tables."""
    waits = sorted(wait for each in (*short, *long) for wait in each["ours"].waits)
    return "\n\n".join(
        [
            table(["events a second", "16 writers", "64 writers, after 5 ms of work"], _speeds(short, long)),
            f"{ROUNDS} rounds; the median, and the least and the most of them.",
            table(["", "measured", "target", ""], _targets(short, long, single, hashed, proof, waits)),
            _told(short, long, proof, waits),
        ]
    )


def _speeds(short: Rounds, long: Rounds) -> list[list[str]]:
    names = {
        "plain": "plain",
        "ours": "ours, sequencer on",
        "chained": "chained",
        "chained_in_app": "chained in the program",
    }
    return [[names[way], _range(short, way), _range(long, way)] for way in names]


def _range(rounds: Rounds, way: str) -> str:
    found = [each[way].per_second for each in rounds]
    return f"{statistics.median(found):.0f} ({min(found):.0f} to {max(found):.0f})"


def _targets(
    short: Rounds,
    long: Rounds,
    single: list[dict[str, float]],
    hashed: float,
    proof: ProofFigures,
    waits: list[float],
) -> list[list[str]]:
    """Each figure that has a target, and whether it comes up to it."""
    p99 = percentile(waits, 0.99)
    sqlite = statistics.median(each["ours"] / each["plain"] for each in single)
    return [
        _at_least("ours / plain, 16 writers", ratio(short, "plain"), 0.7),
        _at_least("ours / chained, 16 writers", ratio(short, "chained"), 5),
        _at_least("ours / chained in the program, 16 writers", ratio(short, "chained_in_app"), 5),
        _at_least("ours / chained, 64 writers after 5 ms of work", ratio(long, "chained"), 20),
        _at_least("ours / chained in the program, 64 writers after 5 ms", ratio(long, "chained_in_app"), 20),
        ["commit to signed checkpoint, p99", f"{p99:.2f} s", "3 s", verdict(p99, 3)],
        [
            "proof at 10^9 leaves",
            f"{proof.size_bytes} bytes",
            "1,700 bytes",
            verdict(proof.size_bytes, 1_700),
        ],
        ["read and checked", f"{proof.check_ms:.2f} ms of CPU", "1 ms", verdict(proof.check_ms, 1)],
        ["leaf and tree hashing, one core", f"{hashed:,.0f} a second", "150,000", reached(hashed, 150_000)],
        _at_least("SQLite, one event a commit: ours / plain", sqlite, 0.7),
    ]


def _at_least(name: str, value: float, least: float) -> list[str]:
    return [name, f"{value:.2f}", f"{least}", reached(value, least)]


def ratio(rounds: Rounds, way: str) -> float:
    """Ours against another way, the median over the rounds."""
    return statistics.median(each["ours"].per_second / each[way].per_second for each in rounds)


def _told(short: Rounds, long: Rounds, proof: ProofFigures, waits: list[float]) -> str:
    """What else there is to say, of the same runs."""
    ceiling = statistics.median(each["plain"].per_second / each["chained"].per_second for each in short)
    worked = statistics.median(each["plain"].per_second / each["chained"].per_second for each in long)
    return (
        f"Plain inserts themselves are {ceiling:.1f} times the chain with 16 writers, and {worked:.1f} times "
        f"with 64 after 5 ms of work: no log can do much better here. From commit to checkpoint p50 is "
        f"{percentile(waits, 0.5):.2f} s, of {len(waits)} events, each of which was found in the tree once. "
        f"The proof has {proof.hashes} hashes; while a key takes over, with both signatures, it is "
        f"{proof.with_two_keys_bytes} bytes."
    )
