"""Cutting a recording: ours beside FFmpeg's command line and pydub, in one run; and what else was touched.

The times are seconds on the clock; where other work goes on, the ratios stand and the seconds do not.
"""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import track

from benchmarks.hours import KINDS, Kind, make
from benchmarks.peers import Spans, ffmpeg, run_apart
from benchmarks.report import table, verdict, write
from compliance.records import Cut, Method, Unaltered
from compliance.redact.recheck import recheck
from compliance.redact.rewrite import rewrite
from compliance.redact.tape import paced
from compliance.redact.tone import Tone
from compliance.redact.unaltered import unaltered

CUTS, CUT_MS = 100, 2_500
MOST_MB = 100
LISTS, SHORT_S = 1_000, 6
"""Random lists of cuts for each kind that keeps what is outside them, each over a short recording."""

Run = dict[str, float]


def measure(data: Path | None) -> None:
    """Make the recordings, cut them by every program, and write the figures."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        hours = {kind: _measured(folder, kind, minutes=60, peers=_peers(kind)) for kind in KINDS}
        four = _measured(folder, KINDS[0], minutes=240, peers=("ours",))["ours"]
        touched = {kind: _touched(folder, kind) for kind in KINDS if kind.suffix != ".mp3"}
    write("media", page(hours, four, touched), has_data=False)


def _peers(kind: Kind) -> tuple[str, ...]:
    if ffmpeg() is None:
        return ("ours",)
    return ("ours", "ffmpeg", *(("pydub",) if kind is KINDS[0] else ()))


def spans(minutes: int) -> Spans:
    """A hundred cuts an hour, evenly spread."""
    count = CUTS * minutes // 60
    return [(at, at + CUT_MS) for at in (n * minutes * 60_000 // count + 10_000 for n in range(count))]


def _measured(folder: Path, kind: Kind, *, minutes: int, peers: tuple[str, ...]) -> dict[str, Run]:
    source = make(folder, kind, seconds=60 * minutes)
    found = {}
    for peer in peers:
        target = folder / f"{peer}{kind.suffix}"
        found[peer] = run_apart(peer, source, target, spans(minutes))
        print(f"  {kind.name}, {minutes} min, {peer}: {found[peer]['wall_s']:.1f} s", flush=True)
        target.unlink()
    source.unlink()
    return found


def _touched(folder: Path, kind: Kind) -> tuple[int, int]:
    """Over many random lists of cuts: leaves looked at, and those outside the cuts that differ."""
    source = make(folder, kind, seconds=SHORT_S)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        found = pool.map(_one, repeat(source), range(LISTS), chunksize=10)
        counted = list(track(found, total=LISTS, description=f"  {kind.name}, random cuts"))
    return sum(leaves for leaves, _ in counted), sum(wrong for _, wrong in counted)


def _one(source: Path, seed: int) -> tuple[int, int]:
    target, cuts = source.with_name(f"touched-{seed}{source.suffix}"), _random(random.Random(seed))
    rewrite(source, target, cuts, tone=Tone())
    told: Unaltered = unaltered(source, target, paced(source))
    assert told.trees is not None, "these kinds keep what is outside the cuts"
    wrong = len(recheck(told, cuts, target, source))
    target.unlink()
    return told.trees.size, wrong


def _random(dice: random.Random) -> list[Cut]:
    """Cuts of any length, side and sound, also over the start and the end."""
    cuts, at = [], dice.randint(-500, 2_000)
    while at < 1_000 * SHORT_S:
        end = at + dice.randint(1, 2_000)
        channel, method = dice.choice([None, 0, 1]), dice.choice(list(Method))
        cuts.append(
            Cut(source=0, channel=channel, start_ms=at, end_ms=end, method=method, why="bench", findings=())
        )
        at = end + dice.randint(0, 5_000)
    return cuts


def page(hours: dict[Kind, dict[str, Run]], four: Run, touched: dict[Kind, tuple[int, int]]) -> str:
    """The tables, and whether the targets are kept."""
    opus = hours[KINDS[0]]
    lines = [table(["an hour, 100 cuts of 2.5 s", "ours", "FFmpeg", "ratio", "our peak"], _rows(hours))]
    if "ffmpeg" in opus:
        times = {peer: opus[peer]["wall_s"] / opus["ours"]["wall_s"] for peer in ("ffmpeg", "pydub")}
        lines.append(
            f"Opus: {times['ffmpeg']:.1f} times as fast as FFmpeg (target 8: {_least(times['ffmpeg'], 8)}), "
            f"{times['pydub']:.1f} times as fast as pydub (target 10: {_least(times['pydub'], 10)}), whose "
            f"peak is {opus['pydub']['peak_mb']:.0f} MB; FFmpeg's {opus['ffmpeg']['peak_mb']:.0f} MB."
        )
        slower = max(runs["ours"]["wall_s"] / runs["ffmpeg"]["wall_s"] for runs in hours.values())
        lines.append(f"No kind slower than FFmpeg: {slower:.2f} of its time at most, {verdict(slower, 1)}.")
    peak = max(runs["ours"]["peak_mb"] for runs in hours.values())
    growth = four["peak_mb"] - opus["ours"]["peak_mb"]
    lines.append(
        f"Peak under {MOST_MB} MB: {peak:.0f} MB, {verdict(peak, MOST_MB)}. Four hours of Opus: "
        f"{four['wall_s'] / opus['ours']['wall_s']:.1f} times the time of one, {growth:+.0f} MB."
    )
    lines.append(table(["over random lists of cuts", "lists", "leaves", "wrongly changed"], _counts(touched)))
    return "\n\n".join(lines)


def _least(value: float, least: float) -> str:
    return "met" if value >= least else "**missed**"


def _rows(hours: dict[Kind, dict[str, Run]]) -> list[list[str]]:
    return [
        [
            kind.name,
            f"{runs['ours']['wall_s']:.1f} s",
            f"{runs['ffmpeg']['wall_s']:.1f} s" if "ffmpeg" in runs else "–",
            f"{runs['ffmpeg']['wall_s'] / runs['ours']['wall_s']:.1f}" if "ffmpeg" in runs else "–",
            f"{runs['ours']['peak_mb']:.0f} MB",
        ]
        for kind, runs in hours.items()
    ]


def _counts(touched: dict[Kind, tuple[int, int]]) -> list[list[str]]:
    return [[kind.name, str(LISTS), f"{leaves:,}", str(wrong)] for kind, (leaves, wrong) in touched.items()]
