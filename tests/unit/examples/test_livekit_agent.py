"""The example of a voice agent: what it decides, without LiveKit, and that the verdict agrees with it."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from livekit import api

from compliance.consent import policy
from compliance.consent.demand import demand
from compliance.consent.document import document
from compliance.consent.jurisdiction import Whereabouts, places
from compliance.consent.notice import Answer, Force, hear
from compliance.consent.opening import spoken
from compliance.consent.requirements import requirements
from compliance.consent.verdict import judge
from compliance.records import AgentKind, Conversation, Outcome, Party, Recording, RecordingId, Role

FILE = Path(__file__).parents[3] / "examples" / "livekit_agent.py"
DAY = date(2026, 11, 22)
LAW = policy.load(policy.packaged())


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("livekit_agent", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


agent: Any = _loaded()
Reply, Stage = agent.Reply, agent.Stage
ASKING = agent.STRICTEST
TELLING = agent.Advice(**{**vars(ASKING), "must_ask": False})

REPLIES = {
    Reply.YES: [
        "Yes.",
        "Yeah, that's fine.",
        "Sure, go ahead.",
        "Okay.",
        "All right.",
        "Of course.",
        "Um, yes, I agree.",
        "I consent.",
        "No problem.",
        "Fine.",
    ],
    Reply.NO: [
        "No.",
        "No, thank you.",
        "Nope.",
        "I'd rather you didn't.",
        "I do not agree.",
        "Yes, well, actually no, I'd rather not.",
        "Not really.",
        "I refuse.",
    ],
    Reply.OBJECTION: [
        "Please don't record this.",
        "I do not want to be recorded.",
        "Stop recording.",
        "Can you turn the recording off?",
        "No recording, please.",
        "I never agreed to be taped.",
        "Can we talk without being recorded?",
        "I object to being recorded.",
    ],
    Reply.MACHINE: [
        "Are you a real person?",
        "Am I talking to a robot?",
        "Is this an AI?",
        "Wait, are you human?",
        "Can I talk to a real human?",
        "Is this a machine?",
    ],
    Reply.RECORDED: ["Is this call being recorded?", "Are you recording this?", "Am I being recorded?"],
    Reply.OTHER: [
        "I guess so.",
        "Maybe.",
        "Yes, if I have to.",
        "Sure, but why?",
        "Hold on.",
        "What do you mean?",
        "My order number is four five.",
        "",
        "Mm.",
        "I would like to know my balance.",
    ],
}


@pytest.mark.parametrize(
    ("text", "reply"), [(text, reply) for reply, texts in REPLIES.items() for text in texts]
)
def test_a_reply_is_understood_as_what_it_is(text: str, reply: Any) -> None:
    """Doubt is no yes, and no way of saying no is taken for one."""
    assert agent.understood(text) is reply


@pytest.mark.parametrize("text", [text for texts in REPLIES.values() for text in texts])
def test_the_agent_hears_no_yes_that_the_verdict_does_not(text: str) -> None:
    """What lets the recording go on is consent to the judge too; the agent may be the stricter of the two."""
    heard = hear(spoken(ASKING.script, text, roles=(Role.AGENT, Role.CALLER)), LAW.disclosure)

    assert agent.understood(text) is not Reply.YES or heard.answer is Answer.YES


@pytest.mark.parametrize(
    ("stage", "text", "after", "stops", "is_ours"),
    [
        # Upon the question only a clear yes lets the recording go on.
        (Stage.ASKED, "Yes, go ahead.", Stage.OPEN, False, True),
        (Stage.ASKED, "No.", Stage.STOPPING, True, True),
        (Stage.ASKED, "Please don't record me.", Stage.STOPPING, True, True),
        (Stage.ASKED, "Maybe.", Stage.ASKED_AGAIN, False, True),
        (Stage.ASKED, "I have a question about my bill.", Stage.ASKED_AGAIN, False, True),
        (Stage.ASKED_AGAIN, "Yes.", Stage.OPEN, False, True),
        (Stage.ASKED_AGAIN, "I have a question about my bill.", Stage.STOPPING, True, True),
        # Nobody loses a try by asking who speaks.
        (Stage.ASKED, "Are you a robot?", Stage.ASKED, False, True),
        (Stage.ASKED_AGAIN, "Are you a robot?", Stage.ASKED_AGAIN, False, True),
        (Stage.ASKED, "Is this being recorded?", Stage.ASKED, False, True),
        # In the talk the model replies, but for what is ours to say.
        (Stage.OPEN, "What is my balance?", Stage.OPEN, False, False),
        (Stage.OPEN, "No, the other one.", Stage.OPEN, False, False),
        (Stage.OPEN, "Are you human?", Stage.OPEN, False, True),
        (Stage.OPEN, "Is this call recorded?", Stage.OPEN, False, True),
        (Stage.OPEN, "Stop recording now.", Stage.STOPPING, True, True),
        (Stage.UNRECORDED, "What is my balance?", Stage.UNRECORDED, False, False),
        (Stage.UNRECORDED, "Don't record this.", Stage.UNRECORDED, False, False),
        # Before the opening is over nobody else speaks, and an objection counts already.
        (Stage.OPENING, "What is my balance?", Stage.OPENING, False, True),
        (Stage.OPENING, "Yes, yes.", Stage.OPENING, False, True),
        (Stage.OPENING, "I don't want to be recorded.", Stage.STOPPING, True, True),
        (Stage.STOPPING, "Yes.", Stage.STOPPING, False, True),
        (Stage.OVER, "Hello?", Stage.OVER, False, True),
    ],
)
def test_each_stage_has_its_next(stage: Any, text: str, after: Any, stops: bool, is_ours: bool) -> None:
    """The table of what is said when, and what follows."""
    step = agent.next_step(stage, text, ASKING)

    assert (step.stage, step.stop_recording, step.is_ours) == (after, stops, is_ours)


def test_asked_whether_it_is_a_machine_it_tells_the_truth_at_every_stage() -> None:
    """By itself: the answer is not left to a language model."""
    for stage in (Stage.ASKED, Stage.ASKED_AGAIN, Stage.OPEN, Stage.UNRECORDED):
        said = agent.next_step(stage, "Am I talking to a real person?", ASKING).say
        assert hear(spoken(said), LAW.disclosure).ai_disclosures


def test_asked_whether_it_records_it_tells_the_truth() -> None:
    """Also after it has stopped."""
    assert agent.next_step(Stage.OPEN, "Is this call recorded?", ASKING).say == agent.IS_RECORDED
    assert agent.next_step(Stage.UNRECORDED, "Is this call recorded?", ASKING).say == agent.IS_NOT_RECORDED


def test_silence_is_no_yes() -> None:
    """Asked once more, and then taken for no."""
    again = agent.unanswered(Stage.ASKED, ASKING)

    assert (again.stage, again.stop_recording) == (Stage.ASKED_AGAIN, False)
    assert again.say.endswith(ASKING.question)
    assert agent.unanswered(Stage.ASKED_AGAIN, ASKING).stop_recording
    assert agent.unanswered(Stage.OPEN, ASKING) == agent.Step(stage=Stage.OPEN)


@pytest.mark.parametrize(
    ("is_off", "hangs_up", "stage", "ends"),
    [
        (True, False, Stage.UNRECORDED, False),
        (True, True, Stage.OVER, True),
        (False, False, Stage.OVER, True),
        (False, True, Stage.OVER, True),
    ],
)
def test_a_recording_that_cannot_be_stopped_ends_the_call(
    is_off: bool, hangs_up: bool, stage: Any, ends: bool
) -> None:
    """Nobody is told that the recording is off while it is on."""
    step = agent.stopped(is_off, hangs_up=hangs_up)

    assert (step.stage, step.hang_up) == (stage, ends)
    assert bool(hear(spoken(step.say), LAW.disclosure).stops) is (stage is Stage.UNRECORDED)


@pytest.mark.parametrize(
    ("stage", "advice", "after", "is_told"),
    [
        (Stage.OPEN, TELLING, Stage.OPEN, True),
        (Stage.OPEN, ASKING, Stage.ASKED, True),
        (Stage.ASKED, ASKING, Stage.ASKED, True),
        (Stage.UNRECORDED, ASKING, Stage.UNRECORDED, False),
        (Stage.OVER, ASKING, Stage.OVER, False),
    ],
)
def test_a_late_joiner_is_told_and_asked(stage: Any, advice: Any, after: Any, is_told: bool) -> None:
    """As long as there is a recording to be told of."""
    step = agent.joined(stage, advice)

    assert (step.stage, step.say is not None) == (after, is_told)
    if step.say:
        assert hear(spoken(step.say), LAW.disclosure).notices[0].force is Force.IS


def _recording(caller: str) -> Recording:
    sides = ((Role.AGENT, "US-TX"), (Role.CALLER, caller))
    parties = tuple(
        Party(role=role, number=number, channel=channel, joined_ms=None)
        for channel, (role, number) in enumerate(sides)
    )
    return Recording(
        id=RecordingId("rec_0"),
        profile="default",
        agent_kind=AgentKind.AI,
        roles=(Role.AGENT, Role.CALLER),
        parties=parties,
        started_at_ms=None,
    )


def _here(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def _held(advice: Any, replies: Sequence[str]) -> tuple[Any, Conversation]:
    """The talk of the agent with a caller who says these things, up to where the recording would stop."""
    lines, step = [advice.script], agent.opened(advice)
    for reply in replies:
        lines.append(reply)
        step = agent.next_step(step.stage, reply, advice)
        if step.stop_recording:
            break
        lines.append(step.say or "Let me look into that.")
    return step.stage, spoken(*lines, roles=(Role.AGENT, Role.CALLER))


TALKS = [
    ["Yes, that's fine.", "I have a question about my last order, please."],
    ["Are you a robot?", "Okay, yes.", "I have a question about my last order, please."],
    ["Is this being recorded?", "Yes, I agree.", "Where is my parcel?"],
    ["No.", "I have a question."],
    ["I do not want to be recorded."],
    ["Maybe.", "I don't know."],
]


@pytest.mark.parametrize("replies", TALKS, ids=lambda replies: replies[0])
def test_where_the_agent_records_on_the_verdict_is_satisfied_and_else_it_is_not(replies: list[str]) -> None:
    """Agent and judge are of one mind, in every place."""
    wrong = []
    for code in [*LAW.codes(), "unknown"]:
        stage, call = _held(ASKING, replies)
        verdict = judge(call, _recording(code), LAW, on_date=DAY, locate=_here)
        is_fine = verdict.outcome is Outcome.SATISFIED
        is_one_party = verdict.rule == "one-party"
        if is_fine is not (stage is Stage.OPEN) and not (is_fine and is_one_party):
            wrong.append((code, stage, verdict.outcome))

    assert wrong == []


def test_without_the_service_the_strictest_is_said() -> None:
    """It satisfies every place, and asks."""
    calls = spoken(ASKING.script, "Yes, that's fine.", roles=(Role.AGENT, Role.CALLER))
    outcomes = {
        judge(calls, _recording(code), LAW, on_date=DAY, locate=_here).outcome for code in LAW.codes()
    }

    assert outcomes == {Outcome.SATISFIED}
    assert ASKING.must_ask
    assert ASKING.script.endswith(ASKING.question)


def _document(*, ask: bool) -> dict[str, Any]:
    asked = demand(places(_recording("US-CA").parties, _here), LAW, on_date=DAY)
    return document(requirements(asked, LAW.disclosure, agent=AgentKind.AI, day=DAY, explicit_consent=ask))


@pytest.mark.parametrize("ask", [False, True])
def test_the_services_answer_is_taken_as_it_is(ask: bool) -> None:
    """By the contract that it names."""
    plain = _document(ask=ask)
    advice = agent.advice_of(plain)

    assert (advice.script, advice.again) == (plain["script"]["text"], plain["script"]["again"])
    assert advice.must_ask is ask
    assert advice.true_answer == plain["if_asked_whether_machine"]
    assert advice.question == (plain["script"]["question"] if ask else ASKING.question)


@pytest.mark.parametrize(
    "change", [{"schema": "compliance/consent-requirements/2"}, {"script": None}, {"consent": {}}]
)
def test_an_answer_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    """Then the strictest is said instead; nothing is guessed."""
    with pytest.raises((KeyError, TypeError, ValueError)):
        agent.advice_of({**_document(ask=True), **change})


class Egress:
    """Stands in for livekit-api's client, with its own messages."""

    def __init__(self, *, stubborn: bool = False, fails: bool = False) -> None:
        self.running = {
            "EG_on": api.EgressStatus.EGRESS_ACTIVE,
            "EG_begins": api.EgressStatus.EGRESS_STARTING,
            "EG_ends": api.EgressStatus.EGRESS_ENDING,
        }
        self.stopped: list[str] = []
        self._stubborn, self._fails = stubborn, fails

    async def list_egress(self, asked: Any) -> Any:
        """Those of the room that are not over."""
        assert (asked.room_name, asked.active) == ("a-room", True)
        items = [api.EgressInfo(egress_id=name, status=status) for name, status in self.running.items()]
        return SimpleNamespace(items=items)

    async def stop_egress(self, asked: Any) -> None:
        """Ends one, unless told otherwise."""
        if self._fails:
            raise RuntimeError("no response from servers")
        self.stopped.append(asked.egress_id)
        if not self._stubborn:
            self.running[asked.egress_id] = api.EgressStatus.EGRESS_ENDING


@pytest.mark.parametrize(
    ("egress", "is_off", "tried"),
    [
        (Egress(), True, ["EG_on", "EG_begins"]),
        (Egress(stubborn=True), False, ["EG_on", "EG_begins"]),
        (Egress(fails=True), False, []),
    ],
    ids=["stops", "runs on", "no answer"],
)
def test_every_egress_of_the_room_is_stopped_and_looked_for_again(
    egress: Egress, is_off: bool, tried: list[str]
) -> None:
    """What runs on, or of which nobody knows, is not off."""
    assert asyncio.run(agent.stop_recording(egress, "a-room")) is is_off
    assert egress.stopped == tried


def test_the_question_for_the_service_is_in_the_body() -> None:
    """With every caller's attributes as LiveKit has them."""
    attributes = [{"sip.phoneNumber": "+14155550121"}, {}]

    assert agent.call_of(attributes) == {
        "agent": "ai",
        "callers": [{"attributes": {"sip.phoneNumber": "+14155550121"}}, {"attributes": {}}],
    }
