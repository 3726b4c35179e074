"""What the end of an egress means, row by row, and which objects may be fetched."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import ObjectNotAllowed
from compliance.intake.endings import Absent, Fetch, FetchCall, Held, ending_of
from compliance.intake.events import EgressEvent, parse
from compliance.intake.objects import Allowed, object_key, source_of

ALLOWED = Allowed(buckets=("northwind-calls",))
FILE = "calls/support-_+12125550142_k3Jw9QxR5mTz/2026-11-24T054005.ogg"


@pytest.fixture
def ended(body):
    """The event of a sample."""

    def read(name: str) -> EgressEvent:
        sample = body(name)
        event = parse(sample["event"], sample)
        assert isinstance(event, EgressEvent)
        return event

    return read


@pytest.mark.parametrize("name", ["ended_complete", "ended_limit_reached", "ended_partial", "ended_v2"])
def test_a_file_that_was_uploaded_is_fetched(ended, name):
    """COMPLETE, LIMIT_REACHED, and a FAILED that uploaded what it had: location and size are set."""
    ending = ending_of(ended(name), ALLOWED)
    assert isinstance(ending, Fetch)
    assert (ending.source.bucket, ending.source.key) == ("northwind-calls", FILE)
    assert ending.manifest is not None
    assert ending.manifest.key.endswith(".json")
    assert ending.manifest.key.rpartition("/")[0] == FILE.rpartition("/")[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ended_upload_failed", "upload_failed"),
        ("ended_aborted", "egress_aborted"),
        ("ended_aborted_web", "egress_aborted"),
        ("ended_process_died", "egress_failed"),
        ("ended_not_launched", "egress_failed"),
    ],
)
def test_what_was_not_uploaded_is_absent(ended, name, reason):
    """No location or no size: there is nothing to fetch, whatever name and duration the event gives."""
    assert ending_of(ended(name), ALLOWED) == Absent(reason=reason)


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        ("CPU exhausted: cpu usage too high", 403, "egress_failed"),
        ("pipeline frozen", 500, "egress_failed"),
        ("participant PA_x not found", 404, "egress_failed"),
        ("primary: Azure upload failed: 500 backup: S3 upload failed: 403", 400, "upload_failed"),
    ],
)
@pytest.mark.parametrize("uploaded", [True, False])
def test_failures_are_judged_by_the_file(ended, error, code, reason, uploaded):
    """A FAILED egress may have uploaded or not: the file decides, and only its absence needs the text."""
    sample = replace(
        ended("ended_partial" if uploaded else "ended_upload_failed"), error=error, error_code=code
    )
    ending = ending_of(sample, ALLOWED)
    assert isinstance(ending, Fetch) if uploaded else ending == Absent(reason=reason)


def test_a_complete_egress_without_a_file_is_absent(ended):
    """Zero-byte files have been reported with good statuses."""
    event = ended("ended_complete")
    empty = replace(event, files=(replace(event.files[0], size_bytes=0),))
    assert ending_of(empty, ALLOWED) == Absent(reason="no_file")


def test_a_status_never_heard_of_is_judged_by_its_file(ended):
    """A newer status changes nothing in the rule."""
    assert isinstance(ending_of(replace(ended("ended_complete"), status="EGRESS_PAUSED"), ALLOWED), Fetch)


def test_several_files_are_held(ended):
    """One file named twice is not two; one that was not uploaded, beside a single one, does not count."""
    event = ended("ended_complete")
    assert ending_of(replace(event, files=event.files * 2), ALLOWED) == Held(reason="several_files")
    unsent = replace(event.files[0], location="")
    assert isinstance(ending_of(replace(event, files=(*event.files, unsent)), ALLOWED), Fetch)


def several(event: EgressEvent, *changes: dict[str, object]) -> EgressEvent:
    """The event with a file for each set of changes, a second apart unless they say otherwise."""
    [file] = event.files
    assert file.started_at_ms is not None
    files = [
        replace(
            file, **({"filename": f"calls/{n}.ogg", "started_at_ms": file.started_at_ms - 1_000 * n} | each)
        )
        for n, each in enumerate(changes)
    ]
    return replace(event, files=tuple(files))


def test_several_files_are_one_call(ended):
    """In the order in which they began, each with its offset from the first."""
    event = several(ended("ended_complete"), {}, {})
    ending = ending_of(event, ALLOWED)

    assert isinstance(ending, FetchCall)
    assert [each.source and each.source.key for each in ending.files] == ["calls/1.ogg", "calls/0.ogg"]
    assert [each.offset_ms for each in ending.files] == [0, 1_000]
    assert ending.started_at_ms == event.files[1].started_at_ms


@pytest.mark.parametrize(
    ("changes", "reason", "file"),
    [
        ({"started_at_ms": None}, "start_unknown", 3),
        ({"started_at_ms": 1_895_500_005_250}, "start_unknown", 3),
        ({"filename": "../x.ogg"}, "object_not_allowed", 2),
        ({"location": ""}, "no_file", 2),
    ],
)
def test_one_of_several_that_cannot_be_had_holds_them_all(ended, changes, reason, file):
    """It is said which, and where the others are, should they be destroyed."""
    ending = ending_of(several(ended("ended_complete"), {}, changes, {}), ALLOWED)

    assert ending == Held(reason=reason, file=file)
    assert isinstance(ending, Held)
    assert ending.reasons == (reason, f"file_{file}")
    assert {"calls/0.ogg", "calls/2.ogg"} <= {each.source.key for each in ending.files if each.source}


def segmented(body, **more):
    """The end of an egress that wrote segments and no file."""
    sample = body("ended_complete")
    info = sample["egressInfo"]
    del info["fileResults"], info["file"], info["roomComposite"]["fileOutputs"]
    info["roomComposite"]["segmentOutputs"] = [
        {"filenamePrefix": "calls/{room_name}/part", "playlistName": "calls/{room_name}/list.m3u8"}
    ]
    info["segmentResults"] = [
        {"playlistName": "calls/desk/list.m3u8", "size": "99", "segmentCount": "3"} | more
    ]
    return sample


def read(sample):
    event = parse("egress_ended", sample)
    assert isinstance(event, EgressEvent)
    return event


def test_a_playlist_is_fetched_with_what_it_will_name(body):
    """Playlist, live playlist, manifest, and how segments are named; times are those of the whole."""
    more = {"livePlaylistName": "calls/desk/live.m3u8", "startedAt": "1795500005250123456"}
    event = read(segmented(body, **more))
    ending = ending_of(event, ALLOWED)

    assert isinstance(ending, Fetch)
    assert ending.source.key == "calls/desk/list.m3u8"
    assert ending.live is not None
    assert ending.live.key == "calls/desk/live.m3u8"
    assert ending.manifest is not None
    assert ending.manifest.key == "calls/desk/EG_m8RtY2pLw5Xc.json"
    assert ending.file.started_at_ms == 1_795_500_005_250
    [told] = event.segments
    assert (told.count, told.playlist.size_bytes, told.prefix) == (3, 99, "calls/{room_name}/part")


def test_the_single_form_and_that_of_version_two_are_read_as_well(body):
    """``segments`` in place of the list, and ``outputs`` in place of ``segmentOutputs``."""
    sample = segmented(body)
    info = sample["egressInfo"]
    [info["segments"]] = info.pop("segmentResults")
    [output] = info["roomComposite"].pop("segmentOutputs")
    info["roomComposite"]["outputs"] = [{"segments": output}]

    assert read(sample).segments == read(segmented(body)).segments


def test_segments_beside_a_file_are_held(body):
    """They are a second copy of the call that nothing would redact."""
    sample = body("ended_complete")
    sample["egressInfo"]["segmentResults"] = segmented(body)["egressInfo"]["segmentResults"]

    assert ending_of(read(sample), ALLOWED) == Held(reason="segments_not_supported")


def test_two_sets_of_segments_are_held(body):
    """As two files are."""
    sample = segmented(body)
    sample["egressInfo"]["segmentResults"] *= 2

    assert ending_of(read(sample), ALLOWED) == Held(reason="segments_not_supported")


@pytest.mark.parametrize("field", ["playlistName", "livePlaylistName"])
@pytest.mark.parametrize("name", ["../other/list.m3u8", "/etc/passwd", "calls/%2e%2e/list.m3u8"])
def test_a_playlist_elsewhere_is_held(body, field, name):
    """Its name is made of a room's too."""
    assert ending_of(read(segmented(body, **{field: name})), ALLOWED) == Held(reason="object_not_allowed")


