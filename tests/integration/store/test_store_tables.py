"""One contract over SQLite and PostgreSQL: every table's functions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from compliance.errors import LeaseLost, RecordingUnknown, StateConflict
from compliance.records import AgentKind, RecordingId, Role, Stage, State
from compliance.store import checkpoints, events, inbox, participants, recordings, tokens, tree, work
from compliance.store.database import Database

RECORDING = recordings.RecordingRow(
    id=RecordingId("rec_1"),
    state=State.RECEIVED,
    stage=None,
    profile="default",
    agent_kind=AgentKind.AI,
    roles=(Role.AGENT, Role.CALLER),
    egress_id="EG_1",
    room_sid="RM_1",
    started_at_ms=1_700_000_000_000,
    sources=({"bucket": "calls", "key": "sealed"},),
    created_at_ms=1,
    updated_at_ms=1,
    sealed=b"\x00\xff",
)


def test_a_recording_comes_back_as_it_was_put(database: Database) -> None:
    """A row that is inserted is read again by id and by egress, equal in every column."""
    with database.begin() as connection:
        assert recordings.insert(connection, RECORDING)

    with database.read() as connection:
        assert recordings.get(connection, "rec_1") == RECORDING
        assert recordings.by_egress(connection, "EG_1") == RECORDING
        assert recordings.by_egress(connection, "EG_2") is None
        with pytest.raises(RecordingUnknown):
            recordings.get(connection, "rec_2")


def test_one_egress_is_one_recording(database: Database) -> None:
    """A second recording of the same egress changes nothing, and the transaction goes on."""
    with database.begin() as connection:
        recordings.insert(connection, RECORDING)
        assert not recordings.insert(connection, replace(RECORDING, id=RecordingId("rec_2")))
        assert not recordings.insert(connection, replace(RECORDING, egress_id="EG_2"))
        assert recordings.insert(connection, replace(RECORDING, id=RecordingId("rec_3"), egress_id=None))
        assert recordings.insert(connection, replace(RECORDING, id=RecordingId("rec_4"), egress_id=None))

    with database.read() as connection:
        assert {row.id for row in recordings.page(connection)} == {"rec_1", "rec_3", "rec_4"}


def test_pages_neither_repeat_nor_skip(database: Database) -> None:
    """Pages from the newest on give each recording once, even where times are equal."""
    with database.begin() as connection:
        for number in range(7):
            row = replace(
                RECORDING, id=RecordingId(f"rec_{number}"), egress_id=None, created_at_ms=number // 3
            )
            recordings.insert(connection, row)

    found: list[str] = []
    with database.read() as connection:
        while page := recordings.page(connection, after=found[-1] if found else None, limit=2):
            found += [row.id for row in page]
        assert recordings.page(connection, after="unknown") == []
        assert recordings.page(connection, state=State.HELD) == []

    assert found == [f"rec_{number}" for number in (6, 5, 4, 3, 2, 1, 0)]


def test_a_state_changes_only_from_an_expected_one(database: Database) -> None:
    """Of two people who decide at once, the second is told that the first did."""
    with database.begin() as connection:
        recordings.insert(connection, RECORDING)
        recordings.move(
            connection, "rec_1", state=State.HELD, stage=Stage.CONSENT, reasons=["missing"], now_ms=5
        )
    held = {"expected": [State.HELD], "stage": Stage.RELEASE, "reasons": (), "now_ms": 6}
    with database.begin() as connection:
        recordings.move(connection, "rec_1", state=State.RELEASED, **held)  # type: ignore[arg-type]
    with pytest.raises(StateConflict, match="released"), database.begin() as connection:
        recordings.move(connection, "rec_1", state=State.DESTROYED, **held)  # type: ignore[arg-type]
    with pytest.raises(RecordingUnknown), database.begin() as connection:
        recordings.move(connection, "rec_2", state=State.DESTROYED, **held)  # type: ignore[arg-type]

    with database.read() as connection:
        row = recordings.get(connection, "rec_1")
    assert (row.state, row.stage, row.reasons, row.updated_at_ms) == (State.RELEASED, Stage.RELEASE, (), 6)


def test_what_is_learnt_later_is_written_down(database: Database) -> None:
    """Facts are amended by name; state and id are not among them."""
    with database.begin() as connection:
        recordings.insert(connection, RECORDING)
        recordings.amend(
            connection, "rec_1", now_ms=9, duration_ms=61_000, source_sha256="ab", roles=(Role.CALLER,)
        )
        row = recordings.get(connection, "rec_1")
        with pytest.raises(TypeError, match="state"):
            recordings.amend(connection, "rec_1", now_ms=9, state=State.RELEASED)
        with pytest.raises(RecordingUnknown):
            recordings.amend(connection, "rec_2", now_ms=9, duration_ms=1)

    assert row == replace(
        RECORDING, duration_ms=61_000, source_sha256="ab", roles=(Role.CALLER,), updated_at_ms=9
    )


EVENT = inbox.InboxRow(event_id="EV_1", event="egress_ended", received_at_ms=10, body=b"\xff\x00")


def test_an_event_is_kept_once(database: Database) -> None:
    """A second event of the same id, or of the same egress and status, is a duplicate."""
    first = replace(EVENT, dedupe_key="EG_1/complete", egress_id="EG_1")
    with database.begin() as connection:
        assert inbox.put(connection, first)
        assert not inbox.put(connection, first)
        assert not inbox.put(connection, replace(first, event_id="EV_2"))
        assert inbox.put(connection, replace(EVENT, event_id="EV_3", received_at_ms=9))
        assert inbox.put(connection, replace(EVENT, event_id="EV_4", received_at_ms=11))

    with database.read() as connection:
        assert [row.event_id for row in inbox.unhandled(connection, 10)] == ["EV_3", "EV_1", "EV_4"]
        assert inbox.unhandled(connection, 2)[1] == first


def test_an_event_is_handled_once(database: Database) -> None:
    """An event marked as handled is no longer due, and cannot be marked again."""
    with database.begin() as connection:
        inbox.put(connection, EVENT)
        assert inbox.mark(connection, "EV_1", "recording", 20)
        assert not inbox.mark(connection, "EV_1", "ignored", 21)
        assert not inbox.mark(connection, "EV_9", "ignored", 21)
        assert inbox.unhandled(connection, 10) == []


def test_webhooks_about_a_participant_may_come_in_any_order(database: Database) -> None:
    """A leave before its join, or either of them twice, ends in the same row."""
    left = participants.ParticipantRow(room_sid="RM_1", participant_sid="PA_1", left_at_ms=90)
    joined = replace(left, kind="sip", joined_at_ms=10, left_at_ms=None, sealed=b"s", lookup="ab")
    with database.begin() as connection:
        for row in (left, joined, joined, left, replace(joined, joined_at_ms=50)):
            participants.save(connection, row)
        participants.save(connection, participants.ParticipantRow(room_sid="RM_2", participant_sid="PA_1"))

    with database.read() as connection:
        whole = replace(joined, left_at_ms=90)
        assert participants.of_room(connection, "RM_1") == [whole]
        assert participants.by_lookup(connection, "ab") == [whole]
        assert participants.by_lookup(connection, "cd") == []


def test_a_token_is_found_by_its_digest_and_ends_once(database: Database) -> None:
    """A revoked token keeps the time of its first revocation."""
    row = tokens.TokenRow(
        id="tok_1", name="ops", role="engineer", digest="d1", created_at_ms=1, expires_at_ms=100
    )
    with database.begin() as connection:
        tokens.create(connection, row)
        tokens.create(connection, replace(row, id="tok_2", digest="d2"))
        assert tokens.by_digest(connection, "d1") == row
        assert tokens.by_digest(connection, "d3") is None
        assert tokens.revoke(connection, "tok_1", 50)
        assert not tokens.revoke(connection, "tok_1", 60)
        assert not tokens.revoke(connection, "tok_9", 60)
        assert [each.id for each in tokens.page(connection)] == ["tok_1", "tok_2"]
        assert [each.id for each in tokens.page(connection, after="tok_1")] == ["tok_2"]
        found = tokens.by_digest(connection, "d1")

    assert found is not None
    assert found.revoked_at_ms == 50
    assert not found.is_valid(10)
    assert row.is_valid(99)
    assert not row.is_valid(100)


def _finish_with_event(database: Database, claim: work.Claim) -> None:
    with database.begin() as connection:
        events.insert(connection, **_event("ev_late"))
        work.finish(connection, claim, "late", "00", 210)


def _claim(database: Database, owner: str, now_ms: int, stage: Stage = Stage.DETECT) -> work.Claim | None:
    with database.begin() as connection:
        return work.claim(connection, "rec_1", stage, owner=owner, now_ms=now_ms, lease_ms=100)


def _plan(database: Database, *stages: Stage) -> None:
    with database.begin() as connection:
        for stage in stages:
            work.plan(connection, "rec_1", stage, 0)


def test_of_many_workers_one_gets_the_stage(database: Database) -> None:
    """Workers that ask at the same moment are given one claim between them."""
    _plan(database, Stage.DETECT)

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda number: _claim(database, f"w{number}", 10), range(8)))

    assert sum(claim is not None for claim in claims) == 1


def test_a_live_lease_keeps_others_out_and_a_dead_one_does_not(database: Database) -> None:
    """A lease is held to its end, lengthened by heartbeats, and then taken over; attempts are counted."""
    _plan(database, Stage.DETECT)
    first = _claim(database, "a", 0)
    assert first is not None
    assert _claim(database, "b", 99) is None
    with database.begin() as connection:
        assert work.heartbeat(connection, first, 50, 100)
    assert _claim(database, "b", 149) is None
    second = _claim(database, "b", 150)

    assert second is not None
    assert (first.attempts, second.attempts) == (1, 2)
    assert (first.took_over, second.took_over) == (False, True)
    with database.begin() as connection:
        assert not work.heartbeat(connection, first, 160, 100)
        assert not work.fail(connection, first, 160)


def test_a_worker_whose_lease_was_taken_over_cannot_finish(database: Database) -> None:
    """What it wrote in the same transaction is rolled back, even where both workers have one name."""
    _plan(database, Stage.DETECT)
    first = _claim(database, "same", 0)
    second = _claim(database, "same", 200)
    assert first is not None
    assert second is not None

    with pytest.raises(LeaseLost):
        _finish_with_event(database, first)
    with database.begin() as connection:
        work.finish(connection, second, "findings.json", "ab", 220)

    with database.read() as connection:
        assert work.output(connection, "rec_1", Stage.DETECT) == work.StageOutput(
            name="findings.json", sha256="ab"
        )
        assert events.get(connection, "ev_late") is None
    assert _claim(database, "c", 10_000) is None


def test_a_stage_that_was_never_planned_is_not_claimed(database: Database) -> None:
    """There is no claim, no output and nothing due for it."""
    assert _claim(database, "a", 0) is None
    with database.begin() as connection:
        assert work.output(connection, "rec_1", Stage.DETECT) is None
        assert work.due(connection, now_ms=0, resend_ms=10) == []
        assert work.attempts(connection, "rec_1", Stage.DETECT) == 0


def test_due_is_what_nobody_works_on(database: Database) -> None:
    """Due is what was never sent, was sent long ago and not begun, or whose worker died."""
    due = [("rec_1", Stage.DETECT)]

    def is_due(now_ms: int) -> bool:
        with database.begin() as connection:
            found = work.due(connection, now_ms=now_ms, resend_ms=1000)
            assert found in ([], due)
            return bool(found)

    def send(now_ms: int) -> None:
        with database.begin() as connection:
            work.mark_sent(connection, "rec_1", Stage.DETECT, now_ms)

    _plan(database, Stage.DETECT)
    assert is_due(0)
    send(0)
    assert not is_due(999)
    assert is_due(1000)
    send(1000)
    assert _claim(database, "a", 1000)
    assert not is_due(1099)
    assert is_due(1100)
    send(1100)
    assert not is_due(1101)
    assert is_due(2100)
    claim = _claim(database, "b", 2200)
    assert claim is not None
    with database.begin() as connection:
        assert work.fail(connection, claim, 2210, pause_ms=1000)
    assert not is_due(3209)
    assert is_due(3210)
    claim = _claim(database, "b", 3210)
    assert claim is not None
    with database.begin() as connection:
        work.finish(connection, claim, None, None, 3220)
    assert not is_due(99_999)


def test_a_forgotten_stage_runs_again_and_keeps_old_workers_out(database: Database) -> None:
    """After forget a stage is neither done nor due until planned; its count of attempts begins anew."""
    _plan(database, Stage.DETECT, Stage.CONSENT)
    old = _claim(database, "a", 0)
    assert old is not None
    with database.begin() as connection:
        work.forget(connection, "rec_1", [Stage.DETECT, Stage.CONSENT])
        assert work.due(connection, now_ms=9999, resend_ms=1) == []
    assert _claim(database, "b", 9999) is None
    _plan(database, Stage.DETECT)
    new = _claim(database, "a", 10_000)

    assert new is not None
    assert new.attempts == 1
    with pytest.raises(LeaseLost), database.begin() as connection:
        work.finish(connection, old, "old", "00", 10_001)


def test_planning_what_is_done_changes_nothing(database: Database) -> None:
    """A stage planned twice, or after it is done, is done once."""
    _plan(database, Stage.DETECT)
    claim = _claim(database, "a", 0)
    assert claim is not None
    with database.begin() as connection:
        work.finish(connection, claim, "x", "ab", 1)
    _plan(database, Stage.DETECT)

    assert _claim(database, "b", 10_000) is None


def _event(id: str, recording_id: str | None = "rec_1") -> dict[str, object]:
    return {
        "id": id,
        "recording_id": recording_id,
        "kind": "recording.received",
        "occurred_at_ms": 5,
        "body": b'{"id":"' + id.encode() + b'"}',
        "leaf_hash": b"\x00" * 32,
    }


def test_an_event_of_an_id_is_written_once(database: Database) -> None:
    """A second event of an id is the same event: the first one's bytes stay."""
    with database.begin() as connection:
        assert events.insert(connection, **_event("ev_1"))
        assert not events.insert(connection, **{**_event("ev_1"), "body": b"other"})
        assert events.insert(connection, **_event("ev_2", None))
        (found,) = events.of_recording(connection, "rec_1")

    assert found.body == b'{"id":"ev_1"}'
    assert found.leaf_hash == b"\x00" * 32


