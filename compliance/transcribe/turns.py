"""Words of every channel to turns in time order: the conversation."""

from __future__ import annotations

from collections.abc import Iterable

from compliance.records import Turn, Word

LONGEST_GAP_MS = 1_200
"""A speaker who pauses longer than this begins a new turn."""


def turns(words: Iterable[Word]) -> tuple[Turn, ...]:
    """Consecutive words of one channel, joined until they pause or the other speaks.

    Word times run early after a pause, so a word is ordered by its middle: its
    end is where it was said.
    """
    out: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each.start_ms + each.end_ms, each.channel)):
        last = out[-1] if out else None
        if last and last[-1].channel == word.channel and word.start_ms - last[-1].end_ms <= LONGEST_GAP_MS:
            last.append(word)
        else:
            out.append([word])
    return tuple(Turn(channel=each[0].channel, words=tuple(each)) for each in out)
