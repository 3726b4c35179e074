"""The tables of what reading text costs: time and memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from benchmarks.report import reached, share, table, verdict

RULES, STOCK, OURS = "our rules alone", "stock Presidio", "ours"
LEAST_WORDS_A_SECOND = 2_000
MOST_TIMES_STOCK = 4.0
MOST_OF_RECOGNITION = 0.03
WORDS_SPOKEN_A_SECOND = 2.5
"""150 words a minute, an easy pace of talk."""
MOST_GROWTH_MB = 25
"""From 100 transcripts to 1,000; keeping what the models make of each would take more than twice that."""


class Timed(Protocol):
    """A reading of a corpus, with what it took."""

    cpu_s: float
    words: int


def speed(runs: Sequence[Mapping[str, Timed]], rtf: float) -> str:
    """Words a second, times of stock, and the share of recognition; all from CPU seconds."""
    words = sum(each[OURS].words for each in runs)
    seconds = {who: sum(each[who].cpu_s for each in runs) for who in (RULES, STOCK, OURS)}
    recognition = words / WORDS_SPOKEN_A_SECOND * rtf
    rows = [
        [who, f"{s:.1f} s", f"{words / s:,.0f}", f"{s / seconds[STOCK]:.2f}", share(s, recognition)]
        for who, s in seconds.items()
    ]
    header = [
        f"both dialogue corpora, {words:,} words",
        "CPU",
        "words a second",
        "of stock",
        "of recognition",
    ]
    return table(header, rows) + "\n\n" + targets(words, seconds, recognition)


def targets(words: int, seconds: Mapping[str, float], recognition: float) -> str:
    """Whether each of the three is kept."""
    told = (
        f"our rules at least {LEAST_WORDS_A_SECOND:,} words a second:"
        f" {reached(words / seconds[RULES], LEAST_WORDS_A_SECOND)}",
        f"ours at most {MOST_TIMES_STOCK:.0f} times stock:"
        f" {verdict(seconds[OURS] / seconds[STOCK], MOST_TIMES_STOCK)}",
        f"ours at most {MOST_OF_RECOGNITION:.0%} of recognition:"
        f" {verdict(seconds[OURS] / recognition, MOST_OF_RECOGNITION)}",
    )
    return f"Targets: {'; '.join(told)}."


def recognition_rtf(page: str) -> float:
    """What reading a second of sound costs, by the speed part: the bare recogniser on the longest call.

    Raises:
        ValueError: the page has no such figure; the speed part comes first.
    """
    row = re.search(r"^\| bare: .*RTF ([0-9.]+) \|$", page, flags=re.MULTILINE)
    if row is None:
        raise ValueError("the page has no figure of the bare recogniser; run the speed part first")
    return float(row[1])


def grown(memory: Mapping[str, Any]) -> str:
    """Resident memory by the number of transcripts read."""
    read = {int(n): float(mb) for n, mb in memory["resident_mb"].items()}
    growth = read[max(read)] - read[min(n for n in read if n)]
    told = f"Target, growth under {MOST_GROWTH_MB} MB: {growth:.0f} MB, {verdict(growth, MOST_GROWTH_MB)}."
    rows = [[str(n) if n else "none, models loaded", f"{mb:.0f} MB"] for n, mb in read.items()]
    return table(["transcripts read", "resident"], rows) + "\n\n" + told
