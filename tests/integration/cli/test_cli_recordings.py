"""``compliance recordings``: the list, the view, and people's decisions."""

from __future__ import annotations

import json

import pytest

from compliance.bootstrap import build
from compliance.records import AgentKind, RecordingId, Role, Stage, State
from compliance.schemas.check import faults
from compliance.settings import load
from compliance.store import recordings
from compliance.store.recordings import RecordingRow

HELD, GONE = (RecordingId("rec_" + digit * 32) for digit in "ab")


@pytest.fixture
def two(place) -> None:
    """One recording held before its first stage, one destroyed."""
    parts = build(load())
    for n, (each, state, why) in enumerate(
        ((HELD, State.HELD, ("object_not_allowed",)), (GONE, State.DESTROYED, ()))
    ):
        row = RecordingRow(
            id=each,
            state=state,
            stage=Stage.INTAKE,
            reasons=why,
            profile="default",
            agent_kind=AgentKind.AI,
            roles=(Role.AGENT, Role.CALLER),
            egress_id=f"EG_{n}",
            room_sid="RM_x",
            created_at_ms=1_700_000_000_000 + n,
            updated_at_ms=1_700_000_000_000,
        )
        with parts.database.begin() as connection:
            recordings.insert(connection, row)
    parts.database.close()


def events(compliance) -> list[dict]:
    """The newest events."""
    return [each["event"] for each in json.loads(compliance("audit", "list", "--json").out)["events"]]


@pytest.mark.usefixtures("two")
def test_the_list_keeps_its_contract_and_is_on_record(compliance) -> None:
    """Newest first, page by page; that it was read is an event."""
    first = json.loads(compliance("recordings", "list", "--json", "--limit", "1").out)
    after = first["after"]
    second = json.loads(compliance("recordings", "list", "--json", "--after", after).out)

    assert faults(first) == faults(second) == []
    assert [each["id"] for each in first["recordings"] + second["recordings"]] == [GONE, HELD]
    assert second["after"] is None
    assert sum(each["kind"] == "access.list" for each in events(compliance)) == 2


@pytest.mark.usefixtures("two")
def test_the_list_can_be_narrowed_to_what_waits(compliance) -> None:
    """--state held shows what needs a person, with its reason."""
    shown = compliance("recordings", "list", "--state", "held").out

    assert HELD in shown
    assert "object_not_allowed" in shown
    assert GONE not in shown


@pytest.mark.usefixtures("two")
def test_a_view_says_why_and_what_can_be_done(compliance) -> None:
    """The reason with its sentence, the remedy, and the three commands."""
    shown = compliance("recordings", "show", HELD).out
    document = json.loads(compliance("recordings", "show", HELD, "--json").out)
    flat = " ".join(shown.split())

    assert "The object named lies outside the configured buckets" in flat
    assert "COMPLIANCE_SOURCE_BUCKETS" in flat
    assert all(f"recordings {verb} {HELD}" in flat for verb in ("retry", "release", "destroy"))
    assert faults(document) == []
    assert {each["standing"] for each in document["stages"]} == {"waiting"}
    assert sum(each["kind"] == "access.read" for each in events(compliance)) == 2


@pytest.mark.usefixtures("two")
def test_what_was_never_redacted_cannot_be_released(compliance) -> None:
    """There is no redacted form to release; the message says what is left to do."""
    done = compliance("recordings", "release", HELD, "--reason", "because")

    assert done.code == 2
    assert "retry or destroy" in done.err


@pytest.mark.usefixtures("two")
def test_destroying_asks_and_needs_a_reason(compliance, place) -> None:
    """Nobody at the terminal: --yes has to say it; without a reason nothing happens."""
    assert compliance("recordings", "destroy", HELD, "--reason", "asked to").code == 2
    assert compliance("recordings", "destroy", HELD, "--reason", "  ", "--yes").code == 2
    assert compliance("recordings", "destroy", HELD, "--yes").code == 2
    assert HELD in compliance("recordings", "list", "--state", "held").out


@pytest.mark.usefixtures("two")
def test_a_destroyed_recording_stays_on_record(compliance) -> None:
    """State and event say who and when; the words of the reason are not in the log."""
    done = compliance("recordings", "destroy", HELD, "--reason", "the caller Jane Roe asked", "--yes")
    told = next(each for each in events(compliance) if each["kind"] == "person.destroyed")

    assert done.code == 0
    assert "destroyed" in done.out
    assert told["actor"]["type"] == "person"
    assert "Roe" not in json.dumps(events(compliance))
    assert compliance("recordings", "retry", HELD).err.rstrip().endswith("[state_conflict]")
    assert compliance("audit", "verify").code == 0


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("verb", ["show", "retry", "release", "destroy"])
def test_an_unknown_recording_is_told_apart(verb, compliance) -> None:
    """No verb acts on what is not there."""
    more = [] if verb in ("show", "retry") else ["--reason", "x"]
    more += ["--yes"] if verb == "destroy" else []
    done = compliance("recordings", verb, "rec_" + "c" * 32, *more)

    assert done.code == 2
    assert done.err.rstrip().endswith("[recording_unknown]")
