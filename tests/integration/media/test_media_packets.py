"""Opus and AAC: the packets outside the cuts are the original's, and those inside hold none of it."""

from __future__ import annotations

import random
from dataclasses import replace

import av
import numpy as np
import pytest

from compliance.records import Method, Span
from compliance.redact.compare import compare
from compliance.redact.media import decode, probe
from compliance.redact.reader import Reader
from compliance.redact.rewrite import Made, rewrite
from compliance.redact.tape import Passing, Tape, paced, patchwork
from compliance.redact.tone import Tone

TONE = Tone()
MARGIN_MS = 72
"""Packets of 20 to 23 ms that the cut touches, and so much beside them as a packet draws on."""


def plain(kind):
    """The kind, without the noise that AAC's decoder makes up, and makes up otherwise behind a cut."""
    return replace(kind, rate=48_000, options=(("aac_pns", "0"),)) if kind.codec == "aac" else kind


@pytest.fixture(params=["ogg", "webm", "mp4"])
def call(request, maker, tmp_path):
    """Twenty seconds of two speakers, one a side."""
    kind = plain(maker.kind(request.param))
    return maker.write(
        tmp_path / "call", kind, maker.speech(kind.rate, 20.0123, 2), tags={"title": "Jane Roe"}
    )


def packets(path):
    """Each packet: when, how long, what is not heard of it, and its bytes."""
    kind = {b"\x1a": "matroska", b"O": "ogg"}.get(path.read_bytes()[:1], "mov")
    with av.open(str(path), format=kind) as file:
        return [
            (
                packet.pts * packet.time_base,
                packet.duration * packet.time_base,
                bytes(packet.get_sidedata("skip_samples")) if packet.has_sidedata("skip_samples") else b"",
                bytes(packet),
            )
            for packet in file.demux(audio=0)
            if packet.size
        ]


def whole(path):
    return np.concatenate(list(decode(path)), axis=1)


def random_cuts(maker, seed, duration_ms):
    """Cuts of any length and side, also over the start and the end."""
    dice, cuts, at = random.Random(seed), [], -200
    while at < duration_ms:
        end = at + dice.randint(20, 2500)
        cuts.append(maker.cut(at, end, dice.choice([None, 0, 1]), dice.choice(list(Method))))
        at = end + dice.randint(0, 4000)
    return cuts


@pytest.mark.parametrize("seed", range(6))
def test_packets_outside_the_cuts_are_the_originals(maker, call, seed, tmp_path):
    """Byte for byte but for a margin round each cut; times, lengths and trimming are equal everywhere."""
    cuts = random_cuts(maker, seed, probe(call).duration_ms)

    rewrite(call, tmp_path / "redacted", cuts, tone=TONE)

    before, after = packets(call), packets(tmp_path / "redacted")
    # MP4 trims the last one twice, by its length and, more finely or less, by the recording's.
    assert [each[:3] for each in after[:-1]] == [each[:3] for each in before[:-1]]
    assert after[-1][0] == before[-1][0]
    assert probe(tmp_path / "redacted").duration_ms == probe(call).duration_ms
    near = [(cut.start_ms - MARGIN_MS, cut.end_ms + MARGIN_MS) for cut in cuts]
    for (time, length, _, old), (_, _, _, new) in zip(before, after, strict=True):
        start, end = float(time) * 1000, float(time + length) * 1000
        if not any(low < end and start < high for low, high in near):
            assert old == new
    found = compare(call, tmp_path / "redacted", cuts, tone=TONE)
    assert (found.copied, found.duration_equal, found.outside_ok) == (True, True, True)


def test_every_packet_of_a_cut_is_another(maker, call, tmp_path):
    """So is the one before it and the one behind it, which may hold a copy of the last of it."""
    rewrite(call, tmp_path / "redacted", [maker.cut(5000, 6000, 1)], tone=TONE)

    before, after = packets(call), packets(tmp_path / "redacted")
    other = [float(old[0]) for old, new in zip(before, after, strict=True) if old[3] != new[3]]
    assert min(other) <= 4.98
    assert max(other) >= 6.01


def test_the_header_keeps_what_is_skipped(maker, call, tmp_path):
    """Pre-skip, channels and gain are the original's, and so a player's clock is; nothing else goes over."""
    rewrite(call, tmp_path / "redacted", [maker.cut(0, 500)], tone=TONE)

    with Reader(call) as old, Reader(tmp_path / "redacted") as new:
        assert new.audio.codec_context.extradata == old.audio.codec_context.extradata
        assert new.is_bare()
    assert b"Jane Roe" not in (tmp_path / "redacted").read_bytes()


