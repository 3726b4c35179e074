"""Containers that say what is not so: a clear error, or what is really there, cut as it should be."""

from __future__ import annotations

import re
import struct

import av
import numpy as np
import pytest

from benchmarks.mutant_run import treated
from benchmarks.mutants import repaired
from compliance.errors import MediaUnsupported, TooManyChannels
from compliance.records import Role
from compliance.redact.compare import compare
from compliance.redact.media import probe
from compliance.redact.reader import Reader
from compliance.redact.rewrite import rewrite
from compliance.redact.tape import paced
from compliance.redact.tone import Tone
from compliance.strands import roles_of

TONE = Tone()


def patched(data, place, value):
    """The data with a value written over what stands at a place."""
    return data[:place] + value + data[place + len(value) :]


def scaled(data, place, width, factor, order="big"):
    """The data with a whole number multiplied."""
    value = int(int.from_bytes(data[place : place + width], order) * factor)
    return patched(data, place, value.to_bytes(width, order))


def granules(data, factor):
    """Ogg, the place of whose last page is another."""
    return repaired(scaled(data, data.rindex(b"OggS") + 6, 8, factor, "little"))


def no_times(data, _):
    """Ogg, no page of whose sound says when it is, but the last."""
    pages = [found.start() for found in re.finditer(b"OggS", data)]
    for place in pages[2:-1]:
        data = patched(data, place + 6, b"\xff" * 8)
    return repaired(data)


def flac(data, factor):
    """FLAC with another number of samples in its header."""
    total = int.from_bytes(data[21:26], "big")
    samples = int((total & 0xFFFFFFFFF) * factor)
    return patched(data, 21, (total >> 36 << 36 | samples).to_bytes(5, "big"))


def mp3(data, factor):
    """MP3 with another number of frames in its Info tag."""
    place = max(data.find(b"Info"), data.find(b"Xing"))
    return scaled(data, place + 8, 4, factor)


def mp4(data, factor):
    """MP4 with other durations of film, track and media."""
    for box, place in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        data = scaled(data, data.index(box) + place, 4, factor)
    return data


def edits(data, factor):
    """MP4 with another length in its edit list."""
    return scaled(data, data.index(b"elst") + 12, 4, factor)


def webm(data, factor):
    """WebM with another duration in its header."""
    place = data.index(b"\x44\x89\x88") + 3
    (told,) = struct.unpack(">d", data[place : place + 8])
    return patched(data, place, struct.pack(">d", told * factor))


def clusters(data, _):
    """WebM, all of whose packets claim to be at one time."""
    return re.sub(rb"(\xa3[\x40-\x7f].\x81)..", rb"\1\0\0", data, flags=re.DOTALL)


def wav(data, factor):
    """WAV with another length of its samples."""
    return scaled(data, data.index(b"data") + 4, 4, factor, "little")


