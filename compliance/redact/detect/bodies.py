"""Injuries and pains told by the part of the body: "tore my rotator cuff", "knee pain", "numb in my hand".

What a person owns ("my", "her") is a body's without more; the arm of a chair is
not, so the others count only in a call that speaks of health.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from compliance.redact.detect.health import plurals
from compliance.redact.speech.tokens import Token
from compliance.redact.words import named, phrases

LONGEST_BREAK = 3
"""Words that may stand between a person and what is broken: "she has a broken leg"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Tokens that tell of a body, by index."""

    first: int
    last: int
    is_sure: bool
    """Whether it does so without any context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """What is told of bodies in a conversation."""

    stretches: dict[int, Stretch]
    """By the first token; the longest of those that need no context, else of the others."""
    places: dict[int, int]
    """Where a part of somebody's body is named as a place ("in my left hand"): first token to last."""


def bodies(read: Sequence[Token], said: Sequence[str]) -> Bodies:
    """Everything told of bodies, channel by channel, so that "mm-hm" interrupts nothing."""
    stretches: dict[int, Stretch] = {}
    places: dict[int, int] = {}
    for channel in {token.channel for token in read}:
        line = _Line([i for i, token in enumerate(read) if token.channel == channel], read, said)
        places |= dict(line.matches(_place()))
        for is_sure, patterns in ((False, _likely()), (True, _sure())):
            for first, last in (each for pattern in patterns for each in line.matches(pattern)):
                known = stretches.get(first)
                if known is None or known.is_sure < is_sure or known.last < last:
                    stretches[first] = Stretch(first=first, last=last, is_sure=is_sure)
    return Bodies(stretches=stretches, places=places)


class _Line:
    """The words of one channel as a text in which a match can be led back to its tokens."""

    def __init__(self, places: list[int], read: Sequence[Token], said: Sequence[str]) -> None:
        """A full stop stands between two sentences, since nothing reaches from one into the next."""
        self._places, self._starts, pieces, at = places, [], [], 0
        for i in places:
            piece = (said[i] or "_") + (" ." if read[i].ends_sentence else "")
            self._starts.append(at)
            pieces.append(piece)
            at += len(piece) + 1
        self._text = " ".join(pieces)

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        """First and last token of each match of the pattern's group."""
        for match in pattern.finditer(self._text):
            yield self._token(match.start(1)), self._token(match.end(1) - 1)

    def _token(self, at: int) -> int:
        return self._places[bisect_right(self._starts, at) - 1]


def _any(listed: Iterable[str]) -> str:
    """One of some phrases; the longest first, since the first that fits is taken."""
    return "(?:" + "|".join(re.escape(each) for each in sorted(listed, key=lambda p: (-len(p), p))) + ")"


_SETS = ("injures", "injured", "felt", "at", "links", "ails", "taken", "lost_parts")


@cache
def _names() -> dict[str, str]:
    """The pieces of the patterns, by their names in them."""
    parts = {form for phrase in phrases("body_parts") for form in plurals(phrase)}
    doubtful = named("medical.doubtful_parts")
    owners = [f"{person}'s" for person in named("medical.persons") if "'" not in person]
    ends = rf"(?! {_any(named('medical.no_body'))}\b)(?! on (?:the|it|this|that)\b)(?!\S)"
    return {name: _any(named(f"medical.{name}")) for name in _SETS} | {
        "clear": _any(parts - doubtful) + ends,
        "doubtful": _any(doubtful) + ends,
        "part": _any(parts | doubtful) + ends,
        "owned": _any(parts | doubtful) + r"(?:'s)?",
        "whose": _any([*named("medical.whose"), *owners]),
        "persons": _any(named("medical.persons")),
        "gives_way": "(?:(?:gave|gives|giving|went|goes) out|act(?:s|ed|ing) up)",
        "sides": f"(?:{_any(named('medical.sides'))} ){{0,2}}",
        "ailing": _any(named("medical.ailments")),
        "failing": _any(named("medical.ailments") | named("medical.failings")),
    }


def _compiled(*templates: str) -> tuple[re.Pattern[str], ...]:
    """Patterns of whole words, with the pieces put in."""
    return tuple(re.compile(r"(?<!\S)" + each.format_map(_names()) + r"(?!\S)") for each in templates)


@cache
def _sure() -> tuple[re.Pattern[str], ...]:
    """What tells of a body by itself."""
    between = f"(?: [^ .]+){{{{0,{LONGEST_BREAK}}}}}?"
    return _compiled(
        "({injures}(?: out| up| off| open)? {whose} {sides}{part}(?: out| up| off| open)?)",
        "({injures}(?: (?:a|an|one|two) {sides}{clear}| both {part}))",
        "(lost {whose} {sides}{lost_parts})",
        "({whose} {sides}{clear} (?:taken out|{taken}))",
        "({sides}(?:{clear} {failing}|{doubtful} {ailing}))",
        "({felt} {at} (?:{whose} {sides}{part}|both {clear}))",
        "({whose} {sides}{owned}(?: {links}){{0,3}} (?:{ails}(?: me)?|{gives_way}))",
        "({injured} {sides}{clear})",
        "(?:{persons}|{whose})" + between + " ({injured} {sides}{doubtful})",
    )


@cache
def _likely() -> tuple[re.Pattern[str], ...]:
    """What tells of a body in a call that speaks of health."""
    return _compiled(
        "({injures} (?:the|a|an|both|one) {sides}{part})",
        "({felt} {at} (?:the|both|one) {sides}{part})",
        "({injured} {sides}{part})",
        "((?:the|both) {sides}{owned}(?: {links}){{0,3}} {ails})",
        "({sides}{doubtful} {failing})",
    )


@cache
def _place() -> re.Pattern[str]:
    """A part of somebody's body as a place."""
    return _compiled("({at} (?:{whose}|the|both) {sides}{part})")[0]
