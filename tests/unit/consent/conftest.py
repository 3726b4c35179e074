"""Conversations from lines of text, each word a third of a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.consent import policy
from compliance.consent.law import Law
from compliance.records import Channel, Conversation, Role, Turn, Word

STEP_MS = 330
PAUSE_MS = 600

Say = Callable[..., Conversation]


def _turn(text: str, channel: int, start_ms: int) -> Turn:
    words = text.split()
    return Turn(
        channel=channel,
        words=tuple(
            Word(
                start_ms=start_ms + place * STEP_MS,
                end_ms=start_ms + place * STEP_MS + STEP_MS - 30,
                channel=channel,
                confidence=0.9,
                text=word,
            )
            for place, word in enumerate(words)
        ),
    )


@pytest.fixture
def say() -> Say:
    """Lines that begin with ``A:`` or ``C:`` (agent, caller) or ``?:`` (one mixed channel)."""

    def made(*lines: str) -> Conversation:
        turns: list[Turn] = []
        now = 0
        for line in lines:
            who, _, text = line.partition(": ")
            turns.append(_turn(text, {"A": 0, "C": 1, "?": 0}[who], now))
            now = turns[-1].end_ms + PAUSE_MS
        roles = (Role.UNKNOWN,) if any(line.startswith("?") for line in lines) else (Role.AGENT, Role.CALLER)
        channels = tuple(
            Channel(index=place, role=role, language="en", language_probability=1.0, voiced=())
            for place, role in enumerate(roles)
        )
        return Conversation(duration_ms=now, channels=channels, turns=tuple(turns))

    return made


@pytest.fixture(scope="session")
def law() -> Law:
    """The policies in this repository."""
    return policy.load(policy.packaged())


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A folder with one good file of each kind, to be spoilt."""
    packaged = policy.packaged()
    for name in ("disclosure.yaml", "consent/us/ca.yaml", "ai/us/me.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((packaged / name).read_bytes())
    return tmp_path
