"""Mutants treated one after another in this process, which may die of them; a line of JSON for each.

python -m benchmarks.mutant_run FOLDER FIRST LAST STEP
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.mutants import mutant
from compliance.errors import AudioSilent, DiskFull, MediaError
from compliance.records import Cut, Method
from compliance.redact.compare import Comparison, compare
from compliance.redact.media import decode, probe
from compliance.redact.reader import Reader
from compliance.redact.recheck import recheck
from compliance.redact.rewrite import rewrite
from compliance.redact.samples import as_float
from compliance.redact.tape import paced
from compliance.redact.tone import Float, Tone
from compliance.redact.unaltered import unaltered

TONE = Tone()
MOST_BYTES = 3 << 30
"""Address space of this process: what asks for more fails here and not on the machine."""

LEFT = 0.25
"""Share of the original in a cut that no codec's noise comes to; comparing itself holds far less."""
MARGIN_MS, LEAST_MS, LONGEST_MS = 30, 100, 60_000
"""So near a cut's edge a codec smears; shorter stretches are like anything; longer mutants are empty."""
HEARD = 10 ** (-40 / 10)
"""Power of the original below which there is nothing to be left."""


def cuts_of(number: int, duration_ms: int) -> list[Cut]:
    """One or two cuts, by chance also over the whole, or beyond the end."""
    dice = random.Random(number)
    first, length = dice.randint(-100, duration_ms), dice.randint(250, 600)
    spans = [(first, length), (first + length + 200, dice.randint(250, 600))][: dice.choice((1, 2))]
    spans = [(-500, 10 * duration_ms + 500)] if dice.random() < 0.1 else spans
    return [
        Cut(
            source=0,
            channel=None,
            start_ms=at,
            end_ms=at + length,
            method=dice.choice(list(Method)),
            why="fuzz",
            findings=(),
        )
        for at, length in spans
    ]


def treated(path: Path, target: Path, cutting: Callable[[int], list[Cut]]) -> str:
    """What became of a mutant: ``clean``, ``held`` where the comparison said no, or the reason of a refusal.

    ``cutting`` gives the cuts for a length in milliseconds.  Raises whatever is not one of our
    errors, and AssertionError where the result is wrong.
    """
    try:
        source = probe(path)
        cuts = cutting(source.duration_ms)
        for _ in decode(path, rate=16_000):
            pass
        rewrite(path, target, cuts, tone=TONE)
    except (MediaError, DiskFull) as error:
        assert not target.exists(), "something was written all the same"
        return error.reason
    # From here on nothing may be refused: what we wrote ourselves can be read.
    found = compare(path, target, cuts, tone=TONE)
    assert found.metadata_ok, "tags are left"
    if source.duration_ms <= LONGEST_MS:
        assert _left(path, target, cuts) < LEFT, "a cut was not made"
    if not found.is_clean:
        return f"held: {_why(found)}"
    try:
        again = probe(target)
    except AudioSilent:
        return "clean"
    assert (again.duration_ms, again.rate, again.channels) == (
        source.duration_ms,
        source.rate,
        source.channels,
    ), "of another length or form"
    told = unaltered(path, target, paced(path))
    assert not (told.trees and recheck(told, cuts, target, path)), "touched outside the cuts"
    return "clean"


def _why(found: Comparison) -> str:
    if not found.duration_equal:
        return "length"
    return "outside" if found.inside_ok else "inside"


def _left(path: Path, target: Path, cuts: Sequence[Cut]) -> float:
    """How much of the mutant's own sound the result still has inside its cuts, 0 to 1: a plain comparison."""
    (before, rate), (after, _) = (_heard(each) for each in (path, target))
    size = min(before.shape[1], after.shape[1])
    before, after = before[:, :size], after[:, :size]
    shares = [0.0]
    for cut in cuts:
        low, high = max(cut.start_ms + MARGIN_MS, 0) * rate // 1000, (cut.end_ms - MARGIN_MS) * rate // 1000
        for was, now in zip(before[_sides(cut), low:high], after[_sides(cut), low:high], strict=True):
            power, left = (float(np.sum(np.square(each, dtype=np.float64))) for each in (was, now))
            if len(was) * 1000 >= LEAST_MS * rate and power > HEARD * len(was):
                # Against the louder of the two: a tone is like a soft sound by chance.
                shares.append(
                    abs(float(np.dot(was.astype(np.float64), now))) / max(power, (power * left) ** 0.5)
                )
    return max(shares)


def _sides(cut: Cut) -> slice:
    return slice(None) if cut.channel is None else slice(cut.channel, cut.channel + 1)


def _heard(path: Path) -> tuple[Float, int]:
    with Reader(path) as reader:
        return np.concatenate([as_float(block) for block in reader.blocks()], axis=1), reader.rate


def run(folder: Path, numbers: Sequence[int]) -> None:
    """Treat the mutants of those numbers; a line before each, and what became of it behind."""
    files = [each.read_bytes() for each in sorted(folder.glob("seed-*"))]
    path, target = folder / "mutant", folder / "redacted"
    for number in numbers:
        path.write_bytes(mutant(files, number % len(files), number))
        _forget_peak()
        started = time.perf_counter()
        try:
            outcome: dict[str, Any] = {"outcome": treated(path, target, partial(cuts_of, number))}
        except Exception as error:
            outcome = {"outcome": "error", "error": f"{type(error).__name__}: {error} ({_place(error)})"}
        target.unlink(missing_ok=True)
        left = sorted(each.name for each in folder.iterdir() if not each.name.startswith("seed-"))
        outcome |= {"left": [each for each in left if each != path.name]}
        outcome |= {"number": number, "seconds": time.perf_counter() - started, "peak_mb": _peak_mb()}
        print(json.dumps(outcome), flush=True)


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    places = []
    while trace:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " ".join(places[-3:])


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    first, last, step = map(int, sys.argv[2:5])
    run(Path(sys.argv[1]), range(first, last, step))
