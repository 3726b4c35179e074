"""The tenant's own wordings, recognised though a recogniser has misheard some of it; the edge to rapidfuzz.

Compared letter by letter and not word by word: what is misheard is mostly spelt alike ("tied
water"), and joined or torn words stay near each other.  The work is bounded: texts are
searched piece by piece, and each script is found a few times at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz import fuzz

from compliance.consent.law import Script
from compliance.consent.sentences import Sentence, plain
from compliance.records import ChannelSpan, Role

ALIKE = 80
"""Of a hundred: how much of the letters must agree, in order."""
SHORT, ALIKE_IF_SHORT = 30, 90
"""A script of fewer letters must agree so much."""
MOST = 20
"""So many times a script is looked for in a channel."""
PIECE = 300
"""So many words are searched at once; pieces overlap by twice the script."""
SHORTEST = 12
"""A script of fewer letters is like too much else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """A script that was said: which, where, and by whom."""

    script: Script
    span: ChannelSpan
    role: Role


def scripted(said: Sequence[Sentence], scripts: Sequence[Script]) -> Iterator[Scripted]:
    """Every time one of the scripts is said, over sentences as they come, channel by channel."""
    if not scripts:
        return
    ordered = sorted(said, key=lambda each: (each.channel, each.start_ms))
    for channel, group in groupby(ordered, key=lambda each: each.channel):
        listed = list(group)
        tokens = [token for each in listed for token in each.tokens]
        for script in scripts:
            for first, last in _places(plain(script.text), [token.text for token in tokens]):
                span = ChannelSpan(
                    channel=channel, start_ms=tokens[first].start_ms, end_ms=tokens[last].end_ms
                )
                yield Scripted(script=script, span=span, role=listed[0].role)


def _places(wanted: str, have: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and last token of each time a text is said."""
    if len(wanted) < SHORTEST:
        return
    start, found, reach = 0, 0, 2 * len(wanted.split())
    while start < len(have) and found < MOST:
        piece = list(have[start : start + PIECE + reach])
        place = _place(wanted, piece)
        if place is not None:
            found += 1
            yield start + place[0], start + place[1]
            start += place[1] + 1
        else:
            start += PIECE


def _place(wanted: str, piece: Sequence[str]) -> tuple[int, int] | None:
    """Where a text is said among words, if most of its letters are there in order."""
    text = " ".join(piece)
    alike = ALIKE_IF_SHORT if len(wanted) < SHORT else ALIKE
    if len(text) * 100 < len(wanted) * alike:
        return None
    found = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=alike)
    if found is None or found.dest_end <= found.dest_start:
        return None
    first = text.count(" ", 0, found.dest_start + 1)
    last = text.count(" ", 0, found.dest_end - 1)
    return first, max(first, last)