def maker_cuts(maker):
    """Cuts at the start, in the middle and over the end, whatever the length."""
    return lambda duration_ms: [
        maker.cut(-100, 400, 0),
        maker.cut(duration_ms // 2 - 300, duration_ms // 2 + 300),
        maker.cut(duration_ms - 500, duration_ms + 10_000),
    ]


LIES = [
    ("ogg", granules, 0.5, "clean"),
    ("ogg", granules, 10, "clean"),
    ("ogg", no_times, 0, "media_truncated"),
    ("webm", webm, 0.1, "clean"),
    ("webm", webm, 1000, "clean"),
    ("webm", clusters, 0, "clean"),
    ("mp4", mp4, 0.5, "media_unsupported"),
    ("mp4", mp4, 10, "clean"),
    ("mp4", edits, 0.5, "clean"),
    ("mp4", edits, 10, "clean"),
    ("mp3", mp3, 0.5, "clean"),
    ("mp3", mp3, 10, "media_truncated"),
    ("flac", flac, 0.5, "clean"),
    ("flac", flac, 10, "media_truncated"),
    ("pcm_mulaw", wav, 0.5, "clean"),
    ("pcm_s16le", wav, 0.5, "media_truncated"),
    ("pcm_s16le", wav, 10, "media_truncated"),
]


@pytest.mark.parametrize(
    ("name", "lie", "factor", "outcome"), LIES, ids=lambda each: getattr(each, "__name__", None)
)
def test_a_lie_about_the_length_is_refused_or_changes_nothing(
    name, lie, factor, outcome, maker, calls, tmp_path
):
    """What is written has the length of what is decoded, and every cut is made, past the claimed end too."""
    data = calls(maker.kind(name), 2).read_bytes()
    (tmp_path / "call").write_bytes(lie(data, factor))
    assert (tmp_path / "call").read_bytes() != data

    assert treated(tmp_path / "call", tmp_path / "redacted", maker_cuts(maker)) == outcome
    assert (tmp_path / "redacted").exists() is (outcome == "clean")


@pytest.mark.parametrize("name", ["ogg", "mp4", "flac", "pcm_s16le"])
def test_eight_channels_are_too_many(name, maker, tmp_path):
    """A conference of eight sides is told from a call."""
    kind = maker.kind(name)
    samples = np.ascontiguousarray(maker.speech(kind.rate, 1, 8).T.reshape(1, -1))
    with av.open(str(tmp_path / "call"), "w", format=kind.muxer) as output:
        stream = output.add_stream(kind.encoder, rate=kind.rate, layout="7.1")
        stream.codec_context.format = kind.format
        frame = av.AudioFrame.from_ndarray(samples, format="flt", layout="7.1")
        frame.sample_rate = kind.rate
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    with pytest.raises(TooManyChannels):
        probe(tmp_path / "call")


@pytest.mark.parametrize(
    ("muxer", "encoder", "form", "rate"),
    [
        ("wav", "pcm_s16le", "s16", 96_000),
        ("wav", "pcm_f32le", "flt", 192_000),
        ("flac", "flac", "s32", 96_000),
        ("mp4", "aac", "fltp", 96_000),
    ],
)
def test_high_rates_are_kept(muxer, encoder, form, rate, maker, tmp_path):
    """96 kHz and more are cut as they are, and come out at the same rate."""
    source, target, cuts = tmp_path / "call", tmp_path / "redacted", [maker.cut(700, 1900, 0)]
    with av.open(str(source), "w", format=muxer) as output:
        stream = output.add_stream(encoder, rate=rate, layout="stereo")
        stream.codec_context.format = form
        frame = av.AudioFrame.from_ndarray(maker.speech(rate, 3, 2), format="fltp", layout="stereo")
        frame.sample_rate = rate
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    rewrite(source, target, cuts, tone=TONE)

    assert compare(source, target, cuts, tone=TONE).is_clean
    assert probe(target).rate == rate


def test_mono_that_its_container_calls_stereo_is_mono(maker, calls, tmp_path):
    """MP4 says two, the codec says one: what is decoded counts, and nobody is taken for the agent."""
    data = calls(maker.kind("mp4"), 1).read_bytes()
    place = data.index(b"mp4a") + 4 + 16
    assert data[place : place + 2] == b"\0\1"
    (tmp_path / "call").write_bytes(patched(data, place, b"\0\2"))

    source = probe(tmp_path / "call")

    assert source.channels == 1
    assert roles_of((Role.AGENT, Role.CALLER), [source]) == (Role.UNKNOWN,)
    assert treated(tmp_path / "call", tmp_path / "redacted", maker_cuts(maker)) == "clean"


def test_mono_packets_in_a_stereo_stream_are_a_mix(maker, calls, tmp_path):
    """Opus of one channel under a header that says two comes out the same on both: no sides."""
    data = bytearray(calls(maker.kind("ogg"), 1).read_bytes())
    data[data.index(b"OpusHead") + 9] = 2
    (tmp_path / "call").write_bytes(repaired(bytes(data)))

    source = probe(tmp_path / "call")

    assert (source.channels, source.health.is_mix) == (2, True)
    assert roles_of((Role.AGENT, Role.CALLER), [source]) == (Role.UNKNOWN, Role.UNKNOWN)
    assert treated(tmp_path / "call", tmp_path / "redacted", maker_cuts(maker)) == "clean"


@pytest.mark.parametrize("rate", [1, 3_999, 384_001, 16_785_216])
def test_a_rate_at_which_nothing_is_recorded_is_refused(rate, maker, calls, tmp_path):
    """A second of it would be nothing, or all the memory there is."""
    data = calls(maker.kind("pcm_s16le"), 2).read_bytes()
    (tmp_path / "call").write_bytes(patched(data, data.index(b"fmt ") + 12, rate.to_bytes(4, "little")))

    with pytest.raises(MediaUnsupported):
        probe(tmp_path / "call")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("name", ["pcm_f32le", "pcm_f64le"])
def test_samples_that_are_no_sound_are_refused(name, value, maker, calls, tmp_path):
    """No level can be taken of them, and no tone made."""
    data = calls(maker.kind(name), 2).read_bytes()
    kind = "<f4" if name == "pcm_f32le" else "<f8"
    (tmp_path / "call").write_bytes(
        patched(data, data.index(b"data") + 8 + 80, np.array(value, kind).tobytes())
    )

    with pytest.raises(MediaUnsupported):
        probe(tmp_path / "call")


@pytest.mark.parametrize("together", [1, 3, 7, 14, 255])
def test_a_wav_header_that_contradicts_itself_is_refused(together, maker, calls, tmp_path):
    """Frames of another length than their samples take: what is whose sample could not be told."""
    data = calls(maker.kind("pcm_s24le"), 2).read_bytes()
    (tmp_path / "call").write_bytes(patched(data, data.index(b"fmt ") + 20, together.to_bytes(2, "little")))

    with pytest.raises(MediaUnsupported):
        probe(tmp_path / "call")


@pytest.mark.parametrize("timescale", [600, 3_000, 90_000])
def test_the_picture_keeps_its_unit_of_time(timescale, maker, tmp_path):
    """Left to itself the muxer makes a coarse one finer, and the picture would not be the original's."""
    kind = maker.kind("mp4")
    source = maker.write(tmp_path / "made", kind, maker.speech(kind.rate, 3, 2), has_picture=True)
    with (
        av.open(str(source)) as made,
        av.open(
            str(tmp_path / "call"), "w", format="mp4", options={"video_track_timescale": str(timescale)}
        ) as output,
    ):
        streams = {each.index: output.add_stream_from_template(each) for each in made.streams}
        for packet in made.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)

    assert treated(tmp_path / "call", tmp_path / "redacted", maker_cuts(maker)) == "clean"


