"""Transport streams, packet by packet: what is written is whole, and what is lost of it is seen."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.errors import MediaError, MediaTruncated, MediaUnsupported
from compliance.redact.continuity import check
from compliance.redact.multiplex import AUDIO, CLOCK, VIDEO, WRAP, Multiplex, Unit, merged, tables
from compliance.redact.multiplexed import entries, is_bare
from compliance.redact.transport import PACKET

sizes = st.integers(1, 700)
units = st.lists(st.tuples(st.sampled_from([AUDIO, VIDEO]), sizes, st.booleans()), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """Where a stream is written, over and over."""
    return tmp_path_factory.mktemp("multiplex") / "stream"


def made(given, *, start: int = 0) -> bytes:
    """A stream of units of some kinds and sizes, 40 ms apart."""
    file = io.BytesIO()
    output = Multiplex(file, "aac", has_picture=True)
    for number, (kind, size, is_entry) in enumerate(given):
        time = start + number * CLOCK // 25
        output.write(
            Unit(kind=kind, body=bytes([number]) * size, pts=time + 3600, dts=time, is_entry=is_entry)
        )
    return file.getvalue()


def packets(data: bytes) -> list[bytes]:
    return [data[at : at + PACKET] for at in range(0, len(data), PACKET)]


def kind_of(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "big") & 0x1FFF


def carried(packet: bytes) -> bytes:
    """What a packet carries, read by the standard's words and not by our code."""
    assert packet[0] == 0x47
    start = 4
    if packet[3] & 0x20:
        start += 1 + packet[4]
    return packet[start:]


def is_whole(path: Path, data: bytes) -> bool:
    path.write_bytes(data)
    try:
        check(path)
    except MediaTruncated:
        return False
    return True


@given(units)
def test_what_is_written_can_be_read_back(path, given):
    """Every byte of every unit, in its order, behind a header that tells its length and its times."""
    data = made(given)

    assert is_whole(path, data)
    for kind in (AUDIO, VIDEO):
        stream = [each for each in packets(data) if kind_of(each) == kind]
        found = b"".join(carried(each) for each in stream)
        wanted = [bytes([n]) * size for n, (k, size, _) in enumerate(given) if k == kind]
        for body in wanted:
            assert found[:3] == b"\x00\x00\x01"
            length, head = int.from_bytes(found[4:6], "big"), 9 + found[8]
            assert found[head : 6 + length] == body
            found = found[6 + length :]
        assert found == b""


@given(units)
def test_a_stream_of_ours_is_bare(path, given):
    """Two tables, sound, picture; a packet of another kind, a longer table or header are something else."""
    data = made(given)
    path.write_bytes(data)
    assert is_bare(path, "aac", has_picture=True)
    assert not is_bare(path, "aac", has_picture=False)
    assert not is_bare(path, "mp3", has_picture=True)

    service = bytes([0x47, 0x40, 0x11, 0x10]) + b"\x00" * 184
    path.write_bytes(data + service)
    assert not is_bare(path, "aac", has_picture=True)


@pytest.mark.parametrize(
    ("at", "value"),
    [(5, 0x12), (5, 0x11), (5, 0x18)],
    ids=["private data", "extension", "another clock"],
)
def test_a_header_that_says_more_is_not_bare(path, at, value):
    """Bytes of anybody's choice fit there."""
    data = bytearray(made([(AUDIO, 50, False)]))
    data[2 * PACKET + at] = value
    path.write_bytes(data)
    assert not is_bare(path, "aac", has_picture=True)


def test_a_unit_whose_header_says_more_is_not_bare(path):
    """PES private data."""
    data = bytearray(made([(AUDIO, 50, False)]))
    at = data.index(b"\x00\x00\x01\xc0")
    data[at + 7] |= 0x01
    path.write_bytes(data)
    assert not is_bare(path, "aac", has_picture=True)


@given(units, st.data())
def test_a_packet_that_is_missing_is_seen(path, given, data):
    """Wherever it was, but the last of its kind, if that is a table or a picture: those tell no length."""
    whole = packets(made(given))
    place = data.draw(st.integers(0, len(whole) - 1))
    kind = kind_of(whole[place])
    is_last = all(kind_of(each) != kind for each in whole[place + 1 :])
    is_first = all(kind_of(each) != kind for each in whole[:place])
    if (is_last and kind != AUDIO) or is_first:
        return
    is_unit = is_last and whole[place][1] & 0x40
    assert is_whole(path, b"".join(whole[:place] + whole[place + 1 :])) == bool(is_unit)


@given(st.lists(units, min_size=2, max_size=4))
def test_streams_that_begin_anew_are_one_when_joined(path, parts):
    """As segments of a muxer that was begun anew for each."""
    assert is_whole(path, b"".join(made(each) for each in parts))


