"""The tables of what was found in text, ours beside stock Presidio's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.coverage import Scored, Wanted, found, precision, recall
from benchmarks.kinds import Tally, by_kind, whatever_kind
from benchmarks.report import reached, share, table
from benchmarks.wanted import names, of_kind, people_but_the_agent, private_numbers

OURS, STOCK = "ours", "stock Presidio"
SURE = 0.4
"""Stock finds under this score are left out of its second column, as its makers do when they evaluate it."""
ASKED: Sequence[tuple[str, str, Wanted, float | None]] = (
    ("vcon-transcripts", "people but the agent", people_but_the_agent, 0.95),
    ("vcon-transcripts", "people", of_kind("PERSON"), None),
    ("vcon-transcripts", "telephone", of_kind("PHONE_NUMBER"), 0.98),
    ("vcon-transcripts", "e-mail", of_kind("EMAIL_ADDRESS"), 0.98),
    ("sgd-dialogues", "people, names only", names, 0.95),
    ("sgd-dialogues", "people, as labelled", of_kind("PERSON"), None),
    ("sgd-dialogues", "telephone but toll-free", private_numbers, 0.98),
    ("sgd-dialogues", "telephone", of_kind("PHONE_NUMBER"), None),
    ("sgd-dialogues", "street addresses", of_kind("STREET_ADDRESS"), None),
    ("sgd-dialogues", "cities and places", of_kind("LOCATION"), None),
)
"""Corpus, name of the row, mentions, and the least share that must be found whole."""
LEAST_PRECISION = 0.85

By = Mapping[str, Scored]
"""Scored transcripts by who found."""


def numbers(scored: By) -> str:
    """Lines with a number that is to go, and lines with one that is not."""
    rows = [[who, *_number_cells(each)] for who, each in scored.items()]
    return table(["`spoken-numbers`", "numbers whole", "harmless lines hit"], rows)


def _number_cells(scored: Scored) -> list[str]:
    """Of the lines with a number, those covered; of the others, those hit."""
    positive = [truth.places <= found(hits) for text, hits in scored for truth in text.truths]
    negative = [bool(hits) for text, hits in scored if not text.truths]
    return [f"{sum(positive)} of {len(positive)}", f"{sum(negative)} of {len(negative)}"]


def mentions(scored: Mapping[str, By]) -> str:
    """Mentions by corpus and kind: whole, in part, and in words; ours and stock's."""
    rows = [list(_mention_cells(*asked, scored[asked[0]])) for asked in ASKED]
    header = [
        "mentions found",
        "there are",
        "ours: whole",
        "at least in part",
        "words",
        "stock: whole",
        "target",
    ]
    return table(header, rows)


def _mention_cells(corpus: str, name: str, wanted: Wanted, least: float | None, by: By) -> Iterator[str]:
    """One row of the mentions."""
    mine, theirs = recall(by[OURS], wanted), recall(by[STOCK], wanted)
    yield f"`{corpus}`: {name}"
    yield str(mine.mentions)
    yield share(mine.whole, mine.mentions)
    yield share(mine.touched, mine.mentions)
    yield share(mine.covered, mine.words)
    yield share(theirs.whole, theirs.mentions)
    yield "" if least is None else f"{least:.0%}, {reached(mine.whole / max(1, mine.mentions), least)}"


def precise(scored: By) -> str:
    """Of the words found, those that a label touches."""
    rows = []
    for who in (OURS, STOCK):
        counts = [precision(scored[who]), precision(scored[who], {"PERSON"})]
        rows.append([who, *(f"{right} of {every} ({share(right, every)})" for right, every in counts)])
    right, every = precision(scored[OURS])
    told = f"Target, at least {LEAST_PRECISION:.0%} of any kind: {reached(right / every, LEAST_PRECISION)}."
    return table(["`vcon-transcripts`: words found", "of any kind", "as people"], rows) + "\n\n" + told


def written(scored: By) -> str:
    """F2 by kind, over all of them, and with the names of kinds aside."""
    surer = [(text, [hit for hit in hits if hit.score >= SURE]) for text, hits in scored[STOCK]]
    three = (scored[OURS], scored[STOCK], surer)
    tallies = [by_kind(each) for each in three]
    rows = [_kind_row(kind, [each.get(kind, Tally()) for each in tallies]) for kind in sorted(tallies[0])]
    rows.append(_kind_row("**all**", [sum(each.values(), start=Tally()) for each in tallies]))
    rows.append(_kind_row("**all, whatever called**", [whatever_kind(each) for each in three]))
    header = ["`presidio-synth`", "words", "ours: F2", "precision", "recall", "stock: F2"]
    return table([*header, f"from {SURE}: F2", "not below"], rows)


def _kind_row(kind: str, tallies: Sequence[Tally]) -> list[str]:
    """Ours, stock, and stock's surer finds; ours must not be below either."""
    mine, *theirs = tallies
    figures = [mine.f2, mine.precision, mine.recall, *(each.f2 for each in theirs)]
    shown = (f"{figure:.3f}" for figure in figures)
    return [kind, str(mine.hit + mine.missed), *shown, reached(mine.f2, max(each.f2 for each in theirs))]
