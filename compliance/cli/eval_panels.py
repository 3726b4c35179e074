"""What the chart of an evaluation shows: panels of figures that share a scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compliance.evaluate.figures import Figure, by_call, figures, recall
from compliance.evaluate.run import Measured

EDGE, TOP, RIGHT = 32, 118, 620
"""Where the left panel begins, both panels' bars, and the right panel."""
LABEL, PLOT = 160, 236
"""Width of what stands before the bars, and of the bars."""
LETTERS = 21
"""Of a title, which may be the id of a call and long."""
FEWEST = 6
"""Calls for which room is made."""
SCALES = (0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Figures that share a scale: a title, where it stands, and each figure by cutter."""

    title: str
    x: int
    top: int
    scale: float
    rows: Sequence[Sequence[Figure | None]]

    def at(self, share: float) -> float:
        """Where a share lies."""
        return self.x + LABEL + PLOT * min(1.0, share / self.scale)


def losses(systems: Sequence[Measured]) -> Panel:
    """What should be nothing; precision, of which more is better, stands with what was removed."""
    rows = [row for row in _rows([figures(each) for each in systems]) if row[0] and not row[0].is_good]
    tops = [
        figure.interval[1] if figure.interval else figure.share or 0
        for row in rows
        for figure in row
        if figure
    ]
    scale = next(each for each in SCALES if each >= min(1.0, max(tops, default=1.0)))
    return Panel(title="What should be nothing", x=EDGE, top=TOP, scale=scale, rows=rows)


def kinds(systems: Sequence[Measured]) -> Panel:
    rows = _rows([recall(each.total) for each in systems])
    rows += [row for row in _rows([figures(each) for each in systems]) if row[0] and row[0].is_good]
    return Panel(
        title="What should be all: words removed, by kind; time cut in place",
        x=RIGHT,
        top=TOP,
        scale=1,
        rows=rows,
    )


def calls(systems: Sequence[Measured], top: int, bottom: int, step: int) -> Iterator[Panel]:
    """The calls that leak most: as many as there is room for, and a few where there is none."""
    rows = _rows([[_shortened(figure) for figure in by_call(each)] for each in systems])
    worst = sorted(rows, key=lambda row: [-(each.share or 0) for each in row if each])
    leaking = [row for row in worst if any(each and each.part for each in row)]
    if shown := leaking[: max(FEWEST, (bottom - top) // step)]:
        title = "Words leaked, by call" + (", the worst" if len(shown) < len(leaking) else "")
        yield Panel(title=title, x=EDGE, top=top, scale=1, rows=shown)


def _shortened(figure: Figure) -> Figure:
    """The figure with a title that fits: the id of a call may be long."""
    if len(figure.title) <= LETTERS:
        return figure
    return replace(figure, title=f"{figure.title[: LETTERS - 1]}…")


def _rows(found: Sequence[Sequence[Figure]]) -> list[list[Figure | None]]:
    """Each figure with that of the other cutters; one of nothing is left out."""
    named: list[Mapping[str, Figure]] = [{each.name: each for each in one} for one in found]
    return [[each.get(first.name) for each in named] for first in found[0] if first.whole]