def test_nothing_of_the_original_is_in_a_cut(maker, call, tmp_path):
    """The cut side has no likeness to what was there, at any lag of 50 ms; the other side stays itself."""
    rewrite(call, tmp_path / "redacted", [maker.cut(4000, 9000, 0, Method.SILENCE)], tone=TONE)

    old, new = whole(call), whole(tmp_path / "redacted")
    inside = slice(4_010 * 48, 8_990 * 48)
    assert np.abs(new[0, inside]).max() < 0.01
    for lag in range(-2400, 2401, 200):
        there = old[0, inside.start + lag : inside.stop + lag]
        assert abs(np.corrcoef(there, new[0, inside])[0, 1]) < 0.05
    assert np.corrcoef(old[1, inside], new[1, inside])[0, 1] > 0.9


def test_a_decoder_settles_behind_a_cut(maker, call, tmp_path):
    """Two tenths of a second behind a cut the sound is near the original's, half a second behind it is it."""
    rewrite(call, tmp_path / "redacted", [maker.cut(5000, 7000)], tone=TONE)

    error = np.abs(whole(call) - whole(tmp_path / "redacted"))
    assert error[:, : (5_000 - MARGIN_MS) * 48].max() == 0
    assert error[:, 7_200 * 48 : 7_500 * 48].max() < 64 / 2**15
    assert error[:, 7_500 * 48 :].max() < 1 / 2**15


def test_the_joint_does_not_click(maker, call, tmp_path):
    """From one sample to the next the sound jumps no further at a cut's edges than the call itself does."""
    rewrite(call, tmp_path / "redacted", [maker.cut(5000, 7000)], tone=TONE)

    old, new = whole(call), whole(tmp_path / "redacted")
    for at in (5000, 7000):
        edge = slice((at - 60) * 48, (at + 60) * 48)
        assert np.abs(np.diff(new[:, edge])).max() <= 1.5 * np.abs(np.diff(old)).max()


def test_the_same_input_gives_the_same_packets(maker, call, tmp_path):
    """Two runs give the same file, to the byte."""
    cuts = random_cuts(maker, 7, 20_000)

    for name in ("one", "two"):
        rewrite(call, tmp_path / name, cuts, tone=TONE)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_cuts_made_before_are_taken_over(maker, call, tmp_path):
    """Widening a few of many cuts gives the bytes that making all of them gives."""
    cuts = random_cuts(maker, 8, 20_000)
    wider = [replace(each, end_ms=each.end_ms + 300) if n % 3 == 0 else each for n, each in enumerate(cuts)]
    rewrite(call, tmp_path / "first", cuts, tone=TONE)

    before = Made(path=tmp_path / "first", cuts=tuple(cuts))
    rewrite(call, tmp_path / "second", wider, tone=TONE, before=before)
    rewrite(call, tmp_path / "at once", wider, tone=TONE)

    assert (tmp_path / "second").read_bytes() == (tmp_path / "at once").read_bytes()


def test_what_was_made_before_is_left_where_it_does_not_fit(maker, call, tmp_path):
    """A recording of another length, as another version might have made it, is not looked at."""
    other = maker.write(tmp_path / "other", maker.kind("ogg"), maker.speech(48_000, 5, 2))
    cuts = [maker.cut(1000, 2000)]

    rewrite(call, tmp_path / "one", cuts, tone=TONE, before=Made(path=other, cuts=tuple(cuts)))
    rewrite(call, tmp_path / "two", cuts, tone=TONE)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_changed_packet_outside_the_cuts_is_found_out(maker, call, tmp_path):
    """Another sound, even one packet of it and far too faint to hear, is a change."""
    kind, samples = maker.kind("ogg"), maker.speech(48_000, 6, 2)
    other = samples.copy()
    other[0, 3 * 48_000 : 3 * 48_000 + 480] += 1e-3
    one = maker.write(tmp_path / "one", kind, samples)
    two = maker.write(tmp_path / "two", kind, other)

    found = compare(one, two, [], tone=TONE)

    assert found.duration_equal
    assert not found.outside_ok


def test_a_packet_missing_is_found_out(maker, tmp_path):
    """A recording that is shorter by a packet is not the same, and nothing is said for its cuts."""
    kind, samples = maker.kind("ogg"), maker.speech(48_000, 6, 2)
    one = maker.write(tmp_path / "one", kind, samples)
    two = maker.write(tmp_path / "two", kind, samples[:, :-960])

    found = compare(one, two, [maker.cut(1000, 2000)], tone=TONE)

    assert (found.duration_equal, found.outside_ok, found.inside_ok) == (False, False, False)


def test_a_comparison_says_that_packets_were_copied(maker, call, tmp_path):
    """And that they were not, where a recording had to be encoded again."""
    rewrite(call, tmp_path / "redacted", [maker.cut(1000, 2000)], tone=TONE)
    kind = maker.kind("mp3")
    other = maker.write(tmp_path / "other", kind, maker.speech(kind.rate, 3, 2))
    rewrite(other, tmp_path / "again", [maker.cut(1000, 2000)], tone=TONE)

    assert compare(call, tmp_path / "redacted", [maker.cut(1000, 2000)], tone=TONE).copied
    assert not compare(other, tmp_path / "again", [maker.cut(1000, 2000)], tone=TONE).copied


