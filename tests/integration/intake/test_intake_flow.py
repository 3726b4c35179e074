"""From a signed webhook through the inbox to recordings, participants and work, on a real database."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from compliance.errors import DatabaseUnavailable
from compliance.intake.handle import drain, handle
from compliance.intake.objects import Allowed
from compliance.intake.receive import Receipt
from compliance.intake.recording import open_, recording_of
from compliance.intake.settle import reconsider
from compliance.records import Party, Role, Stage, State
from compliance.store import events, inbox, individuals, participants, recordings, schema, work
from compliance.store.recordings import RecordingRow
from compliance.store.seal import unseal

NOW = 1_795_500_082_000
EGRESS = "EG_m8RtY2pLw5Xc"
ROOM = "RM_d4Kq8ZtVbN2s"


def rows(database, table=schema.recordings):
    with database.read() as connection:
        return connection.execute(select(table)).all()


def only(database) -> RecordingRow:
    [found] = rows(database)
    with database.read() as connection:
        return recordings.get(connection, found.id)


def due(database) -> list[tuple[str, Stage]]:
    with database.read() as connection:
        return work.due(connection, now_ms=NOW, resend_ms=1)


def told(database, kind: str) -> list[dict[str, object]]:
    with database.read() as connection:
        return [json.loads(each.body) for each in events.page(connection, kind=kind)]


def seen(parts) -> tuple[Party, ...]:
    with parts.database.read() as connection:
        [found] = connection.execute(select(schema.recordings.c.id)).all()
        return recording_of(connection, recordings.get(connection, found.id), parts).parties


CALL = ("caller_joined", "agent_joined", "egress_started", "egress_updated", "ended_complete", "caller_left")


def test_a_call_becomes_work(post, parts, database):
    """The events of one call leave one recording on its way, its channels known, its first stage planned."""
    assert {post(each) for each in CALL} == {Receipt.ACCEPTED}
    assert drain(parts, now_ms=NOW) == len(CALL)

    found = only(database)
    assert (found.state, found.stage, found.reasons) == (State.PROCESSING, Stage.INTAKE, ())
    assert (found.egress_id, found.room_sid) == (EGRESS, ROOM)
    assert found.roles == (Role.AGENT, Role.CALLER)
    assert found.started_at_ms == 1_795_500_005_250
    assert due(database) == [(found.id, Stage.INTAKE)]
    assert [each["kind"] for each in found.sources] == ["media", "manifest"]

    sealed = open_(found, parts.key)
    assert sealed.source is not None
    assert sealed.source.key.endswith("/2026-11-24T054005.ogg")  # of the end, not of the start


def test_the_parties_come_from_the_room(post, parts):
    """The caller's number and the business's are found by the room's id, times from the first sample."""
    for each in CALL:
        post(each)
    drain(parts, now_ms=NOW)
    assert seen(parts) == (
        Party(role=Role.AGENT, number="+13035550177", channel=0, joined_ms=-4_850),
        Party(role=Role.CALLER, number="+12125550142", channel=1, joined_ms=-4_050),
    )


def test_where_somebody_is_comes_from_the_attributes_that_are_named(post, parts, body, database):
    """An app's own attribute and a SIP header reach the parties; what nobody named is not kept."""
    joined = body("caller_joined")
    joined["participant"]["attributes"] |= {
        "compliance.place": "US-NV",
        "sip.h.p-asserted-identity": "<sip:+17025550163@carrier.example>",
        "account.name": "Ottoline Marsh",
    }
    named = replace(parts, place_attributes=("compliance.place", "sip.h.p-asserted-identity"))
    for each in (joined, *CALL[1:]):
        post(each)
    drain(named, now_ms=NOW)

    [caller] = [each for each in seen(named) if each.role is Role.CALLER]
    assert [(each.evidence, each.value) for each in caller.clues] == [
        ("attribute", "US-NV"),
        ("sip_header", "<sip:+17025550163@carrier.example>"),
    ]
    with database.read() as connection:
        [sealed] = [each.sealed for each in participants.of_room(connection, ROOM) if each.kind == "sip"]
    assert b"5550163" not in sealed
    opened = unseal(parts.key, sealed, joined["participant"]["sid"].encode("ascii"))
    assert b"5550163" in opened
    assert b"Ottoline" not in opened


def test_an_egress_of_which_nobody_joined_has_an_unknown_caller(post, parts):
    """The number is not guessed from room name, identity or file name, all of which hold it here."""
    post("ended_complete")
    drain(parts, now_ms=NOW)
    assert seen(parts)[1] == Party(role=Role.CALLER, number=None, channel=1, joined_ms=None)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
