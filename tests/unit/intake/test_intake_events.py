"""Reading webhooks into values."""

from __future__ import annotations

from typing import Any

import pytest

from compliance.intake.events import EgressEvent, ParticipantEvent, Phase, dedupe_key, parse
from compliance.records import Role

UNKNOWN = (Role.UNKNOWN, Role.UNKNOWN)


def egress(body: dict[str, Any]) -> EgressEvent:
    event = parse(body["event"], body)
    assert isinstance(event, EgressEvent)
    return event


def person(body: dict[str, Any]) -> ParticipantEvent:
    event = parse(body["event"], body)
    assert isinstance(event, ParticipantEvent)
    return event


def test_a_complete_egress_reads_whole(body):
    """Sizes and times come out as integers, nanoseconds as milliseconds, although they arrive as strings."""
    event = egress(body("ended_complete"))

    assert (event.phase, event.egress_id, event.room_sid, event.status) == (
        Phase.ENDED,
        "EG_m8RtY2pLw5Xc",
        "RM_d4Kq8ZtVbN2s",
        "EGRESS_COMPLETE",
    )
    assert (event.buckets, event.has_manifest, event.is_backup, event.retry) == (
        ("northwind-calls",),
        True,
        False,
        0,
    )
    [file] = event.files
    assert (file.size_bytes, file.started_at_ms, file.duration_ms) == (1_152_345, 1_795_500_005_250, 72_000)
    assert file.is_usable


def test_numbers_may_come_as_numbers(body):
    """An int64 is read whether it comes as a string, as protojson writes it, or as a number."""
    sample = body("ended_complete")
    sample["egressInfo"]["fileResults"][0]["size"] = 17
    assert egress(sample).files[0].size_bytes == 17


@pytest.mark.parametrize("value", [17.5, "17.5", "0x11", True, None, [], "9" * 40, "²", 10**30, "9" * 19])
def test_what_is_no_integer_reads_as_zero(body, value):
    """A size that is not an integer is no size, and no error."""
    sample = body("ended_complete")
    sample["egressInfo"]["fileResults"][0]["size"] = value
    assert egress(sample).files[0].size_bytes == 0


def test_an_absent_status_is_starting(body):
    """protojson leaves out zero values: no status means that the egress is starting."""
    assert egress(body("egress_started")).status == "EGRESS_STARTING"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("EGRESS_PAUSED", "EGRESS_PAUSED"),
        ("12125550142", "EGRESS_UNKNOWN"),
        (3, "EGRESS_COMPLETE"),
        (99, "EGRESS_UNKNOWN"),
    ],
)
def test_an_unknown_status_passes_for_no_other(body, sent, read):
    """A status this code has never heard of keeps its name, rather than read as STARTING."""
    sample = body("ended_complete")
    sample["egressInfo"]["status"] = sent
    assert egress(sample).status == read


@pytest.mark.parametrize("duration", ["-3000000000", "0", None])
def test_a_duration_that_cannot_be_is_none(body, duration):
    """Negative durations have been sent with complete egresses; they count as not known."""
    sample = body("ended_complete")
    sample["egressInfo"]["fileResults"][0]["duration"] = duration
    assert egress(sample).files[0].duration_ms is None


def test_the_single_file_stands_in_for_an_empty_list(body):
    """Where ``fileResults`` is empty the deprecated ``file`` counts; together they count once."""
    sample = body("ended_complete")
    assert len(egress(sample).files) == 1
    del sample["egressInfo"]["fileResults"]
    assert egress(sample).files[0].is_usable


def test_an_egress_without_id_has_none(body):
    """An egress that could not be launched is reported without an id, which is no id, not an empty one."""
    event = egress(body("ended_not_launched"))
    assert event.egress_id is None
    assert dedupe_key(event) is None


@pytest.mark.parametrize("value", ["EG_\x00", "+12125550142", "12125550142", "", "x" * 129, 5])
def test_what_is_no_id_is_none(body, value):
    """Ids are written to logs in clear, so a string that is not shaped like one is dropped."""
    sample = body("ended_complete")
    sample["egressInfo"]["egressId"] = value
    assert egress(sample).egress_id is None


def test_the_same_end_told_twice_has_one_key(body):
    """Egress id and terminal status make the key; events that end nothing have none."""
    assert dedupe_key(egress(body("ended_complete"))) == "EG_m8RtY2pLw5Xc:EGRESS_COMPLETE"
    assert dedupe_key(egress(body("egress_started"))) is None
    assert dedupe_key(person(body("caller_joined"))) is None


