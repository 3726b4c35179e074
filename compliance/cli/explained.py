"""A conversation with its findings marked, and why each is one, for a terminal."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from compliance.cli.summary import BAD, DIM, safe
from compliance.records import Action, Role
from compliance.redact.text import clock
from compliance.redact.texts.hits import LABEL, Hit
from compliance.redact.texts.said import Utterance
from compliance.redact.texts.scan import Scanned

OPEN, SHUT = "‹", "›"
STYLES = {
    Action.CUT: "bold red",
    Action.REVIEW: BAD,
    Action.KEEP_LAST_FOUR: "bold magenta",
    Action.KEEP_FIRST_THREE: "bold magenta",
    Action.KEEP: "green",
}


def explained(each: Scanned) -> Group:
    """One utterance under its speaker, its findings in brackets and colour, and a line for each beneath."""
    shown = [hit for hit in each.hits if hit.detector != LABEL]
    parts: list[RenderableType] = [_head(each.said).append_text(_marked(each.said, shown))]
    parts += [Padding(_note(n, hit), (0, 0, 0, 4), expand=False) for n, hit in enumerate(each.hits, 1)]
    return Group(*parts)


def _head(said: Utterance) -> Text:
    """When and by whom it is said."""
    name = said.role.capitalize() if said.role is not Role.UNKNOWN else f"Speaker {said.channel + 1}"
    start_ms = said.words[0].start_ms if said.words else None
    time = "" if start_ms is None else f"[{clock(start_ms)[:8]}] "
    return safe(time, DIM).append_text(safe(f"{name}: ", "bold"))


def _note(n: int, hit: Hit) -> Text:
    """Number, kind, action, and the rule that led to it."""
    kind = safe(f"{n}  {hit.entity} {hit.action}", STYLES[hit.action])
    return kind.append_text(safe(f"  {hit.score:.2f} {hit.detector}: {hit.why}", DIM))


def _marked(said: Utterance, hits: list[Hit]) -> Text:
    """The words, each finding in brackets with its number."""
    text = " ".join(word.text for word in said.words)
    out, at, inside = Text(overflow="fold"), 0, list[Action]()
    for place, is_start, n, action in sorted(_edges(said, hits)):
        out.append_text(safe(text[at:place], STYLES[inside[-1]] if inside else ""))
        at = place
        if is_start:
            inside.append(action)
            out.append_text(safe(OPEN, STYLES[action]))
        else:
            inside.remove(action)
            out.append_text(safe(f"{SHUT}{n}", STYLES[action]))
    return out.append_text(safe(text[at:]))


def _edges(said: Utterance, hits: list[Hit]) -> Iterator[tuple[int, bool, int, Action]]:
    """Where each finding begins and ends in the words joined by spaces."""
    starts = [word.start for word in said.words]
    places, at = [], 0
    for word in said.words:
        places.append(at)
        at += len(word.text) + 1
    for n, hit in enumerate(hits, 1):
        for offset, is_start in ((hit.start, True), (hit.end - 1, False)):
            w = max(0, bisect_right(starts, offset) - 1)
            place = places[w] + min(offset - starts[w], len(said.words[w].text) - 1)
            yield place + (not is_start), is_start, n, hit.action