def test_segments_of_which_nothing_was_uploaded_are_absent(body):
    """A playlist's name alone is no recording."""
    ending = ending_of(read(segmented(body, size="0", segmentCount="0")), ALLOWED)

    assert ending == Absent(reason="no_file")


TRICKS = [
    "",
    "/etc/passwd",
    "//server/share",
    "..",
    "../secret.ogg",
    "calls/../../secret.ogg",
    "calls/..",
    "./call.ogg",
    "calls//call.ogg",
    "calls/",
    "call\x00.ogg",
    "call\n.ogg",
    "call\x1b[2J.ogg",
    "call\x7f.ogg",
    "..\\secret.ogg",
    "calls\\call.ogg",
    "C:/windows/call.ogg",
    "file:///etc/passwd",
    "https://example.org/call.ogg",
    "%2e%2e/secret.ogg",
    "calls/%2E%2e%2Fsecret.ogg",
    "%252e%252e/secret.ogg",
    "%2525252e%2525252e/secret.ogg",
    "%2fetc/passwd",
    "calls%5c..%5csecret.ogg",
    "call%00.ogg",
    "．．/secret.ogg",
    "%EF%BC%8E%EF%BC%8E/secret.ogg",
    "calls/‥/secret.ogg",
    "call\ud800.ogg",
    "x" * 1025,
    "ü" * 513,
]