def test_pending_are_the_events_without_a_leaf(database: Database) -> None:
    """Events get their leaves in the order of their writing, as many as asked for, and then wait no more."""
    with database.begin() as connection:
        assert tree.size(connection) == 0
        for number in range(5):
            events.insert(connection, **_event(f"ev_{number}"))
        assert tree.unsealed(connection) == 5
        tree.lock(connection)
        taken = tree.append(connection, 0, 2)
        assert [(each.leaf_index, each.event_id) for each in taken] == [(0, "ev_0"), (1, "ev_1")]
        assert (tree.unsealed(connection), tree.is_pending(connection)) == (3, True)
        assert tree.size(connection) == 2
        assert tree.leaf_of(connection, "ev_1") == 1
        assert tree.leaf_of(connection, "ev_2") is None
        assert tree.leaves(connection, 0, 9) == taken
        assert taken[1].event == events.get(connection, "ev_1")
        assert tree.leaf_hashes(connection, 0, 9) == [b"\x00" * 32] * 2
        assert len(tree.append(connection, 2, 9)) == 3
        assert not tree.is_pending(connection)
        assert tree.append(connection, 5, 9) == []


@pytest.mark.parametrize("start", [0, 1])
def test_a_leaf_is_given_once(database: Database, start: int) -> None:
    """A leaf index that is taken is not given again."""
    with database.begin() as connection:
        for number in range(2):
            events.insert(connection, **_event(f"ev_{number}"))
        tree.append(connection, 0, 9)
        events.insert(connection, **_event("ev_2"))

    with pytest.raises(StateConflict), database.begin() as connection:
        tree.append(connection, start, 9)