class TestStores:
    """The whole of a call on both databases."""

    @pytest.fixture
    def url(self, store, request, tmp_path):
        """An empty database of either kind."""
        if store == "postgresql":
            return request.getfixturevalue("postgres_database")
        return f"sqlite:///{tmp_path / 'compliance.db'}"

    def test_a_call_told_twice_becomes_work_once(self, post, parts, database):
        """Every event delivered twice leaves one recording, one stage to do, and each audit event once."""
        post("caller_joined")
        for receipt in (Receipt.ACCEPTED, Receipt.REPLAYED):
            assert {post(each) for each in CALL[1:]} == {receipt}
        drain(parts, now_ms=NOW)
        found = only(database)
        assert due(database) == [(found.id, Stage.INTAKE)]
        assert [each.number for each in seen(parts)] == ["+13035550177", "+12125550142"]
        assert len(told(database, "webhook.accepted")) == len(CALL)

    def test_several_processes_may_drain_at_once(self, post, parts, database):
        """All read the same rows; each row has its effect once, and none is lost."""
        for each in CALL:
            post(each)
        with ThreadPoolExecutor(4) as pool:
            counts = list(pool.map(lambda _: drain(parts, now_ms=NOW), range(4)))
        while more := drain(parts, now_ms=NOW):  # a row whose transaction lost a race waits for its next turn
            counts.append(more)
        assert sum(counts) == len(CALL)
        assert only(database).state is State.PROCESSING
        assert len(told(database, "recording.received")) == 1
        with database.read() as connection:
            assert inbox.unhandled(connection) == []


@pytest.mark.parametrize(
    "order", list(itertools.permutations(("caller_joined", "egress_started", "ended_complete")))
)
def test_the_order_of_arrival_does_not_matter(post, parts, database, order):
    """LiveKit promises no order between egress and participant events: the same recording comes of any."""
    for number, each in enumerate(order):
        post(each)
        drain(parts, now_ms=NOW + number)
    found = only(database)
    assert found.state is State.PROCESSING
    assert found.roles == (Role.AGENT, Role.CALLER)
    assert due(database) == [(found.id, Stage.INTAKE)]
    assert [each.number for each in seen(parts)] == ["+13035550177", "+12125550142"]
    assert len(told(database, "recording.received")) == 1


class TestTwice:
    """The same thing told twice."""

    def test_the_same_event_is_kept_once(self, post, database):
        """A second delivery with the same id is answered well and changes nothing."""
        assert post("ended_complete") is Receipt.ACCEPTED
        assert post("ended_complete") is Receipt.REPLAYED
        assert len(rows(database, schema.inbox)) == 1
        assert len(told(database, "webhook.accepted")) == 1

    def test_the_same_end_under_two_ids_is_kept_once(self, post, body, database):
        """Egress id and status are the same: one end, however many ids the server gives it."""
        again = {**body("ended_complete"), "id": "EV_another0001"}
        assert post("ended_complete") is Receipt.ACCEPTED
        assert post(again) is Receipt.REPLAYED
        assert len(rows(database, schema.inbox)) == 1

    def test_a_row_is_handled_once(self, post, parts, database):
        """Handled again, as by a second process that read the row before, it does nothing."""
        post("ended_complete")
        with database.read() as connection:
            [row] = inbox.unhandled(connection)
        for is_first in (True, False):
            with database.begin() as connection:
                assert handle(connection, row, parts, now_ms=NOW) is is_first
        assert drain(parts, now_ms=NOW) == 0
        assert len(due(database)) == 1

    def test_a_second_end_does_not_begin_again(self, post, parts, body, database):
        """An egress that failed after it was complete (another status, so another key) changes nothing."""
        later = body("ended_complete")
        later["id"], later["egressInfo"]["status"] = "EV_later00001", "EGRESS_FAILED"
        del later["egressInfo"]["fileResults"], later["egressInfo"]["file"]
        for each in ("ended_complete", later):
            assert post(each) is Receipt.ACCEPTED
            drain(parts, now_ms=NOW)
        assert only(database).state is State.PROCESSING

    def test_a_file_that_comes_after_all_is_taken(self, post, parts, body, database):
        """The first end left nothing, the second brings the file: the recording is no longer absent."""
        failed = body("ended_upload_failed")
        failed["egressInfo"]["egressId"] = EGRESS
        for each, state in ((failed, State.ABSENT), ("ended_complete", State.PROCESSING)):
            post(each)
            drain(parts, now_ms=NOW)
            assert only(database).state is state


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ended_aborted", "egress_aborted"),
        ("ended_aborted_web", "egress_aborted"),
        ("ended_upload_failed", "upload_failed"),
        ("ended_process_died", "egress_failed"),
        ("ended_not_launched", "egress_failed"),
    ],
)
def test_an_end_without_a_file_is_absent_and_says_why(post, parts, database, name, reason):
    """No work is planned, and the log tells what LiveKit said."""
    post(name)
    drain(parts, now_ms=NOW)
    found = only(database)
    assert (found.state, found.reasons) == (State.ABSENT, (reason,))
    assert due(database) == []
    [event] = told(database, "recording.absent")
    assert event["reason"] == reason


