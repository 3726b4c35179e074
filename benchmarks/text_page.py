"""The page of the text benchmarks: tables of what was found, how fast, and in how little memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchmarks.coverage import Scored, Tally, Wanted, by_kind, found, precision, recall, whatever_kind
from benchmarks.report import share, table, verdict
from benchmarks.wanted import names, of_kind, people_but_the_agent, private_numbers

if TYPE_CHECKING:
    from benchmarks.text import Run

OURS, STOCK, RULES = "ours", "stock Presidio", "our rules alone"
SURE = 0.4
"""Stock finds under this score are left out of its second column, as its makers do when they evaluate it."""
ASKED: Sequence[tuple[str, str, Wanted, float | None]] = (
    ("vcon-transcripts", "people but the agent", people_but_the_agent, 0.95),
    ("vcon-transcripts", "people", of_kind("PERSON"), None),
    ("vcon-transcripts", "telephone", of_kind("PHONE_NUMBER"), 0.98),
    ("vcon-transcripts", "e-mail", of_kind("EMAIL_ADDRESS"), 0.98),
    ("sgd-dialogues", "people, name words", names, 0.95),
    ("sgd-dialogues", "people, as labelled", of_kind("PERSON"), None),
    ("sgd-dialogues", "telephone but toll-free", private_numbers, 0.98),
    ("sgd-dialogues", "telephone", of_kind("PHONE_NUMBER"), None),
    ("sgd-dialogues", "street addresses", of_kind("STREET_ADDRESS"), None),
    ("sgd-dialogues", "cities and places", of_kind("LOCATION"), None),
)
"""Corpus, name of the row, mentions, and the least share that must be found whole."""
LEAST_PRECISION = 0.85
LEAST_WORDS_A_SECOND = 2_000
MOST_TIMES_STOCK = 4.0
MOST_OF_RECOGNITION = 0.03
MOST_GROWTH_MB = 10
WORDS_SPOKEN_A_SECOND = 2.5
"""150 words a minute, an easy pace of talk."""

Found = Mapping[str, Mapping[str, "Run"]]
"""By corpus and by who found."""


def page(found_by: Found, memory: Mapping[str, Any], whole_page: str) -> str:
    """Every table, in the order of the corpora."""
    scored = {name: {who: run.scored for who, run in runs.items()} for name, runs in found_by.items()}
    return "\n\n".join(
        [
            numbers(scored["spoken-numbers"]),
            mentions(scored),
            precise(scored["vcon-transcripts"]),
            written(scored["presidio-synth"]),
            speed([found_by["vcon-transcripts"], found_by["sgd-dialogues"]], recognition_rtf(whole_page)),
            grown(memory),
        ]
    )


def numbers(scored: Mapping[str, Scored]) -> str:
    """Lines with a number that is to go, and lines with one that is not."""
    rows = [[who, *number_cells(each)] for who, each in scored.items()]
    return "`spoken-numbers`; target: every number whole, no harmless one:\n\n" + table(
        ["by", "numbers whole", "harmless lines hit"], rows
    )


def number_cells(scored: Scored) -> list[str]:
    """Of the lines with a number, those covered; of the others, those hit."""
    positive = [truth.places <= found(hits) for text, hits in scored for truth in text.truths]
    negative = [bool(hits) for text, hits in scored if not text.truths]
    return [f"{sum(positive)} of {len(positive)}", f"{sum(negative)} of {len(negative)}"]


def mentions(scored: Mapping[str, Mapping[str, Scored]]) -> str:
    """Mentions by corpus and kind: touched, whole, and in words; ours and stock's."""
    rows = []
    for corpus, name, wanted, least in ASKED:
        mine, theirs = (recall(scored[corpus][who], wanted) for who in (OURS, STOCK))
        of = mine.mentions
        reached = "" if least is None else f"≥ {least:.0%}: {_reached(mine.whole / max(1, of), least)}"
        cells = [share(mine.whole, of), share(mine.touched, of), share(mine.covered, mine.words)]
        rows.append([f"`{corpus}`: {name}", str(of), *cells, share(theirs.whole, of), reached])
    header = ["mentions", "there are", "ours: whole", "in part or whole", "words", "stock: whole", "target"]
    return table(header, rows)


