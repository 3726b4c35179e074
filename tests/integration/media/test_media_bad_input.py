"""What bad input gets: a clear error of its own, and nothing half-written."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from compliance.errors import (
    ArgumentInvalid,
    AudioSilent,
    MediaChained,
    MediaEmpty,
    MediaError,
    MediaTruncated,
    MediaUnreadable,
    MediaUnsupported,
    NoAudio,
    TooManyChannels,
)
from compliance.redact.media import probe
from compliance.redact.rewrite import rewrite
from compliance.redact.tone import Tone

TONE = Tone()

NOT_MEDIA = {
    "text": b"Thank you for calling. This call is recorded.\n" * 50,
    "playlist.wav": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "concat.mp3": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "playlist.pls": b"[playlist]\nFile1=/etc/passwd\n",
    "session.sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
    "picture.ogg": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "frame.aac": b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(300),
    "sync.mp3": b"\xff\xfb\x90\x64" + b"not a second frame" * 60,
}


@pytest.mark.parametrize("name", NOT_MEDIA)
def test_what_is_not_a_recording_is_unreadable(name, tmp_path):
    """Text, pictures and above all playlists are refused by their bytes, whatever their name."""
    path = tmp_path / name
    path.write_bytes(NOT_MEDIA[name])

    with pytest.raises(MediaUnreadable):
        probe(path)


def test_a_playlist_never_leads_to_another_file(maker, calls, tmp_path):
    """A playlist that lists a good recording beside it is not followed."""
    (tmp_path / "call.ogg").write_bytes(calls(maker.kind("ogg"), 1).read_bytes())
    (tmp_path / "call.m3u8").write_text("#EXTM3U\n#EXTINF:4,\ncall.ogg\n#EXT-X-ENDLIST\n")

    with pytest.raises(MediaUnreadable):
        probe(tmp_path / "call.m3u8")


def test_what_is_not_a_file_is_unreadable(tmp_path):
    """A folder and a name with nothing behind it are refused; a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe")

    for each in (tmp_path, tmp_path / "nothing", tmp_path / "pipe"):
        with pytest.raises(MediaUnreadable):
            probe(each)


def test_an_empty_file_is_empty(tmp_path):
    """Zero bytes are told from a broken file: the recorder never began."""
    (tmp_path / "call.ogg").touch()

    with pytest.raises(MediaEmpty):
        probe(tmp_path / "call.ogg")


def test_a_recording_of_no_length_is_empty(tmp_path):
    """A header without samples is empty."""
    with wave.open(str(tmp_path / "call"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))

    with pytest.raises(MediaEmpty):
        probe(tmp_path / "call")


def test_an_ogg_of_headers_alone_is_empty(maker, calls, tmp_path):
    """Two header pages, the second marked as the last, are a recording of no length."""
    pages = calls(maker.kind("ogg"), 1).read_bytes().split(b"OggS")
    last = bytearray(pages[2])
    last[1] |= 4
    (tmp_path / "call").write_bytes(b"OggS".join([b"", pages[1], bytes(last)]))

    with pytest.raises((MediaEmpty, MediaTruncated, MediaUnreadable)):
        probe(tmp_path / "call")


@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_a_recording_that_breaks_off_is_truncated(calls, kind, channels, share, tmp_path):
    """Whatever the container, a file of which the end is missing is told, and nothing is written."""
    data = calls(kind, channels).read_bytes()
    (tmp_path / "call").write_bytes(data[: int(len(data) * share)])

    with pytest.raises(MediaTruncated):
        probe(tmp_path / "call")
    with pytest.raises(MediaTruncated):
        rewrite(tmp_path / "call", tmp_path / "redacted", [], tone=TONE)
    assert [each.name for each in tmp_path.iterdir()] == ["call"]


def test_an_ogg_without_its_last_page_is_truncated(maker, calls, tmp_path):
    """Even if it breaks off between two pages, where nothing looks broken."""
    data = calls(maker.kind("ogg"), 2).read_bytes()
    (tmp_path / "call").write_bytes(data[: data.rindex(b"OggS")])

    with pytest.raises(MediaTruncated):
        probe(tmp_path / "call")


