"""One measurement in a process of its own, which starts with nothing loaded; its result as JSON.

python -m benchmarks.measure speed|memory CALL
python -m benchmarks.measure text DATA
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.meter import Meter
    from compliance.parts import Parts
    from compliance.store.recordings import RecordingRow

STARTED = time.perf_counter()


def run_apart(kind: str, call: Path, home: Path) -> dict[str, Any]:
    """Measure in a fresh process with a fresh home; what it found.

    Raises:
        CalledProcessError: the measurement failed; it has said why on stderr.
    """
    environment = {**os.environ, "COMPLIANCE_HOME": str(home)}
    command = [sys.executable, "-m", "benchmarks.measure", kind, str(call)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def started() -> tuple[Parts, dict[str, float]]:
    """The parts, everything loaded, and the seconds of each step of that."""
    seconds: dict[str, float] = {}
    mark = STARTED

    def step(name: str) -> None:
        nonlocal mark
        seconds[name], mark = time.perf_counter() - mark, time.perf_counter()

    from compliance import bootstrap, byhand  # noqa: F401  imported here, as that is what is timed
    from compliance.redact.detect import presidio  # noqa: F401
    from compliance.settings import load
    from compliance.transcribe import whisper  # noqa: F401

    step("imports")
    parts = bootstrap.build(load())
    step("home, database, policies")
    parts.engines.load()
    step("models")
    return parts, seconds


def processed(parts: Parts, call: Path) -> RecordingRow:
    """The call through every stage, as ``compliance process`` does it."""
    from compliance.audit.events import Actor
    from compliance.byhand import Order, process
    from compliance.records import AgentKind, Role

    order = Order(
        path=call,
        profile=parts.settings.profile,
        agent_kind=AgentKind.AI,
        roles=(Role.AGENT, Role.CALLER),
        parties=(),
    )
    return process(parts, order, Actor(type="person", id="benchmark", role="operator"))


def speed(call: Path) -> dict[str, Any]:
    """Whole, and the two bare recognisers on the same call, one after the other."""
    from benchmarks.bare import stock, windows
    from benchmarks.meter import Meter, TimedRecogniser
    from benchmarks.rooms import metered
    from compliance.models.verify import require

    parts, start_up = started()
    recogniser = parts.engines.recogniser
    bare = timed(lambda: windows(call, recogniser))
    meter = Meter()
    parts.engines.__dict__["recogniser"] = TimedRecogniser(recogniser, meter)
    with metered(meter):
        rows: list[RecordingRow] = []
        whole = timed(lambda: rows.append(under(meter, lambda: processed(parts, call))))
    folder = require(parts.settings.models_dir, parts.settings.whisper_model).path
    return {
        "start_up": start_up,
        "bare": bare,
        "whole": whole,
        "stock": stock(call, folder, timed),
        "seconds": meter.seconds,
        **told(parts, rows[0]),
    }


def under(meter: Meter, work: Callable[[], RecordingRow]) -> RecordingRow:
    """The work, what nothing else accounts for counted as the rest."""
    with meter.under("the rest: leases, events, commits, JSON Schema"):
        return work()


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Seconds on the clock, and of all cores together."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}


def told(parts: Parts, row: RecordingRow) -> dict[str, Any]:
    """What the manifest says of the run."""
    from compliance.results import manifest_of

    document = manifest_of(parts, row)
    assert document is not None, "a call that is measured comes to its end"
    if document["verification"] is None:
        raise SystemExit(f"the call did not come to its end: {', '.join(row.reasons)}")
    return {
        "duration_s": document["recording"]["duration_ms"] / 1000,
        "timings": document["timings"],
        "cuts": len(document["cuts"]),
        "passes": document["verification"]["passes"],
        "relistened_s": document["verification"]["relistened_ms"] / 1000,
        "decision": document["release"]["decision"],
    }


def memory(call: Path) -> dict[str, Any]:
    """Peak resident memory of a whole run."""
    parts, _ = started()
    loaded_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    row = processed(parts, call)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"loaded_mb": loaded_kb / 1024, "peak_mb": peak_kb / 1024, **told(parts, row)}


def text(data: Path) -> dict[str, Any]:
    """Resident memory over a thousand transcripts."""
    from benchmarks.text_memory import growth

    return growth(data)


def main() -> None:
    """Measure what the arguments name."""
    kind, call = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("COMPLIANCE_HOME", home)
        print(json.dumps({"speed": speed, "memory": memory, "text": text}[kind](call)))


if __name__ == "__main__":
    main()
