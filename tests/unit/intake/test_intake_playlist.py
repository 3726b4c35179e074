"""Playlists: what Egress writes is read, and nothing else of what a playlist may say is followed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import PlaylistInvalid
from compliance.intake.playlist import LARGEST, MOST, Entry, is_below, may_own, of_egress, parse

EGRESS = """#EXTM3U
#EXT-X-VERSION:4
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-ALLOW-CACHE:NO
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-TARGETDURATION:4
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T05:40:05.25Z
#EXTINF:4.0042
call_00000.ts
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T05:40:09.254Z
#EXTINF:3.9893,
call_00001.ts
#EXT-X-PROGRAM-DATE-TIME:2026-11-24T05:40:13.243Z
#EXTINF:1e-05,
call_00002.ts
#EXT-X-ENDLIST
"""


def own():
    return of_egress("rooms/7/call.m3u8", "")


def read(text: str) -> tuple[Entry, ...]:
    return parse(text.encode(), own())


def test_a_playlist_of_egress_is_read():
    """With a comma behind the duration and without; durations as Go prints them."""
    assert read(EGRESS) == (
        Entry(name="call_00000.ts", duration_ms=4004),
        Entry(name="call_00001.ts", duration_ms=3989),
        Entry(name="call_00002.ts", duration_ms=0),
    )
    assert read(EGRESS.replace("\n", "\r\n")) == read(EGRESS)


def test_a_name_stays_out_of_reprs():
    """It may be made of a room's name."""
    assert "call" not in repr(read(EGRESS))


ELSEWHERE = [
    "/etc/passwd",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "http://169.254.169.254/latest/meta-data_00001.ts",
    "//host/call_00001.ts",
    "../call_00001.ts",
    "../other/call_00001.ts",
    "a/../../call_00001.ts",
    "./call_00001.ts",
    "a//call_00001.ts",
    "%2e%2e/call_00001.ts",
    "%2e%2e%2fcall_00001.ts",
    "call%5F00001.ts",
    "..\\call_00001.ts",
    "c:call_00001.ts",
    "call_00001.ts?versionId=7",
    "call_00001.ts#t=3",
    "concat:call_00000.ts|call_00001.ts",
    "data:video/mp2t;base64,RxA_00001.ts",
    "call_00001.ts ",
    " call_00001.ts",
    "．．/call_00001.ts",
    "call_00001.ts\x00.ts",
    "call_00001.m3u8",
    "call_00001",
    "other_00001.ts",
    "callers_00001.ts",
    "call_1.ts",
    "call_00000.ts",
    "a/call_00001.ts",
]
"""Names that are no segment of this recording behind its first one."""


@pytest.mark.parametrize("name", ELSEWHERE)
def test_no_other_object_is_named(name):
    """Schemes, hosts, roots, dots, encodings, other recordings beside it, a second time the same."""
    with pytest.raises(PlaylistInvalid) as caught:
        read(EGRESS.replace("call_00001.ts", name))
    assert name.strip() not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        '#EXT-X-KEY:METHOD=AES-128,URI="https://keys.example.org/1"',
        '#EXT-X-MAP:URI="/etc/passwd"',
        "#EXT-X-BYTERANGE:100@0",
        "#EXT-X-STREAM-INF:BANDWIDTH=1",
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="b",URI="x.m3u8"',
        "#EXT-X-GAP",
        "#EXT-X-DISCONTINUITY",
        "#EXT-X-START:TIME-OFFSET=3",
        "#EXT-X-PART:DURATION=1",
        "#EXT-X-SKIP:SKIPPED-SEGMENTS=3",
        "#EXT-X-DEFINE:NAME=a,VALUE=b",
        "#EXT-X-VERSION:4",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PROGRAM-DATE-TIME:two words",
        "#EXTINF:3,",
        "#EXTM3U",
        "#EXT-OF-OUR-OWN",
        "call_00003.ts",
    ],
)
def test_what_is_not_understood_is_not_passed_over(line):
    """It may say that the bytes are locked, begin elsewhere, or are not all there."""
    with pytest.raises(PlaylistInvalid):
        read(EGRESS.replace("#EXTINF:3.9893,\n", f"{line}\n#EXTINF:3.9893,\n"))


