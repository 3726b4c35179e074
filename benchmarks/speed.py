"""How long a recording takes, and how much of that is not speech recognition.

Whole and bare recognisers run one after the other in one process on the same file,
so that whatever else the machine does meets all of them.  CPU seconds stand beside
those of the clock: they depend less on who else is at work.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import corpus
from benchmarks.measure import run_apart
from benchmarks.meter import RECOGNITION
from benchmarks.report import share, table, verdict, write

MOST_OF_BARE = 1.6
MOST_BESIDE_RECOGNITION = 0.15
LONG_MINUTES = 10


def measure(data: Path | None) -> None:
    """Measure the sample and a long call; write the figures."""
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        long = corpus.repeat(corpus.calls(data), scratch / "long.ogg", minutes=LONG_MINUTES)
        calls = {"the sample call": corpus.SAMPLE / "call.ogg", f"a {LONG_MINUTES}-minute call": long}
        found = {
            name: run_apart("speed", call, scratch / f"home-{n}")
            for n, (name, call) in enumerate(calls.items())
        }
    write("speed", page(found), has_data=data is not None)


def page(found: dict[str, dict[str, Any]]) -> str:
    """The figures of every call, one column each."""
    runs = list(found.values())
    header = ["", *found]
    parts = [
        table(header, [[name, *(line(run) for run in runs)] for name, line in LINES]),
        "Start-up, once a process:",
        table(["", *found], _seconds([run["start_up"] for run in runs])),
        "Stages by the manifest, as real-time factor (seconds per second of recording):",
        table(header, _stages(runs)),
        "Where the whole's time goes; each second counted once:",
        table(header, _rooms(runs)),
    ]
    return "\n\n".join([*parts, judged(runs[-1], list(found)[-1])])


def ratio(run: dict[str, Any], what: str, unit: str) -> float:
    """The whole against a bare recogniser."""
    return float(run["whole"][unit] / run[what][unit])


def beside(run: dict[str, Any]) -> float:
    """Share of the whole that is not speech recognition."""
    return 1 - float(run["seconds"][RECOGNITION] / run["whole"]["wall_s"])


def _took(run: dict[str, Any], what: str) -> str:
    took = run[what]
    return f"{took['wall_s']:.1f} s (CPU {took['cpu_s']:.1f} s), RTF {took['wall_s'] / run['duration_s']:.3f}"


def _ratios(run: dict[str, Any], what: str) -> str:
    return f"{ratio(run, what, 'wall_s'):.2f} ({ratio(run, what, 'cpu_s'):.2f})"


LINES: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    ("length", lambda run: f"{run['duration_s']:.0f} s"),
    ("cuts; passes of verification; listened to again", lambda run: (
        f"{run['cuts']}; {run['passes']}; {run['relistened_s']:.0f} s"
    )),
    ("whole, verification included", lambda run: _took(run, "whole")),
    ("bare: our windows, read in batches", lambda run: _took(run, "bare")),
    ("stock faster-whisper, channel by channel", lambda run: _took(run, "stock")),
    ("whole / bare (by CPU)", lambda run: _ratios(run, "bare")),
    ("whole / stock (by CPU)", lambda run: _ratios(run, "stock")),
    ("not speech recognition", lambda run: f"{beside(run):.1%}"),
)  # fmt: skip


def _seconds(runs: list[dict[str, float]]) -> list[list[str]]:
    """Seconds by name, and their sum."""
    rows = [[name, *(f"{run[name]:.2f} s" for run in runs)] for name in runs[0]]
    return [*rows, ["together", *(f"{sum(run.values()):.2f} s" for run in runs)]]


def _stages(runs: list[dict[str, Any]]) -> list[list[str]]:
    names = [name for name in runs[-1]["timings"] if name not in ("total", "rtf")]
    rows = [[name, *(f"{run['timings'][name] / run['duration_s']:.4f}" for run in runs)] for name in names]
    return [*rows, ["together", *(f"{run['timings']['rtf']:.4f}" for run in runs)]]


def _rooms(runs: list[dict[str, Any]]) -> list[list[str]]:
    """Seconds and share by room, the largest of the last call first."""
    last = runs[-1]["seconds"]
    return [
        [name, *(_room(run, name) for run in runs)] for name in sorted(last, key=lambda each: -last[each])
    ]


def _room(run: dict[str, Any], name: str) -> str:
    seconds = float(run["seconds"].get(name, 0))
    return f"{seconds:.2f} s ({share(seconds, run['whole']['wall_s'])})"


def judged(run: dict[str, Any], name: str) -> str:
    """The targets, and whether the long call keeps them."""
    whole, rest = ratio(run, "bare", "wall_s"), beside(run)
    return (
        f"Targets, on {name}: "
        f"whole / bare at most {MOST_OF_BARE}: {whole:.2f}, {verdict(whole, MOST_OF_BARE)}; "
        f"not speech recognition at most {MOST_BESIDE_RECOGNITION:.0%}: {rest:.1%}, "
        f"{verdict(rest, MOST_BESIDE_RECOGNITION)}."
    )
