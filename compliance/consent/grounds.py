"""What was heard, in plain sentences for a verdict.  They name times and rules, never what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compliance.consent.demand import Demand
from compliance.consent.facts import Facts
from compliance.consent.notice import Answer, Force, HumanQuestion, Notice, Truth
from compliance.consent.recorded import agrees_again, is_recorded_on
from compliance.records import AgentKind, AiDuty, AiOutcome, AiVerdict, ChannelSpan, Role

_BY = {Role.AGENT: "the business", Role.CALLER: "the caller", Role.UNKNOWN: "a party not told apart"}
_SAYS = {
    Force.IS: "that the call is recorded",
    Force.MAY: "that the call may be recorded",
    Force.ASKED: "by asking whether the call may be recorded",
}
_ANSWERED = {
    Truth.TRUE: "the answer was that it is a machine",
    Truth.FALSE: "the answer was that it is a person",
    Truth.EVADED: "the answer said neither",
    Truth.NONE: "no answer was heard",
}
_MET = {
    AiOutcome.SATISFIED: "met",
    AiOutcome.LATE: "met too late",
    AiOutcome.MISSING: "not met",
    AiOutcome.UNTRUE: "broken by an untrue answer",
    AiOutcome.UNCERTAIN: "not certainly met",
    AiOutcome.NOT_REQUIRED: "not called for",
}


def of_speech(facts: Facts, asked: Demand) -> Iterator[str]:
    """What was heard of the recording and where; and what could not be heard."""
    heard = facts.heard
    yield from _of_lines(facts)
    for notice in heard.notices:
        yield _notice(notice)
    if heard.tones:
        worth = "notice where it is kept up" if asked.tone_is_notice else "not notice by itself here"
        yield f"A recorder's tone was heard from {at(heard.tones[0])} on, which is {worth}."
    for span in heard.transfers:
        yield f"Somebody was brought in, or the caller passed on, at {at(span)}."
    answer = _answer(heard.answer)
    if answer is not None:
        yield answer
    for span in heard.objections:
        yield f"An objection to the recording was heard at {at(span)}."


def _of_lines(facts: Facts) -> Iterator[str]:
    """What the recording itself leaves untold."""
    if not facts.has_words:
        yield "No speech could be read, so neither notice nor objection can be told from this recording."
        return
    if not facts.ours:
        yield "The business has no channel of its own in this recording."
    if not any(line.role is Role.CALLER for line in facts.lines):
        yield "Who speaks cannot be told by the channel: anyone may have given notice, agreed or objected."
    for line in facts.lines:
        if line.is_unread:
            yield f"On channel {line.channel} a voice was heard and no word of it could be read."


def _notice(notice: Notice) -> str:
    return f"Notice by {_BY[notice.role]} at {at(notice.span)}: {_SAYS[notice.force]}."


def _answer(answer: Answer) -> str | None:
    match answer:
        case Answer.NOT_ASKED:
            return None
        case Answer.YES:
            return "Consent was asked for and given in words."
        case Answer.NO:
            return "Consent was asked for and refused."
        case Answer.UNCLEAR:
            return "Consent was asked for and answered with hesitation."
        case Answer.NONE:
            return "Consent was asked for; no answer was heard."
        case _:
            assert_never(answer)


def of_aftermath(facts: Facts) -> Iterator[str]:
    """What followed an objection."""
    objections = facts.heard.objections
    if not objections:
        return
    said = any(stop.start_ms >= objections[0].start_ms for stop in facts.heard.stops)
    answer = "The agent said that the recording was stopped" if said else "The agent was not heard to stop it"
    more = "speech is recorded" if is_recorded_on(facts) else "no speech is recorded"
    yield f"{answer}; {more} more than ten seconds after the objection."
    again = agrees_again(facts)
    if again is not None:
        yield (
            f"Asked anew, the caller agreed at {at(again)}; what was recorded in between was recorded "
            "against their word, so the objection stands until a person has looked."
        )


def of_ai(facts: Facts, ai: AiVerdict) -> Iterator[str]:
    """Whether a machine said that it is one, what it was asked, and by which laws that is judged."""
    if facts.agent_kind is AgentKind.AI:
        for span in facts.heard.ai_disclosures:
            yield f"That a machine speaks was said at {at(span)}."
        for question in facts.heard.human_questions:
            yield _question(question)
        yield from map(_duty, ai.duties)
    yield f"AI disclosure: {ai.sentence}"


def _question(question: HumanQuestion) -> str:
    return f"Asked at {at(question.span)} whether a person speaks: {_ANSWERED[question.truth]}."


def _duty(duty: AiDuty) -> str:
    when = "at the start" if duty.when == "at-start" else "when asked"
    return (
        f"{duty.jurisdiction}, {duty.citation}: a machine must say {when} what it is "
        f"({duty.confidence}); {_MET[duty.outcome]}."
    )


def at(span: ChannelSpan) -> str:
    """A span as people read it: minutes, seconds and tenths, and the channel."""
    return f"{_clock(span.start_ms)}-{_clock(span.end_ms)} on channel {span.channel}"


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms % 60_000 // 1_000:02d}.{ms % 1_000 // 100}"