@given(units, units, st.data())
def test_a_packet_that_is_missing_from_one_of_two_is_seen(path, one, other, data):
    """Within a segment; of sound at its very end too."""
    whole = packets(made(one))
    place = data.draw(st.integers(0, len(whole) - 1))
    kind = kind_of(whole[place])
    behind = [each for each in whole[place + 1 :] if kind_of(each) == kind]
    is_first = all(kind_of(each) != kind for each in whole[:place])
    if is_first or (not behind and (kind != AUDIO or whole[place][1] & 0x40)):
        return
    left = b"".join(whole[:place] + whole[place + 1 :])
    assert not is_whole(path, left + made([(AUDIO, 10, True), (VIDEO, 10, True), *other]))


def test_sound_that_begins_anew_alone_is_a_loss(path):
    """The tables go on: no muxer began anew, sixteen packets or so are missing."""
    whole = packets(made([(AUDIO, 100, number % 3 == 0) for number in range(40)]))
    numbers = [index for index, each in enumerate(whole) if kind_of(each) == AUDIO]
    assert is_whole(path, b"".join(whole))
    lost = set(numbers[7:16])
    assert not is_whole(path, b"".join(each for index, each in enumerate(whole) if index not in lost))


def test_a_packet_sent_twice_is_no_loss(path):
    """As the standard permits."""
    whole = packets(made([(VIDEO, 600, True), (VIDEO, 10, False)]))
    assert is_whole(path, b"".join([*whole[:4], whole[3], *whole[4:]]))


def test_a_break_that_is_told_is_no_loss(path):
    """By the indicator of discontinuity."""
    whole = [bytearray(each) for each in packets(made([(AUDIO, 100, False)] * 4))]
    last = whole[-1]
    del whole[-2]
    assert not is_whole(path, b"".join(whole))
    last[5] |= 0x80
    assert is_whole(path, b"".join(whole))


def test_what_is_encrypted_is_not_treated(path):
    """Transport scrambling."""
    data = bytearray(made([(AUDIO, 100, False)]))
    data[2 * PACKET + 3] |= 0x80
    path.write_bytes(data)
    with pytest.raises(MediaUnsupported):
        check(path)


def test_a_stream_of_many_kinds_is_not_treated(path):
    """Each kind is followed by itself."""
    data = made([(AUDIO, 100, False)])
    more = b"".join(bytes([0x47, 0x41, kind, 0x10]) + bytes(184) for kind in range(2, 100))
    path.write_bytes(data + more)
    with pytest.raises(MediaUnsupported):
        check(path)


@given(units, st.integers(0, WRAP - 1))
def test_every_entry_is_found_at_its_time(path, given, start):
    """Also where the clock wraps; a stream begins with one."""
    path.write_bytes(made(given, start=start))
    wanted = [n for n, (_, _, is_entry) in enumerate(given) if is_entry or n == 0]
    found = list(entries(path))
    assert [each.time for each in found] == [(start + n * CLOCK // 25 + 3600) % WRAP for n in wanted]
    assert found[0].offset == 0


def test_the_tables_have_the_checksum_that_others_give_them():
    """The same bytes as FFmpeg's for the same table."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts", options={"mpegts_service_id": "1"}) as output:
        stream = output.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44_100, 0
        for packet in (*stream.encode(frame), *stream.encode(None)):
            output.mux(packet)
    theirs = next(carried(each) for each in packets(file.getvalue()) if kind_of(each) == 0)
    assert theirs.rstrip(b"\xff") == tables("aac", has_picture=False)[0].rstrip(b"\xff")


@given(units, st.binary(min_size=PACKET - 1, max_size=PACKET - 1), st.data())
def test_damage_raises_nothing_but_our_errors(path, given, junk, data):
    """Any packet in place of one: it is whole, or it is not; bare, or not."""
    whole = packets(made(given))
    place = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(b"".join([*whole[:place], b"\x47" + junk, *whole[place + 1 :]]))
    with suppress(MediaError):
        check(path)
    with suppress(MediaError):
        list(entries(path))
    is_bare(path, "aac", has_picture=True)


def test_units_are_merged_by_their_time():
    """The earlier stream first where two are due at once."""

    def stream(kind, *times):
        return iter([Unit(kind=kind, body=b"", pts=time, dts=time, is_entry=False) for time in times])

    order = [(each.kind, each.dts) for each in merged(stream(VIDEO, 0, 4), stream(AUDIO, 0, 1, 5))]
    assert order == [(VIDEO, 0), (AUDIO, 0), (AUDIO, 1), (VIDEO, 4), (AUDIO, 5)]
