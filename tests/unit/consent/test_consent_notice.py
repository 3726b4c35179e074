"""Notice, objection and answer are found by meaning; what only sounds alike is not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from compliance.consent.law import Disclosure
from compliance.consent.notice import Answer, hear
from compliance.records import ChannelSpan, Conversation, Role

PHRASES: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("phrases.yaml").read_text())
NONE = Disclosure()


def covered(conversation: Conversation, span: ChannelSpan) -> str:
    """The words under a span."""
    words = [word for turn in conversation.turns if turn.channel == span.channel for word in turn.words]
    return " ".join(word.text for word in words if span.start_ms <= word.start_ms < span.end_ms)


@pytest.mark.parametrize(("force", "text"), PHRASES["notices"])
def test_a_notice_is_found_however_it_is_put(say: Any, force: str, text: str) -> None:
    """Paraphrases of notice count, told apart by whether the call is, or may be, recorded."""
    heard = hear(say(f"A: {text}"), NONE)

    assert {notice.force for notice in heard.notices} == {force}


@pytest.mark.parametrize(("force", "text"), PHRASES["notices"])
def test_a_notice_is_found_without_capitals_commas_and_full_stops(say: Any, force: str, text: str) -> None:
    """Recognisers do not always write marks."""
    plain = "".join(mark for mark in text.lower() if mark.isalnum() or mark in " '-")
    assert hear(say(f"A: hello {plain}"), NONE).notices


@pytest.mark.parametrize("text", PHRASES["near_misses"])
def test_what_only_sounds_like_notice_is_none(say: Any, text: str) -> None:
    """Another call, a negation, a question, something else that is recorded."""
    assert hear(say(f"A: {text}"), NONE).notices == ()


@pytest.mark.parametrize("text", PHRASES["ai_disclosures"])
def test_an_agent_that_says_it_is_a_machine_is_heard(say: Any, text: str) -> None:
    """Disclosure by any of the usual words."""
    assert hear(say(f"A: {text}"), NONE).ai_disclosures != ()


@pytest.mark.parametrize("text", PHRASES["ai_near_misses"])
def test_talk_of_machines_is_no_disclosure(say: Any, text: str) -> None:
    """A machine elsewhere, or a denial, discloses nothing."""
    assert hear(say(f"A: {text}"), NONE).ai_disclosures == ()


@pytest.mark.parametrize("text", PHRASES["objections"])
def test_an_objection_is_found_however_it_is_put(say: Any, text: str) -> None:
    """Whoever does not want to be recorded need not use set words."""
    assert len(hear(say(f"C: {text}"), NONE).objections) == 1


@pytest.mark.parametrize("text", PHRASES["objection_near_misses"])
def test_what_only_sounds_like_an_objection_is_none(say: Any, text: str) -> None:
    """Other recordings, agreement, and the record of this or that."""
    assert hear(say(f"C: {text}"), NONE).objections == ()


def test_only_the_agents_side_can_give_notice(say: Any) -> None:
    """A caller who speaks of recording has not been told of it."""
    assert hear(say("C: This call is being recorded."), NONE).notices == ()
    assert hear(say("A: This call is being recorded."), NONE).notices[0].role is Role.AGENT
    assert hear(say("?: This call is being recorded."), NONE).notices[0].role is Role.UNKNOWN


def test_only_the_caller_can_object(say: Any) -> None:
    """An agent who repeats the caller's words objects to nothing."""
    assert hear(say("A: You do not want to be recorded."), NONE).objections == ()
    assert len(hear(say("?: Please don't record this."), NONE).objections) == 1


def test_a_notice_covers_its_own_words_and_not_the_turn(say: Any) -> None:
    """What is protected is never cut, so it must not reach over anything else that was said."""
    call = say("A: Hi Ottoline, this call is being recorded for quality and training. Your card is 4242.")

    (notice,) = hear(call, NONE).notices

    assert covered(call, notice.span) == "this call is being recorded for quality and training."


def test_a_notice_run_together_with_a_name_does_not_cover_it(say: Any) -> None:
    """Nor where the recogniser wrote no mark between them."""
    call = say(
        "A: thank you ottoline marsh this call is recorded for quality ottoline what is your card number"
    )

    (notice,) = hear(call, NONE).notices

    assert covered(call, notice.span) == "this call is recorded for quality"


def test_a_yes_covers_only_the_words_of_agreement(say: Any) -> None:
    """A number said in the same breath stays open to being cut."""
    call = say("A: Is it okay if I record this call?", "C: yes that's fine my card is 4242 4242 4242 4242")

    (answer,) = hear(call, NONE).answers

    assert covered(call, answer) == "yes that's fine"


