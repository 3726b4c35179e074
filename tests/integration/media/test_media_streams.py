"""Transport streams: what of one is lost is seen, and what is written is two tables, sound and picture."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from segmented import played, seen, segments, write_hls

from compliance.errors import MediaTruncated, MediaUnsupported
from compliance.records import Kept, Segment
from compliance.redact.compare import compare
from compliance.redact.hls import Stretch, playlist, stretches
from compliance.redact.media import decode, probe
from compliance.redact.multiplexed import entries
from compliance.redact.rewrite import rewrite
from compliance.redact.tone import Tone
from compliance.redact.unaltered import unaltered

TONE = Tone()
PACKET = 188
RATE = 44_100


@pytest.fixture(scope="module", params=[False, True], ids=["sound", "picture"])
def listed(request, maker, tmp_path_factory) -> Path:
    """A recording of ten seconds in three segments."""
    folder = tmp_path_factory.mktemp("listed")
    return write_hls(folder, maker.speech(RATE, 10, 2), rate=RATE, has_picture=request.param)


@pytest.fixture
def joined(listed, tmp_path) -> Path:
    """Its segments joined."""
    path = tmp_path / "joined"
    path.write_bytes(b"".join(each.read_bytes() for each in segments(listed)))
    return path


def durations(listed: Path) -> list[Segment]:
    lines = [line for line in listed.read_text().splitlines() if line.startswith("#EXTINF:")]
    told = [float(line.partition(":")[2].rstrip(",")) for line in lines]
    return [Segment(size_bytes=1, duration_ms=round(each * 1000), sha256="0" * 64) for each in told]


def kinds(data: bytes) -> list[int]:
    return [int.from_bytes(data[at + 1 : at + 3], "big") & 0x1FFF for at in range(0, len(data), PACKET)]


def without(data: bytes, *places: int) -> bytes:
    return b"".join(
        data[at : at + PACKET] for at in range(0, len(data), PACKET) if at // PACKET not in places
    )


def test_what_is_written_is_clean_and_the_picture_the_same(joined, maker, tmp_path):
    """Compared as any recording is; the picture's packets are the original's at their times."""
    target, cuts = tmp_path / "redacted", [maker.cut(700, 1300), maker.cut(5000, 5600, 1)]

    rewrite(joined, target, cuts, tone=TONE)

    assert compare(joined, target, cuts, tone=TONE).is_clean
    told = unaltered(joined, target, None)
    assert (told.kept, told.why) == (Kept.ENCODED_AGAIN, "codec")
    with av.open(str(joined)) as one, av.open(str(target)) as other:
        assert bool(one.streams.video) == bool(told.picture)
        packets = [
            [(p.pts, p.dts, bytes(p)) for p in file.demux(video=0)] for file in (one, other) if told.picture
        ]
    assert packets == [] or packets[0] == packets[1]


def test_the_same_stream_gives_the_same_bytes_and_names_nobody(joined, maker, tmp_path):
    """No clock, no chance, and no word of who wrote it, which the original has."""
    made = [tmp_path / name for name in ("one", "other")]
    for each in made:
        rewrite(joined, each, [maker.cut(700, 1300)], tone=TONE)

    one, other = (each.read_bytes() for each in made)
    assert one == other
    names = (b"FFmpeg", b"Lav", b"Service01")
    assert all(name in joined.read_bytes() for name in names)
    assert not any(name in one for name in names)
    assert set(kinds(one)) <= {0, 0x1000, 0x100, 0x101}


def test_every_entry_begins_with_its_tables_and_can_be_decoded_alone(joined, tmp_path):
    """A player that begins at any of them hears and sees something, without what lies before."""
    rewrite(joined, tmp_path / "redacted", [], tone=TONE)
    data = (tmp_path / "redacted").read_bytes()
    found = list(entries(tmp_path / "redacted"))

    assert found[0].offset == 0
    assert len(found) >= 5
    for each in found:
        assert kinds(data[each.offset : each.offset + 2 * PACKET]) == [0, 0x1000]
    (tmp_path / "late").write_bytes(data[found[-2].offset :])
    with av.open(str(tmp_path / "late"), format="mpegts") as file:
        assert [stream.type for stream in file.streams if next(iter(file.decode(stream)), None)] != []


def test_a_rewritten_playlist_plays_as_long_and_is_silent_in_the_cut(listed, joined, maker, tmp_path):
    """FFmpeg's reader of HLS plays it: as long as the original, its pictures, the tone in the cut."""
    target = tmp_path / "redacted.ts"
    rewrite(joined, target, [maker.cut(5000, 6000)], tone=TONE)
    found = stretches(
        list(entries(target)),
        durations(listed),
        size_bytes=target.stat().st_size,
        duration_ms=probe(joined).duration_ms,
    )
    (tmp_path / "redacted.m3u8").write_text(playlist("redacted.ts", found))

    heard, rate = played(tmp_path / "redacted.m3u8")
    original, _ = played(listed)
    assert abs(heard.shape[1] - original.shape[1]) <= 1024
    spectrum = np.abs(np.fft.rfft(heard[0, int(5.1 * rate) : int(5.9 * rate)]))
    assert abs(int(np.argmax(spectrum)) / 0.8 - TONE.hz) < 2
    if has_picture(target):
        assert seen(tmp_path / "redacted.m3u8") == seen(listed)
    assert len(found) == len(segments(listed))


def has_picture(path: Path) -> bool:
    with av.open(str(path)) as file:
        return bool(file.streams.video)