def precise(scored: Mapping[str, Scored]) -> str:
    """Precision where the labels allow to tell."""
    rows = []
    for who in (OURS, STOCK):
        right, every = precision(scored[who])
        people, called = precision(scored[who], {"PERSON"})
        told = [
            f"{right} of {every} ({share(right, every)})",
            f"{people} of {called} ({share(people, called)})",
        ]
        reached = _reached(right / max(1, every), LEAST_PRECISION) if who == OURS else ""
        rows.append([who, *told, reached])
    header = ["`vcon-transcripts`: words found that a label touches", "of any kind", "as people", "≥ 85%"]
    return table(header, rows)


def written(scored: Mapping[str, Scored]) -> str:
    """F2 by kind and over all of them."""
    surer = [(text, [hit for hit in hits if hit.score >= SURE]) for text, hits in scored[STOCK]]
    tallies = [by_kind(each) for each in (scored[OURS], scored[STOCK], surer)]
    rows = [_kind_row(kind, [each.get(kind, Tally()) for each in tallies]) for kind in sorted(tallies[0])]
    total = [sum(each.values(), start=Tally()) for each in tallies]
    rows.append(_kind_row("**all, by kind**", total))
    rows.append(
        _kind_row(
            "**all, whatever called**", [whatever_kind(e) for e in (scored[OURS], scored[STOCK], surer)]
        )
    )
    header = [
        "`presidio-synth`",
        "words",
        "ours: F2",
        "precision",
        "recall",
        "stock: F2",
        f"from {SURE}: F2",
        "ours",
    ]
    return table(header, rows)


def _kind_row(kind: str, tallies: Sequence[Tally]) -> list[str]:
    """Ours, stock, and stock's surer finds; ours must not be below either."""
    mine, *theirs = tallies
    reached = _reached(mine.f2, max(each.f2 for each in theirs))
    figures = [mine.f2, mine.precision, mine.recall, *(each.f2 for each in theirs)]
    return [kind, str(mine.hit + mine.missed), *(f"{figure:.3f}" for figure in figures), reached]


def speed(found_by: Sequence[Mapping[str, Run]], rtf: float) -> str:
    """Words a second, times of stock, and the share of recognition; all from CPU seconds."""
    words = sum(runs[OURS].words for runs in found_by)
    seconds = {who: sum(runs[who].cpu_s for runs in found_by) for who in (RULES, STOCK, OURS)}
    recognition = words / WORDS_SPOKEN_A_SECOND * rtf
    rows = [
        [
            who,
            f"{cpu_s:.1f} s",
            f"{words / cpu_s:,.0f}",
            f"{cpu_s / seconds[STOCK]:.2f}",
            share(cpu_s, recognition),
        ]
        for who, cpu_s in seconds.items()
    ]
    pace = words / seconds[RULES]
    told = [
        f"our rules at least {LEAST_WORDS_A_SECOND:,} words a second: {pace:,.0f}, {_reached(pace, LEAST_WORDS_A_SECOND)}",
        f"ours at most {MOST_TIMES_STOCK:.0f} times stock: {verdict(seconds[OURS] / seconds[STOCK], MOST_TIMES_STOCK)}",
        f"at most {MOST_OF_RECOGNITION:.0%} of recognition (RTF {rtf}, {WORDS_SPOKEN_A_SECOND} words a second):"
        f" {verdict(seconds[OURS] / recognition, MOST_OF_RECOGNITION)}",
    ]
    header = [
        f"both dialogue corpora, {words:,} words",
        "CPU",
        "words a second",
        "of stock",
        "of recognition",
    ]
    return table(header, rows) + "\n\nTargets: " + "; ".join(told) + "."


def recognition_rtf(whole_page: str) -> float:
    """What reading a second of sound costs, by the speed part: the bare recogniser on the longest call.

    Raises:
        ValueError: the page has no such figure; measure the speed part first.
    """
    row = re.search(r"^\| bare: .*RTF ([0-9.]+) \|$", whole_page, flags=re.MULTILINE)
    if row is None:
        raise ValueError("the page has no figure of the bare recogniser; run the speed part first")
    return float(row[1])


def grown(memory: Mapping[str, Any]) -> str:
    """Resident memory by the number of transcripts read."""
    read = {int(n): mb for n, mb in memory["resident_mb"].items()}
    rows = [[f"{n}", f"{mb:.0f} MB"] for n, mb in read.items()]
    growth = read[max(read)] - read[min(n for n in read if n)]
    told = f"Target, growth under {MOST_GROWTH_MB} MB: {growth:.0f} MB, {verdict(growth, MOST_GROWTH_MB)}."
    return table(["transcripts read", "resident"], rows) + "\n\n" + told


def _reached(value: float, least: float) -> str:
    """Whether a figure reaches its target."""
    return verdict(-value, -least)
