"""The timeline of a redacted recording as SVG: what was heard, what was cut, and where notice was given.

The same manifest and sound give the same bytes.  Inside cuts it shows the
original's loudness, whose rhythm can give digits away: draw no real call with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from compliance.redact.media import envelope
from compliance.redact.tone import Float

WIDTH, LEFT, RIGHT = 1200, 96, 28
PLOT = WIDTH - LEFT - RIGHT
TOP, LANE, GAP, ROW = 74, 104, 26, 19
STEP = 3.2
"""Pixels from one bar to the next."""
LETTER = 6.1
"""Pixels a letter of a label takes, about."""
TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)
LABELS = {"notice": "notice of recording", "ai_disclosure": "“I'm an AI”", "consent": "consent"}

# Each rule for light and for dark; no CSS variables, which not every viewer of SVG knows.
_COLOURS = {
    ".bg": ("fill", "#ffffff", "#0d1117"),
    ".edge": ("stroke", "#d8dee4", "#30363d"),
    ".ink": ("fill", "#1f2328", "#e6edf3"),
    ".dim": ("fill", "#59636e", "#9198a1"),
    ".voice0": ("stroke", "#0f766e", "#2dd4bf"),
    ".voice1": ("stroke", "#4f46e5", "#a5b4fc"),
    ".ghost": ("stroke", "#b3bac2", "#656d76"),
    ".tone": ("stroke", "#d1242f", "#ff7b72"),
    ".cut": ("fill", "#d1242f", "#ff7b72"),
    ".told": ("fill", "#1a7f37", "#3fb950"),
    ".lead": ("stroke", "#afb8c1", "#484f58"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of one channel that is shown, and what stands over it."""

    channel: int
    start_ms: int
    end_ms: int
    label: str
    style: str
    """``cut`` or ``told``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A mark's label in its place; row 0 is the nearest to the sound."""

    mark: Mark
    x: float
    row: int


def drawn(manifest: Mapping[str, Any], original: Path, redacted: Path) -> str:
    """The picture of a run, from its manifest, the original and the redacted recording.

    Raises:
        MediaError: one of the files cannot be read.
    """
    buckets = int(PLOT / STEP)
    return svg(manifest, envelope(original, buckets), envelope(redacted, buckets))


