"""Every kind of recording: probed, decoded, cut, and held against its original."""

from __future__ import annotations

import hashlib
import shutil

import av
import numpy as np
import pytest

from compliance.records import Method
from compliance.redact.compare import compare
from compliance.redact.media import decode, envelope, probe
from compliance.redact.rewrite import rewrite
from compliance.redact.tone import Tone

TONE = Tone()


def whole(path, **options):
    return np.concatenate(list(decode(path, **options)), axis=1)


def cuts_for(maker, channels):
    """One cut of everything, one of the last channel alone, one by silence."""
    last = channels - 1
    return [maker.cut(700, 1300), maker.cut(2000, 2600, last), maker.cut(3000, 3400, 0, Method.SILENCE)]


def native(path):
    """The samples as FFmpeg decodes them, by another way than ours."""
    with av.open(str(path)) as file:
        parts = [frame.to_ndarray() for frame in file.decode(audio=0)]
        channels = file.streams.audio[0].codec_context.channels
    return np.concatenate(parts, axis=1).reshape(-1, channels).T


def test_a_recording_is_probed(maker, calls, kind, channels):
    """Container, codec, rate, channels and duration are told, and the digest of the bytes."""
    path = calls(kind, channels)

    source = probe(path)

    assert (source.container, source.codec, source.rate) == (kind.container, kind.codec, kind.rate)
    assert (source.channels, source.size_bytes) == (channels, path.stat().st_size)
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    # AAC's last frame is padded, and MP4 counts the length in milliseconds.
    assert 4233 <= source.duration_ms <= 4234 + kind.padding_ms


def test_a_redacted_recording_is_the_original_outside_its_cuts_and_tone_inside(
    maker, calls, kind, channels, tmp_path
):
    """All that a comparison asks is answered well, and the form of the file is what it was."""
    source, target, cuts = calls(kind, channels), tmp_path / "redacted", cuts_for(maker, channels)

    rewrite(source, target, cuts, tone=TONE)

    found = compare(source, target, cuts, tone=TONE)
    assert found.is_clean, found
    assert found.lossless == kind.is_lossless
    before, after = probe(source), probe(target)
    assert (after.container, after.codec, after.rate) == (before.container, before.codec, before.rate)
    assert (after.channels, after.duration_ms) == (before.channels, before.duration_ms)
    assert whole(target).shape == whole(source).shape
    assert [each.name for each in tmp_path.iterdir()] == ["redacted"]


def test_a_recording_that_was_not_cut_is_found_out(maker, calls, kind, channels):
    """Each of the cuts left undone is seen, whatever the codec."""
    path = calls(kind, channels)

    for each in cuts_for(maker, channels):
        found = compare(path, path, [each], tone=TONE)
        assert not found.inside_ok
        assert found.outside_ok


def test_a_cut_that_is_too_short_is_found_out(maker, calls, kind, channels, tmp_path):
    """A syllable left over at the end of a cut is seen."""
    source, target = calls(kind, channels), tmp_path / "redacted"
    rewrite(source, target, [maker.cut(700, 1150)], tone=TONE)

    assert not compare(source, target, [maker.cut(700, 1300)], tone=TONE).inside_ok


def test_a_recording_changed_outside_its_cuts_is_found_out(maker, calls, kind, channels, tmp_path):
    """A cut too many is a change outside the cuts."""
    source, target, cuts = calls(kind, channels), tmp_path / "redacted", cuts_for(maker, channels)
    rewrite(source, target, [*cuts, maker.cut(1500, 1900, 0)], tone=TONE)

    found = compare(source, target, cuts, tone=TONE)

    assert found.inside_ok
    assert not found.outside_ok


def test_lossless_samples_outside_the_cuts_are_equal_bit_for_bit(maker, calls, kind, channels, tmp_path):
    """PCM and FLAC pass through unchanged; one channel cut leaves the other alone."""
    if not kind.is_lossless:
        return
    source, target = calls(kind, channels), tmp_path / "redacted"

    rewrite(source, target, [maker.cut(1000, 2000, channels - 1)], tone=TONE)

    equal = native(source) == native(target)
    low, high = kind.rate, 2 * kind.rate
    assert equal[:, :low].all()
    assert equal[:, high:].all()
    assert equal[: channels - 1].all()
    assert equal[channels - 1, low:high].mean() < 0.2