def test_an_event_has_one_leaf(database: Database) -> None:
    """An event that has a leaf is given no other, even were it pending again."""
    with database.begin() as connection:
        events.insert(connection, **_event("ev_0"))
        tree.append(connection, 0, 9)
        connection.execute(text("INSERT INTO audit_pending SELECT seq FROM audit_events"))

    with pytest.raises(StateConflict), database.begin() as connection:
        tree.append(connection, 1, 9)


def test_an_event_is_pending_until_it_has_a_leaf(database: Database) -> None:
    """The database itself refuses to take what has no leaf off the list of what waits."""
    with database.begin() as connection:
        events.insert(connection, **_event("ev_0"))

    with pytest.raises(StateConflict), database.begin() as connection:
        connection.execute(text("DELETE FROM audit_pending"))

    with database.read() as connection:
        assert tree.unsealed(connection) == 1


def test_whole_tiles_are_kept_once(database: Database) -> None:
    """A tile is read as it was written, its root with or without it, and never written again."""
    rows = [
        tree.TileRow(level=0, tile_index=index, root=bytes([index]) * 32, hashes=bytes([index]) * 8192)
        for index in range(3)
    ]
    with database.begin() as connection:
        tree.add_tiles(connection, rows)
        tree.add_tiles(connection, [])
        assert tree.tile(connection, 0, 2) == rows[2].hashes
        assert tree.tile(connection, 1, 0) is None
        assert tree.tile_roots(connection, 0, 1, 3) == [rows[1].root, rows[2].root]

    with pytest.raises(StateConflict), database.begin() as connection:
        tree.add_tiles(connection, rows[:1])


