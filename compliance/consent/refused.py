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
BREATH_MS = 1_200
"""A longer pause ends what was said."""


def said(sentence: Sentence, act: Act) -> Iterator[ChannelSpan]:
    """Where an objection, an opt-out or a stop is said: to the end of its sentence.

    None of them keeps anything from being cut, so that they may reach further than a notice.
    """
    found = weighed(sentence, act)
    if found is not None and found.sums[act] > LIKELY[act]:
        first = max(sentence.clause_of(found.place), found.place - BEFORE, _breath(sentence, found.place))
        yield sentence.span(first, len(sentence.tokens) - 1)


def _breath(sentence: Sentence, place: int) -> int:
    """The first word since the last long pause: what was said before it, and answered, is another thing.

    Recognisers leave out full stops, and a sentence may run on over several turns.
    """
    words = sentence.tokens
    while place > 0 and words[place].start_ms - words[place - 1].end_ms <= BREATH_MS:
        place -= 1
    return place