def test_the_same_input_gives_the_same_bytes(maker, calls, kind, channels, tmp_path):
    """No clock, serial number or name of a program gets into the file."""
    source, cuts = calls(kind, channels), cuts_for(maker, channels)

    for name in ("one", "two"):
        rewrite(source, tmp_path / name, cuts, tone=TONE)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_redacting_again_leaves_the_tone(maker, calls, kind, channels, tmp_path):
    """Cut twice in the same places, there is still nothing but tone; without loss, no byte differs."""
    source, cuts = calls(kind, channels), cuts_for(maker, channels)

    rewrite(source, tmp_path / "once", cuts, tone=TONE)
    rewrite(tmp_path / "once", tmp_path / "twice", cuts, tone=TONE)

    assert compare(source, tmp_path / "twice", cuts, tone=TONE).inside_ok
    if kind.is_lossless and kind.codec not in ("pcm_u8", "pcm_mulaw", "pcm_alaw"):
        assert (tmp_path / "once").read_bytes() == (tmp_path / "twice").read_bytes()


def test_a_position_means_the_same_everywhere(maker, kind, channels, tmp_path):
    """A click at 1,234 ms is decoded at 1,234 ms, at any rate, and gone when that instant is cut."""
    samples = np.zeros((channels, 3 * kind.rate), np.float32)
    samples += np.random.default_rng(5).normal(0, 1e-3, samples.shape).astype(np.float32)
    at = 1234 * kind.rate // 1000 - kind.ahead
    samples[:, at : at + kind.rate // 1000] = 0.8
    source = maker.write(tmp_path / "source", kind, samples)

    rewrite(source, tmp_path / "redacted", [maker.cut(1204, 1264, None, Method.SILENCE)], tone=TONE)

    assert np.argmax(np.abs(whole(source)[0])) * 1000 / kind.rate == pytest.approx(1234.5, abs=1)
    assert np.argmax(np.abs(whole(source, rate=16000)[0])) / 16 == pytest.approx(1234.5, abs=1)
    assert np.max(np.abs(whole(tmp_path / "redacted"))) < 0.05


def test_no_tag_is_left(maker, calls, kind, channels, tmp_path):
    """Neither the title nor the comment of the source is in the bytes of the target."""
    source, target = calls(kind, channels), tmp_path / "redacted"

    rewrite(source, target, [], tone=TONE)

    assert b"Jane Roe" not in target.read_bytes()
    assert b"Lavf6" not in target.read_bytes()
    if kind.name != "mp4":  # whose packets are copied, and signed by the source's encoder
        assert b"Lavc6" not in target.read_bytes()


@pytest.mark.parametrize("name", ["pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_mulaw"])
def test_nothing_rides_along_in_the_header_of_a_wav(name, maker, calls, tmp_path):
    """What stands behind the fields of a format could be anything; the sound needs none of it."""
    whole = calls(maker.kind(name), 2).read_bytes()
    at = whole.index(b"fmt ")
    length = int.from_bytes(whole[at + 4 : at + 8], "little")
    told = whole[at + 8 : at + 8 + length] + b"JANE ROE 4111111111111111"
    chunk = b"fmt " + len(told).to_bytes(4, "little") + told + bytes(len(told) & 1)
    (tmp_path / "call").write_bytes(whole[:at] + chunk + whole[at + 8 + length :])

    rewrite(tmp_path / "call", tmp_path / "redacted", [maker.cut(1000, 2000)], tone=TONE)

    assert b"JANE" in (tmp_path / "call").read_bytes()
    assert b"JANE" not in (tmp_path / "redacted").read_bytes()
    assert native(tmp_path / "redacted").shape == native(tmp_path / "call").shape


def test_tags_left_in_are_found_out(maker, calls, tmp_path):
    """A comparison sees that the tags of the source are still there."""
    path = calls(maker.kind("ogg"), 1)

    assert not compare(path, path, [], tone=TONE).metadata_ok


def test_blocks_have_the_length_asked_for(maker, calls):
    """All blocks but the last are of ``block_ms``, at the rate asked for."""
    path = calls(maker.kind("ogg"), 2)

    sizes = [block.shape for block in decode(path, rate=16000, block_ms=500)]

    assert set(sizes[:-1]) == {(2, 8000)}
    assert sum(size for _, size in sizes) == pytest.approx(4.2345 * 16000, abs=2)


def test_an_envelope_has_a_peak_for_each_bucket(maker, tmp_path):
    """A loud middle third shows in the middle buckets of its own channel."""
    kind = maker.kind("pcm_s16le")
    samples = np.full((2, 3 * kind.rate), 1e-3, np.float32)
    samples[1, kind.rate : 2 * kind.rate] = 0.5

    peaks = envelope(maker.write(tmp_path / "call", kind, samples), 30)

    assert peaks.shape == (2, 30)
    assert (peaks[1, 11:19] > 0.49).all()
    assert max(peaks[0].max(), peaks[1, :9].max(), peaks[1, 21:].max()) < 0.01


@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_the_picture_is_copied_packet_by_packet(maker, name, tmp_path):
    """Picture packets are the source's, byte for byte and at the same times; the sound is cut."""
    source, target = tmp_path / "source", tmp_path / "redacted"
    kind, cuts = maker.kind(name), [maker.cut(500, 1500)]
    maker.write(source, kind, maker.speech(kind.rate, 3, 2), has_picture=True)

    rewrite(source, target, cuts, tone=TONE)

    def pictures(path):
        with av.open(str(path)) as file:
            return [(p.pts * p.time_base, bytes(p)) for p in file.demux(video=0) if p.size]

    assert len(pictures(source)) == 30
    assert pictures(target) == pictures(source)
    assert compare(source, target, cuts, tone=TONE).is_clean


@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_sound_that_begins_after_the_picture_still_does(maker, name, tmp_path):
    """Sound and picture stay in step: what comes before the sound is silence, in decoding too."""
    kind = maker.kind(name)
    source = maker.write(
        tmp_path / "source",
        kind,
        maker.speech(kind.rate, 2, 1) + np.float32(1e-3),
        has_picture=True,
        jump_s=0.5,
        jump_at=0,
    )

    rewrite(source, tmp_path / "redacted", [maker.cut(1000, 1500)], tone=TONE)

    assert not whole(source)[:, : kind.rate * 470 // 1000].any()
    assert whole(source)[:, kind.rate * 500 // 1000 :].any()
    assert probe(source).duration_ms == pytest.approx(2500, abs=2)
    assert compare(source, tmp_path / "redacted", [maker.cut(1000, 1500)], tone=TONE).is_clean
    with av.open(str(tmp_path / "redacted")) as file:
        assert next(file.decode(audio=0)).time == 0


def test_a_gap_in_the_timestamps_is_silence(maker, tmp_path):
    """A second missing from the clock is a second of silence, so later words keep their times."""
    kind = maker.kind("webm")
    source = maker.write(tmp_path / "source", kind, np.full((1, 2 * kind.rate), 0.3, np.float32), jump_s=1)

    rewrite(source, tmp_path / "redacted", [], tone=TONE)

    assert probe(source).duration_ms == pytest.approx(3000, abs=2)
    assert probe(tmp_path / "redacted").duration_ms == probe(source).duration_ms


def test_vorbis_is_written_as_flac(maker, tmp_path):
    """There is no Vorbis encoder worth the name; Ogg holds FLAC, which loses nothing more."""
    source, target, cuts = tmp_path / "source", tmp_path / "redacted", [maker.cut(500, 1500)]
    samples = maker.speech(44100, 3, 2)
    with av.open(str(source), "w", format="ogg") as output:
        stream = output.add_stream("vorbis", rate=44100, layout="stereo", options={"strict": "experimental"})
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate = 44100
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    rewrite(source, target, cuts, tone=TONE)

    assert (probe(source).codec, probe(target).codec) == ("vorbis", "flac")
    assert compare(source, target, cuts, tone=TONE).is_clean


@pytest.mark.parametrize("spans", [[(-500, 900_000)], [(900_000, 900_500)], [(4000, 9000), (-9000, 300)]])
def test_cuts_beyond_the_end_and_over_everything_are_made(spans, kind, maker, calls, tmp_path):
    """A cut may reach past both ends, or lie behind the end altogether and change nothing."""
    source, target = calls(kind, 2), tmp_path / "redacted"
    cuts = [maker.cut(start, end) for start, end in spans]

    rewrite(source, target, cuts, tone=TONE)

    assert compare(source, target, cuts, tone=TONE).is_clean


def test_a_name_that_ffmpeg_would_take_for_a_protocol_is_a_name(maker, calls, tmp_path):
    """``concat:a|b`` is a file like any other."""
    path = tmp_path / "concat:a|b.wav"
    shutil.copy(calls(maker.kind("ogg"), 1), path)

    assert probe(path).container == "ogg"


@pytest.mark.parametrize("name", ["webm", "mp4"])
def test_a_leap_of_the_clock_is_found(maker, name, tmp_path):
    """Half a second missing in the middle of speech: a gap that is broken, and no drift once it is filled."""
    kind = maker.kind(name)
    path = maker.write(
        tmp_path / "call", kind, maker.speech(kind.rate, 6.0, 2), has_picture=True, jump_s=0.5, jump_at=3
    )

    health = probe(path).health

    assert [round(each.length_ms, -2) for each in health.gaps if each.start_ms > 1000] == [500]
    assert len(health.broken) == 1
    assert abs(health.drift_ms) <= 50


def test_a_whole_recording_is_found_whole(maker, kind, channels, calls):
    """No gap in its middle, no drift, nothing clipped; two speakers are no mix."""
    health = probe(calls(kind, channels)).health

    assert health.broken == ()
    assert abs(health.drift_ms) <= 50
    assert len(health.sides) == channels
    assert not health.is_mix
    assert all(side.sounding_ms > 1000 and not side.clipped_ms for side in health.sides)


def test_comfort_noise_hides_as_well_as_a_tone(maker, kind, channels, calls, tmp_path):
    """Nothing of the original is in it, and what was not cut is seen."""
    source, target = calls(kind, channels), tmp_path / "redacted"
    cuts = [maker.cut(800, 1700, 0, Method.NOISE), maker.cut(2500, 3100, None, Method.NOISE)]
    rewrite(source, target, cuts, tone=TONE)

    assert compare(source, target, cuts, tone=TONE).is_clean
    assert not compare(source, source, cuts, tone=TONE).inside_ok
    noise = np.concatenate(list(decode(target)), axis=1)[0, kind.rate : kind.rate * 3 // 2]
    assert TONE.noise_db - 8 < 10 * np.log10(np.mean(noise**2)) < TONE.noise_db + 3


@pytest.mark.parametrize("name", ["webm", "mp4"])
@pytest.mark.parametrize("is_sound_first", [True, False])
def test_sound_and_picture_may_come_in_either_order(name, is_sound_first, maker, tmp_path):
    """The recording is cut to its last sample whichever stream is the first in the file."""
    kind, target = maker.kind(name), tmp_path / "redacted"
    samples = maker.speech(kind.rate, 4.0, 2)
    source = maker.write(tmp_path / "call", kind, samples, has_picture=True, is_sound_first=is_sound_first)
    cuts = [maker.cut(700, 1300, 0), maker.cut(3500, 4000)]

    rewrite(source, target, cuts, tone=TONE)

    assert compare(source, target, cuts, tone=TONE).is_clean
    assert probe(target).duration_ms == probe(source).duration_ms
