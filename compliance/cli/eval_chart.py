"""The figures of an evaluation as SVG: bars for each cutter, with the interval of each share.

The same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from xml.sax.saxutils import escape

from compliance.cli.eval_panels import EDGE, LABEL, TOP, Panel, calls, kinds, losses
from compliance.cli.eval_table import counted, share
from compliance.cli.picture import themed
from compliance.evaluate.figures import Figure
from compliance.evaluate.report import Report
from compliance.evaluate.run import Measured

WIDTH = 1200
BAR, GAP = 13, 13
"""Height of a bar, and the space between one figure's bars and the next's."""
BELOW = 100
"""From the last bar of a panel to the first of the one below it."""
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"

_COLOURS = {
    ".bg": ("fill", "#ffffff", "#0d1117"),
    ".edge": ("stroke", "#d8dee4", "#30363d"),
    ".ink": ("fill", "#1f2328", "#e6edf3"),
    ".dim": ("fill", "#59636e", "#9198a1"),
    ".one": ("fill", "#0f766e", "#2dd4bf"),
    ".two": ("fill", "#b3bac2", "#656d76"),
    ".range": ("stroke", "#1f2328", "#e6edf3"),
    ".line": ("stroke", "#d8dee4", "#30363d"),
}
_STYLES = ("one", "two")


def svg(report: Report) -> str:
    """The chart: what was left and what was lost on the left, the kinds of speech removed on the right."""
    systems = report.systems
    step = BAR * len(systems) + GAP
    left, right = losses(systems), kinds(systems)
    bottom = TOP + step * max(len(left.rows), len(right.rows))
    panels = [left, right, *calls(systems, TOP + step * len(left.rows) + BELOW, bottom, step)]
    height = max(panel.top + step * len(panel.rows) for panel in panels) + 74
    parts = [
        *_head(report, height),
        *chain.from_iterable(_panel(panel, step) for panel in panels),
        _text("dim", EDGE, height - 22, _note(report), 12),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _head(report: Report, height: int) -> Iterator[str]:
    ours = report.ours
    how = "whole pipeline, verification included" if report.terms.verified else "cuts as planned"
    count = f"{len(ours.calls)} call{'' if len(ours.calls) == 1 else 's'}"
    facts = f"{count} · {ours.total.words} sensitive words · profile {report.terms.profile} · {how}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="{FONT}">'
    )
    yield f"<title>{escape(f'What is left audible of {report.name}: {facts}')}</title>"
    yield f"<style>.bg,.line{{stroke-width:1}}.range{{stroke-width:1.5;fill:none}}{themed(_COLOURS)}</style>"
    yield f'<rect class="bg edge" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>'
    yield _text("ink", EDGE, 42, report.name, 21, weight=650)
    yield _text("dim", EDGE, 65, facts, 13.5)
    yield from _legend(report.systems)


def _legend(systems: Sequence[Measured]) -> Iterator[str]:
    x = WIDTH - EDGE
    for system, style in reversed(list(zip(systems, _STYLES, strict=False))):
        x -= int(len(system.name) * 7.2)
        yield _text("ink", x, 42, system.name, 13.5)
        yield f'<rect class="{style}" x="{x - 19}" y="31" width="12" height="12" rx="3"/>'
        x -= 40


def _panel(panel: Panel, step: int) -> Iterator[str]:
    bottom = panel.top + step * len(panel.rows)
    yield _text("ink", panel.x, panel.top - 18, panel.title, 14, weight=600)
    for n in range(5):
        x = panel.at(panel.scale * n / 4)
        yield f'<path class="line" d="M{x:.1f} {panel.top - 4}V{bottom}"/>'
        share = panel.scale * n / 4
        yield _text("dim", x, bottom + 16, f"{share * 100:g}%", 11, anchor="middle")
    for place, row in enumerate(panel.rows):
        yield from _row(panel, row, panel.top + place * step)


def _row(panel: Panel, row: Sequence[Figure | None], top: int) -> Iterator[str]:
    """One figure's name, and of each cutter a bar, its interval, and the figure itself."""
    title = next(each.title for each in row if each)
    middle = top + (BAR * len(row) + 4) / 2
    yield _text("ink", panel.x + LABEL - 12, middle + 4, title, 12.5, anchor="end")
    for n, figure in enumerate(row):
        if figure is not None and figure.share is not None:
            yield from _bar(panel, figure, top + 3 + n * BAR, _STYLES[n])


def _bar(panel: Panel, figure: Figure, y: float, style: str) -> Iterator[str]:
    start, end, middle = panel.at(0), panel.at(figure.share or 0), y + (BAR - 3) / 2
    place = f'x="{start:.1f}" y="{y}" width="{max(end - start, 1.5):.1f}" height="{BAR - 3}"'
    if figure.part:
        yield f'<rect class="{style}" {place} rx="2"/>'
    if figure.interval:
        low, high = (panel.at(each) for each in figure.interval)
        ends = "".join(f"M{x:.1f} {middle - 3:.1f}v6" for x in (low, high))
        yield f'<path class="range" d="M{low:.1f} {middle:.1f}H{high:.1f}{ends}"/>'
    x, ink = panel.at(panel.scale) + 12, "ink" if style == "one" else "dim"
    yield _text(ink, x + 46, middle + 4, share(figure), 12, anchor="end", weight=600)
    yield _text("dim", x + 54, middle + 4, counted(figure), 11.5)


def _note(report: Report) -> str:
    whiskers = "Lines with ends: exact 95% binomial intervals (Clopper-Pearson), one word as one trial."
    return f"{whiskers} truth.json {report.terms.truth_sha256[:12]}"


def _text(
    style: str, x: float, y: float, text: str, size: float, *, anchor: str = "start", weight: int = 400
) -> str:
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
