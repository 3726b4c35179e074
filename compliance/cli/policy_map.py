"""The states and territories of the United States as tiles, coloured by rule, as SVG.

Each tile also says its rule in words, and what is less than verified is hatched, so
that nothing hangs on colour: blue and orange are told apart by the colour-blind, and
the shades differ in grey.  The same rules and day give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from xml.sax.saxutils import escape

from compliance.cli.picture import themed
from compliance.consent.law import Confidence, Kind, Law, Rule

TILE, GAP, EDGE, TOP = 70, 5, 28, 96
COLUMNS, ROWS = 11, 8
WIDTH = 2 * EDGE + COLUMNS * (TILE + GAP) - GAP
BELOW = TOP + ROWS * (TILE + GAP) + 14
HEIGHT = BELOW + 104
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"

_GRID = """
AK .  .  .  .  .  .  .  .  .  ME
.  .  .  .  .  .  .  .  .  VT NH
WA ID MT ND MN IL WI MI NY RI MA
OR NV WY SD IA IN OH PA NJ CT .
CA UT CO NE MO KY WV VA MD DE .
.  AZ NM KS AR TN NC SC DC .  .
GU .  .  OK LA MS AL GA .  .  PR
HI .  .  TX .  .  .  .  FL .  VI
"""
"""Neighbours lie together as far as squares allow; islands stand apart."""
_FILLS = {
    "one-party": "#dceaf7",
    "mixed, treated as one-party": "#f2ba63",
    "mixed, treated as all-party": "#d4813a",
    "all-party": "#0b3a6f",
    "unknown, treated as all-party": "#656d78",
}
_WHITE_INK = frozenset({"all-party", "unknown, treated as all-party"})
_HATCHES = {Confidence.SECONDARY: "summaries", Confidence.MEMORY: "memory"}
_COLOURS = {
    ".bg": ("fill", "#ffffff", "#0d1117"),
    ".edge": ("stroke", "#d8dee4", "#30363d"),
    ".ink": ("fill", "#1f2328", "#e6edf3"),
    ".dim": ("fill", "#59636e", "#9198a1"),
}
_DARK, _LIGHT = "#1f2328", "#ffffff"


def svg(law: Law, day: date) -> str:
    """The map of the rules in force on a day."""
    rules = {code: law.rule(f"US-{code}", day) for row in _rows() for code in row if code != "."}
    parts = [*_head(rules, law.rule("US", day), day), *_tiles(rules), *_legend(), "</svg>"]
    return "\n".join(parts) + "\n"


def _rows() -> list[list[str]]:
    return [line.split() for line in _GRID.strip().splitlines()]


def _kind(rule: Rule) -> str:
    """The words of the legend for a rule."""
    if rule.kind.value == rule.applied.value:
        return str(rule.applied)
    kind = Kind.UNKNOWN if rule.kind is Kind.UNKNOWN else Kind.MIXED
    return f"{kind}, treated as {rule.applied}"


def _head(rules: Mapping[str, Rule], federal: Rule, day: date) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="map-title map-desc" font-family="{FONT}">'
    )
    yield f'<title id="map-title">Who must agree to the recording of a call, on {day}</title>'
    yield f'<desc id="map-desc">{escape(_told(rules))}</desc>'
    yield f"<style>.bg{{stroke-width:1}}{themed(_COLOURS)}</style>"
    yield f"<defs>{''.join(_patterns())}</defs>"
    yield f'<rect class="bg edge" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" rx="10"/>'
    yield _text("ink", EDGE, 44, "Who must agree to the recording of a call", 21, weight=650)
    floor = f"Rules in force on {day} · under every state a federal floor: {_kind(federal)}"
    yield _text("dim", EDGE, 68, f"{floor} · not legal advice", 13.5)


def _patterns() -> Iterator[str]:
    """Lines for summaries, crossed ones for memory; dark on light tiles and light on dark ones."""
    for name, path in (("summaries", "M0 4H8"), ("memory", "M0 4H8M4 0V8")):
        for ink in (_DARK, _LIGHT):
            yield (
                f'<pattern id="{_hatch(name, ink)}" width="8" height="8" patternUnits="userSpaceOnUse" '
                f'patternTransform="rotate(45)"><path d="{path}" stroke="{ink}" stroke-width="2"/></pattern>'
            )


def _hatch(name: str, ink: str) -> str:
    return name if ink == _DARK else f"{name}-on-dark"


def _told(rules: Mapping[str, Rule]) -> str:
    """The map in sentences, for those who do not see it."""
    kinds = [(kind, [code for code, rule in rules.items() if _kind(rule) == kind]) for kind in _FILLS]
    weak = [code for code, rule in rules.items() if rule.confidence is not Confidence.VERIFIED]
    sentences = [f"{kind.capitalize()}: {', '.join(sorted(codes))}." for kind, codes in kinds if codes]
    return " ".join([*sentences, *([f"Not verified: {', '.join(sorted(weak))}."] if weak else [])])


def _tiles(rules: Mapping[str, Rule]) -> Iterator[str]:
    for y, row in enumerate(_rows()):
        for x, code in enumerate(row):
            if code != ".":
                place = EDGE + x * (TILE + GAP), TOP + y * (TILE + GAP)
                yield from _tile(code, rules[code], *place)


def _tile(code: str, rule: Rule, x: int, y: int) -> Iterator[str]:
    """One square: letters, rule in words, hatched where it is less than verified."""
    kind = _kind(rule)
    fill, ink = _FILLS[kind], _LIGHT if kind in _WHITE_INK else _DARK
    known = f"{rule.confidence}, checked on {rule.checked_on}" if rule.policy else "no file"
    yield f"<g><title>{escape(f'{rule.name}: {kind}; {rule.statutes[0]}; {known}')}</title>"
    yield _square(fill, x, y, TILE)
    if rule.confidence in _HATCHES:
        yield _square(f"url(#{_hatch(_HATCHES[rule.confidence], ink)})", x, y, TILE)
        yield f'<rect fill="{fill}" x="{x + 4}" y="{y + 9}" width="{TILE - 8}" height="{TILE - 18}" rx="4"/>'
    middle, head, _, treated = x + TILE / 2, *kind.partition(", treated as ")
    yield _ink(ink, middle, y + (31 if treated else 35), code, 19, 650)
    yield _ink(ink, middle, y + (45 if treated else 52), f"{head}:" if treated else head, 11.5)
    if treated:
        yield _ink(ink, middle, y + 58, treated, 11.5)
    yield "</g>"


def _square(fill: str, x: float, y: float, size: float) -> str:
    return f'<rect fill="{fill}" x="{x}" y="{y}" width="{size}" height="{size}" rx="{size / 10:g}"/>'


def _ink(ink: str, x: float, y: float, text: str, size: float, weight: int = 500) -> str:
    return (
        f'<text fill="{ink}" x="{x:g}" y="{y}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="middle">{escape(text)}</text>'
    )


def _legend() -> Iterator[str]:
    """What the colours and the hatching mean, in three columns."""
    plain = ["one-party", "all-party", "unknown, treated as all-party"]
    mixed = [kind for kind in _FILLS if kind.startswith("mixed")]
    known = [("hatched: known from summaries only", "summaries"), ("crossed: nothing was read", "memory")]
    columns = [
        [(kind, _FILLS[kind], "") for kind in plain],
        [(kind, _FILLS[kind], "") for kind in mixed],
        [(words, _LIGHT, hatch) for words, hatch in known],
    ]
    for column, entries in enumerate(columns):
        for row, (words, fill, hatch) in enumerate(entries):
            x, y = EDGE + column * 268, BELOW + row * 28
            yield _square(fill, x, y, 18)
            if hatch:
                yield _square(f"url(#{hatch})", x, y, 18)
            yield f'<rect class="edge" fill="none" x="{x}" y="{y}" width="18" height="18" rx="1.8"/>'
            yield _text("ink", x + 27, y + 14, words, 13)


def _text(style: str, x: float, y: float, text: str, size: float, *, weight: int = 400) -> str:
    return (
        f'<text class="{style}" x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
