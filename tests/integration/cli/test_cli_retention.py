"""``compliance retention``, legal holds and erasure as people type them."""

from __future__ import annotations

import json
import shutil

import pytest

from compliance.bootstrap import build, policies_folder
from compliance.intake.parties import e164
from compliance.keeping.carry import carry_out
from compliance.records import AgentKind, RecordingId, Role, Stage, State
from compliance.schemas.check import faults
from compliance.settings import load
from compliance.store import inbox, individuals, participants, recordings
from compliance.store.inbox import InboxRow
from compliance.store.participants import ParticipantRow
from compliance.store.recordings import RecordingRow
from compliance.store.seal import seal

OLD, OTHER = (RecordingId("rec_" + digit * 32) for digit in "ab")
NUMBER = "+14155550142"
MONTH_MS = 31 * 86_400_000


@pytest.fixture
def two(place) -> None:
    """Two released calls of one person, by LiveKit, a hundred months ago; with their outputs and webhooks."""
    parts = build(load())
    came_ms = parts.now_ms() - 100 * MONTH_MS
    for n, each in enumerate((OLD, OTHER)):
        room = f"RM_{n}"
        (place.here / "f").write_text("x")
        for file in ("redacted.ogg", "transcript.txt", "manifest.json"):
            parts.outputs.put(f"{each}/{file}", place.here / "f", content_type="text/plain")
        with parts.database.begin() as connection:
            recordings.insert(
                connection,
                RecordingRow(
                    id=each, state=State.RELEASED, stage=Stage.RELEASE, profile="default",
                    agent_kind=AgentKind.AI, roles=(Role.AGENT, Role.CALLER), egress_id=f"EG_{n}",
                    room_sid=room, created_at_ms=came_ms, updated_at_ms=came_ms,
                ),
            )  # fmt: skip
            person = individuals.pseudonym(connection, parts.key, e164(NUMBER) or "")
            sealed = seal(parts.key, b'{"number": null}', f"PA_{n}".encode())
            participants.save(
                connection,
                ParticipantRow(room_sid=room, participant_sid=f"PA_{n}", sealed=sealed, lookup=person),
            )
            inbox.put(
                connection,
                InboxRow(
                    event_id=f"EV_{n}", event="egress_ended", egress_id=f"EG_{n}", room_sid=room,
                    received_at_ms=came_ms, handled_at_ms=came_ms, body=b"sealed",
                ),
            )  # fmt: skip
    (place.here / "f").unlink()
    parts.database.close()


def left(compliance) -> dict[str, str]:
    """The state of each recording."""
    listed = json.loads(compliance("recordings", "list", "--json").out)["recordings"]
    return {each["id"]: each["state"] for each in listed}


@pytest.mark.usefixtures("two")
def test_the_plan_keeps_its_contract_and_is_on_record(compliance) -> None:
    """As shipped everything stays until a person decides; that the plan was read is an event."""
    plan = json.loads(compliance("retention", "plan", "--json").out)
    told = json.loads(compliance("audit", "list", "--kind", "access.list", "--json").out)

    assert faults(plan) == []
    assert {each["standing"] for each in plan["entries"]} == {"kept"}
    assert len(plan["entries"]) == 6
    assert "retention_plan" in json.dumps(told)
    assert "a person" in compliance("retention", "plan").out


@pytest.mark.usefixtures("two")
def test_a_schedule_of_ones_own_is_carried_out(compliance, place, monkeypatch) -> None:
    """With periods of the business's own what is due goes, a hold apart, and the webhooks with it."""
    own = place.here / "policies"
    shutil.copytree(policies_folder(load()), own)
    text = (own / "retention.yaml").read_text()
    (own / "retention.yaml").write_text(text.replace(": forever", ": 2 years"))
    monkeypatch.setenv("COMPLIANCE_POLICIES", str(own))
    assert compliance("recordings", "hold", OTHER, "--matter", "Vexley v. Northwind").code == 0
    plan = json.loads(compliance("retention", "plan", "--json").out)

    assert {(each["recording"], each["standing"]) for each in plan["entries"]} == {
        (OLD, "due"),
        (OTHER, "legal_hold"),
    }
    assert compliance("retention", "run").code == 0
    assert left(compliance) == {OLD: "destroyed", OTHER: "released"}
    assert compliance("recordings", "destroy", OTHER, "--reason", "x", "--yes").code == 2
    with build(load()).database.read() as connection:
        kept = inbox.handled(connection, before_ms=2**50)
    assert [each.event_id for each in kept] == ["EV_1"], "the held one's webhook stays"


@pytest.mark.usefixtures("two")
def test_a_person_of_livekits_is_erased(compliance) -> None:
    """Both calls go, numbers and webhooks are emptied, and the number leads nowhere any more."""
    assert compliance("audit", "erase", "--person", NUMBER, "--reason", "their wish", "--yes").code == 0
    parts = build(load())
    with parts.database.read() as connection:
        rooms = [row for room in ("RM_0", "RM_1") for row in participants.of_room(connection, room)]
        bodies = [each.body for each in inbox.handled(connection, before_ms=2**50)]
        assert individuals.known(connection, parts.key, NUMBER) is None

    assert left(compliance) == {OLD: "destroyed", OTHER: "destroyed"}
    assert [(row.sealed, row.lookup) for row in rooms] == [(None, None)] * 2
    assert bodies == [b"", b""]
    assert compliance("audit", "erase", "--person", NUMBER, "--reason", "again", "--yes").code == 2
    assert compliance("audit", "verify").code == 0


@pytest.mark.usefixtures("two")
def test_erasing_under_a_hold_waits(compliance) -> None:
    """3 where one recording is held; the plan names the waiting erasure; with the hold's end it is done."""
    matter = ("--matter", "Vexley v. Northwind")
    compliance("recordings", "hold", OLD, *matter)
    assert compliance("recordings", "erase", OLD, "--reason", "x", "--yes").code == 2
    assert compliance("audit", "erase", "--person", NUMBER, "--reason", "y", "--yes").code == 3
    waiting = json.loads(compliance("retention", "plan", "--json").out)["erasures"]

    assert [each["reason"] for each in waiting] == ["legal_hold", "legal_hold"]
    assert compliance("recordings", "unhold", OLD, *matter, "--reason", "settled").code == 0
    carry_out(build(load()))
    assert left(compliance) == {OLD: "destroyed", OTHER: "destroyed"}


@pytest.mark.parametrize("person", ["2125550199", "withheld", "0049 30 5550199", ""])
def test_a_number_that_is_none_is_not_repeated(compliance, place, person: str) -> None:
    """2, and the message does not say what was given."""
    done = compliance("audit", "erase", "--person", person, "--reason", "x", "--yes")

    assert done.code == 2
    assert not person or person not in done.err


def test_policy_check_reads_retention_and_vendors(compliance, place) -> None:
    """A fault in either file is named with its line."""
    own = place.here / "policies"
    shutil.copytree(policies_folder(load()), own)
    assert "Retention" in compliance("policy", "check", "--policies", str(own)).out
    for file, line in (("retention.yaml", "keep: all\n"), ("vendors.yaml", "sellers: []\n")):
        text = (own / file).read_text()
        (own / file).write_text(text + line)
        done = compliance("policy", "check", "--policies", str(own))
        assert done.code == 2
        assert f"{file}, line" in done.err
        (own / file).write_text(text)
