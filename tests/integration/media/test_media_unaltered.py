"""A redacted recording shows that nothing but its cuts was touched, and to whom it shows it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import av
import pytest

from compliance.evidence import compare_alone
from compliance.manifest import plain
from compliance.records import Kept
from compliance.redact.recheck import Fault, recheck
from compliance.redact.rewrite import rewrite
from compliance.redact.tape import paced
from compliance.redact.tone import Tone
from compliance.redact.unaltered import unaltered

TONE = Tone()


KEPT = ("ogg", "webm", "mp4", "mp4-8k", "flac", "flac-24", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_mulaw")
"""Kinds of recording of which what is outside the cuts is kept as it is."""


@pytest.fixture(params=KEPT)
def proven(request, maker):
    """One of them."""
    return maker.kind(request.param)


@pytest.fixture
def redacted(maker, proven, channels, calls, tmp_path):
    """A call of each kind with two cuts, and the proof that was made of it."""
    source, target = calls(proven, channels), tmp_path / "redacted"
    cuts = [maker.cut(800, 1400, 0), maker.cut(2500, 2900)]
    rewrite(source, target, cuts, tone=TONE)
    return source, target, cuts, unaltered(source, target, paced(source))


def alone(told, cuts, *files):
    """What the script says that knows nothing of our package."""
    manifest = {"unaltered": plain(told), "cuts": [plain(cut) for cut in cuts]}
    original = str(files[0]) if len(files) == 2 else None
    return list(compare_alone.faults(manifest["unaltered"], manifest["cuts"], original, str(files[-1])))


def test_what_was_encoded_again_says_so_and_why(maker, calls, tmp_path):
    """There are no trees to compare, and nobody is told that there were."""
    source, target = calls(maker.kind("mp3"), 2), tmp_path / "redacted"
    rewrite(source, target, [maker.cut(800, 1400, 0)], tone=TONE)

    told = unaltered(source, target, paced(source))

    assert (told.kept, told.why, told.trees) == (Kept.ENCODED_AGAIN, "codec", None)


def test_what_is_kept_is_shown_with_the_original_and_without(redacted, proven):
    """Packets of Opus and AAC and samples of PCM and FLAC prove themselves."""
    source, target, cuts, told = redacted

    assert told.kept is (Kept.PACKETS if proven.codec in ("opus", "aac") else Kept.SAMPLES)
    assert told.trees.changed
    assert recheck(told, cuts, target) == recheck(told, cuts, target, source) == ()
    assert alone(told, cuts, target) == alone(told, cuts, source, target) == []


def test_another_cut_is_seen_and_its_time_told(redacted, maker, tmp_path):
    """20 ms altered outside the cuts: with the original they are named, without it the root is wrong."""
    source, _, cuts, told = redacted
    altered = tmp_path / "altered"
    rewrite(source, altered, [*cuts, maker.cut(3700, 3720, 0)], tone=TONE)

    found = recheck(told, cuts, altered, source)
    elsewhere = [each.at_ms for each in found if each.fault is Fault.ELSEWHERE]
    assert elsewhere
    reach_ms = max(90, 3000 * told.trees.step // told.trees.rate)
    assert all(3700 - reach_ms <= at_ms <= 3720 + reach_ms for at_ms in elsewhere)
    assert {Fault.REDACTED_ROOT, Fault.ORIGINAL_ROOT} <= {each.fault for each in recheck(told, cuts, altered)}
    assert alone(told, cuts, altered)
    assert any(line.startswith("at 3.") for line in alone(told, cuts, source, altered))


def test_a_list_that_hides_an_alteration_is_seen(redacted, maker, tmp_path):
    """Listed, what was altered lies in no cut; left out of the list, it makes the original's root wrong."""
    source, _, cuts, _ = redacted
    altered = tmp_path / "altered"
    rewrite(source, altered, [*cuts, maker.cut(3700, 3720, 0)], tone=TONE)
    forged = unaltered(source, altered, paced(source))

    assert [each.fault for each in recheck(forged, cuts, altered, source)] == [Fault.OUTSIDE_CUTS]
    assert len(alone(forged, cuts, altered)) == 1
    silent = dataclasses.replace(
        forged, trees=dataclasses.replace(forged.trees, changed=forged.trees.changed[:-1])
    )
    assert Fault.ORIGINAL_ROOT in {each.fault for each in recheck(silent, cuts, altered)}
    assert alone(silent, cuts, altered)