def test_sound_hidden_before_the_start_does_not_go_over(maker, calls, tmp_path):
    """What a player skips nobody has listened to: no packet of it is copied."""
    data = calls(maker.kind("ogg"), 2).read_bytes()
    place = data.index(b"OpusHead") + 10
    (tmp_path / "call").write_bytes(repaired(patched(data, place, (48_000).to_bytes(2, "little"))))

    assert paced(tmp_path / "call") is None
    assert treated(tmp_path / "call", tmp_path / "redacted", maker_cuts(maker)) == "clean"
    hidden = patched(data, place, bytes(2))
    (tmp_path / "hidden").write_bytes(repaired(hidden))
    assert not set(sound(tmp_path / "hidden")[:40]) & set(sound(tmp_path / "redacted"))


def test_sound_hidden_by_an_edit_list_does_not_go_over(maker, calls, tmp_path):
    """MP4 can tell a player to begin a second later; nobody has listened to that second."""
    data = calls(maker.kind("mp4"), 2).read_bytes()
    place = data.index(b"elst") + 16
    length, begins = struct.unpack(">II", data[place - 4 : place + 4])
    later = struct.pack(">II", length - 1_000, begins + 44_100)
    (tmp_path / "call").write_bytes(patched(data, place - 4, later))
    assert paced(calls(maker.kind("mp4"), 2)) is not None

    assert paced(tmp_path / "call") is None
    assert treated(tmp_path / "call", tmp_path / "redacted", maker_cuts(maker)) == "clean"
    assert not set(sound(calls(maker.kind("mp4"), 2))[:40]) & set(sound(tmp_path / "redacted"))


def sound(path):
    """The packets of a file."""
    with Reader(path) as reader:
        return [bytes(packet) for packet in reader.packets() if packet.size]
