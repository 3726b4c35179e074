"""One contract over SQLite and PostgreSQL: individuals, sealed payloads, holds and debts."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from compliance.errors import SealBroken
from compliance.store import debts, holds, individuals, keys, participants, payloads
from compliance.store.database import Database
from compliance.store.debts import DebtRow, ErasureRow
from compliance.store.holds import HoldRow
from compliance.store.participants import ParticipantRow

KEY, NUMBER = bytes(range(32)), "+14155550142"


def test_a_person_has_one_pseudonym_until_their_salt_goes(database: Database) -> None:
    """The same number gives the same pseudonym; after its destruction it gives none, and then another."""
    with database.begin() as connection:
        first = individuals.pseudonym(connection, KEY, NUMBER)
        assert individuals.pseudonym(connection, KEY, NUMBER) == first
        assert individuals.pseudonym(connection, KEY, "+14155550143") != first
        assert first != keys.lookup(keys.lookup_key(KEY), NUMBER)
        individuals.forget(connection, first)

        assert individuals.known(connection, KEY, NUMBER) is None
        assert individuals.pseudonym(connection, KEY, NUMBER) != first


def test_rows_from_before_there_were_salts_are_adopted(database: Database) -> None:
    """A participant that was kept under the bare digest is found, and bears the pseudonym from then on."""
    bare = keys.lookup(keys.lookup_key(KEY), NUMBER)
    with database.begin() as connection:
        participants.save(connection, ParticipantRow(room_sid="RM_1", participant_sid="PA_1", lookup=bare))
        assert individuals.is_known_bare(connection, KEY, NUMBER)
        person = individuals.pseudonym(connection, KEY, NUMBER)

        assert individuals.adopt(connection, KEY, NUMBER, person) == 1
        assert not individuals.is_known_bare(connection, KEY, NUMBER)
        assert [row.participant_sid for row in participants.by_lookup(connection, person)] == ["PA_1"]


def test_a_payload_is_read_until_it_is_erased(database: Database) -> None:
    """A sealed value comes back under its commitment; erased, it says so, and its salt is gone."""
    with database.begin() as connection:
        one = payloads.commit(connection, KEY, {"name": "Vexley"}, now_ms=1, individual="p1")
        two = payloads.commit(connection, KEY, {"name": "Vexley"}, now_ms=1, individual="p2")
        assert one != two, "a salt keeps equal values from being told"
        assert payloads.read(connection, KEY, one).text("name") == "Vexley"
        assert payloads.erase(connection, now_ms=2, individual="p1") == 1
        assert payloads.erase(connection, now_ms=3, individual="p1") == 0

        assert payloads.read(connection, KEY, one).text("name") == payloads.ERASED
        assert payloads.read(connection, KEY, two).text("name") == "Vexley"
        assert payloads.erase(connection, now_ms=3) == 0, "nothing named, nothing erased"


def test_an_altered_payload_is_seen(database: Database) -> None:
    """A sealed value moved under another commitment does not open."""
    with database.begin() as connection:
        one = payloads.commit(connection, KEY, {"a": 1}, now_ms=1)
        two = payloads.commit(connection, KEY, {"a": 2}, now_ms=1)
        connection.execute(
            text(
                "UPDATE sealed_values SET sealed ="
                " (SELECT sealed FROM sealed_values WHERE commitment = :two) WHERE commitment = :one"
            ),
            {"one": one, "two": two},
        )
        with pytest.raises(SealBroken):
            payloads.read(connection, KEY, one)


def test_a_hold_is_in_force_until_it_ends(database: Database) -> None:
    """Two matters hold one recording apart from each other."""
    rows = [HoldRow(id=f"h{n}", recording_id="rec_1", matter=f"m{n}", placed_at_ms=n) for n in (1, 2)]
    with database.begin() as connection:
        for each in rows:
            holds.place(connection, each)
        assert holds.of_recording(connection, "rec_1") == rows
        assert holds.held(connection) == {"rec_1": 2}
        assert holds.release(connection, "h1", 5)
        assert not holds.release(connection, "h1", 6)
        assert [each.id for each in holds.of_recording(connection, "rec_1")] == ["h2"]


def test_debts_are_paid_once(database: Database) -> None:
    """What is decided is owed until it is paid, and decided once."""
    debt = DebtRow(recording_id="rec_1", thing="transcript", decided_at_ms=1)
    with database.begin() as connection:
        assert debts.decide(connection, debt)
        assert not debts.decide(connection, debt)
        assert debts.unpaid(connection) == [debt]
        assert debts.pay(connection, debt, 2)
        assert not debts.pay(connection, debt, 3)
        assert debts.unpaid(connection) == []
        assert debts.decided(connection) == {("rec_1", "transcript")}


def test_an_erasure_forgets_whose_it_was(database: Database) -> None:
    """Done, it no longer holds the pseudonym."""
    row = ErasureRow(id="erasure_1", individual="p1", actor="a", actor_role="officer", requested_at_ms=1)
    with database.begin() as connection:
        debts.ask(connection, row)
        assert debts.block(connection, row.id, "legal_hold")
        assert not debts.block(connection, row.id, "legal_hold")
        assert debts.finish(connection, row.id, 9)
        assert not debts.finish(connection, row.id, 9)
        assert debts.unfinished(connection) == []
        kept = connection.execute(text("SELECT individual, blocked_by, finished_at_ms FROM erasures")).one()

    assert json.dumps(list(kept)) == "[null, null, 9]"
