"""The sample call as LiveKit would tell of it today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compliance.cli.demo_call import EVENTS, put_in_place
from compliance.intake.events import parse
from compliance.intake.objects import Allowed, source_of

NOW_S = 2_000_000_000


@pytest.fixture
def call(tmp_path: Path):
    """The call, put in place."""
    return put_in_place(tmp_path / "bucket", now_s=NOW_S)


def body(call, event: str) -> dict:
    """One of its webhooks."""
    return json.loads(call.webhooks[event])


def test_the_recording_lies_where_its_webhook_says(call) -> None:
    """Intake, allowed this one folder, arrives at the very file."""
    ended = parse("egress_ended", body(call, "egress_ended"))
    source = source_of(ended, ended.files[0], Allowed(buckets=(f"file://{call.bucket}",)))

    assert call.bucket / source.key == call.media
    assert call.media.read_bytes() == call.original.read_bytes()


def test_the_call_has_just_ended(call) -> None:
    """Seconds, milliseconds and nanoseconds are all moved by the same time."""
    joined, ended = body(call, "participant_joined"), body(call, "egress_ended")
    file = ended["egressInfo"]["fileResults"][0]

    assert int(ended["createdAt"]) == NOW_S
    assert int(file["endedAt"]) // 10**9 in range(NOW_S - 5, NOW_S)
    assert int(joined["participant"]["joinedAtMs"]) // 1000 == int(joined["participant"]["joinedAt"])
    assert int(file["endedAt"]) - int(file["startedAt"]) == int(file["duration"])


def test_a_second_call_is_another_call(call, tmp_path) -> None:
    """Every id is fresh, and the three webhooks of one call agree on them."""
    other = put_in_place(tmp_path / "other", now_s=NOW_S)
    for event in EVENTS:
        assert body(call, event)["id"] != body(other, event)["id"]

    assert call.egress_id != other.egress_id
    assert body(call, "egress_started")["egressInfo"]["egressId"] == call.egress_id
    assert len({body(call, event)["room"]["sid"] for event in EVENTS}) == 1


def test_the_side_file_of_egress_lies_beside_the_recording(call) -> None:
    """So that its destruction can be seen: it names the room."""
    assert sorted(path.suffix for path in call.leftovers) == [".json", ".ogg"]
