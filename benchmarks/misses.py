"""What ours missed and found falsely in one corpus, for reading by hand.

To the terminal only: it shows text of the corpus, which has no place on a page of figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.coverage import Scored, found
from benchmarks.text import finders, runs
from benchmarks.texts import CORPORA
from benchmarks.transcripts import Transcript

AROUND = 6
"""Words shown on either side."""


def show(data: Path, corpus: str) -> None:
    """Every miss and false alarm with the words around it, a line each, then their number by kind."""
    with finders("ours") as who:
        scored = runs(CORPORA[corpus](data), who)["ours"].scored
    seen = list(wrong(scored))
    for what, kind, by, text, places in sorted(seen, key=lambda each: each[:3]):
        print(f"{what} {kind} {by or '-'} {text.name}: {around(text, places)}")
    for (what, kind, by), n in sorted(Counter(each[:3] for each in seen).items()):
        print(f"{n:5} {what} {kind} {by}")


def wrong(scored: Scored) -> Iterator[tuple[str, str, str, Transcript, frozenset[int]]]:
    """What, kind, detector, transcript, words: mentions not wholly found, finds that no mention touches."""
    for text, hits in scored:
        for truth in text.truths:
            if not truth.places <= found(hits):
                yield "MISS", truth.kind, "", text, truth.places - found(hits)
        marked = frozenset().union(*(truth.places for truth in text.truths))
        for hit in hits:
            if not hit.places & marked:
                yield "FALSE", hit.kind, hit.detector, text, hit.places


def around(text: Transcript, places: frozenset[int]) -> str:
    """The words in brackets, and some on either side."""
    shown = range(max(0, min(places) - AROUND), min(len(text.bounds), max(places) + 1 + AROUND))
    return " ".join(f"[{text.said([n])}]" if n in places else text.said([n]) for n in shown)
