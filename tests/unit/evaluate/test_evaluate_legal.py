"""Facts of legal weight and verdicts are scored against their truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance.consent.notice import Answer, Force, Heard, HumanQuestion, Notice, Truth
from compliance.evaluate.legal import Judged, facts, judged, score_legal
from compliance.evaluate.truth import AGENT, CALLER, Call, Fact, Mark
from compliance.records import ChannelSpan, Outcome, Role

NOTICE = Mark(fact=Fact.NOTICE, channel=AGENT, interval=(3_000, 6_000))
QUESTION = Mark(fact=Fact.HUMAN_QUESTION, channel=CALLER, interval=(9_000, 11_000), is_truthful=False)
CALL = Call(
    id="one",
    duration_ms=60_000,
    files=(),
    layout="stereo",
    is_mono=False,
    phrases=(),
    marks=(NOTICE, QUESTION),
    consent="missing",
)


def found(*marks: Mark, outcome: str = "missing") -> Judged:
    """What was heard."""
    return Judged(marks=marks, outcome=outcome)


@pytest.mark.parametrize(
    ("heard", "is_found", "is_false"),
    [
        (NOTICE, True, False),
        (replace(NOTICE, interval=(2_000, 7_000)), True, False),
        (replace(NOTICE, interval=(1_999, 6_000)), False, False),
        (replace(NOTICE, interval=(3_000, 7_001)), False, False),
        (replace(NOTICE, interval=(20_000, 23_000)), False, True),
        (replace(NOTICE, channel=CALLER), False, True),
        (replace(NOTICE, fact=Fact.OBJECTION), False, True),
    ],
)
def test_a_fact_is_found_within_a_second_at_both_ends(heard: Mark, is_found: bool, is_false: bool) -> None:
    """On its channel, of its kind; what lies near it is not false, only not found."""
    score = score_legal(CALL, found(heard))

    assert (score.facts, score.facts_found, score.facts_false) == (2, int(is_found), int(is_false))
    assert list(facts(CALL, found(heard))) == [(Fact.NOTICE, is_found), (Fact.HUMAN_QUESTION, False)]


@pytest.mark.parametrize(("told", "is_found"), [(False, True), (True, False), (None, False)])
def test_a_question_is_found_only_if_its_answer_is_read(told: bool | None, is_found: bool) -> None:
    """That an answer was untrue is what the question is looked for."""
    score = score_legal(CALL, found(replace(QUESTION, is_truthful=told)))

    assert score.facts_found == int(is_found)


def test_in_a_mono_call_both_parties_are_on_one_channel() -> None:
    """So that the channel tells nothing."""
    mono = replace(CALL, is_mono=True)

    assert score_legal(mono, found(replace(NOTICE, channel=CALLER))).facts_found == 1


@pytest.mark.parametrize(
    ("outcome", "expected", "is_right"),
    [
        (Outcome.SATISFIED, "satisfied", True),
        (Outcome.MISSING, "missing", True),
        (Outcome.LATE, "missing", True),
        (Outcome.UNCERTAIN, "missing", True),
        (Outcome.OBJECTED, "withdrawn", True),
        (Outcome.WITHDRAWN, "withdrawn", True),
        (Outcome.SATISFIED, "missing", False),
        (Outcome.UNCERTAIN, "withdrawn", False),
        (Outcome.OBJECTED, "missing", False),
    ],
)
def test_six_outcomes_count_as_three(outcome: Outcome, expected: str, is_right: bool) -> None:
    """Late and uncertain are the truth's missing, objected its withdrawn."""
    score = score_legal(replace(CALL, consent=expected), found(outcome=outcome))

    assert (score.verdicts, score.verdicts_right) == (1, int(is_right))


def test_a_call_without_verdict_has_nothing_found() -> None:
    """It was held before; that is no credit."""
    score = score_legal(CALL, None)

    assert (score.facts, score.facts_found, score.verdicts, score.verdicts_right) == (2, 0, 1, 0)


def test_a_truth_without_facts_is_not_scored() -> None:
    """Nothing is known of what was said, so nothing that was heard is false."""
    assert score_legal(replace(CALL, marks=None, consent=None), found(NOTICE)) == score_legal(
        replace(CALL, marks=None), None
    )


def test_what_was_heard_becomes_marks() -> None:
    """Every kind that a truth tells of."""
    span = ChannelSpan(channel=0, start_ms=1, end_ms=2)
    heard = Heard(
        notices=(Notice(span=span, force=Force.IS, role=Role.AGENT),),
        ai_disclosures=(span,),
        answer=Answer.YES,
        answers=(span,),
        objections=(span,),
        stops=(),
        is_court_said=False,
        human_questions=(HumanQuestion(span=span, truth=Truth.EVADED, answer=None),),
    )

    assert {mark.fact for mark in judged(heard, "satisfied").marks} == set(Fact)
