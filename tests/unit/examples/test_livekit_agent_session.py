"""The example of a voice agent inside livekit-agents itself: a session without a server, sound or models.

Runs only where livekit-agents is installed, of which this project has no need.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

agents = pytest.importorskip("livekit.agents")
pytestmark = pytest.mark.filterwarnings("default")  # that library's own

FILE = Path(__file__).parents[3] / "examples" / "livekit_agent.py"


@pytest.fixture(scope="module")
def example() -> Any:
    """The example, its classes there."""
    spec = importlib.util.spec_from_file_location("livekit_agent_live", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Line:
    """Notes what is done to the call."""

    def __init__(self, *, is_off: bool = True) -> None:
        self.did: list[str] = []
        self._is_off = is_off

    async def stop_recording(self) -> bool:
        """Stop, or fail to."""
        self.did.append("stop")
        return self._is_off

    async def hang_up(self) -> None:
        """End the call."""
        self.did.append("hang up")


def _talk(
    example: Any, line: Line, replies: list[str], *, overheard: str = ""
) -> tuple[Any, list[str], list[bool]]:
    """The stage at the end, what the agent said, and of each reply whether the model was left out."""

    async def run() -> tuple[Any, list[str], list[bool]]:
        agent = example.ConsentAgent(example.STRICTEST, line)
        session = agents.AgentSession()
        session.on("user_input_transcribed", agent.on_transcript)
        if overheard:
            said = SimpleNamespace(is_final=True, transcript=overheard)
            session.on(
                "speech_created",
                lambda _event: agent.on_transcript(said) if agent.stage is example.Stage.OPENING else None,
            )
        await session.start(agent=agent, record=False)
        while agent.stage is example.Stage.OPENING:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        ours = [await _ours(agent, reply) for reply in replies]
        texts = [item.text_content for item in session.history.items if item.type == "message"]
        stage = agent.stage
        await session.aclose()
        return stage, texts, ours

    return asyncio.run(run())


async def _ours(agent: Any, reply: str) -> bool:
    message = agents.ChatMessage(role="user", content=[reply])
    try:
        await agent.on_user_turn_completed(agents.ChatContext.empty(), message)
    except agents.StopResponse:
        return True
    return False


def test_the_script_is_the_first_thing_said(example: Any) -> None:
    """And the model has the word only after a clear yes."""
    stage, said, ours = _talk(example, Line(), ["Yes, go ahead.", "What is my balance?"])

    assert said == [example.STRICTEST.script, example.AGREED]
    assert (stage, ours) == (example.Stage.OPEN, [True, False])


def test_a_refusal_stops_the_recording_and_is_said(example: Any) -> None:
    """After a true answer to who speaks."""
    line = Line()
    stage, said, _ = _talk(example, line, ["Are you a robot?", "No, please don't record this."])

    assert (stage, line.did) == (example.Stage.UNRECORDED, ["stop"])
    assert said[1].startswith(example.STRICTEST.true_answer)
    assert said[-1] == example.STOPPED


def test_a_recording_that_cannot_be_stopped_ends_the_call(example: Any) -> None:
    """With a word of why."""
    line = Line(is_off=False)
    stage, said, _ = _talk(example, line, ["No."])

    assert (stage, line.did) == (example.Stage.OVER, ["stop", "hang up"])
    assert said[-1] == example.CANNOT_STOP


def test_an_objection_during_the_opening_is_heard(example: Any) -> None:
    """LiveKit drops a turn that ends while the agent may not be interrupted; its transcript still comes."""
    line = Line()
    stage, said, _ = _talk(example, line, [], overheard="I do not want to be recorded.")

    assert (stage, line.did) == (example.Stage.UNRECORDED, ["stop"])
    assert said[-1] == example.STOPPED