@pytest.mark.parametrize("value", ["", "-1", "nan", "inf", "1e9", "four", "0x10", "3600.1", "٣x"])
def test_a_duration_is_one_that_a_segment_can_have(value):
    """A number of seconds, from nothing to an hour."""
    with pytest.raises(PlaylistInvalid):
        read(EGRESS.replace("3.9893,", f"{value},"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-ENDLIST\n",
        EGRESS.replace("#EXTM3U\n", ""),
        EGRESS.replace("#EXT-X-ENDLIST\n", ""),
        EGRESS + "#EXTINF:4,\ncall_00003.ts\n",
        EGRESS.replace("#EXTINF:3.9893,\n", ""),
        EGRESS.replace("call_00002.ts\n", ""),
        "\ufeff" + EGRESS,
        " " + EGRESS,
    ],
)
def test_a_list_has_a_beginning_an_end_and_whole_entries(text):
    """One that is still being written, or was cut off, is not all of the call."""
    with pytest.raises(PlaylistInvalid):
        read(text)


def test_a_list_has_the_size_of_a_call():
    """Neither megabytes of remarks nor more segments than days have."""
    with pytest.raises(PlaylistInvalid):
        read(EGRESS.replace("#EXT-X-ENDLIST", "# " + "x" * LARGEST + "\n#EXT-X-ENDLIST"))
    many = "".join(f"#EXTINF:1,\ncall_{number:06}.ts\n" for number in range(MOST + 1))
    with pytest.raises(PlaylistInvalid):
        read(f"#EXTM3U\n{many}#EXT-X-ENDLIST\n")


def test_what_is_no_text_is_no_list():
    """Bytes that are not UTF-8."""
    with pytest.raises(PlaylistInvalid):
        parse(EGRESS.encode().replace(b"call_00001", b"call_\xff"), own())


@pytest.mark.parametrize(
    ("prefix", "name", "is_own"),
    [
        ("", "call_00001.ts", True),
        ("", "call_20261124054005250.ts", True),
        ("", "other_00001.ts", False),
        ("rooms/7/part", "part_00001.ts", True),
        ("rooms/7/part", "call_00001.ts", False),
        ("rooms/{room_name}/{room_name}-{time}", "desk-2026_00001.ts", True),
        ("rooms/x-{room_name}", "desk_00001.ts", False),
        ("rooms/x-{room_name}", "x-desk_00001.ts", True),
        ("p(art", "p(art_00001.ts", True),
        ("seg/call", "seg/call_00001.ts", True),
    ],
)
def test_whose_a_name_is_follows_from_the_request(prefix, name, is_own):
    """Egress names segments by the request's prefix, and without one by the playlist."""
    assert of_egress("rooms/7/call.m3u8", prefix)(name) == is_own
    assert may_own("rooms/7/call.m3u8", prefix, name) == is_own


def test_all_segments_are_of_one_prefix_and_their_numbers_rise():
    """Where the prefix holds a room's name, a second room's segments are not let in behind the first's."""
    owns = of_egress("list.m3u8", "{room_name}")
    assert [owns(each) for each in ("a_00001.ts", "a_00003.ts", "b_00004.ts")] == [True, True, False]
    assert not owns("b_00002.ts")


names = st.text(
    st.sampled_from("abc_0123456789./\\%:?#* ~\x00\n\u2024\u2215\uff0e") | st.characters(), max_size=30
)


@given(names)
def test_a_name_that_is_let_through_goes_down(name):
    """Whatever the name: joined to a folder it leads to a file in that folder or below."""
    if is_below(name):
        parts = name.split("/")
        assert not any(part in ("", ".", "..") for part in parts)
        assert not set(name) & set("\\%?#:\x00\n")
        assert name.endswith(".ts")


lines = st.sampled_from(EGRESS.splitlines()) | st.text(max_size=40) | st.builds("#EXT-X-{}".format, st.text())


@given(st.lists(lines, max_size=30))
def test_any_list_is_read_or_refused(found):
    """Lines in any order and of any kind: either all of it is understood, or it is PlaylistInvalid."""
    text = "\n".join(["#EXTM3U", *found])
    try:
        entries = parse(text.encode("utf-8", "surrogatepass"), own())
    except PlaylistInvalid:
        return
    named = [
        line for line in text.replace("\r\n", "\n").split("\n") if line.strip() and not line.startswith("#")
    ]
    assert [each.name for each in entries] == [line.removesuffix("\r") for line in named]
    assert all(each.name.startswith("call_") for each in entries)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text):
    """Nothing but PlaylistInvalid comes of bytes."""
    with pytest.raises(PlaylistInvalid):
        parse(b"#EXTM3U\n" + text, own())
