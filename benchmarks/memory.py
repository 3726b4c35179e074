"""Whether memory grows with the length of a recording."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import corpus
from benchmarks.measure import run_apart
from benchmarks.report import table, verdict, write

MINUTES = (10, 60)
MOST_GROWTH_MB = 100


def measure(data: Path | None) -> None:
    """Measure a short and a long call, each in a process of its own; write the figures."""
    calls = corpus.calls(data)
    found: dict[int, dict[str, Any]] = {}
    for minutes in MINUTES:
        with TemporaryDirectory() as folder:
            call = corpus.repeat(calls, Path(folder) / "call.ogg", minutes=minutes)
            found[minutes] = run_apart("memory", call, Path(folder) / "home")
    write("memory", page(found), has_data=data is not None)


def page(found: dict[int, dict[str, Any]]) -> str:
    """Peak memory by length, and whether the target is kept."""
    rows = [
        [
            f"{minutes} minutes",
            f"{run['loaded_mb']:.0f} MB",
            f"{run['peak_mb']:.0f} MB",
            f"{run['timings']['rtf']:.3f}",
            str(run["cuts"]),
            str(run["passes"]),
        ]
        for minutes, run in found.items()
    ]
    growth = found[max(found)]["peak_mb"] - found[min(found)]["peak_mb"]
    return "\n\n".join(
        [
            table(["length", "models loaded", "peak", "RTF", "cuts", "passes"], rows),
            f"Target, growth under {MOST_GROWTH_MB} MB: {growth:.0f} MB, {verdict(growth, MOST_GROWTH_MB)}.",
        ]
    )
