"""What the caller does not want: to be recorded, to be called again; and that the agent stopped recording."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.consent.clues import Act
from compliance.consent.sentences import Sentence
from compliance.consent.weigher import weighed
from compliance.records import ChannelSpan

LIKELY = {Act.OBJECTION: 0.5, Act.OPT_OUT: 1.0, Act.STOPPED: 0.5}
"""Each is taken from this sum of its clues on."""
BEFORE = 12
"""So many words of the clause before the telling one may belong to it; all after it do, with the ground."""


def said(sentence: Sentence, act: Act) -> Iterator[ChannelSpan]:
    """Where an objection, an opt-out or a stop is said: to the end of its sentence.

    None of them keeps anything from being cut, so that they may reach further than a notice.
    """
    found = weighed(sentence, act)
    if found is not None and found.sums[act] > LIKELY[act]:
        first = max(sentence.clause_of(found.place), found.place - BEFORE)
        yield sentence.span(first, len(sentence.tokens) - 1)
