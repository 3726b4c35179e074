"""What ``compliance process`` says to what it cannot use, and that nothing is left behind."""

from __future__ import annotations

import json
import shutil
import wave
from pathlib import Path

import av
import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "sample-call" / "call.ogg"


def silent(path: Path) -> None:
    """Two seconds of nothing."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 2 * 16_000))


def pictures(path: Path) -> None:
    """A video without sound."""
    with av.open(str(path), "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * n, np.uint8), format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def half(path: Path) -> None:
    """The sample, broken off in the middle of a page."""
    body = SAMPLE.read_bytes()
    path.write_bytes(body[: len(body) // 2])


FILES = {
    "missing.ogg": (lambda path: None, "media_unreadable"),
    "folder.ogg": (lambda path: path.mkdir(), "media_unreadable"),
    "empty.ogg": (lambda path: path.write_bytes(b""), "media_empty"),
    "text.ogg": (lambda path: path.write_text("This call is recorded.\n" * 99), "media_unreadable"),
    "list.wav": (lambda path: path.write_text(f"#EXTM3U\n#EXTINF:10,\n{SAMPLE}\n"), "playlist_invalid"),
    "half.ogg": (half, "media_truncated"),
    "chained.ogg": (lambda path: path.write_bytes(2 * SAMPLE.read_bytes()), "media_chained"),
    "silent.wav": (silent, "audio_silent"),
    "pictures.mp4": (pictures, "no_audio"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_recording_is_refused(name, compliance, place, tmp_path) -> None:
    """One line with the file and the reason, below the log's new key; exit code 2, an event, nothing kept."""
    make, reason = FILES[name]
    path = tmp_path / name
    make(path)

    done = compliance("process", path)

    assert done.code == 2
    assert done.out == ""
    *before, line = done.err.splitlines()
    assert all(each.startswith("The audit log is signed by a new key: ") for each in before)
    assert len(before) <= 1
    assert line.startswith("error: ")
    assert name in line
    assert done.err.rstrip().endswith(f"[{reason}]")
    assert place.kept() == []
    page = json.loads(compliance("audit", "list", "--kind", "file.rejected", "--json").out)
    told = [each["event"] for each in page["events"]]
    assert [each["reason"] for each in told] == [reason]
    assert compliance("audit", "verify").code == 0


@pytest.mark.parametrize("name", ["missing.ogg", "empty.ogg", "half.ogg", "silent.wav"])
def test_of_several_files_the_one_at_fault_is_named(name, compliance, place, tmp_path) -> None:
    """One that is no recording refuses the whole call, and nothing of the others is kept."""
    make, reason = FILES[name]
    path = tmp_path / name
    make(path)

    done = compliance("process", SAMPLE, path)

    assert (done.code, done.out) == (2, "")
    line = done.err.splitlines()[-1]
    assert str(path) in line
    assert line.endswith(f"[{reason}]")
    assert not place.kept()


@pytest.mark.parametrize("given", [["0"], ["0", "1", "2"], ["0", "90000000"]])
def test_offsets_that_fit_no_call_are_refused(given, compliance, place) -> None:
    """One for each file, and all within a day."""
    options = [word for each in given for word in ("--offset-ms", each)]

    done = compliance("process", SAMPLE, SAMPLE, *options)

    assert done.code == 2
    assert done.err.endswith("[argument_invalid]\n")
    assert not place.kept()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--profile", "nope"), "default, gdpr, hipaa-safe-harbor, numbers-only, pci"),
        (("--caller", "4155550142"), "+14155550142"),
        (("--caller", "+1 415 555 01422"), "too short or too long"),
        (("--business", "anonymous"), "not a telephone number"),
        (("--roles", "agent,robot"), "agent, caller or unknown"),
        (("--roles", "agent,caller,caller"), "agent, caller or unknown"),
        (("--out", SAMPLE), "--out wants a folder"),
    ],
)
def test_a_wrong_option_is_refused_before_any_work(arguments, said, compliance, place) -> None:
    """The line says what would be right; nothing was taken in."""
    done = compliance("process", SAMPLE, *arguments)

    assert done.code == 2
    assert said in done.err
    assert done.err.rstrip().endswith("[argument_invalid]")
    assert place.kept() == []


def test_a_number_is_not_repeated(compliance) -> None:
    """A wrong number is somebody's all the same, and terminals have logs."""
    assert "8675" not in compliance("process", SAMPLE, "--caller", "+1 867530").err


def test_a_word_that_is_none_of_an_options_is_refused(compliance) -> None:
    """--agent takes ai or human."""
    assert compliance("process", SAMPLE, "--agent", "robot").code == 2


def test_an_unreadable_policy_file_is_named_with_its_line(compliance, place, tmp_path, monkeypatch) -> None:
    """Whoever wrote it finds the place."""
    policies = shutil.copytree(ROOT / "policies", tmp_path / "policies")
    profile = policies / "redaction" / "default.yaml"
    lines = profile.read_text().splitlines()
    at = next(n for n, line in enumerate(lines, 1) if line.startswith("join_ms"))
    lines[at - 1] = "join_ms: soon"
    profile.write_text("\n".join(lines))
    monkeypatch.setenv("COMPLIANCE_POLICIES", str(policies))

    done = compliance("process", SAMPLE)

    assert done.code == 2
    assert f"default.yaml, line {at}" in done.err
    assert "[policy_invalid]" in done.err
    assert place.kept() == []


def test_missing_weights_are_named_with_the_way_to_get_them(compliance, place, tmp_path, monkeypatch) -> None:
    """A failure of the set-up is exit code 1, and happens before anything is taken in."""
    monkeypatch.setenv("COMPLIANCE_MODELS", str(tmp_path / "none"))

    done = compliance("process", SAMPLE)

    assert done.code == 1
    assert "[model_missing]" in done.err
    assert "compliance models pull" in done.err
    assert place.kept() == []


def test_a_file_over_the_limit_is_refused(compliance, place, monkeypatch) -> None:
    """By hand there is nobody to hold it for: it is bad input."""
    monkeypatch.setenv("COMPLIANCE_SOURCE_MAX_BYTES", "1000")

    done = compliance("process", SAMPLE)

    assert done.code == 2
    assert "COMPLIANCE_SOURCE_MAX_BYTES" in done.err
    assert place.kept() == []


def test_control_characters_in_a_files_name_are_shown_not_sent(compliance, tmp_path) -> None:
    """A name cannot clear the screen or forge a second line."""
    path = tmp_path / "a\x1b[2J\nerror: forged.ogg"
    path.write_bytes(b"")

    done = compliance("process", path)

    assert "\x1b" not in done.err
    assert done.err.count("\n") == 1
