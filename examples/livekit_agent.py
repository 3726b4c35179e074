"""A voice agent for LiveKit that opens every call lawfully, and acts on the answer.

It asks the compliance service what must be said in this call, says it as its
first utterance, which nothing can interrupt, asks for consent where that is
needed, and listens: whoever does not want to be recorded gets the recording
stopped, or the call ended where it cannot be.  Asked whether it is a machine, it
says so itself and does not leave the answer to the language model.

What to do next is decided by plain functions (``next_step`` and its neighbours)
that know nothing of LiveKit; the class and the entry point at the end only carry
it out.  README.md beside this file says how to start it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

# Neither is needed for the decisions below.
try:
    from livekit import api
except ImportError:
    api = None
try:
    from livekit import agents
except ImportError:
    agents = None

_log = logging.getLogger("consent-agent")

SCHEMA = "compliance/consent-requirements/1"
ASK_S = 2.0
"""Seconds the service may take; the caller is waiting."""
ANSWER_S = 8.0
"""Seconds of silence after the question, before it is asked again or taken for no."""


# --- What the service advises -------------------------------------------------------------------------


@dataclass(frozen=True)
class Advice:
    """What must be said in this call."""

    script: str
    again: str
    must_ask: bool
    question: str
    true_answer: str


STRICTEST = Advice(
    script=(
        "Hello, I am an AI assistant, not a human. This call is being recorded and processed by a service "
        "provider, and the recording may be used in court. If you would rather not be recorded, tell me now "
        "and I will stop. Do you agree to being recorded?"
    ),
    again=(
        "For everyone who has just joined: I am an AI assistant, not a human. This call is being recorded "
        "and processed by a service provider, and the recording may be used in court."
    ),
    must_ask=True,
    question="Do you agree to being recorded?",
    true_answer="Yes, I am an AI assistant, not a human.",
)
"""Where the service does not answer: what no rule would find wanting."""


def advice_of(document: Mapping[str, Any]) -> Advice:
    """The service's answer as far as it is needed here.

    Raises:
        KeyError, TypeError, ValueError: it is no such answer.
    """
    if document["schema"] != SCHEMA:
        raise ValueError(f"not a {SCHEMA}")
    script = document["script"]
    return Advice(
        script=str(script["text"]),
        again=str(script["again"]),
        must_ask=bool(document["consent"]["must_ask"]),
        question=script["question"] or STRICTEST.question,
        true_answer=document["if_asked_whether_machine"] or STRICTEST.true_answer,
    )


def call_of(attributes: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """The question for the service: everyone but the agent, by their attributes as LiveKit has them."""
    return {"agent": "ai", "callers": [{"attributes": dict(each)} for each in attributes]}


def advised(url: str, token: str, call: Mapping[str, Any]) -> Advice:
    """What the service says must be said; the strictest where it says nothing that can be used.

    The numbers go in the body: what stands in an address ends in logs.
    """
    request = urllib.request.Request(
        url.rstrip("/") + "/v1/consent/requirements",
        data=json.dumps(call).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=ASK_S) as answer:
            return advice_of(json.load(answer))
    except (OSError, KeyError, TypeError, ValueError) as error:
        _log.warning("no advice for this call (%s); the strictest is taken", type(error).__name__)
        return STRICTEST


# --- What the caller says -----------------------------------------------------------------------------

_OBJECTS = re.compile(
    r"\b(?:do not|never|stop|without|not want|rather not|not agree|not consent|turn off|switch off)\b"
    r".{0,40}\b(?:record\w*|tap(?:e|ed|ing))\b|\b(?:no|not) (?:recording|taping)\b"
    r"|\b(?:turn|switch|shut) (?:\w+ ){0,3}record\w* off\b|\b(?:object|refuse) to\b.{0,20}\brecord\w*"
)
_NO = re.compile(
    r"^(?:(?:well|oh|um|sorry|hi|hello) )*(?:no|nope|nah)\b|\b(?:do not|not|never|rather|object|refuse)\b"
)
_YES = re.compile(
    r"^(?:(?:well|oh|um|hi|hello) )*(?:yes|yeah|yep|sure|of course|ok|okay|all right|alright|fine|absolutely"
    r"|certainly|go ahead|i agree|i consent|i do|no problem|that is (?:fine|ok|okay|all right|alright))\b"
)
_HESITATES = re.compile(
    r"\b(?:guess|suppose|maybe|perhaps|depends|why|what|who|if|but|wait|hold on|how|sure about)\b"
)
_NO_PROBLEM = re.compile(r"\bno (?:problem|objection|worries)\b")
_IS_IT_A_MACHINE = re.compile(
    r"\b(?:are you|is this|am i (?:talking|speaking)|is that)\b.{0,40}\b(?:ai|a i|robot|bot|machine|computer"
    r"|human|person|real|automated|artificial)\b|\b(?:real|actual|live) (?:human|person)\b"
)
_SHORT = (("n't", " not"), ("i'm", "i am"), ("that's", "that is"), ("'d", " would"))


_IS_IT_RECORDED = re.compile(
    r"\b(?:is|are|am) (?:this|it|the call|you|we|i)\b.{0,30}\b(?:record\w*|taped|taping)\b"
)


class Reply(Enum):
    """What a reply comes to."""

    YES = "yes"
    NO = "no"
    OBJECTION = "objection"
    MACHINE = "asks whether it is a machine"
    RECORDED = "asks whether it is recorded"
    OTHER = "other"


def understood(text: str) -> Reply:
    """What somebody says of the recording or of the speaker.

    Doubt is no yes: a yes with an if, a but or a question in it is something else.
    """
    plain = _plain(text)
    if _OBJECTS.search(plain):
        return Reply.OBJECTION
    if _IS_IT_A_MACHINE.search(plain):
        return Reply.MACHINE
    if _IS_IT_RECORDED.search(plain):
        return Reply.RECORDED
    if _NO.search(_NO_PROBLEM.sub("fine", plain)):
        return Reply.NO
    is_yes = _YES.search(_NO_PROBLEM.sub("fine", plain)) is not None
    return Reply.YES if is_yes and not _HESITATES.search(plain) else Reply.OTHER


def _plain(text: str) -> str:
    plain = text.lower().replace("\u2019", "'")
    for short, full in _SHORT:
        plain = plain.replace(short, full)
    return " ".join(re.sub(r"[^a-z' ]+", " ", plain).split())


# --- What to do next ----------------------------------------------------------------------------------


class Stage(Enum):
    """How far the call is."""

    OPENING = "the opening is being said"
    ASKED = "consent was asked for"
    ASKED_AGAIN = "it was asked for once more"
    OPEN = "the talk is on, and recorded"
    STOPPING = "the recording is being stopped"
    UNRECORDED = "the talk is on, and not recorded"
    OVER = "the call is being ended"


@dataclass(frozen=True)
class Step:
    """What the agent does upon something said."""

    stage: Stage
    say: str | None = None
    stop_recording: bool = False
    hang_up: bool = False
    is_ours: bool = True
    """Whether the turn is dealt with; else the language model replies."""


AGREED = "Thank you. How can I help you?"
ASK_AGAIN = "I need a clear yes or no to go on."
STOPPED = "I have stopped the recording. How can I help you?"
CANNOT_STOP = "I am not able to stop the recording from here, so I will end this call. Goodbye."
IS_RECORDED = (
    "Yes, this call is being recorded. If you would rather not be recorded, tell me and I will stop."
)
IS_NOT_RECORDED = "No, I have stopped the recording."
GOODBYE = "All right. Then I will end this call here. Goodbye."


def opened(advice: Advice) -> Step:
    """After the opening: waiting for an answer, where one was asked for."""
    return Step(stage=Stage.ASKED if advice.must_ask else Stage.OPEN)


def next_step(stage: Stage, text: str, advice: Advice) -> Step:
    """What follows upon something that a caller says."""
    reply = understood(text)
    if stage in (Stage.STOPPING, Stage.OVER):
        return Step(stage=stage)
    if reply is Reply.OBJECTION and stage is not Stage.UNRECORDED:
        return refused()
    if stage in (Stage.ASKED, Stage.ASKED_AGAIN):
        return _answered(stage, reply, advice)
    if stage is Stage.OPENING:
        return Step(stage=stage)  # before the opening is over nobody else speaks for the agent
    if reply is Reply.MACHINE:
        return Step(stage=stage, say=advice.true_answer)
    if reply is Reply.RECORDED:
        return Step(stage=stage, say=IS_RECORDED if stage is Stage.OPEN else IS_NOT_RECORDED)
    return Step(stage=stage, is_ours=False)


def _answered(stage: Stage, reply: Reply, advice: Advice) -> Step:
    """Upon the question: only a clear yes lets the recording go on."""
    if reply is Reply.YES:
        return Step(stage=Stage.OPEN, say=AGREED)
    if reply is Reply.NO:
        return refused()
    told = {Reply.MACHINE: advice.true_answer, Reply.RECORDED: IS_RECORDED}
    if reply in told:
        return Step(stage=stage, say=f"{told[reply]} {advice.question}")
    return unanswered(stage, advice)


def unanswered(stage: Stage, advice: Advice) -> Step:
    """Upon silence or an unclear answer: asked once more, and then taken for no."""
    if stage is Stage.ASKED:
        return Step(stage=Stage.ASKED_AGAIN, say=f"{ASK_AGAIN} {advice.question}")
    return refused() if stage is Stage.ASKED_AGAIN else Step(stage=stage)


def refused() -> Step:
    """Somebody does not want to be recorded."""
    return Step(stage=Stage.STOPPING, stop_recording=True)


def stopped(is_off: bool, *, hangs_up: bool = False) -> Step:
    """Once the stop was tried.  That the recording is off is said only if it is."""
    if not is_off:
        return Step(stage=Stage.OVER, say=CANNOT_STOP, hang_up=True)
    if hangs_up:
        return Step(stage=Stage.OVER, say=GOODBYE, hang_up=True)
    return Step(stage=Stage.UNRECORDED, say=STOPPED)


def joined(stage: Stage, advice: Advice) -> Step:
    """Somebody joins, or comes by transfer: they have heard nothing yet, and need a notice of their own."""
    if stage in (Stage.STOPPING, Stage.UNRECORDED, Stage.OVER):
        return Step(stage=stage)
    if advice.must_ask:
        return Step(stage=Stage.ASKED, say=f"{advice.again} {advice.question}")
    return Step(stage=stage, say=advice.again)


# --- Carrying it out ----------------------------------------------------------------------------------


class Line(Protocol):
    """What the agent can do to the call."""

    async def stop_recording(self) -> bool:
        """Stop every recording of the room; whether none is left."""
        ...

    async def hang_up(self) -> None:
        """End the call for everybody."""
        ...


async def stop_recording(egress: Any, room: str) -> bool:
    """Stop every egress of a room through livekit-api's ``egress``; whether none is left running.

    What cannot be stopped or looked up counts as running.
    """
    try:
        for each in await _running(egress, room):
            await egress.stop_egress(api.StopEgressRequest(egress_id=each.egress_id))
        return not await _running(egress, room)
    except Exception:  # livekit-api raises its own errors and aiohttp's; all mean that nobody knows
        return False


async def _running(egress: Any, room: str) -> list[Any]:
    """The egresses that take in sound; one that is ending takes in no more."""
    taking = {api.EgressStatus.EGRESS_STARTING, api.EgressStatus.EGRESS_ACTIVE}
    found = await egress.list_egress(api.ListEgressRequest(room_name=room, active=True))
    return [each for each in found.items if each.status in taking]


if agents is not None:

    class ConsentAgent(agents.Agent):
        """Says what must be said, and then lets the language model talk."""

        def __init__(self, advice: Advice, line: Line, *, hangs_up: bool = False) -> None:
            super().__init__(
                instructions="You are a helpful AI assistant on the telephone. Be brief. You are not a human "
                "and never say or imply that you are. Do not speak about whether the call is recorded."
            )
            self.advice, self.stage = advice, Stage.OPENING
            self._line, self._hangs_up = line, hangs_up
            self._is_speaking = False
            self._overheard: list[str] = []
            self._timer: asyncio.Task[None] | None = None

        async def on_enter(self) -> None:
            """Open the call."""
            await self._say(self.advice.script)
            if self.stage is Stage.OPENING:
                await self._take(opened(self.advice))
            await self._catch_up()

        def on_transcript(self, event: Any) -> None:
            """Keep what is said while this agent may not be interrupted; LiveKit drops such turns."""
            if event.is_final and self._is_speaking:
                self._overheard.append(event.transcript)

        async def on_user_turn_completed(self, turn_ctx: Any, new_message: Any) -> None:
            """Decide what follows upon a caller's turn, before the language model may."""
            if await self.hear(new_message.text_content or ""):
                raise agents.StopResponse

        async def hear(self, text: str) -> bool:
            """Act on something said; whether that was all there is to answer."""
            step = next_step(self.stage, text, self.advice)
            await self._take(step)
            await self._catch_up()
            return step.is_ours

        async def somebody_joined(self, advice: Advice) -> None:
            """Tell a late joiner, by the rules of everyone who is there now."""
            self.advice = advice
            await self._take(joined(self.stage, advice))
            await self._catch_up()

        async def _catch_up(self) -> None:
            """Act on what was said while this agent spoke."""
            while self._overheard and self.stage is not Stage.OVER:
                said, self._overheard = " ".join(self._overheard), []
                await self._take(next_step(self.stage, said, self.advice))

        async def _take(self, step: Step) -> None:
            self._still()
            self.stage = step.stage
            if step.say:
                await self._say(step.say)
            if step.stop_recording:
                await self._take(stopped(await self._line.stop_recording(), hangs_up=self._hangs_up))
            elif step.hang_up:
                await self._line.hang_up()
            elif self.stage in (Stage.ASKED, Stage.ASKED_AGAIN):
                self._timer = asyncio.create_task(self._wait())

        async def _say(self, text: str) -> None:
            """To the end: what was cut short was not said."""
            self._is_speaking = True
            try:
                await self.session.say(text, allow_interruptions=False)
            finally:
                self._is_speaking = False

        async def _wait(self) -> None:
            """Take silence for no answer."""
            await asyncio.sleep(ANSWER_S)
            self._timer = None
            await self._take(unanswered(self.stage, self.advice))
            await self._catch_up()

        def _still(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    @dataclass(frozen=True)
    class RoomLine:
        """The call in a room of LiveKit's."""

        context: agents.JobContext

        async def stop_recording(self) -> bool:
            """Stop every egress of the room."""
            return await stop_recording(self.context.api.egress, self.context.room.name)

        async def hang_up(self) -> None:
            """Delete the room, which ends the call."""
            await self.context.delete_room()

    server = agents.AgentServer()

    @server.rtc_session(agent_name=os.environ.get("AGENT_NAME", "consent-agent"))
    async def entrypoint(context: agents.JobContext) -> None:
        """One call."""
        await context.connect()
        await context.wait_for_participant()
        hangs_up = os.environ.get("ON_REFUSAL", "go-on") == "hang-up"
        agent = ConsentAgent(await _advice(context), RoomLine(context), hangs_up=hangs_up)
        session = _session()
        session.on("user_input_transcribed", agent.on_transcript)
        context.room.on("participant_connected", _Greeter(context, agent))
        # record=False: Egress records, and nothing else does that could not be stopped.
        await session.start(agent=agent, room=context.room, record=False)

    def _session() -> agents.AgentSession[None]:
        """A pipeline of models; one that speaks by itself would not wait for ``on_user_turn_completed``."""
        return agents.AgentSession(
            stt=os.environ.get("AGENT_STT", "deepgram/nova-3"),
            llm=os.environ.get("AGENT_LLM", "openai/gpt-4.1-mini"),
            tts=os.environ.get("AGENT_TTS", "cartesia/sonic-3"),
            turn_handling={
                # By default the caller is not listened to while the agent may not be interrupted; but
                # "please don't record this" is most often said during the notice.
                "interruption": {"discard_audio_if_uninterruptible": False},
                "preemptive_generation": {"enabled": False},
            },
        )

    class _Greeter:
        """Tells everyone who joins later; other agents and recorders are no people."""

        def __init__(self, context: agents.JobContext, agent: ConsentAgent) -> None:
            self._context, self._agent = context, agent
            self._tasks: set[asyncio.Task[None]] = set()

        def __call__(self, person: Any) -> None:
            if person.kind in agents.job.DEFAULT_PARTICIPANT_KINDS:
                task = asyncio.create_task(self._greet())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

        async def _greet(self) -> None:
            await self._agent.somebody_joined(await _advice(self._context))

    async def _advice(context: agents.JobContext) -> Advice:
        """What the service says of everyone in the room but agents and recorders."""
        people = [
            dict(person.attributes)
            for person in context.room.remote_participants.values()
            if person.kind in agents.job.DEFAULT_PARTICIPANT_KINDS
        ]
        url, token = os.environ["COMPLIANCE_URL"], os.environ["COMPLIANCE_TOKEN"]
        return await asyncio.to_thread(advised, url, token, call_of(people))


def main() -> None:
    """Start the agent's server."""
    if agents is None:
        raise SystemExit("livekit-agents is not installed: pip install livekit-agents")
    agents.cli.run_app(server)


if __name__ == "__main__":
    main()