def test_an_ogg_with_a_page_missing_is_truncated(maker, calls, tmp_path):
    """A page lost in the middle is seen by its number."""
    pages = calls(maker.kind("ogg"), 2).read_bytes().split(b"OggS")
    (tmp_path / "call").write_bytes(b"OggS".join(pages[:4] + pages[5:]))

    with pytest.raises(MediaTruncated):
        probe(tmp_path / "call")


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_wav_whose_length_was_never_filled_in_is_truncated(maker, calls, length, tmp_path):
    """A recorder that was killed leaves the length open; what is missing cannot be told."""
    data = bytearray(calls(maker.kind("pcm_mulaw"), 1).read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = length.to_bytes(4, "little")
    (tmp_path / "call").write_bytes(data)

    with pytest.raises(MediaTruncated):
        probe(tmp_path / "call")


@pytest.mark.parametrize("gap", ["one serial", "two serials", "no end"])
def test_a_chained_ogg_has_a_reason_of_its_own(gap, maker, calls, tmp_path):
    """Two recordings in one file are refused: FFmpeg would read on with the wrong clock."""
    first = calls(maker.kind("ogg"), 1).read_bytes()
    second = calls(maker.kind("ogg"), 2).read_bytes()
    if gap == "two serials":
        second = re.sub(rb"(OggS.{10})....", rb"\1abcd", second, flags=re.DOTALL)
    if gap == "no end":
        first = first[: first.rindex(b"OggS")]
    (tmp_path / "call").write_bytes(first + second)

    with pytest.raises(MediaChained):
        probe(tmp_path / "call")


def test_ogg_streams_side_by_side_are_unsupported(maker, calls, tmp_path):
    """Two that begin together are no chain: they were meant to be heard at once."""
    data = calls(maker.kind("ogg"), 1).read_bytes()
    head = data[: data.index(b"OggS", 4)]
    (tmp_path / "call").write_bytes(head + head[:14] + b"abcd" + head[18:] + data[len(head) :])

    with pytest.raises(MediaUnsupported):
        probe(tmp_path / "call")


def test_two_audio_streams_are_unsupported(maker, tmp_path):
    """Cuts belong to one stream; the other would be left as it is."""
    kind = maker.kind("mp4")
    samples = maker.speech(kind.rate, 2, 1)
    path = maker.write(tmp_path / "call", kind, [samples, samples])

    with pytest.raises(MediaUnsupported):
        probe(path)


def test_a_codec_that_is_not_on_the_list_is_unsupported(tmp_path):
    """ADPCM in WAV is readable to FFmpeg, but cannot be written back bit for bit."""
    with av.open(str(tmp_path / "call"), "w", format="wav") as output:
        stream = output.add_stream("adpcm_ms", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ones((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

    with pytest.raises(MediaUnsupported):
        probe(tmp_path / "call")


def test_three_channels_are_too_many(maker, tmp_path):
    """Who speaks on a third channel cannot be told."""
    kind = maker.kind("pcm_s16le")
    path = maker.write(tmp_path / "call", kind, maker.speech(kind.rate, 1, 3))

    with pytest.raises(TooManyChannels):
        probe(path)


@pytest.mark.parametrize("name", ["mp4", "webm"])
def test_a_picture_without_sound_has_no_audio(maker, name, tmp_path):
    """Video only is told from a file that cannot be read."""
    path = maker.write(tmp_path / "call", maker.kind(name), [], has_picture=True)

    with pytest.raises(NoAudio):
        probe(path)


def test_a_silent_recording_is_silent(maker, kind, channels, tmp_path):
    """Nothing but zeros, through any codec, means that the recorder failed."""
    path = maker.write(tmp_path / "call", kind, np.zeros((channels, 2 * kind.rate), np.float32))

    with pytest.raises(AudioSilent):
        probe(path)


def test_a_cut_of_a_channel_that_is_not_there_is_refused(maker, calls, tmp_path):
    """It is an error, and nothing is written."""
    with pytest.raises(ArgumentInvalid):
        rewrite(calls(maker.kind("ogg"), 1), tmp_path / "redacted", [maker.cut(0, 100, 1)], tone=TONE)

    assert not list(tmp_path.iterdir())


FULL = """
import resource, sys
from pathlib import Path
from compliance.errors import DiskFull
from compliance.redact.rewrite import rewrite
from compliance.redact.tone import Tone
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    rewrite(Path(sys.argv[1]), Path(sys.argv[2]), [], tone=Tone())
except DiskFull:
    print("full")
"""


@pytest.mark.parametrize("name", ["ogg", "pcm_s16le", "mp4", "flac"])
def test_a_full_disk_leaves_nothing_half_written(maker, calls, name, tmp_path):
    """Stopped in the middle of the file or at its very end, the target does not appear."""
    source = calls(maker.kind(name), 2)

    for limit in (100, source.stat().st_size // 2):
        run = subprocess.run(
            [sys.executable, "-c", FULL, source, tmp_path / "redacted", str(limit)],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(each for each in (str(Path.cwd()), *sys.path) if each),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.stdout, run.returncode) == ("full\n", 0), run.stderr
        assert not list(tmp_path.iterdir())


def test_an_older_target_survives_a_failure(maker, calls, tmp_path):
    """The target is replaced whole or stays what it was."""
    (tmp_path / "redacted").write_bytes(b"older")
    data = calls(maker.kind("ogg"), 1).read_bytes()
    (tmp_path / "call").write_bytes(data[: len(data) // 2])

    with pytest.raises(MediaTruncated):
        rewrite(tmp_path / "call", tmp_path / "redacted", [], tone=TONE)

    assert (tmp_path / "redacted").read_bytes() == b"older"


def test_damaged_files_raise_nothing_but_our_errors(calls, kind, tmp_path):
    """With bytes overwritten at random a recording is read, or refused with one of our errors."""
    data = calls(kind, 2).read_bytes()
    for seed in range(4):
        dice = random.Random(seed)
        damaged = bytearray(data)
        for _ in range(dice.choice([1, 4, 40])):
            at = dice.choice([dice.randrange(len(data)), dice.randrange(min(400, len(data)))])
            damaged[at] = dice.randrange(256)
        (tmp_path / "call").write_bytes(damaged)
        try:
            probe(tmp_path / "call")
            rewrite(tmp_path / "call", tmp_path / "redacted", [], tone=TONE)
        except MediaError:
            pass
