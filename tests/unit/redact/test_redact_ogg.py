"""Ogg pages: read into packets however they are laid out, and written again with some packets replaced."""

from __future__ import annotations

import struct
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.redact.ogg import checksum, opened
from compliance.redact.paging import pace_in
from compliance.redact.repage import rewritten

STEP = 960
HEAD = b"OpusHead" + bytes([1, 2]) + struct.pack("<HIhB", 312, 48_000, 0, 0)
CELT = bytes([0xFC])
"""The first byte of a packet of one CELT frame of 20 ms, stereo."""


def slow_crc(data):
    """RFC 3533's CRC, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc & 1 << 31 else crc << 1) & 0xFFFFFFFF
    return crc


def page(sequence, pieces, body, *, granule, flags=0):
    bare = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 77, sequence, 0, len(pieces))
    whole = bare + bytes(pieces) + body
    return whole[:22] + checksum(whole).to_bytes(4, "little") + whole[26:]


def pieces_of(packet):
    return [255] * (len(packet) // 255) + [len(packet) % 255]


def laid_out(packets, pieces_a_page, *, tags=b"OpusTags" + bytes(8), trim=0, origin=0):
    """A file whose sound pages hold so many pieces each, whatever packets they cut through."""
    first = page(0, pieces_of(HEAD), HEAD, granule=0, flags=2)
    cut = [(tags[at : at + 255 * 255], at) for at in range(0, len(tags), 255 * 255)]
    told = [
        page(n + 1, pieces_of(part) if n + 1 == len(cut) else [255] * 255, part, granule=0, flags=bool(n))
        for n, (part, _) in enumerate(cut)
    ]
    return first + b"".join(told) + b"".join(sound(packets, pieces_a_page, len(told) + 1, trim, origin))


def sound(packets, pieces_a_page, sequence, trim, origin):
    pieces = [(piece, n) for n, packet in enumerate(packets) for piece in pieces_of(packet)]
    body, at = b"".join(packets), 0
    for low in range(0, len(pieces), pieces_a_page):
        part = pieces[low : low + pieces_a_page]
        size = sum(piece for piece, _ in part)
        ended = [n for piece, n in part if piece < 255]
        is_last = low + pieces_a_page >= len(pieces)
        granule = origin + (ended[-1] + 1) * STEP - (trim if is_last else 0) if ended else -1
        flags = (low > 0 and pieces[low - 1][0] == 255) | (4 if is_last else 0)
        lacing = [piece for piece, _ in part]
        yield page(sequence, lacing, body[at : at + size], granule=granule, flags=flags)
        sequence, at = sequence + 1, at + size


def packet(size, fill=0):
    return CELT + bytes([fill]) * (size - 1)


sizes = st.lists(st.integers(1, 900), min_size=1, max_size=60)


@given(st.binary(max_size=400))
def test_the_checksum_is_the_formats(data):
    """Computed with zlib it is what the RFC's own loop gives."""
    assert checksum(data) == slow_crc(data)


@settings(deadline=None)
@given(data=st.data(), sizes=sizes, pieces=st.integers(1, 255), trim=st.integers(0, STEP - 313))
def test_packets_are_replaced_and_no_others(tmp_path_factory, data, sizes, pieces, trim):
    """However packets lie on pages, those replaced are new, all others stand, and the clock goes on."""
    path = tmp_path_factory.mktemp("ogg") / "call"
    packets = [packet(size, n % 200) for n, size in enumerate(sizes)]
    path.write_bytes(laid_out(packets, pieces, trim=trim))
    chosen = sorted(data.draw(st.sets(st.integers(0, len(sizes) - 1))))
    made = {n: packet(data.draw(st.integers(1, 2000)), 222) for n in chosen}

    with closing(opened(path)) as source:
        assert [source.packet(n) for n in range(source.count)] == packets
        before = pace_in(source)
        path.with_name("again").write_bytes(b"".join(rewritten(source, STEP, made.items())))
    with closing(opened(path.with_name("again"))) as again:
        assert [again.packet(n) for n in range(again.count)] == [
            made.get(n, old) for n, old in enumerate(packets)
        ]
        after = pace_in(again)
        assert [each.sequence for each in again.pages] == list(range(2, len(again.pages) + 2))
        assert again.pages[-1].flags & 4
        assert not any(each.flags & 4 for each in again.pages[:-1])
    assert before
    assert after
    assert (after.count, after.total, after.start) == (before.count, before.total, before.start)