@pytest.mark.parametrize(
    ("question", "reply", "answer"),
    [
        ("I'd like to record this call. Is that okay with you?", "Um, yes, that's fine.", Answer.YES),
        ("I need to record our call, is that alright?", "Sure, go ahead.", Answer.YES),
        ("Do you mind if I record this call?", "No, not at all.", Answer.YES),
        ("Do you mind if I record this call?", "No, go ahead.", Answer.YES),
        ("Do you mind if I record this call?", "No.", Answer.YES),
        ("Do you mind if I record this call?", "Yes.", Answer.UNCLEAR),
        ("Do you mind if I record this call?", "Yes, I do mind.", Answer.NO),
        ("Do you mind if I record this call?", "I'd rather you didn't.", Answer.NO),
        ("This call is recorded. Is that okay?", "No problem.", Answer.YES),
        ("This call is recorded. Is that okay?", "No, that's fine.", Answer.YES),
        ("This call is recorded. Is that okay?", "No.", Answer.NO),
        ("May I record this call?", "I'd rather you didn't.", Answer.NO),
        ("May I record this call?", "Absolutely not.", Answer.NO),
        ("May I record this call?", "Well, I guess so.", Answer.UNCLEAR),
        ("May I record this call?", "Why?", Answer.UNCLEAR),
        ("May I record this call?", "My furnace is broken.", Answer.NONE),
        ("This call is recorded. How can I help?", "Yes, my furnace is broken.", Answer.NOT_ASKED),
    ],
)
def test_the_answer_to_a_question_for_consent_is_read(
    say: Any, question: str, reply: str, answer: Answer
) -> None:
    """Yes, no, hesitation and silence are told apart; a yes to something else is none."""
    assert hear(say(f"A: {question}", f"C: {reply}"), NONE).answer is answer


def test_an_answer_after_the_agent_has_gone_on_does_not_count(say: Any) -> None:
    """A yes must be to this question."""
    call = say("A: May I record this call?", "A: What is the name on your account?", "C: Yes, it's Marsh.")

    assert hear(call, NONE).answer is Answer.NONE


def test_an_agent_who_says_that_recording_stopped_is_heard(say: Any) -> None:
    """So that what followed an objection can be told."""
    assert len(hear(say("A: Of course, I've turned the recording off on my side."), NONE).stops) == 1
    assert hear(say("A: I can't turn the recording off."), NONE).stops == ()


def test_what_was_heard_holds_no_words(say: Any) -> None:
    """Times leave this room, never what was said."""
    text = repr(hear(say("A: This call is being recorded, Ottoline.", "C: Please don't record this."), NONE))

    assert "Ottoline" not in text
    assert "don't" not in text


@pytest.mark.parametrize("word", ["this", "calls", "is it ok to", "you may"])
def test_a_recogniser_caught_in_a_loop_does_not_stall_the_search(say: Any, word: str) -> None:
    """Recognisers sometimes repeat themselves for minutes, without a full stop."""
    call = say(f"A: {' '.join([word] * 3_000)}", f"C: {' '.join([word] * 3_000)}")

    began = time.perf_counter()
    hear(call, NONE)

    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("said", "notice"),
    [
        (
            "ottoline marsh four two four two i should mention what you tell me is saved as a sound file",
            "i should mention what you tell me is saved as a",
        ),
        ("Thanks Ottoline, we're on tape, Ottoline.", "we're on tape,"),
        ("the tape's running ottoline marsh fifty two elm street", "the tape's running"),
    ],
)
def test_a_notice_in_unusual_words_covers_no_name_and_no_number(say: Any, said: str, notice: str) -> None:
    """Where no pattern says how far it reaches, only words of which notices are made are protected."""
    call = say(f"A: {said}")

    (found,) = hear(call, NONE).notices

    assert covered(call, found.span) == notice


def test_a_call_is_heard_in_a_few_milliseconds(say: Any) -> None:
    """Ten minutes of ordinary talk cost no more than a twentieth of a second, on a slow and busy machine."""
    talk = [
        "A: Thanks for calling, this call is being recorded. How can I help you today?",
        "C: Yes, I ordered six bags of potting mix and I never got a call or a text about them.",
        "A: Let me look that up for you, what is the number on the order please?",
        "C: It's the one from last week, I can read you the list of what was in it.",
    ] * 25
    call = say(*talk)
    hear(call, NONE)

    took = []
    for _ in range(5):
        began = time.process_time()
        hear(call, NONE)
        took.append(time.process_time() - began)

    assert min(took) < 0.05