class TestChannels:
    """Who is on which channel."""

    def test_dual_channel_puts_the_agent_left(self, body):
        """DUAL_CHANNEL_AGENT under the SDK source: agent left, everyone else right."""
        assert egress(body("ended_complete")).roles == (Role.AGENT, Role.CALLER)

    def test_chrome_separates_nothing(self, body):
        """Under the web source the option is silently ignored by Egress, so nothing is known."""
        sample = body("ended_complete")
        del sample["egressInfo"]["sourceType"]
        assert egress(sample).roles == UNKNOWN

    @pytest.mark.parametrize("mixing", ["DUAL_CHANNEL_ALTERNATE", "DEFAULT_MIXING", "", None])
    def test_other_mixes_tell_nothing(self, body, mixing):
        """ALTERNATE goes by order of arrival, which is a race."""
        sample = body("ended_complete")
        sample["egressInfo"]["roomComposite"]["audioMixing"] = mixing
        assert egress(sample).roles == UNKNOWN

    def test_routes_by_kind_tell(self, body):
        """A version 2 request that routes AGENT left and SIP right says who is where."""
        assert egress(body("ended_v2")).roles == (Role.AGENT, Role.CALLER)

    @pytest.mark.parametrize(
        ("routes", "roles"),
        [
            ([("AGENT", "RIGHT"), ("SIP", "LEFT")], (Role.CALLER, Role.AGENT)),
            ([("AGENT", "LEFT"), ("SIP", "RIGHT"), ("STANDARD", "RIGHT")], (Role.AGENT, Role.CALLER)),
            ([("AGENT", "LEFT")], (Role.AGENT, Role.UNKNOWN)),
            ([("AGENT", "LEFT"), ("AGENT", "RIGHT"), ("SIP", "RIGHT")], (Role.AGENT, Role.UNKNOWN)),
            ([("AGENT", "LEFT"), ("SIP", "BOTH")], UNKNOWN),
            ([("AGENT", "LEFT"), ("SIP", None)], UNKNOWN),
            ([(None, "LEFT"), ("SIP", "RIGHT")], (Role.UNKNOWN, Role.CALLER)),
            ([("INGRESS", "LEFT"), ("SIP", "RIGHT")], (Role.UNKNOWN, Role.CALLER)),
            ([], UNKNOWN),
        ],
    )
    def test_routes_that_mix_tell_less(self, body, routes, roles):
        """A channel on which more than one kind of speaker may be heard is unknown."""
        sample = body("ended_v2")
        sample["egressInfo"]["egress"]["media"]["audio"]["routes"] = [
            {"participantKind": kind, "channel": channel and f"AUDIO_CHANNEL_{channel}"}
            for kind, channel in routes
        ]
        assert egress(sample).roles == roles

    def test_capture_all_spoils_the_routes(self, body):
        """Where everybody is captured besides, no channel belongs to one side."""
        sample = body("ended_v2")
        sample["egressInfo"]["egress"]["media"]["audio"]["captureAll"] = True
        assert egress(sample).roles == UNKNOWN


class TestBuckets:
    """Where the request says the file goes."""

    def test_version_2_names_it_beside_the_outputs(self, body):
        """Storage of the whole request counts as well as that of one output."""
        assert egress(body("ended_v2")).buckets == ("northwind-calls",)

    def test_a_track_request_names_it_in_its_only_output(self, body):
        """Track requests have one ``file`` instead of a list."""
        sample = body("ended_complete")
        del sample["egressInfo"]["roomComposite"]
        sample["egressInfo"]["track"] = {"file": {"filepath": "x", "gcp": {"bucket": "elsewhere"}}}
        assert egress(sample).buckets == ("elsewhere",)

    def test_none_where_the_server_decides(self, body):
        """A request without storage leaves it to the server's configuration."""
        sample = body("ended_complete")
        del sample["egressInfo"]["roomComposite"]["fileOutputs"][0]["s3"]
        assert egress(sample).buckets == ()


def test_a_caller_reads_with_both_numbers(body):
    """``sip.phoneNumber`` is the remote party's, ``sip.trunkPhoneNumber`` the business's."""
    event = person(body("caller_joined"))
    assert (event.kind, event.number, event.trunk_number) == ("SIP", "+12125550142", "+13035550177")
    assert (event.room_sid, event.participant_sid) == ("RM_d4Kq8ZtVbN2s", "PA_z2Xs5DcFvG")
    assert event.joined_at_ms == 1_795_500_001_200
    assert not event.has_left
    assert person(body("caller_left")).has_left


def test_joined_at_falls_back_to_seconds(body):
    """Servers that do not send milliseconds send seconds."""
    sample = body("caller_joined")
    del sample["participant"]["joinedAtMs"]
    assert person(sample).joined_at_ms == 1_795_500_001_000


def test_no_kind_is_standard(body):
    """The zero value of the kind is left out, and means a standard participant."""
    sample = body("caller_joined")
    del sample["participant"]["kind"]
    assert person(sample).kind == "STANDARD"


@pytest.mark.parametrize("name", ["track_published", "recorder_joined"])
def test_what_tells_nothing_is_ignored(body, name):
    """Tracks, and the recorder joining the room it records, are no events to us."""
    sample = body(name)
    assert parse(sample["event"], sample) is None


@pytest.mark.parametrize("name", ["room_started", "egress_failed", "something_new", ""])
def test_unknown_names_are_ignored(body, name):
    """The list of LiveKit's events grows."""
    assert parse(name, body("ended_complete")) is None


@pytest.mark.parametrize("junk", [None, [], "x", 5, {"fileResults": "x", "roomComposite": [], "file": 3}])
def test_junk_in_place_of_messages_reads_as_nothing(junk):
    """A message of another kind than expected is an absent one, not an exception."""
    event = egress({"event": "egress_ended", "egressInfo": junk})
    assert event.files == ()


def test_no_repr_shows_a_number_a_room_or_a_path(body):
    """What identifies people stays out of reprs, and so out of logs and tracebacks."""
    shown = repr(egress(body("ended_complete"))) + repr(person(body("caller_joined")))
    assert "5550142" not in shown
    assert "5550177" not in shown
    assert "calls/" not in shown