def test_egresses_without_ids_do_not_meet(post, parts, body, database):
    """Two that were never launched are two recordings, though neither has an egress id."""
    other = {**body("ended_not_launched"), "id": "EV_other00001"}
    for each in ("ended_not_launched", other):
        post(each)
    drain(parts, now_ms=NOW)
    assert len(rows(database)) == 2


@pytest.mark.parametrize("name", ["../x.ogg", "/x.ogg", "a\x00b", "%2e%2e/x.ogg"])
def test_a_path_trick_is_held(post, parts, body, database, name):
    """A signed webhook with a trick in the file name is kept, held, logged, and nothing is to be fetched."""
    trick = body("ended_complete")
    trick["egressInfo"]["fileResults"][0]["filename"] = name
    post(trick)
    drain(parts, now_ms=NOW)
    found = only(database)
    assert (found.state, found.reasons, found.sources) == (State.HELD, ("object_not_allowed",), ())
    assert due(database) == []
    [event] = told(database, "recording.held")
    assert event["reason"] == "object_not_allowed"


def test_a_held_recording_can_be_decided_anew(post, parts, database):
    """Once the bucket is on the list, a retry fetches what was held; before, it is held again."""
    strict = replace(parts, allowed=Allowed(buckets=("elsewhere",)))
    post("ended_complete")
    drain(strict, now_ms=NOW)
    found = only(database)
    for settings, state in ((strict, State.HELD), (parts, State.PROCESSING), (parts, State.PROCESSING)):
        with database.begin() as connection:
            assert reconsider(connection, found.id, settings, now_ms=NOW + 1) is state
    assert due(database) == [(found.id, Stage.INTAKE)]
    assert len(told(database, "recording.held")) == 2


def test_recorders_and_unknown_events_leave_nothing(post, body, database):
    """The recorder joining, tracks, and events that LiveKit may invent tomorrow."""
    novel = {**body("caller_joined"), "event": "participant_danced"}
    assert {post(each) for each in ("recorder_joined", "track_published", novel)} == {Receipt.IGNORED}
    assert rows(database, schema.inbox) == []


def test_a_leave_before_its_join_adds_up(post, parts, database):
    """What one event does not tell the other does."""
    for each in ("caller_left", "caller_joined"):
        post(each)
        drain(parts, now_ms=NOW)
    with database.read() as connection:
        [found] = participants.of_room(connection, ROOM)
    assert (found.joined_at_ms, found.left_at_ms) == (1_795_500_001_200, 1_795_500_001_000)
    with parts.database.read() as connection:
        assert found.lookup == individuals.known(connection, parts.key, "+12125550142")


def test_nothing_private_stands_in_the_database_file(post, parts, database, tmp_path):
    """No storage secret, number, identity, room name or path is found in the file's bytes."""
    for each in (*CALL, "ended_not_launched"):
        post(each)
    drain(parts, now_ms=NOW)
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert EGRESS.encode() in kept  # the search would find what is there
    for private in (
        "MADE-UP-ACCESS-KEY",
        "made-up-secret",
        "5550142",
        "5550177",
        "support-_",
        "054005",
        "sip_",
    ):
        assert private.encode() not in kept


def test_secrets_are_masked_before_they_are_sealed(post, parts, database):
    """Whoever holds the deployment key can read numbers, but no other people's storage keys."""
    post("ended_not_launched")
    [row] = rows(database, schema.inbox)
    plain = unseal(parts.key, row.body, row.event_id.encode())
    assert b"5550142" in plain
    assert b"made-up-secret" not in plain
    assert b"MADE-UP-ACCESS-KEY" not in plain


def test_a_row_that_cannot_be_handled_keeps_no_other_waiting(post, parts, database, caplog):
    """It stays in the inbox and is named in the log, without a word of what it holds."""
    for each in ("caller_joined", "ended_complete"):
        post(each)
    with database.begin() as connection:
        first = schema.inbox.c.event == "participant_joined"
        connection.execute(schema.inbox.update().where(first).values(body=b"S1 broken"))
    assert drain(parts, now_ms=NOW) == 1
    assert only(database).state is State.PROCESSING
    with database.read() as connection:
        assert [row.event for row in inbox.unhandled(connection)] == ["participant_joined"]
    assert "SealBroken" in caplog.text
    assert "5550142" not in caplog.text


def test_effects_and_events_are_one(post, parts, database, monkeypatch):
    """If the audit event cannot be written, nothing of the step is: the row waits, nothing is half-made."""
    post("ended_complete")

    def refuse(*_: object) -> None:
        raise DatabaseUnavailable("no answer")

    with monkeypatch.context() as patched:
        patched.setattr("compliance.intake.settle.log.record", refuse)
        with pytest.raises(DatabaseUnavailable):
            drain(parts, now_ms=NOW)
    assert rows(database) == []
    assert due(database) == []
    assert drain(parts, now_ms=NOW) == 1
    assert only(database).state is State.PROCESSING
