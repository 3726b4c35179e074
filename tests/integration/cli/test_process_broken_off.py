"""A run that is broken off by hand, and one that is killed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from compliance import byhand
from compliance.bootstrap import build
from compliance.byhand import Order
from compliance.cli.process import operator
from compliance.parts import Parts
from compliance.records import AgentKind, RecordingId, Role, Stage, State
from compliance.settings import load
from compliance.store import recordings, work

SAMPLE = Path(__file__).parents[3] / "examples" / "sample-call" / "call.ogg"
ORDER = Order(
    path=SAMPLE,
    profile="default",
    agent_kind=AgentKind.AI,
    roles=(Role.AGENT, Role.CALLER),
    parties=(),
)


class Killed(BaseException):
    """Ends a run as a kill would: nothing of ours may catch it."""


def stopping(error: type[BaseException]) -> Parts:
    """Parts whose run ends when the second stage begins."""

    def progress(recording_id: RecordingId, stage: Stage, done: float) -> None:
        if stage is Stage.TRANSCRIBE:
            raise error

    return dataclasses.replace(build(load()), progress=progress)


def only(parts: Parts) -> recordings.RecordingRow:
    """The one recording there is."""
    with parts.database.read() as connection:
        (row,) = recordings.page(connection)
    return row


def test_nothing_is_kept_of_a_run_that_its_user_broke_off(place) -> None:
    """Ctrl-C leaves no copy of the call, no stage that somebody would take up, and an event."""
    parts = stopping(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        byhand.process(parts, ORDER, operator())

    row = only(parts)
    assert (row.state, row.reasons) == (State.ABSENT, ("interrupted",))
    assert place.kept() == []
    with parts.database.begin() as connection:
        assert work.due(connection, now_ms=parts.now_ms() + 10**9, resend_ms=0) == []


def test_a_killed_run_is_not_taken_up_while_its_lease_lives(place, compliance) -> None:
    """It may be at work in another process: retry says so and changes nothing."""
    parts = stopping(Killed)
    with pytest.raises(Killed):
        byhand.process(parts, ORDER, operator())

    done = compliance("recordings", "retry", only(parts).id)

    assert done.code == 0
    assert "processing" in done.out
    assert only(parts).state is State.PROCESSING