def test_pages_without_a_cut_are_the_originals(tmp_path):
    """Byte for byte, checksum and number included."""
    packets = [packet(100, n) for n in range(100)]
    path = tmp_path / "call"
    path.write_bytes(laid_out(packets, 10))

    with closing(opened(path)) as source:
        written = b"".join(rewritten(source, STEP, [(55, packet(90, 222))]))
        whole, (low, high) = path.read_bytes(), (source.pages[5].at, source.pages[5].end)

    assert written[:low] == whole[:low]
    assert written[-(len(whole) - high) :] == whole[high:]


def test_comments_are_left_behind_however_long(tmp_path):
    """A picture of the caller in the comments takes pages; those behind are numbered anew."""
    told = b"OpusTags" + bytes(4) + b"JANE ROE" * 20_000
    path = tmp_path / "call"
    path.write_bytes(laid_out([packet(100, n) for n in range(50)], 10, tags=told))

    with closing(opened(path)) as source:
        assert source.pages[0].sequence == 4
        path.with_name("bare").write_bytes(b"".join(rewritten(source, STEP, [])))

    assert b"JANE" not in path.with_name("bare").read_bytes()
    with closing(opened(path.with_name("bare"))) as bare:
        assert [each.sequence for each in bare.pages] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("at", [30, 60, 200, -1])
def test_a_file_with_a_wrong_checksum_is_not_copied(tmp_path, at):
    """A player would leave such a page out, and all that follows would lie elsewhere."""
    whole = bytearray(laid_out([packet(100, n) for n in range(50)], 10))
    whole[at] ^= 1
    (tmp_path / "call").write_bytes(whole)

    assert opened(tmp_path / "call") is None


@pytest.mark.parametrize(
    ("packets", "options"),
    [
        ([packet(100)] * 20, {"origin": -400}),
        ([packet(100)] * 20 + [bytes([0x78, 1])], {}),
        ([packet(100)] * 20 + [bytes([0x08]) * 60] + [packet(100)] * 20, {}),
        ([bytes([0x0C]) * 60] * 170, {}),
        ([packet(100)] * 20, {"trim": STEP}),
        ([packet(100)] * 20 + [bytes([0xFF, 0x41, 5]) + b"\x5a" * 40], {}),
    ],
    ids=["early", "other length", "silk later", "silk for long", "trimmed by a packet", "padding"],
)
def test_what_is_not_in_step_has_no_pace(tmp_path, packets, options):
    """Packets of other lengths, of SILK later on, with data in their padding, or a clock of its own."""
    (tmp_path / "call").write_bytes(laid_out(packets, 10, **options))

    with closing(opened(tmp_path / "call")) as source:
        assert pace_in(source) is None


def test_a_clock_that_drifts_has_no_pace(tmp_path):
    """A page that is later than its packets are long stands for a gap."""
    packets = [packet(100, n) for n in range(40)]
    early, late = (list(sound(packets, 10, 2, 0, origin)) for origin in (0, 480))
    head = laid_out(packets, 10)[: -sum(map(len, early))]
    (tmp_path / "call").write_bytes(head + early[0] + early[1] + late[2] + late[3])

    with closing(opened(tmp_path / "call")) as source:
        assert pace_in(source) is None


@pytest.mark.parametrize("whole", [b"", b"OggS", b"RIFF" + bytes(100), laid_out([packet(9)] * 9, 9)[:-5]])
def test_what_is_no_such_file_is_not_opened(tmp_path, whole):
    """Nor one that breaks off."""
    (tmp_path / "call").write_bytes(whole or b"\0")

    assert opened(tmp_path / "call") is None
