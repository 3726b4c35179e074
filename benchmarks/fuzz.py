"""Mutants of recordings through probing, decoding, cutting and comparing: what became of so many of them.

Each is treated in a process that may die; a death, a hang, too much memory, an error that is
not ours, a file left over or a wrong result is a failure, and is listed with its number.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.report import table, write
from benchmarks.seeds import SEEDS, make

MUTANTS = 20_000
MOST_S = 20
"""A mutant that takes longer hangs: the whole ones take a tenth of a second."""
MOST_MB = 400

Outcome = dict[str, Any]


def measure(data: Path | None) -> None:
    """Treat the mutants and write the figures."""
    with TemporaryDirectory() as name:
        found = list(outcomes(seeded(Path(name)), range(MUTANTS)))
    write("fuzz", page(found), has_data=False)


def seeded(folder: Path) -> Path:
    """The folder, with a whole recording of each kind in it."""
    for place, seed in enumerate(SEEDS):
        (folder / f"seed-{place:02}").write_bytes(make(seed))
    return folder


def outcomes(folder: Path, numbers: range) -> Iterator[Outcome]:
    """What became of each mutant, in order; whatever happens, every number is answered for."""
    at = numbers.start
    while at < numbers.stop:
        with _child(folder, range(at, numbers.stop, numbers.step)) as child:
            while at < numbers.stop:
                outcome = _next(child, at)
                yield outcome
                at += numbers.step
                if outcome["outcome"] in ("died", "hangs"):
                    break
        (folder / "redacted").unlink(missing_ok=True)
        for part in folder.glob(".redacted.*.part"):
            part.unlink()


def _child(folder: Path, numbers: range) -> subprocess.Popen[bytes]:
    options = map(str, (folder, numbers.start, numbers.stop, numbers.step))
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mutant_run", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )


def _next(child: subprocess.Popen[bytes], number: int) -> Outcome:
    """The next line of a child, or what its silence means."""
    assert child.stdout is not None, "its output is a pipe"
    if not select.select([child.stdout], [], [], MOST_S)[0]:
        child.kill()
        return {"number": number, "outcome": "hangs", "seconds": float(MOST_S), "peak_mb": 0.0, "left": []}
    line = child.stdout.readline()
    if not line:
        code = child.wait()
        return {"number": number, "outcome": "died", "error": f"by signal {-code}", "seconds": 0.0} | {
            "peak_mb": 0.0,
            "left": [],
        }
    outcome: Outcome = json.loads(line)
    assert outcome["number"] == number, "each mutant answers for itself"
    return outcome


def failures(found: list[Outcome]) -> list[Outcome]:
    """What must not be."""
    return [
        each
        for each in found
        if each["outcome"] in ("died", "hangs", "error") or each["left"] or each["peak_mb"] > MOST_MB
    ]


def page(found: list[Outcome]) -> str:
    """The table, one row a kind, and the failures."""
    names = [seed.name for seed in SEEDS]
    rows = []
    for place, name in enumerate([*names, "all"]):
        own = [each for each in found if name == "all" or each["number"] % len(names) == place]
        counts = Counter(_group(each) for each in own)
        rows.append([name, str(len(own)), *(str(counts[group]) for group in GROUPS), str(len(failures(own)))])
    lines = [table(["mutants of", "mutants", *GROUPS, "failures"], rows)]
    reasons = Counter(each["outcome"] for each in found if _group(each) == "refused")
    lines.append("Refused: " + ", ".join(f"`{name}` {count}" for name, count in reasons.most_common()) + ".")
    slowest, largest = (max(each[name] for each in found) for name in ("seconds", "peak_mb"))
    lines.append(f"Slowest {slowest:.1f} s of {MOST_S}; most memory {largest:.0f} MB of {MOST_MB}.")
    lines += [
        f"- {each['number']}: {each['outcome']}, {each.get('error', '')}" for each in failures(found)[:20]
    ]
    return "\n\n".join(lines)


GROUPS = ("refused", "held", "clean")


def _group(outcome: Outcome) -> str:
    """Refused with a reason, held because the comparison said no, cut and found clean, or a failure."""
    said = outcome["outcome"].partition(":")[0]
    return said if said in ("held", "clean", "died", "hangs", "error") else "refused"