@pytest.mark.parametrize("name", TRICKS)
def test_path_tricks_are_held(ended, name):
    """A name that could lead out of bucket or folder, however it is read, is held as object_not_allowed."""
    event = ended("ended_complete")
    trick = replace(event, files=(replace(event.files[0], filename=name),))
    assert ending_of(trick, ALLOWED) == Held(reason="object_not_allowed")


@pytest.mark.parametrize(
    "name", ["call.ogg", FILE, "100% sure.ogg", "a..b/c...ogg", "Zoë/通話 1.ogg", "x/~y.ogg", "a:b.ogg"]
)
def test_ordinary_names_pass(name):
    """Spaces, plus signs, per cents, dots inside names and other scripts are ordinary."""
    assert object_key("", name) == name


@given(st.text(st.sampled_from("./\\%2eEfFcC50 \x00．‥" + string.ascii_lowercase), max_size=12))
def test_an_allowed_name_stays_below_its_start(name):
    """Whatever passes has no part that is empty or dots, so no layer below can be led astray."""
    try:
        key = object_key("", name)
    except ObjectNotAllowed:
        return
    assert all(part not in ("", ".", "..") for part in key.split("/"))
    assert "\\" not in key
    assert "\x00" not in key


@pytest.mark.parametrize("prefix", ["tenant-7", "tenant-7/"])
def test_the_configured_prefix_comes_first(prefix):
    """Egress leaves its storage's prefix out of the file names it reports."""
    assert object_key(prefix, "calls/a.ogg") == "tenant-7/calls/a.ogg"


class TestBucket:
    """Which bucket the file is taken from."""

    @pytest.mark.parametrize("allowed", [(), ("other",), ("northwind",), ("file:///srv/calls",)])
    def test_a_foreign_bucket_is_held(self, ended, allowed):
        """A bucket that the request names and the list does not is not allowed; no part of a name matches."""
        assert ending_of(ended("ended_complete"), Allowed(buckets=allowed)) == Held(
            reason="object_not_allowed"
        )

    def test_one_foreign_bucket_spoils_the_rest(self, ended):
        """Among several buckets of a request a foreign one is no chance to guess."""
        event = replace(ended("ended_complete"), buckets=("northwind-calls", "foreign"))
        assert ending_of(event, ALLOWED) == Held(reason="object_not_allowed")

    @pytest.mark.parametrize("bucket", ["northwind-calls", "file:///srv/calls"])
    def test_the_only_allowed_one_stands_in(self, ended, bucket):
        """Where the request names none, the server chose; with one allowed, that must be it."""
        event = replace(ended("ended_complete"), buckets=())
        assert source_of(event, event.files[0], Allowed(buckets=(bucket,))).bucket == bucket

    @pytest.mark.parametrize(
        "location",
        [
            "https://backup-calls.s3.amazonaws.com/calls/a.ogg",
            "https://s3.example.org/backup-calls/calls/a.ogg?X-Amz-Signature=1",
        ],
    )
    def test_location_decides_among_those_allowed(self, ended, location):
        """The backup storage is named nowhere but in ``location``, which chooses but cannot add."""
        event = replace(ended("ended_complete"), is_backup=True)
        file = replace(event.files[0], location=location)
        both = Allowed(buckets=("northwind-calls", "backup-calls"))
        assert source_of(event, file, both).bucket == "backup-calls"
        with pytest.raises(ObjectNotAllowed):
            source_of(event, file, ALLOWED)

    @pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "https://[bad", "", "/out/a.ogg"])
    def test_a_location_elsewhere_decides_nothing(self, ended, location):
        """With two buckets allowed, none named and a location in neither, it is held."""
        event = replace(ended("ended_complete"), buckets=())
        file = replace(event.files[0], location=location)
        with pytest.raises(ObjectNotAllowed):
            source_of(event, file, Allowed(buckets=("one", "two")))
