"""Whether memory grows with the number of transcripts read: a thousand different ones in one process."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.texts import presidio_synth, sgd_dialogues, vcon_transcripts
from benchmarks.transcripts import Transcript, transcript
from compliance.records import Role

TOTAL = 1_000
LONGEST = 50
"""So many of the longest come first: the most that one takes is taken before the first reading."""
READINGS = (100, 500, TOTAL)


def growth(data: Path) -> dict[str, Any]:
    """Resident memory with the models loaded, and after so many transcripts."""
    from benchmarks.text import finders

    resident = {}
    with finders("ours") as who:
        resident[0] = resident_mb()
        for n, text in enumerate(islice(different(data), TOTAL), 1):
            who["ours"](text)
            if n in READINGS:
                resident[n] = resident_mb()
    return {"resident_mb": resident}


def different(data: Path) -> Iterator[Transcript]:
    """Every dialogue, and calls made of written sentences, mixed but for the longest."""
    calls = vcon_transcripts(data) + sgd_dialogues(data)
    calls += _calls(presidio_synth(data), TOTAL - len(calls))
    calls.sort(key=lambda call: len(call.text), reverse=True)
    rest = calls[LONGEST:]
    random.Random(7).shuffle(rest)
    yield from calls[:LONGEST] + rest


def _calls(sentences: list[Transcript], count: int) -> list[Transcript]:
    """So many calls of some sentences each, by agent and caller in turn."""
    size = len(sentences) // count
    return [_call(f"call {n}", sentences[n * size : (n + 1) * size]) for n in range(count)]


def _call(name: str, sentences: list[Transcript]) -> Transcript:
    text, turns = "", []
    for n, sentence in enumerate(sentences):
        start = len(text)
        text += sentence.text + "\n"
        turns.append(((start, len(text)), (Role.AGENT, Role.CALLER)[n % 2]))
    return transcript(name, text, turns, ())


def resident_mb() -> float:
    """What the process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
