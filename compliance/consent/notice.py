"""What was said about recording: notice, request and answer, objection, and that the agent is a machine.

Found by meaning, with the near misses (another call, a negation, a question,
something else that is recorded) told apart.  What is returned is times, never words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.consent.answered import TRANSFERS, TRANSFERS_NOT
from compliance.consent.asked import answer, owned
from compliance.consent.clues import Act, may_be_ours, may_be_theirs
from compliance.consent.given import notices, scripts
from compliance.consent.heard import Answer, Force, Heard, HumanQuestion, Notice, Truth
from compliance.consent.law import Disclosure
from compliance.consent.machine import disclosures, human_questions
from compliance.consent.refused import said
from compliance.consent.sentences import Sentence, sentences
from compliance.consent.told import COURT
from compliance.records import ChannelSpan, Conversation, Role

__all__ = ["Answer", "Force", "Heard", "HumanQuestion", "Notice", "Truth", "hear"]


def hear(conversation: Conversation, disclosure: Disclosure, *, tones: Sequence[ChannelSpan] = ()) -> Heard:
    """What was said about recording, by whom and when.

    Only the agent's side can give notice and only the caller's can agree or
    object; on a channel of unknown people anyone can do either.  ``tones`` are
    series of a recorder's warning tone, beside those that the conversation carries.
    """
    every = sentences(conversation)
    ours = [each for each in every if each.role is not Role.CALLER]
    theirs = [each for each in every if each.role is not Role.AGENT]
    telling = [each for each in ours if may_be_ours(each)]
    asking = [each for each in theirs if may_be_theirs(each)]
    told = _notices(every, ours, telling, disclosure)
    found, agreed = answer(ours, told, every)
    return Heard(
        notices=told,
        ai_disclosures=tuple(sorted(disclosures(ours, telling, disclosure.ai_scripts), key=_start)),
        answer=found,
        answers=agreed,
        objections=tuple(span for each in asking for span in said(each, Act.OBJECTION)),
        stops=tuple(span for each in telling for span in said(each, Act.STOPPED)),
        is_court_said=any(COURT.search(each.text) for each in ours),
        human_questions=tuple(human_questions(asking, every)),
        opt_outs=tuple(span for each in asking for span in said(each, Act.OPT_OUT)),
        tones=tuple(sorted({*tones, *_toned(conversation)})),
        transfers=tuple(span for each in ours for span in _transfers(each)),
    )


def _notices(
    every: Sequence[Sentence],
    ours: Sequence[Sentence],
    telling: Sequence[Sentence],
    disclosure: Disclosure,
) -> tuple[Notice, ...]:
    """The tenant's wordings, what else was given, and what was owned to when the caller asked."""
    certified = scripts(ours, disclosure.recording_scripts)
    given = [
        notice
        for each in telling
        for notice in notices(each)
        if not any(notice.span.overlaps(other.span) for other in certified)
    ]
    told = [*certified, *given]
    return tuple(sorted((*told, *owned(every, told)), key=lambda notice: _start(notice.span)))


def _start(span: ChannelSpan) -> tuple[int, int]:
    return span.start_ms, span.channel


def _toned(conversation: Conversation) -> Iterator[ChannelSpan]:
    """The series of warning tones that were found in the samples."""
    for channel in conversation.channels:
        for span in channel.toned:
            yield ChannelSpan(channel=channel.index, start_ms=span.start_ms, end_ms=span.end_ms)


def _transfers(sentence: Sentence) -> Iterator[ChannelSpan]:
    match = TRANSFERS.first(sentence.text)
    if match is not None and not TRANSFERS_NOT.search(sentence.text, 0, match.start()):
        yield sentence.span_of(match)
