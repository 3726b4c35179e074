"""Who owned to recording, who was passed on, who asked for a person, who wants no more calls."""

from __future__ import annotations

from typing import Any

import pytest

from compliance.consent.law import Disclosure
from compliance.consent.notice import Force, Truth, hear
from compliance.records import ChannelSpan

NONE = Disclosure()


@pytest.mark.parametrize(
    ("asked", "answered", "force"),
    [
        ("Is this call being recorded?", "Yes, it is.", Force.IS),
        ("Is this recorded?", "Yes.", Force.IS),
        ("Are you recording me?", "We are, sir.", Force.IS),
        ("Are you taping this?", "Correct.", Force.IS),
        ("Do you record these calls?", "We do.", Force.IS),
        ("is this line recorded", "yes ma'am", Force.IS),
        ("Is this call recorded?", "It may be.", Force.MAY),
        ("Is this call recorded?", "Sometimes.", Force.MAY),
    ],
)
def test_a_yes_to_a_caller_who_asks_is_notice(say: Any, asked: str, answered: str, force: Force) -> None:
    """Who asks whether the call is recorded and hears that it is has been told."""
    (notice,) = hear(say(f"C: {asked}", f"A: {answered}", "C: I see."), NONE).notices

    assert (notice.force, notice.span.channel) == (force, 0)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Is this call being recorded?", "No, it isn't."),
        ("Is this call being recorded?", "Let me check."),
        ("Is this call being recorded?", "What is your name?"),
        ("Did you record my payment?", "Yes, I did."),
        ("Was my last call recorded?", "Yes."),
        ("Is my order ready?", "Yes, it is."),
    ],
)
def test_another_answer_or_another_question_is_no_notice(say: Any, asked: str, answered: str) -> None:
    """A no, a way round it, and a yes to something else."""
    assert hear(say(f"C: {asked}", f"A: {answered}"), NONE).notices == ()


def test_a_yes_owned_to_covers_only_itself(say: Any) -> None:
    """What follows in the same breath stays open to being cut."""
    call = say("C: Is this recorded?", "A: yes it is your card ends in 4242")

    (notice,) = hear(call, NONE).notices
    words = call.turns[1].words

    assert (notice.span.start_ms, notice.span.end_ms) == (words[0].start_ms, words[2].end_ms)


def test_a_notice_in_the_answer_counts_once(say: Any) -> None:
    """Yes and the notice itself are one."""
    assert len(hear(say("C: Is this recorded?", "A: Yes, this call is being recorded."), NONE).notices) == 1


@pytest.mark.parametrize(
    ("asked", "answered", "truth"),
    [
        ("Are you a real person?", "No, I'm an automated assistant.", Truth.TRUE),
        ("Are you a real person?", "No.", Truth.TRUE),
        ("Are you a real person?", "Yes, I am.", Truth.FALSE),
        ("Are you a robot?", "Yes.", Truth.TRUE),
        ("Are you a robot?", "No, I'm not.", Truth.FALSE),
        ("Are you a person or a machine?", "A machine, sorry.", Truth.TRUE),
        ("Are you a person or a machine?", "I'm a real person.", Truth.FALSE),
        ("Are you a person or a machine?", "Yes.", Truth.EVADED),
        ("Am I talking to a human?", "What is your account number?", Truth.EVADED),
        ("Am I talking to a human?", "", Truth.NONE),
    ],
)
def test_the_answer_to_a_caller_who_asks_for_a_person_is_read(
    say: Any, asked: str, answered: str, truth: Truth
) -> None:
    """What is true is true of a machine: that it is one, or no person."""
    lines = [f"C: {asked}", *([f"A: {answered}"] if answered else [])]
    (question,) = hear(say(*lines), NONE).human_questions

    assert (question.truth, question.span.channel) == (truth, 1)
    assert (question.answer is None) is (not answered)


def test_a_wish_for_a_person_is_no_question(say: Any) -> None:
    """Nothing was asked that could be answered untruly."""
    assert hear(say("C: Can I talk to a real person?", "A: Sure."), NONE).human_questions == ()


@pytest.mark.parametrize(
    "text",
    [
        "I'm transferring you to billing.",
        "Let me connect you to a specialist.",
        "I'll put you through to the pharmacy.",
        "I'm adding my supervisor to the call.",
    ],
)
def test_passing_the_caller_on_is_heard(say: Any, text: str) -> None:
    """Whoever comes has heard no notice yet."""
    assert len(hear(say(f"A: {text}"), NONE).transfers) == 1


@pytest.mark.parametrize(
    "text",
    ["I can't transfer you.", "If I transfer you, you'll wait.", "The transfer posted to your account."],
)
def test_what_is_no_passing_on(say: Any, text: str) -> None:
    """What was not done, and other transfers."""
    assert hear(say(f"A: {text}"), NONE).transfers == ()


def test_only_the_caller_opts_out(say: Any) -> None:
    """An agent who repeats it opts out of nothing."""
    assert len(hear(say("C: Take me off your calling list."), NONE).opt_outs) == 1
    assert hear(say("A: Take me off your calling list."), NONE).opt_outs == ()


def test_warning_tones_travel_with_the_conversation(say: Any) -> None:
    """Those found in the samples, and those that are given beside them."""
    call = say("A: Hello.", "C: Hello.")
    span = ChannelSpan(channel=0, start_ms=2_000, end_ms=32_200)
    toned = call.channels[1].__class__(
        index=1,
        role=call.channels[1].role,
        language="en",
        language_probability=1.0,
        voiced=(),
        toned=(span.span,),
    )
    carried = call.__class__(duration_ms=1, channels=(call.channels[0], toned), turns=call.turns)

    assert hear(call, NONE, tones=[span]).tones == (span,)
    assert hear(carried, NONE).tones == (ChannelSpan(channel=1, start_ms=2_000, end_ms=32_200),)