def test_places_are_those_of_a_whole_decoding(call):
    """Told from packets, each sample lies where it lies when all is decoded; the length is the same."""
    pace = paced(call)
    samples = whole(call)

    assert pace is not None
    assert pace.total == samples.shape[1]
    with Reader(call) as reader:
        at, block = next(Tape(Passing(reader, pace), pace).blocks(500, 550))
    assert np.abs(block - samples[:, at : at + block.shape[1]]).max() < 1e-4


def test_a_part_of_a_recording_is_decoded_as_in_the_whole(call):
    """Where only some stretches are asked for they sound as they do in the whole, and the length stays."""
    wanted = [
        Span(start_ms=0, end_ms=700),
        Span(start_ms=8_000, end_ms=9_500),
        Span(start_ms=19_000, end_ms=30_000),
    ]

    part = np.concatenate(list(decode(call, rate=16_000, only=wanted)), axis=1)

    samples = np.concatenate(list(decode(call, rate=16_000)), axis=1)
    assert part.shape == samples.shape
    for span in wanted:
        place = slice(span.start_ms * 16, span.end_ms * 16)
        assert np.abs(part[:, place] - samples[:, place]).max() < 1e-3
    assert not part[:, 3_000 * 16 : 7_000 * 16].any()


@pytest.mark.parametrize("name", ["ogg", "webm"])
def test_recordings_out_of_step_are_encoded_again(maker, name, tmp_path):
    """A gap in the clock moves what lies behind it; no packet can be taken for its place there."""
    kind = maker.kind(name)
    source = maker.write(tmp_path / "source", kind, maker.speech(kind.rate, 4, 2), jump_s=1)
    cuts = [maker.cut(3000, 3800)]

    rewrite(source, tmp_path / "redacted", cuts, tone=TONE)

    found = compare(source, tmp_path / "redacted", cuts, tone=TONE)
    assert paced(source) is None
    assert (found.copied, found.duration_equal, found.inside_ok) == (False, True, True)


@pytest.mark.parametrize(
    ("options", "bits"),
    [({"application": "voip"}, 24_000), ({"frame_duration": "2.5", "application": "lowdelay"}, 64_000)],
    ids=["silk", "short"],
)
def test_packets_that_predict_on_and_on_are_encoded_again(maker, options, bits, tmp_path):
    """So are those too short to hold a tone: what cannot be copied soundly is not copied."""
    with av.open(str(tmp_path / "source"), "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=48_000, layout="stereo", options=options)
        stream.codec_context.bit_rate = bits
        frame = av.AudioFrame.from_ndarray(maker.speech(48_000, 6, 2), format="fltp", layout="stereo")
        frame.sample_rate = 48_000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    rewrite(tmp_path / "source", tmp_path / "redacted", [maker.cut(2000, 3000, 0)], tone=TONE)

    found = compare(tmp_path / "source", tmp_path / "redacted", [maker.cut(2000, 3000, 0)], tone=TONE)
    assert found.is_clean
    assert not found.copied


def test_a_copy_hidden_in_padding_is_not_passed_on(maker, tmp_path):
    """A packet can carry a coarse copy of the last second in its padding; then nothing is copied."""
    call = maker.write(tmp_path / "call", maker.kind("ogg"), maker.speech(48_000, 4, 2))
    secret = b"\x5a" * 40
    with av.open(str(call)) as source, av.open(str(tmp_path / "padded"), "w", format="ogg") as output:
        stream = output.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                body = bytes(packet)
                body = bytes([body[0] | 3, 0x41, len(secret)]) + body[1:] + secret
                padded = av.Packet(body)
                padded.pts, padded.dts, padded.duration = packet.pts, packet.dts, packet.duration
                padded.time_base, padded.stream = packet.time_base, stream
                output.mux(padded)
    assert secret in (tmp_path / "padded").read_bytes()

    rewrite(tmp_path / "padded", tmp_path / "redacted", [maker.cut(1000, 2000)], tone=TONE)

    assert secret not in (tmp_path / "redacted").read_bytes()
    assert not compare(tmp_path / "padded", tmp_path / "redacted", [maker.cut(1000, 2000)], tone=TONE).copied


def test_a_patchwork_without_patches_is_nothing(call):
    """With no stretch asked for there is silence of the same length."""
    pace = paced(call)
    assert pace is not None
    with Reader(call) as reader:
        blocks = list(patchwork(Tape(Passing(reader, pace), pace), 2, []))

    assert sum(block.shape[1] for block in blocks) == pace.total
    assert not any(block.any() for block in blocks)
