"""Answers that look incomplete, and what a second reading of them adds.

A card of twelve digits, or a code that the recogniser was unsure of, may have been
read wrongly.  It is read again with other settings, and what either reading finds goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import fmean

from compliance.records import ChannelSpan, Conversation, Entity, Finding, Turn, Word
from compliance.redact.detect.document import Document
from compliance.redact.speech.numbers import value
from compliance.redact.speech.questions import is_number
from compliance.redact.speech.reading import Answer

WHOLE: Mapping[Entity, frozenset[int]] = {
    Entity.CREDIT_CARD: frozenset({4, 13, 14, 15, 16, 18, 19}),
    Entity.CARD_VERIFICATION_CODE: frozenset({3, 4}),
    Entity.US_SSN: frozenset({4, 9}),
    Entity.SSN_LAST4: frozenset({4}),
    Entity.ROUTING_NUMBER: frozenset({9}),
    Entity.PIN: frozenset({4, 5, 6, 8}),
}
"""How many digits a whole answer has (ISO/IEC 7812-1 cards, SSN, ABA routing numbers), or the last four."""
UNSURE = 0.45
"""Digits that were read with less confidence on average are read again."""
BEFORE_MS, AFTER_MS = 300, 1_200
"""Read with an answer, since its edges are what was lost."""
LONGEST_MS = 24_000
NEAR_MS = 30_000
"""A second reading is judged with so much talk on either side: what was asked, and what it leads to."""
DETECTOR = "second_opinion"


def doubtful(conversation: Conversation) -> tuple[ChannelSpan, ...]:
    """The answers to questions for card, code and identity numbers that look incomplete."""
    document = Document(conversation)
    found = []
    for answers in _by_question(document).values():
        if _is_doubtful(document, answers):
            found.append(_span(document, answers))
    return tuple(sorted(found))


def _by_question(document: Document) -> Mapping[int, list[Answer]]:
    """Answers of the other party, by the question that they answer."""
    grouped: defaultdict[int, list[Answer]] = defaultdict(list)
    for answer in document.reading.answers:
        if not answer.is_own and any(entity in WHOLE for entity in answer.asked.entities):
            grouped[id(answer.asked)].append(answer)
    return grouped


def _is_doubtful(document: Document, answers: Sequence[Answer]) -> bool:
    """Whether the digits of an answer are of no usual number, or were hardly understood."""
    said = [t for a in answers for t in document.tokens[a.first : a.end] if is_number(t)]
    lengths = frozenset().union(*(WHOLE.get(entity, frozenset()) for entity in answers[0].asked.entities))
    if not said:
        return False
    sure = fmean(_word(document, token.ref.turn, token.ref.word).confidence for token in said)
    return len(value(said)) not in lengths or sure < UNSURE


def _word(document: Document, turn: int, word: int) -> Word:
    return document.conversation.turns[turn].words[word]


def _span(document: Document, answers: Sequence[Answer]) -> ChannelSpan:
    """From before the first word of an answer to after its last."""
    tokens = document.tokens
    start_ms = max(0, tokens[answers[0].first].start_ms - BEFORE_MS)
    end_ms = min(tokens[answers[-1].end - 1].end_ms + AFTER_MS, start_ms + LONGEST_MS)
    return ChannelSpan(
        channel=tokens[answers[0].first].channel,
        start_ms=start_ms,
        end_ms=max(start_ms + 1, min(end_ms, document.conversation.duration_ms)),
    )


def reread(conversation: Conversation, spans: Sequence[ChannelSpan], words: Sequence[Word]) -> Conversation:
    """The talk round some spans, with a second reading in the place of the first in them."""
    near = (turn for turn in conversation.turns if _is_near(turn, spans))
    kept = (word for turn in near for word in turn.words if not _is_in(word, spans))
    # Word by word: what was read again may stand in the middle of a turn.
    ordered = sorted((*kept, *words), key=lambda word: (word.start_ms + word.end_ms, word.channel))
    spoken = groupby(ordered, key=lambda word: word.channel)
    return replace(
        conversation, turns=tuple(Turn(channel=channel, words=tuple(own)) for channel, own in spoken)
    )


def _is_near(turn: Turn, spans: Sequence[ChannelSpan]) -> bool:
    """Whether a turn of either party stands near one of the spans."""
    start_ms, end_ms = turn.words[0].start_ms, turn.words[-1].end_ms
    return any(start_ms - NEAR_MS < span.end_ms and span.start_ms < end_ms + NEAR_MS for span in spans)


def _is_in(word: Word, spans: Sequence[ChannelSpan]) -> bool:
    """Whether a word lies mostly in a span of its channel."""
    middle_ms = (word.start_ms + word.end_ms) // 2
    return any(s.channel == word.channel and s.start_ms <= middle_ms < s.end_ms for s in spans)


def added(
    first: Sequence[Finding], second: Sequence[Finding], spans: Sequence[ChannelSpan]
) -> tuple[Finding, ...]:
    """Finds of a second reading in the spans that were read again; their words are of that reading alone."""
    return tuple(
        replace(each, words=(), detector=DETECTOR)
        for each in second
        if each.words and any(_lies_in(each, span) for span in spans) and not _is_known(each, first)
    )


def _lies_in(finding: Finding, span: ChannelSpan) -> bool:
    return (
        finding.channel == span.channel and finding.start_ms < span.end_ms and span.start_ms < finding.end_ms
    )


def _is_known(finding: Finding, first: Sequence[Finding]) -> bool:
    """Whether the first reading covers it already."""
    return any(
        each.channel == finding.channel
        and each.start_ms <= finding.start_ms
        and finding.end_ms <= each.end_ms
        and each.action == finding.action
        for each in first
    )