def test_a_cut_that_was_not_made_is_seen(redacted):
    """The original handed out as the redacted recording is named leaf by leaf."""
    source, _, cuts, told = redacted

    found = {each.fault for each in recheck(told, cuts, source, source)}

    assert found == {Fault.UNCHANGED, Fault.REDACTED_ROOT}
    assert alone(told, cuts, source)


def test_another_recording_is_seen(redacted, maker, proven, channels, tmp_path):
    """One of another length, and one of the same length."""
    source, _, cuts, told = redacted
    shorter = maker.write(tmp_path / "shorter", proven, maker.speech(proven.rate, 3.5, channels))
    other = maker.write(tmp_path / "other", proven, maker.speech(proven.rate, 4.2345, channels, seed=7))

    assert Fault.LENGTH in {each.fault for each in recheck(told, cuts, shorter)}
    assert Fault.LENGTH in {each.fault for each in recheck(told, cuts, shorter, source)}
    assert Fault.ORIGINAL_ROOT in {each.fault for each in recheck(told, cuts, other)}
    assert alone(told, cuts, shorter)
    assert alone(told, cuts, source, other)


@pytest.mark.parametrize("name", ["webm", "mp4"])
def test_the_picture_is_shown_to_be_the_same(name, maker, tmp_path):
    """Its packets have one root in both recordings, whatever became of the sound."""
    kind, target = maker.kind(name), tmp_path / "redacted"
    source = maker.write(tmp_path / "call", kind, maker.speech(kind.rate, 4.0, 2), has_picture=True)
    cuts = [maker.cut(800, 1400, 0)]
    rewrite(source, target, cuts, tone=TONE)

    told = unaltered(source, target, paced(source))

    assert told.picture is not None
    assert recheck(told, cuts, target, source) == ()
    wrong = dataclasses.replace(told, picture="0" * 64)
    assert [each.fault for each in recheck(wrong, cuts, target)] == [Fault.PICTURE]


def test_the_script_needs_no_decoder_where_packets_are_printed(maker, tmp_path):
    """What ffprobe prints of a file's packets is enough, on a Python without any package."""
    kind, target = maker.kind("ogg"), tmp_path / "redacted"
    source = maker.write(tmp_path / "call", kind, maker.speech(kind.rate, 4.0, 2))
    cuts = [maker.cut(800, 1400, 0)]
    rewrite(source, target, cuts, tone=TONE)
    told = unaltered(source, target, paced(source))
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"unaltered": plain(told), "cuts": [plain(cut) for cut in cuts]}))
    printed = [_printed(path, tmp_path / f"{path.name}.json") for path in (source, target)]

    def run(*files: Path) -> int:
        script = [sys.executable, "-I", "-S", compare_alone.__file__, *map(str, files), str(manifest)]
        return subprocess.run(script, capture_output=True, check=False).returncode

    assert run(*printed) == run(printed[1]) == 0
    assert run(printed[0]) == 1


def _printed(path: Path, target: Path) -> Path:
    """The file's packets as ``ffprobe -show_packets -show_data_hash sha256 -of json`` prints them."""
    with av.open(str(path)) as file:
        packets = [
            {"pts": packet.pts, "data_hash": f"SHA256:{hashlib.sha256(bytes(packet)).hexdigest()}"}
            for packet in file.demux(audio=0)
            if packet.size
        ]
    target.write_text(json.dumps({"packets": packets}))
    return target
