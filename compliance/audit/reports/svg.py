"""Charts as SVG inside a page: no scripts, no fonts from elsewhere, readable in print and in grey.

Every bar and point has a title, so that its value can be read without measuring.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import ceil, floor, log10
from typing import Final

from compliance.audit.reports.values import Chart

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 12, 40
COLOURS: Final = ("#1f4e79", "#d08a1d", "#9c2f2f", "#5b8c5a", "#7a6aa8", "#888888", "#30a0a8", "#c0688c")
"""Told apart in grey by their lightness as well, as far as eight can be."""
_LETTER: Final = 7.5
"""Width that a letter of a label needs, with its share of the space between labels."""


def chart(value: Chart) -> str:
    """The chart as an ``svg`` element, with its legend under it."""
    top = _top(value)
    inside = [*_grid(top, value.unit), *_labels(value)]
    inside += _lines(value, top) if value.is_line else _bars(value, top)
    drawn = "".join(inside)
    legend = "".join(
        f'<span class="key"><i style="background:{_colour(n)}"></i>{escape(name)}</span>'
        for n, (name, amounts) in enumerate(value.series.items())
        if any(amounts)
    )
    return (
        f'<figure><figcaption>{escape(value.title)}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{escape(value.title)}">{drawn}</svg>'
        f'<div class="legend">{legend}</div></figure>'
    )


def _colour(n: int) -> str:
    return COLOURS[n % len(COLOURS)]


def _top(value: Chart) -> float:
    """The top of the scale: a round number at or above the highest value."""
    columns = zip(*value.series.values(), strict=True) if value.series else iter(())
    found = [[each or 0.0 for each in column] for column in columns]
    highest = max((max(each) if value.is_line else sum(each) for each in found), default=0)
    if highest <= 0:
        return 1.0
    step = 10 ** floor(log10(highest))
    return next(float(n * step) for n in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if n * step >= highest)


def _y(amount: float, top: float) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - amount / top)


def _slot(value: Chart) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(1, len(value.labels))


def _grid(top: float, unit: str) -> Iterator[str]:
    """Four lines and their values."""
    for n in range(5):
        amount, y = top * n / 4, _y(top * n / 4, top)
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{amount:g}</text>'
    yield f'<text class="unit" x="0" y="{HEIGHT - 4}">{escape(unit)}</text>'


def _labels(value: Chart) -> Iterator[str]:
    """Under the columns; every so many of them where they would touch each other."""
    slot = _slot(value)
    longest = max((len(each) for each in value.labels), default=0)
    step = max(1, ceil(longest * _LETTER / slot))
    for n, label in enumerate(value.labels):
        if n % step == 0:
            half = len(label) * _LETTER / 2
            x = min(_LEFT + slot * (n + 0.5), WIDTH - half)
            yield f'<text x="{x:.1f}" y="{HEIGHT - _BOTTOM + 16}" text-anchor="middle">{escape(label)}</text>'


def _bars(value: Chart, top: float) -> Iterator[str]:
    """One column for each label, its parts on top of each other."""
    slot = _slot(value)
    width = min(48.0, slot * 0.7)
    for n, label in enumerate(value.labels):
        below = 0.0
        for m, (name, amounts) in enumerate(value.series.items()):
            amount = amounts[n] or 0.0
            if amount <= 0:
                continue
            y, foot = _y(below + amount, top), _y(below, top)
            below += amount
            yield (
                f'<rect x="{_LEFT + slot * (n + 0.5) - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" '
                f'height="{foot - y:.1f}" fill="{_colour(m)}">{_title(label, name, amount)}</rect>'
            )


def _lines(value: Chart, top: float) -> Iterator[str]:
    """A point for each value, joined to the one before unless there is none."""
    slot = _slot(value)
    for m, (name, amounts) in enumerate(value.series.items()):
        before: tuple[float, float] | None = None
        for n, amount in enumerate(amounts):
            if amount is None:
                before = None
                continue
            x, y = _LEFT + slot * (n + 0.5), _y(amount, top)
            if before is not None:
                yield (
                    f'<line x1="{before[0]:.1f}" y1="{before[1]:.1f}" x2="{x:.1f}" y2="{y:.1f}" '
                    f'stroke="{_colour(m)}" stroke-width="2"/>'
                )
            title = _title(value.labels[n], name, amount)
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{_colour(m)}">{title}</circle>'
            before = (x, y)


def _title(label: str, name: str, amount: float) -> str:
    return f"<title>{escape(label)}, {escape(name)}: {amount:g}</title>"
