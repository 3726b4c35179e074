"""Notice of recording in a sentence: where it stands, how firm it is, and what must not be taken for one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compliance.consent.clues import Act
from compliance.consent.heard import Force, Notice
from compliance.consent.law import Script, Wording
from compliance.consent.scripts import scripted
from compliance.consent.sentences import Sentence
from compliance.consent.told import (
    AFTER_TONE,
    ASKS,
    ASKS_NOT,
    BODY,
    CLAUSE,
    INVERTED,
    LEAD,
    LINES,
    NOT_AFTER,
    NOT_BEFORE,
    NOT_WITHIN,
    NOTICES,
    PLURAL,
    TAIL,
)
from compliance.consent.weigher import Weighed, weighed

LIKELY = 1.0
"""A notice is taken from this sum of its clues on: what is wrongly heard lets a recording go."""
LONGEST = 16
"""So many words to either side may belong to a notice."""
_NEAR = 80
"""So many characters before and after a match are looked at; a sentence may have no end."""


def scripts(said: Sequence[Sentence], known: Sequence[Script]) -> tuple[Notice, ...]:
    """Where the tenant's own wordings of notice are said."""
    return tuple(
        Notice(
            span=each.span,
            force=Force.IS if each.script.wording is Wording.IS else Force.MAY,
            role=each.role,
        )
        for each in scripted(said, known)
    )


def notices(sentence: Sentence) -> Iterator[Notice]:
    """A notice by its meaning, at most one for a sentence."""
    ruled = by_rule(sentence)
    found = weighed(sentence, Act.NOTICE, ruled)
    # "I have turned the recording off" is the contrary, and has all its words.
    if found is not None and found.sums[Act.NOTICE] > max(LIKELY, found.sums[Act.STOPPED]):
        yield Notice(
            span=sentence.span(*_extent(sentence, found.place, ruled)),
            force=_force(found),
            role=sentence.role,
        )


def by_rule(sentence: Sentence) -> list[range]:
    """The tokens over which a pattern of notice, or of a request, holds."""
    if not sentence.text:
        return []
    asked = (
        match for match in ASKS.finditer(sentence.text) if not ASKS_NOT.search(sentence.text, match.start())
    )
    told = (match for match in NOTICES.finditer(sentence.text) if _counts(match, sentence))
    return [
        range(sentence.index_at(match.start()), sentence.index_at(match.end()) + 1)
        for match in (*asked, *told)
    ]


def _force(found: Weighed) -> Force:
    if found.sums[Act.ASKED] > max(0, found.sums[Act.MAY]):
        return Force.ASKED
    return Force.MAY if found.sums[Act.MAY] > 0 else Force.IS


def _extent(sentence: Sentence, place: int, ruled: Sequence[range]) -> tuple[int, int]:
    """The words of the notice: those the pattern holds over, else those round the one that was weighed.

    Only words of set phrases are taken in: what is protected as notice is never
    cut, so it must not reach over anything else that was said.
    """
    held = next((each for each in ruled if place in each), None)
    if held is None:
        return _grown(sentence, place, place, LEAD | BODY, TAIL | BODY)
    return _grown(sentence, held.start, held.stop - 1, LEAD, TAIL)


def _grown(
    sentence: Sentence, first: int, last: int, lead: frozenset[str], tail: frozenset[str]
) -> tuple[int, int]:
    """Two ends moved outwards over words that belong there."""
    texts = [token.text for token in sentence.tokens]
    least, most = max(0, first - LONGEST), min(len(texts) - 1, last + LONGEST)
    while first > least and texts[first - 1] in lead:
        first -= 1
    while last < most and texts[last + 1] in tail:
        last += 1
    return first, last


def _counts(match: re.Match[str], sentence: Sentence) -> bool:
    """Whether what stands around a match leaves it a notice of this call being recorded."""
    text = sentence.text
    start = max(sentence.clause_at(match.start()), match.start() - _NEAR)
    before, after = text[start : match.start()], text[match.end() : match.end() + _NEAR]
    is_line = match.group().startswith(LINES)
    if INVERTED.search(before) and not is_line:
        return False
    if PLURAL.match(match.group()) and not heads_clause(sentence, sentence.index_at(match.start())):
        return False
    if NOT_WITHIN.search(match.group()) or AFTER_TONE.search(text, 0, match.start()):
        return False
    return not (NOT_BEFORE.search(before) or NOT_AFTER.match(after))


def heads_clause(sentence: Sentence, place: int) -> bool:
    """Whether a clause may begin at a word: "..., calls are recorded", not "emergency calls are recorded"."""
    if place == 0:
        return True
    last = sentence.tokens[place - 1]
    return last.is_before_comma or last.text in CLAUSE