def test_whoever_seals_has_a_number_of_his_own(database: Database) -> None:
    """A number is taken once, and the highest is the one that counts."""
    row = tree.FenceRow(fence=1, owner="one", size=0, taken_at_ms=5)
    with database.begin() as connection:
        assert tree.fence(connection) == 0
        assert tree.take_over(connection, row)
        assert not tree.take_over(connection, replace(row, owner="other"))
        assert tree.take_over(connection, replace(row, fence=2, owner="other"))
        assert tree.fence(connection) == 2


def test_the_largest_checkpoint_is_the_latest(database: Database) -> None:
    """Checkpoints are kept one a size; the one of the largest tree is the latest."""
    row = checkpoints.CheckpointRow(size=2, root=b"r2", note="note", created_at_ms=7)
    with database.begin() as connection:
        assert checkpoints.latest(connection) is None
        assert checkpoints.add(connection, replace(row, size=10, root=b"r10"))
        assert checkpoints.add(connection, row)
        assert not checkpoints.add(connection, replace(row, root=b"other"))
        assert checkpoints.latest(connection) == replace(row, size=10, root=b"r10")
        assert [each.root for each in checkpoints.every(connection)] == [b"r2", b"r10"]


COLUMNS = {
    "audit_leaves": "event_id",
    "audit_tiles": "root",
    "audit_checkpoints": "note",
    "audit_fences": "owner",
}
"""The tables of the tree that only grow, and a column of each."""


@pytest.mark.parametrize("table", ["audit_events", *COLUMNS])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_the_log_takes_rows_and_never_changes_them(database: Database, table: str, statement: str) -> None:
    """The database itself refuses to update or delete a row of the audit log."""
    column = COLUMNS.get(table, "kind")
    with database.begin() as connection:
        events.insert(connection, **_event("ev_1"))
        tree.append(connection, 0, 9)
        tree.add_tiles(connection, [tree.TileRow(level=0, tile_index=0, root=b"", hashes=b"")])
        tree.take_over(connection, tree.FenceRow(fence=1, owner="o", size=0, taken_at_ms=1))
        checkpoints.add(connection, checkpoints.CheckpointRow(size=1, root=b"", note="", created_at_ms=1))

    with pytest.raises(StateConflict), database.begin() as connection:
        connection.execute(text(statement.format(table, column)))

    with database.read() as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1
