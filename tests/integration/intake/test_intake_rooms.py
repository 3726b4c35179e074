"""Egresses of one participant or track each, gathered by room into one recording, on a real database."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from test_intake_flow import NOW, ROOM, due, rows, told

from compliance.intake.handle import drain
from compliance.intake.parts import IntakeParts
from compliance.intake.receive import Receipt
from compliance.intake.recording import id_of_room, open_
from compliance.intake.rooms import GRACE_MS, LONGEST_MS, reconsider
from compliance.records import Role, Stage, State
from compliance.store import erasing, recordings, schema
from compliance.store.database import Database
from compliance.store.recordings import RecordingRow

AGENT, CALLER = "EG_agentTrack01", "EG_callerTrack1"
STARTS_MS = {AGENT: 1_795_500_003_000, CALLER: 1_795_500_004_250}
WAIT_MS = 900_000
OVER = NOW + GRACE_MS
"""When nothing more can be under way."""
Post = Callable[..., Receipt]


@pytest.fixture
def parts(parts: IntakeParts) -> IntakeParts:
    """A deployment that gathers egresses by room."""
    return replace(parts, gathers_rooms=True, room_wait_ms=WAIT_MS)


def egress(id_: str, event: str = "egress_ended", **more: Any) -> dict[str, Any]:
    """A webhook of one egress: the agent's is of a participant, the caller's of a track."""
    request = (
        {"participant": {"identity": "agent-AJ_q1Wa3SdFg"}}
        if id_ == AGENT
        else {"track": {"trackId": "TR_v5Bn7MmQa"}}
    )
    info: dict[str, Any] = {"egressId": id_, "roomId": ROOM, "roomName": "x", **request}
    if event == "egress_ended":
        start_ns = STARTS_MS.get(id_, 1_795_500_060_000) * 1_000_000
        file = {
            "filename": f"calls/{id_}.ogg",
            "location": f"https://northwind-calls.s3.amazonaws.com/calls/{id_}.ogg",
            "size": "812345",
            "startedAt": str(start_ns),
            "duration": "60000000000",
        }
        info |= {"status": "EGRESS_COMPLETE", "fileResults": [file | more.pop("file", {})]}
    return {
        "event": event,
        "room": {"sid": ROOM, "name": "x"},
        "egressInfo": info | more,
        "id": f"EV_{id_}{event}",
        "createdAt": "1795500080",
    }


def finished() -> dict[str, Any]:
    """The room's end."""
    return {"event": "room_finished", "room": {"sid": ROOM}, "id": "EV_finished01", "createdAt": "1795500080"}


STARTED = [egress(each, "egress_started") for each in (AGENT, CALLER)]
ENDED = [egress(each) for each in (AGENT, CALLER)]


def call(database: Database) -> RecordingRow:
    """The call of the room."""
    with database.read() as connection:
        return recordings.get(connection, id_of_room(ROOM))


def take(post: Post, parts: IntakeParts, *events: Any, now_ms: int = NOW) -> None:
    """Have events received and handled, one after another."""
    for each in events:
        post(each, now_ms=now_ms)
        drain(parts, now_ms=now_ms)


PEOPLE = ("agent_joined", "caller_joined", "track_published")


def test_the_egresses_of_a_room_are_one_recording(post: Post, parts: IntakeParts, database: Database) -> None:
    """Once all have ended and the room has, there is one call of two files, each with its own start."""
    take(post, parts, *PEOPLE, *STARTED, *ENDED)
    assert call(database).state is State.RECEIVED
    take(post, parts, finished())
    drain(parts, now_ms=OVER - 1)
    assert call(database).state is State.RECEIVED
    drain(parts, now_ms=OVER)
    found = call(database)

    assert len(rows(database)) == 1
    assert (found.state, found.stage, found.reasons) == (State.PROCESSING, Stage.INTAKE, ())
    assert found.roles == (Role.AGENT, Role.CALLER)
    assert found.started_at_ms == STARTS_MS[AGENT]
    assert due(database) == [(found.id, Stage.INTAKE)]
    files = open_(found, parts.key).files
    assert [each.offset_ms for each in files] == [0, STARTS_MS[CALLER] - STARTS_MS[AGENT]]
    assert [each.source and each.source.key for each in files] == [f"calls/{e}.ogg" for e in (AGENT, CALLER)]
    assert len(told(database, "recording.received")) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7])
def test_the_order_of_arrival_does_not_matter(
    post: Post, parts: IntakeParts, database: Database, order: tuple[int, ...]
) -> None:
    """Whatever comes last settles the room, and nothing is begun twice or held."""
    events = [*STARTED, *ENDED, finished()]
    take(post, parts, *(events[each] for each in order))
    assert call(database).state is State.RECEIVED
    drain(parts, now_ms=OVER)

    assert call(database).state is State.PROCESSING
    assert {each.state for each in rows(database)} == {"processing"}
    assert len(open_(call(database), parts.key).files) == 2


def test_without_the_setting_each_is_alone(post: Post, parts: IntakeParts, database: Database) -> None:
    """As shipped, every egress is a recording of its own, and the room's end is of no use."""
    alone = replace(parts, gathers_rooms=False)
    for each in (*STARTED, *ENDED):
        post(each)
    drain(alone, now_ms=NOW)

    assert {each.egress_id for each in rows(database)} == {AGENT, CALLER}


def test_an_erased_call_leaves_no_webhook_of_its_room(
    post: Post, parts: IntakeParts, database: Database
) -> None:
    """Neither of its egresses, which have no recording of their own, nor of its people."""
    take(post, parts, *PEOPLE, *STARTED, *ENDED, finished())
    drain(parts, now_ms=OVER)
    with database.begin() as connection:
        erasing.empty(connection, call(database))

    assert {each.body for each in rows(database, schema.inbox)} == {b""}
    assert call(database).sealed is None


