"""Whether a machine said that it is one, judged by each law that asks it of the places.

Apart from consent to recording: one duty does not satisfy the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from compliance.consent.facts import Facts
from compliance.consent.law import AiRule, When
from compliance.consent.notice import HumanQuestion, Truth
from compliance.records import AgentKind, AiDuty, AiOutcome, AiVerdict, ChannelSpan

_ORDER = (
    AiOutcome.NOT_REQUIRED,
    AiOutcome.SATISFIED,
    AiOutcome.UNCERTAIN,
    AiOutcome.LATE,
    AiOutcome.MISSING,
    AiOutcome.UNTRUE,
)
"""From the best to the worst."""
SENTENCES = {
    AiOutcome.SATISFIED: "The machine said what it is, as the laws of the places ask.",
    AiOutcome.LATE: "The machine said what it is only after the talk had begun.",
    AiOutcome.MISSING: "A law asks the machine to say what it is, and it was not heard to.",
    AiOutcome.UNTRUE: "Asked whether it is a person, the machine said yes.",
    AiOutcome.UNCERTAIN: "Whether the machine said in time what it is cannot be told for certain.",
}


def disclosed(facts: Facts, rules: Sequence[AiRule]) -> AiVerdict:
    """The outcome over all the laws that apply.

    (1) A person owes no such disclosure.  (2) A machine that says it is a person
    deceives, whatever a law asks.  (3) Else the worst of the duties counts.
    """
    questions = facts.heard.human_questions
    # (1)
    if facts.agent_kind is AgentKind.HUMAN:
        return _verdict(AiOutcome.NOT_REQUIRED, "The agent is a person.", (), ())
    duties = tuple(_duty(rule, facts) for rule in rules if rule.when is not When.NOT_ON_CALLS)
    # (2)
    if any(each.truth is Truth.FALSE for each in questions):
        return _verdict(AiOutcome.UNTRUE, SENTENCES[AiOutcome.UNTRUE], duties, questions)
    # (3)
    worst = max((each.outcome for each in duties), key=_ORDER.index, default=AiOutcome.NOT_REQUIRED)
    none = "Nobody asked the machine what it is." if duties else "No law of the places asks it of a machine."
    return _verdict(worst, SENTENCES.get(worst, none), duties, questions)


def _verdict(
    outcome: AiOutcome, sentence: str, duties: tuple[AiDuty, ...], questions: Sequence[HumanQuestion]
) -> AiVerdict:
    return AiVerdict(
        outcome=outcome,
        sentence=sentence,
        duties=duties,
        questions=tuple(each.span for each in questions),
        answers=tuple(each.answer for each in questions if each.answer is not None),
    )


def _duty(rule: AiRule, facts: Facts) -> AiDuty:
    return AiDuty(
        jurisdiction=rule.jurisdiction,
        citation=rule.citation,
        when=rule.when.value,
        confidence=rule.confidence.value,
        outcome=_at_start(facts) if rule.when is When.AT_START else _on_request(facts),
        policy=rule.policy,
    )


def _at_start(facts: Facts) -> AiOutcome:
    """Said unasked, before the talk comes to substance, and again to whoever joined later."""
    said = facts.heard.ai_disclosures
    if not said:
        return AiOutcome.UNCERTAIN if facts.is_deaf else AiOutcome.MISSING
    if not any(facts.is_in_time(span) for span in said):
        return AiOutcome.LATE
    late = [each.joined_ms or 0 for each in facts.arrivals if each.is_late]
    is_heard = all(any(span.start_ms >= joined_ms for span in said) for joined_ms in late)
    return AiOutcome.SATISFIED if is_heard else AiOutcome.UNCERTAIN


def _on_request(facts: Facts) -> AiOutcome:
    """Answered truthfully wherever it was asked; what was said before needs no asking."""
    if not facts.heard.human_questions:
        return AiOutcome.UNCERTAIN if any(line.is_unread for line in facts.theirs) else AiOutcome.NOT_REQUIRED
    answers = [_to_question(each, facts.heard.ai_disclosures) for each in facts.heard.human_questions]
    return max(answers, key=_ORDER.index)


def _to_question(question: HumanQuestion, said: Sequence[ChannelSpan]) -> AiOutcome:
    match question.truth:
        case Truth.TRUE:
            return AiOutcome.SATISFIED
        case Truth.FALSE:
            return AiOutcome.UNTRUE
        case Truth.EVADED:
            return AiOutcome.UNCERTAIN
        case Truth.NONE:
            is_told = any(span.end_ms <= question.span.start_ms for span in said)
            return AiOutcome.UNCERTAIN if is_told else AiOutcome.MISSING
