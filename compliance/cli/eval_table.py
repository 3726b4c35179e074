"""The figures of an evaluation for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from compliance.cli.summary import BAD, DIM, GOOD, facts, safe
from compliance.evaluate.figures import Figure, figures, recall
from compliance.evaluate.report import Report
from compliance.evaluate.run import Measured, Scored

WIDE = 100
"""Columns of a terminal in which the intervals of two cutters find room."""


def show(report: Report, console: Console | None = None) -> None:
    """Print all of it; where there is no room for intervals they are left to JSON and chart."""
    console = console or Console()
    has_room = len(report.systems) == 1 or console.width >= WIDE
    console.print(summary(report, has_intervals=has_room), highlight=False)


def summary(report: Report, *, has_intervals: bool = True) -> Group:
    """The figures, those of each kind, the calls that leak or are held, and what was measured on."""
    of_all = [figures(system) for system in report.systems]
    by_kind = [recall(system.total) for system in report.systems]
    names = [system.name for system in report.systems]
    parts: list[RenderableType] = [Text(), _headline(report)]
    for heading, found in (("what is left, and lost", of_all), ("words removed, by kind", by_kind)):
        if found[0]:
            parts += [Text(), _table(heading, names, found, has_intervals=has_intervals)]
    rows = [("calls", _calls(report.ours)), ("took", _took(report.systems)), *_gate(report)]
    return Group(*parts, Text(), facts(rows))


def _headline(report: Report) -> Text:
    ours, terms = report.ours, report.terms
    how = "the whole pipeline" if terms.verified else "cuts as planned, not verified"
    calls = f"{len(ours.calls)} call{'' if len(ours.calls) == 1 else 's'}"
    length = f"{ours.duration_ms / 60_000:.1f} min"
    text = safe(report.name, "bold")
    return text.append_text(safe(f" · {calls}, {length} · profile {terms.profile} · {how}", DIM))


def _table(
    heading: str, names: Sequence[str], found: Sequence[Sequence[Figure]], *, has_intervals: bool
) -> Table:
    """A line for each figure; of each cutter the part of the whole, its share, and the interval."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(heading, no_wrap=True, min_width=23)
    for name in names:
        for column in (name, "", *(["95%"] if has_intervals else [])):
            table.add_column(column, justify="right", no_wrap=True)
    named = [{each.name: each for each in one} for one in found]
    for first in found[0]:
        cells = [_cells(each.get(first.name), has_intervals=has_intervals) for each in named]
        if first.whole or first.part:
            table.add_row(first.title, *(cell for each in cells for cell in each))
    return table


def _cells(figure: Figure | None, *, has_intervals: bool) -> list[Text]:
    """Part of whole, share and interval; what is as it should be is green."""
    if figure is None or not (figure.whole or figure.part):
        return [Text("–", style=DIM), Text(), *([Text()] if has_intervals else [])]
    is_well = figure.part == figure.whole if figure.is_good else not figure.part
    style = GOOD if is_well else ""
    low, high = figure.interval or (None, None)
    between = "" if low is None or high is None else f"{low * 100:.1f}–{high * 100:.1f}"
    cells = [Text(counted(figure), style=style), Text(share(figure), style=style)]
    return [*cells, *([Text(between, style=DIM)] if has_intervals else [])]


def share(figure: Figure) -> str:
    """The share in per cent; nothing of nothing."""
    return "" if figure.share is None else f"{figure.share:.1%}"


def counted(figure: Figure) -> str:
    """Part and whole."""
    if figure.is_time:
        whole = f" of {figure.whole / 1000:.1f}" if figure.whole else ""
        return f"{figure.part / 1000:.1f}{whole} s"
    return f"{figure.part} of {figure.whole}"


def _calls(measured: Measured) -> Text:
    """Each call that leaks, or is held."""
    lines = [line for each in measured.calls for line in _call(each)]
    if not lines:
        return Text("none leaks" + (", none is held" if measured.decides else ""), style=GOOD)
    return Text("\n").join(lines)


def _call(scored: Scored) -> Iterator[Text]:
    leaks = ", ".join(f"{label} {n}" for label, n in sorted(scored.score.leaked_by_label.items()) if n)
    if leaks:
        yield safe(f"{scored.id} leaks: ", BAD).append_text(safe(leaks))
    missed = [str(fact) for fact, is_found in scored.facts if not is_found]
    if missed and scored.outcome is not None:
        yield safe(f"{scored.id} facts missed: ", BAD).append_text(safe(", ".join(missed)))
    if scored.reasons:
        yield safe(f"{scored.id} is held: ").append_text(safe(", ".join(scored.reasons), DIM))


def _took(systems: Sequence[Measured]) -> Text:
    rates = [(one, one.seconds * 1000 / max(1, one.duration_ms)) for one in systems]
    return safe(" · ".join(f"{one.name} {one.seconds:.1f} s, {rate:.2f} s a second" for one, rate in rates))


def _gate(report: Report) -> Iterator[tuple[str, Text]]:
    """Each figure that is worse than the recorded one."""
    if report.worse is None:
        return
    if not report.worse:
        yield "golden", Text("kept: no figure is worse than the recorded one", style=GOOD)
        return
    lines = [safe(f"{each.name}: {each.found}, recorded {each.recorded}", BAD) for each in report.worse]
    yield "golden", Text("\n").join(lines)