class TestMissing:
    """What is missing holds the whole call, and it is said which."""

    def test_an_egress_that_never_ends(self, post: Post, parts: IntakeParts, database: Database) -> None:
        """It is waited for; then the call is held, and its known file may be destroyed."""
        take(post, parts, *STARTED, ENDED[0], finished())
        drain(parts, now_ms=NOW + WAIT_MS - 1)
        assert call(database).state is State.RECEIVED
        drain(parts, now_ms=NOW + WAIT_MS)

        found = call(database)
        assert (found.state, found.reasons) == (State.HELD, ("egress_unfinished", "file_2"))
        assert [each["kind"] for each in found.sources] == ["media"]
        assert due(database) == []

    @pytest.mark.parametrize(
        ("which", "more", "reasons"),
        [
            (1, {"file": {"location": "", "size": "0"}}, ("no_file", "file_2")),
            (0, {"status": "EGRESS_ABORTED", "fileResults": []}, ("egress_aborted", "file_2")),
            (1, {"file": {"filename": "../x.ogg"}}, ("object_not_allowed", "file_2")),
            (1, {"file": {"startedAt": "0"}}, ("start_unknown", "file_2")),
            (1, {"file": {"startedAt": "1895500003000000000"}}, ("start_unknown", "file_2")),
            (
                1,
                {"segmentResults": [{"playlistName": "x.m3u8", "size": "9"}]},
                ("segments_not_supported", "file_2"),
            ),
        ],
    )
    def test_a_file_that_is_lost(
        self,
        post: Post,
        parts: IntakeParts,
        database: Database,
        which: int,
        more: dict[str, Any],
        reasons: tuple[str, ...],
    ) -> None:
        """One that was not uploaded, may not be fetched, or has no place in time."""
        ended = list(ENDED)
        ended[which] = egress((AGENT, CALLER)[which], **more)
        take(post, parts, *STARTED, *ended, finished())
        drain(parts, now_ms=OVER)

        assert (call(database).state, call(database).reasons) == (State.HELD, reasons)
        [held] = told(database, "recording.held")
        assert held["fields"]["reasons"] == list(reasons)  # type: ignore[index]

    def test_a_call_of_which_nothing_is_left_is_absent(
        self, post: Post, parts: IntakeParts, database: Database
    ) -> None:
        """Where no egress left a file nothing was recorded."""
        lost = [egress(each, status="EGRESS_ABORTED", fileResults=[]) for each in (AGENT, CALLER)]
        take(post, parts, *STARTED, *lost, finished())
        drain(parts, now_ms=OVER)

        assert (call(database).state, call(database).reasons) == (State.ABSENT, ("egress_aborted",))

    def test_a_room_whose_end_is_not_told(self, post: Post, parts: IntakeParts, database: Database) -> None:
        """All its egresses have ended; after a while nothing more is waited for."""
        take(post, parts, *STARTED, *ENDED)
        drain(parts, now_ms=NOW + WAIT_MS)

        assert call(database).state is State.PROCESSING

    def test_a_call_that_goes_on(self, post: Post, parts: IntakeParts, database: Database) -> None:
        """While an egress runs and the room is open nothing is settled, bar after a day."""
        take(post, parts, *STARTED, ENDED[0])
        drain(parts, now_ms=NOW + LONGEST_MS - 1)
        assert call(database).state is State.RECEIVED
        drain(parts, now_ms=NOW + LONGEST_MS)

        assert call(database).reasons == ("egress_unfinished", "file_2")


class TestLate:
    """What comes after the call was settled."""

    LATE = egress("EG_lateTrack001")

    def test_it_is_held_by_itself(self, post: Post, parts: IntakeParts, database: Database) -> None:
        """A straggler of which no start was told is never left out silently."""
        take(post, parts, *STARTED, *ENDED, finished())
        drain(parts, now_ms=OVER)
        take(post, parts, self.LATE, now_ms=OVER)

        [own] = [each for each in rows(database) if each.egress_id == "EG_lateTrack001"]
        assert (own.state, own.reasons) == ("held", ["late_for_call"])
        assert [each["kind"] for each in own.sources] == ["media"]
        assert len(open_(call(database), parts.key).files) == 2

    def test_a_second_end_of_a_file_that_is_in_is_none(
        self, post: Post, parts: IntakeParts, database: Database
    ) -> None:
        """Told again under another status, an egress of the call changes nothing."""
        again = egress(CALLER, status="EGRESS_LIMIT_REACHED") | {"id": "EV_again00001"}
        take(post, parts, *STARTED, *ENDED, finished())
        drain(parts, now_ms=OVER)
        take(post, parts, again, now_ms=OVER)

        assert len(rows(database)) == 1
        assert call(database).state is State.PROCESSING

    def test_a_held_call_takes_it_along_when_tried_again(
        self, post: Post, parts: IntakeParts, database: Database
    ) -> None:
        """The way out of an egress that did not end in time: its end came after all."""
        take(post, parts, *STARTED, ENDED[0], finished())
        drain(parts, now_ms=NOW + WAIT_MS)
        take(post, parts, ENDED[1], now_ms=NOW + WAIT_MS)
        assert call(database).state is State.HELD
        with parts.database.begin() as connection:
            state = reconsider(connection, id_of_room(ROOM), parts, now_ms=NOW + WAIT_MS + 1)

        assert state is State.PROCESSING
        assert len(open_(call(database), parts.key).files) == 2