def svg(manifest: Mapping[str, Any], before: Float, after: Float) -> str:
    """The picture, from the peaks (channels, buckets) of the original and of the redacted recording."""
    duration_ms = int(manifest["recording"]["duration_ms"])
    roles = [each["role"] for each in manifest["recording"]["channels"]]
    marks = marks_of(manifest, len(roles))
    labels = [list(placed([m for m in marks if m.channel == c], duration_ms)) for c in range(len(roles))]
    rows = [1 + max((each.row for each in lane), default=-1) for lane in labels]
    tops = _tops(rows)
    bottom = tops[-1] + LANE + (rows[-1] * ROW + 8 if len(rows) > 1 else 0)
    height = bottom + 46
    parts = [
        *_head(manifest, height),
        *_axis(duration_ms, tops[0], bottom),
        *chain.from_iterable(
            [
                *_marks([m for m in marks if m.channel == c], tops[c], duration_ms),
                *_wave(c, before[c], after[c], marks, tops[c], duration_ms, float(before.max())),
                _name(roles[c], c, tops[c]),
                *_labels(labels[c], tops[c], duration_ms, is_below=c > 0),
            ]
            for c in range(len(roles))
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def marks_of(manifest: Mapping[str, Any], channels: int) -> list[Mark]:
    """Every cut and every span of notice, one for each channel it lies on."""
    entities = {each["id"]: each["entity"] for each in manifest["findings"]}
    marks = [
        Mark(
            channel=c,
            start_ms=cut["start_ms"],
            end_ms=cut["end_ms"],
            label=_kinds(cut, entities),
            style="cut",
        )
        for cut in manifest["cuts"]
        for c in (range(channels) if cut["channel"] is None else [cut["channel"]])
    ]
    for name, label in LABELS.items():
        spans = (manifest["consent"] or {}).get(name, [])
        marks += [
            Mark(channel=s["channel"], start_ms=s["start_ms"], end_ms=s["end_ms"], label=label, style="told")
            for s in spans
        ]
    return sorted(marks, key=lambda m: (m.channel, m.start_ms, m.label))


def _kinds(cut: Mapping[str, Any], entities: Mapping[str, str]) -> str:
    """What a cut removes, the two kinds it names most often."""
    names = [entities[each] for each in cut["findings"] if each in entities]
    often = sorted(set(names), key=lambda name: (-names.count(name), name))
    words = [each.replace("_", " ").lower() for each in often[:2]]
    return " · ".join(words) + (" …" if len(often) > 2 else "") or str(cut["why"])


def placed(marks: Iterable[Mark], duration_ms: int) -> Iterator[Label]:
    """Each label over its mark, in the nearest row in which it covers no other."""
    ends: list[float] = []
    for mark in sorted(marks, key=lambda m: m.start_ms):
        half = len(mark.label) * LETTER / 2
        x = min(max(_x((mark.start_ms + mark.end_ms) / 2, duration_ms), LEFT + half), WIDTH - RIGHT - half)
        row = next((n for n, end in enumerate(ends) if end + 12 < x - half), len(ends))
        ends[row : row + 1] = [x + half]
        yield Label(mark=mark, x=x, row=row)


def _tops(rows: Sequence[int]) -> list[int]:
    """Where each lane begins: labels of the first stand above it, those of others below them."""
    first = TOP + rows[0] * ROW + 8
    below = [row * ROW + 8 for row in rows[1:-1]]
    tops = [first]
    for extra in [0, *below][: len(rows) - 1]:
        tops.append(tops[-1] + LANE + GAP + extra)
    return tops


def _x(ms: float, duration_ms: int) -> float:
    return LEFT + PLOT * ms / duration_ms


def _head(manifest: Mapping[str, Any], height: int) -> Iterator[str]:
    """Frame, styles, title and legend."""
    duration_ms, cuts = manifest["recording"]["duration_ms"], manifest["cuts"]
    cut_s = sum(each["end_ms"] - each["start_ms"] for each in cuts) / 1000
    outcome = (manifest["consent"] or {}).get("outcome", "not judged")
    facts = f"{duration_ms / 1000:.0f} s · {len(cuts)} cuts, {cut_s:.1f} s · consent {outcome}"
    title = f"{facts} · {manifest['release']['decision']}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">'
    )
    yield f"<title>Timeline of a redacted call: {escape(title)}</title>"
    yield f"<style>{_styles()}</style>"
    yield f'<rect class="bg edge" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10"/>'
    yield f'<text class="ink" x="24" y="36" font-size="17" font-weight="600">{escape(title)}</text>'
    yield from _legend()


def _styles() -> str:
    """The rules, for light and for dark."""
    fixed = (
        ".bg{stroke-width:1}.lead,.grid{stroke-width:1}.ghost,.voice0,.voice1,.tone"
        "{fill:none;stroke-width:2;stroke-linecap:round}.band{opacity:.13}.grid{stroke-dasharray:2 4}"
    )
    return fixed + themed(_COLOURS)


def themed(colours: Mapping[str, tuple[str, str, str]]) -> str:
    """Rules of a selector, a property, and its value by day and by night."""
    light = "".join(f"{name}{{{what}:{day}}}" for name, (what, day, _) in colours.items())
    dark = "".join(f"{name}{{{what}:{night}}}" for name, (what, _, night) in colours.items())
    return f"{light}@media(prefers-color-scheme:dark){{{dark}}}"


def _legend() -> Iterator[str]:
    x = WIDTH - RIGHT
    words = {"told": "notice, never cut", "cut": "replaced by a tone", "ghost": "what was there"}
    for style, text in words.items():
        x -= int(len(text) * 6.6)
        yield f'<text class="dim" x="{x}" y="36" font-size="12.5">{text}</text>'
        if style == "ghost":
            yield f'<path class="ghost" d="M{x - 15} 27V36M{x - 11} 29V34M{x - 7} 28V35"/>'
        else:
            yield f'<rect class="{style}" x="{x - 17}" y="26" width="11" height="11" rx="3"/>'
        x -= 38


def _axis(duration_ms: int, top: int, bottom: int) -> Iterator[str]:
    """Ticks at round times, with their lines."""
    step = next((each for each in TICKS_S if duration_ms / 1000 / each <= 12), TICKS_S[-1])
    for second in range(0, duration_ms // 1000 + 1, step):
        x = _x(second * 1000, duration_ms)
        yield f'<path class="lead grid" d="M{x:.1f} {top - 4}V{bottom + 10}"/>'
        clock = f"{second // 60}:{second % 60:02}"
        yield _text("dim", x, bottom + 28, clock)


def _marks(marks: Iterable[Mark], top: int, duration_ms: int) -> Iterator[str]:
    """The bands behind the sound."""
    for mark in marks:
        x, end = _x(mark.start_ms, duration_ms), _x(mark.end_ms, duration_ms)
        place = f'x="{x:.1f}" y="{top}" width="{end - x:.1f}" height="{LANE}"'
        yield f'<rect class="{mark.style} band" {place} rx="4"/>'


def _wave(
    channel: int, before: Float, after: Float, marks: Sequence[Mark], top: int, duration_ms: int, most: float
) -> Iterator[str]:
    """Bars: the redacted sound, and behind the tone what was there."""
    cuts = [m for m in marks if m.channel == channel and m.style == "cut"]
    drawn: dict[str, list[str]] = {"ghost": [], f"voice{channel % 2}": [], "tone": []}
    for n, (was, now) in enumerate(zip(before, after, strict=True)):
        x = LEFT + STEP * (n + 0.5)
        ms = (x - LEFT) * duration_ms / PLOT
        is_cut = any(m.start_ms <= ms < m.end_ms for m in cuts)
        if is_cut:
            drawn["ghost"].append(_bar(x, float(was) / most, top))
        drawn["tone" if is_cut else f"voice{channel % 2}"].append(_bar(x, float(now) / most, top))
    for style, bars in drawn.items():
        if bars:
            yield f'<path class="{style}" d="{"".join(bars)}"/>'


def _bar(x: float, level: float, top: int) -> str:
    """One bar, as high as the sound is loud; the root keeps quiet speech visible."""
    half = max(0.4, min(1.0, level) ** 0.7 * (LANE / 2 - 6))
    middle = top + LANE / 2
    return f"M{x:.1f} {middle - half:.1f}V{middle + half:.1f}"


def _name(role: str, channel: int, top: int) -> str:
    """Who speaks in a lane."""
    name = role if role != "unknown" else f"channel {channel + 1}"
    middle = top + LANE / 2 + 5
    return f'<text class="ink" x="24" y="{middle:.0f}" font-size="14" font-weight="600">{escape(name)}</text>'


def _labels(labels: Iterable[Label], top: int, duration_ms: int, *, is_below: bool) -> Iterator[str]:
    """What stands over, or under, each mark, with a line that leads to it."""
    for each in labels:
        anchor = _x((each.mark.start_ms + each.mark.end_ms) / 2, duration_ms)
        edge = top + LANE if is_below else top
        y = edge + 18 + each.row * ROW if is_below else edge - 10 - each.row * ROW
        near = y - 11 if is_below else y + 4
        yield f'<path class="lead" d="M{anchor:.1f} {edge}V{near}"/>'
        yield _text(each.mark.style, each.x, y, each.mark.label)


def _text(style: str, x: float, y: float, text: str) -> str:
    """Small text, its middle at x."""
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y}" font-size="12" text-anchor="middle">{escape(text)}</text>'
    )
