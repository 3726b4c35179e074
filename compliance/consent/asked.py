"""Consent asked and answered; and recording asked about by the caller, and owned to by the agent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.consent.answered import AFFIRMS, AGREES, OFFERS, PERHAPS, TURNED, WONDERS
from compliance.consent.clues import Act
from compliance.consent.heard import Answer, Force, Notice
from compliance.consent.sentences import Sentence
from compliance.consent.weigher import replied
from compliance.records import ChannelSpan, Role

_ANSWER_WITHIN_MS = 15_000
_QUESTION_WITHIN_MS = 6_000
_OWNED_WITHIN_MS = 8_000
_SHORT = 3
"""So few words of ours do not end the wait for an answer."""
LIKELY = 0.0
"""A reply is yes, no or unclear from this sum of its clues on."""
SURE = 1.0
"""And a yes, on which a recording may be kept, from this one; below it is unclear."""
_ANSWERS = {Act.YES: Answer.YES, Act.NO: Answer.NO, Act.UNCLEAR: Answer.UNCLEAR}


def answer(
    ours: Sequence[Sentence], notices: Sequence[Notice], said: Sequence[Sentence]
) -> tuple[Answer, tuple[ChannelSpan, ...]]:
    """The answer to the last question for consent, and the words that agree if it is yes."""
    asked = _questions(ours, notices)
    if not asked:
        return Answer.NOT_ASKED, ()
    question = asked[-1]
    is_turned = TURNED.search(question.text) is not None
    read = [(_read(reply, is_turned=is_turned), reply) for reply in _replies(question, said)]
    told = [(found, reply) for found, reply in read if found is not Answer.NONE]
    if not told:
        return Answer.NONE, ()
    found = _settled([each for each, _ in told])
    return found, (_agreeing(told[0][1]),) if found is Answer.YES else ()


def _settled(told: Sequence[Answer]) -> Answer:
    """What several sentences of one reply come to: a yes that is taken back, or doubted at once, is none."""
    if told[0] is not Answer.YES:
        return told[0]
    after = [each for each in told[1:] if each is not Answer.YES]
    return after[0] if after else Answer.YES


def _questions(ours: Sequence[Sentence], notices: Sequence[Notice]) -> list[Sentence]:
    """Where consent is asked: a request for permission, or "is that all right?" upon a notice."""
    asked = [n.span for n in notices if n.force is Force.ASKED]
    told = [n.span for n in notices]
    return [
        each
        for each in ours
        if any(_holds(each, span) for span in asked)
        or (any(_follows(each, span) for span in told) and OFFERS.search(each.text))
    ]


def _holds(sentence: Sentence, span: ChannelSpan) -> bool:
    return sentence.channel == span.channel and sentence.start_ms <= span.start_ms < sentence.end_ms


def _follows(sentence: Sentence, span: ChannelSpan) -> bool:
    return (
        sentence.channel == span.channel
        and sentence.end_ms >= span.end_ms
        and sentence.start_ms - span.end_ms <= _QUESTION_WITHIN_MS
    )


def _read(reply: Sentence, *, is_turned: bool) -> Answer:
    """What a reply says; nothing where it answers something else."""
    sums = replied(reply, is_turned=is_turned)
    best = max(sums, key=lambda act: sums[act])
    if best is Act.YES and LIKELY < sums[best] <= SURE:
        return Answer.UNCLEAR
    return _ANSWERS[best] if sums[best] > LIKELY else Answer.NONE


def _agreeing(reply: Sentence) -> ChannelSpan:
    """The words of agreement; where none is known, the first of the reply."""
    match = AGREES.search(reply.text)
    return reply.span(0, 0) if match is None else reply.span_of(match)


def _replies(question: Sentence, said: Sequence[Sentence]) -> Iterator[Sentence]:
    """The other side's sentences upon a question, until ours has gone on at length."""
    for each in said:
        if each.start_ms <= question.start_ms or each.start_ms - question.end_ms > _ANSWER_WITHIN_MS:
            continue
        is_ours = each.role is Role.AGENT and each.start_ms >= question.end_ms
        if is_ours and len(each.tokens) > _SHORT and not OFFERS.search(each.text):
            return
        if each.role is not Role.AGENT and each is not question:
            yield each


def owned(said: Sequence[Sentence], notices: Sequence[Notice]) -> Iterator[Notice]:
    """A plain yes to a caller who asks whether the call is recorded, where no notice is in it."""
    for place, each in enumerate(said):
        if each.role is Role.AGENT or WONDERS.first(each.text) is None:
            continue
        reply = next((other for other in said[place + 1 :] if other.channel != each.channel), None)
        if reply is None or reply.role is not Role.AGENT:
            continue
        is_near = reply.start_ms - each.start_ms >= 0 and reply.start_ms - each.end_ms <= _OWNED_WITHIN_MS
        if is_near and not any(_holds(reply, notice.span) for notice in notices):
            yield from _owned(reply)


def _owned(reply: Sentence) -> Iterator[Notice]:
    for words, force in ((PERHAPS, Force.MAY), (AFFIRMS, Force.IS)):
        match = words.search(reply.text)
        if match is not None:
            yield Notice(span=reply.span_of(match), force=force, role=reply.role)
            return
