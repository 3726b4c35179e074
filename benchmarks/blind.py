"""The blind rounds: calls scored once, as their author left them, before any rule knew of them.

Such a figure can be taken only once, so it is kept as it was measured
(``blind.json``: the counts, the commit, what was new in it); this part puts the
records on the page, with exact intervals.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import share, table, write
from compliance.evaluate.intervals import interval

RECORDS = Path(__file__).with_name("blind.json")
Round = Mapping[str, Any]


def measure(_: Path | None) -> None:
    """Put the recorded rounds on the page."""
    rounds: list[Round] = json.loads(RECORDS.read_text(encoding="utf-8"))
    write("blind", "\n\n".join(tables(rounds)), has_data=False)


def tables(rounds: list[Round]) -> Iterator[str]:
    """A line for each round, then what leaked by label."""
    header = [
        "round: calls of",
        "commit",
        "leaked words",
        "calls leaking",
        "open cards",
        "over-cut",
        "harmless cut",
    ]
    yield table(header, [_row(each) for each in rounds])
    yield "Leaked words by label:"
    yield table(["round", "label and words"], [[str(each["round"]), _labels(each)] for each in rounds])


def _row(each: Round) -> list[str]:
    """One round's figures."""
    low, high = interval(each["leaked"], each["words"])
    leaked = (
        f"{each['leaked']} of {each['words']} ({share(each['leaked'], each['words'])}; {low:.1%}-{high:.1%})"
    )
    return [
        f"{each['round']}: {each['about']}; {each['state']}",
        f"`{each['commit']}`",
        leaked,
        f"{each['calls_leaking']} of {each['calls']}",
        f"{each['open_cards']} of {each['cards']}",
        f"{each['over_s']:.1f} s ({each['over_percent']:.1f} %)",
        f"{each['harmless_cut']} of {each['harmless']} ({share(each['harmless_cut'], each['harmless'])})",
    ]


def _labels(each: Round) -> str:
    """What leaked, most first."""
    listed = sorted(each["leaked_by_label"].items(), key=lambda pair: (-pair[1], pair[0]))
    return " ".join(f"{label} {count}" for label, count in listed) or "none"