def test_segments_begin_as_near_to_the_originals_as_can_be(listed, joined, tmp_path):
    """Together they are the whole file; each is as long as the original's but for the way to an entry."""
    target = tmp_path / "redacted.ts"
    rewrite(joined, target, [], tone=TONE)
    told, length_ms = durations(listed), probe(joined).duration_ms

    found = stretches(list(entries(target)), told, size_bytes=target.stat().st_size, duration_ms=length_ms)

    assert [each.start for each in found] == [0, *(each.end for each in found[:-1])]
    assert found[-1].end == target.stat().st_size
    assert sum(each.duration_ms for each in found) == length_ms
    assert all(
        abs(one.duration_ms - other.duration_ms) <= 200 for one, other in zip(found, told, strict=True)
    )


def test_a_playlist_names_one_file_and_nothing_else():
    """The whole text, by hand."""
    found = [Stretch(start=0, end=376, duration_ms=4012), Stretch(start=376, end=940, duration_ms=900)]

    assert playlist("redacted.ts", found).split("\n") == [
        "#EXTM3U",
        "#EXT-X-VERSION:4",
        "#EXT-X-TARGETDURATION:5",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXTINF:4.012,",
        "#EXT-X-BYTERANGE:376@0",
        "redacted.ts",
        "#EXTINF:0.900,",
        "#EXT-X-BYTERANGE:564@376",
        "redacted.ts",
        "#EXT-X-ENDLIST",
        "",
    ]


@pytest.mark.parametrize("pid", [0x100, 0x101], ids=["first", "second"])
def test_a_packet_that_is_missing_is_seen(joined, pid, tmp_path):
    """Any one of a stream's packets, be it of the sound or of the picture."""
    data = joined.read_bytes()
    places = [at for at, each in enumerate(kinds(data)) if each == pid]
    for place in places[1:-1:17]:
        (tmp_path / "less").write_bytes(without(data, place))
        with pytest.raises(MediaTruncated):
            probe(tmp_path / "less")


def test_a_segment_that_breaks_off_is_seen(listed, tmp_path):
    """In the middle of the recording, and at its end; within a packet, and between two."""
    for index in range(len(segments(listed))):
        for less in (100, PACKET):
            parts = [each.read_bytes() for each in segments(listed)]
            parts[index] = parts[index][:-less]
            (tmp_path / "less").write_bytes(b"".join(parts))
            if _is_sound(parts[index], less):
                with pytest.raises(MediaTruncated):
                    probe(tmp_path / "less")


def _is_sound(data: bytes, less: int) -> bool:
    """Whether what was taken away was not the last packet of a picture, which tells no length."""
    return less != PACKET or b"\x00\x00\x01\xc0" not in data[-PACKET:]


def test_segments_of_a_muxer_that_begins_anew_are_whole(maker, tmp_path):
    """Each with tables and numbers of its own, as splitmuxsink makes them: joined they are one recording."""
    half = maker.speech(RATE, 8, 2)
    parts = []
    for index in range(2):
        path = tmp_path / f"part-{index}"
        with av.open(str(path), "w", format="mpegts") as output:
            stream = output.add_stream("aac", rate=RATE, layout="stereo")
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(half[:, index * 4 * RATE : (index + 1) * 4 * RATE]),
                format="fltp",
                layout="stereo",
            )
            frame.sample_rate, frame.pts = RATE, index * 4 * RATE
            for packet in (*stream.encode(frame), *stream.encode(None)):
                if packet.pts >= index * 4 * RATE:
                    output.mux(packet)
        parts.append(path.read_bytes())
    (tmp_path / "joined").write_bytes(b"".join(parts))

    source = probe(tmp_path / "joined")
    assert source.duration_ms == pytest.approx(8000, abs=50)
    assert source.health is not None
    assert source.health.broken == ()


def test_an_encrypted_stream_is_unsupported(joined, tmp_path):
    """What its sound is cannot be known."""
    data = bytearray(joined.read_bytes())
    for at, kind in enumerate(kinds(bytes(data))):
        if kind == 0x101 or kind == 0x100:
            data[at * PACKET + 3] |= 0x80
    (tmp_path / "locked").write_bytes(data)

    with pytest.raises(MediaUnsupported):
        probe(tmp_path / "locked")


def test_sound_that_begins_late_is_where_it_was(maker, tmp_path):
    """Beside a picture the clock is the file's; the silence before the sound is a whole number of frames."""
    kind = maker.kind("mpegts")
    source = maker.write(
        tmp_path / "late", kind, maker.speech(RATE, 4, 1), has_picture=True, jump_s=1.0, jump_at=0
    )
    cuts = [maker.cut(0, 400), maker.cut(2000, 2600)]

    rewrite(source, tmp_path / "redacted", cuts, tone=TONE)

    assert compare(source, tmp_path / "redacted", cuts, tone=TONE).is_clean
    with av.open(str(source)) as file:
        late_s = float(file.streams.audio[0].start_time / 90_000) - file.start_time / av.time_base
    silent = int(np.flatnonzero(np.concatenate(list(decode(source)), axis=1)[0])[0])
    assert late_s > 0.9
    assert abs(silent - late_s * RATE) <= 1024 / 2 + 2  # the decoder's first samples may be zeros too


def test_a_name_in_the_tables_is_a_tag(joined, maker, tmp_path):
    """FFmpeg does not show a service's name; what carries one is not taken for clean."""
    assert not compare(joined, joined, [], tone=TONE).metadata_ok
