"""Mutants of recordings through probing, decoding, cutting and comparing: what became of so many of them.

Each is treated in a process that may die; a death, a hang, too much memory, an error that is
not ours, a file left over or a wrong result is a failure, and is listed with its number.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from rich.progress import track

from benchmarks.hours import KINDS
from benchmarks.hours import make as make_call
from benchmarks.report import table, write
from benchmarks.seeds import SEEDS, make
from compliance.redact.apart import Limits, probe_apart
from compliance.redact.media import probe

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "20000"))
LONG_S, RUNS = 600, 5
MOST_S = 20
"""A mutant that takes longer hangs: the whole ones take a tenth of a second."""
MOST_MB = 400

ENDS = ("died", "hangs")
ROOT = Path(__file__).resolve().parent.parent

Outcome = dict[str, Any]


def measure(data: Path | None) -> None:
    """Treat the mutants and write the figures."""
    with TemporaryDirectory() as name:
        cost = apart(make_call(Path(name), KINDS[0], seconds=LONG_S))
    with TemporaryDirectory() as name:
        found = list(track(outcomes(seeded(Path(name)), range(MUTANTS)), total=MUTANTS))
    write("fuzz", f"{page(found)}\n\n{cost}", has_data=False)


def apart(call: Path) -> str:
    """What it costs to decode a call first in a process of its own: the medians of both ways, in turns."""
    limits = Limits(seconds=600, memory_mb=2048)
    here, there = [], []
    for _ in range(RUNS):
        here.append(_seconds(lambda: probe(call)))
        there.append(_seconds(lambda: probe_apart(call, limits=limits)))
    one, other = median(here), median(there)
    return (
        f"The first decoding of {LONG_S // 60} minutes of {KINDS[0].name}, median of {RUNS}: {one:.2f} s, "
        f"in a process of its own {other:.2f} s, {other / one:.2f} times as long."
    )


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def seeded(folder: Path) -> Path:
    """The folder, with a whole recording of each kind in it."""
    for place, seed in enumerate(SEEDS):
        (folder / f"seed-{place:02}").write_bytes(make(seed))
    return folder


def outcomes(folder: Path, numbers: range) -> Iterator[Outcome]:
    """What became of each mutant, in order; whatever happens, every number is answered for."""
    while numbers:
        with _child(folder, numbers) as child:
            for number in numbers:
                outcome = _next(child, number)
                numbers = numbers[1:]
                yield outcome
                if outcome["outcome"] in ENDS:
                    break
        for left in (folder / "redacted", *folder.glob(".redacted.*.part")):
            left.unlink(missing_ok=True)


@contextmanager
def _child(folder: Path, numbers: range) -> Iterator[subprocess.Popen[bytes]]:
    """A process that treats them one after another; it ends with the block."""
    options = map(str, (folder, numbers.start, numbers.stop, numbers.step))
    command = [sys.executable, "-m", "benchmarks.mutant_run", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT) as child:
        try:
            yield child
        finally:
            child.kill()


def _next(child: subprocess.Popen[bytes], number: int) -> Outcome:
    """The next line of a child, or what its silence means."""
    assert child.stdout is not None, "its output is a pipe"
    none: Outcome = {"number": number, "seconds": 0.0, "peak_mb": 0.0, "left": []}
    if not select.select([child.stdout], [], [], MOST_S)[0]:
        return none | {"outcome": "hangs", "seconds": float(MOST_S)}
    line = child.stdout.readline()
    if not line:
        return none | {"outcome": "died", "error": f"with code {child.wait()}"}
    outcome: Outcome = json.loads(line)
    assert outcome["number"] == number, "each mutant answers for itself"
    return outcome


def failures(found: list[Outcome]) -> list[Outcome]:
    """What must not be."""
    return [
        each
        for each in found
        if each["outcome"] in ("error", *ENDS) or each["left"] or each["peak_mb"] > MOST_MB
    ]


def page(found: list[Outcome]) -> str:
    """The table, one row a kind, and the failures by their numbers."""
    rows = [_row(seed.name, found[place :: len(SEEDS)]) for place, seed in enumerate(SEEDS)]
    lines = [table(["mutants of", "mutants", *GROUPS, "failures"], [*rows, _row("all", found)])]
    for group in ("refused", "held"):
        counts = Counter(each["outcome"].removeprefix("held: ") for each in found if _group(each) == group)
        told = ", ".join(f"`{name}` {count}" for name, count in counts.most_common())
        lines.append(f"{group.capitalize()}: {told or 'none'}.")
    slowest, largest = (max(each[name] for each in found) for name in ("seconds", "peak_mb"))
    lines.append(f"Slowest {slowest:.1f} s of {MOST_S}; most memory {largest:.0f} MB of {MOST_MB}.")
    lines += [
        f"Failure {each['number']}: {each['outcome']} {each.get('error', '')}" for each in failures(found)
    ]
    return "\n\n".join(lines)


GROUPS = ("refused", "held", "clean")


def _row(name: str, own: list[Outcome]) -> list[str]:
    counts = Counter(_group(each) for each in own)
    return [name, str(len(own)), *(str(counts[group]) for group in GROUPS), str(len(failures(own)))]


def _group(outcome: Outcome) -> str:
    """Refused with a reason, held because the comparison said no, cut and found clean, or a failure."""
    said = str(outcome["outcome"]).partition(":")[0]
    return said if said in ("held", "clean", "error", *ENDS) else "refused"
