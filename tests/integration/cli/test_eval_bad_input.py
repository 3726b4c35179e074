"""What ``compliance eval`` says to what it cannot use, before an hour is spent on it."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

CALL = {"id": "a-call", "duration": 1.0, "files": ["call.wav"], "layout": "stereo", "utterances": []}
SPAN = {"label": "PERSON", "text": "Daniel", "start": 0.1, "end": 0.5}


def folder(path: Path, truth: str) -> Path:
    """A folder with a recording of a second, and this truth."""
    path.mkdir()
    with wave.open(str(path / "call.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(250)) * 128)
    (path / "truth.json").write_text(truth)
    return path


def said(**span: object) -> str:
    """A truth of one phrase."""
    utterance = {"channel": "caller", "start": 0.0, "end": 0.9, "text": "", "spans": [SPAN | span]}
    return json.dumps([CALL | {"utterances": [utterance]}])


@pytest.mark.parametrize(
    ("truth", "told"),
    [
        ("{", "line 1"),
        ("[]", "at least one"),
        (said(label="Daniel"), "label that is not known"),
        (said(end=9.0), "after the end"),
        (json.dumps([CALL | {"files": ["gone.wav"]}]), "gone.wav"),
    ],
)
def test_a_truth_that_cannot_be_used(truth, told, compliance, place, tmp_path) -> None:
    """One line with the place and the reason, exit code 2, nothing kept, nothing repeated."""
    done = compliance("eval", folder(tmp_path / "calls", truth))

    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.endswith("[truth_invalid]\n")
    assert "Daniel" not in done.err
    assert place.kept() == []


def test_a_folder_without_truth(compliance, tmp_path) -> None:
    """Whether it is empty or not there."""
    for path in (tmp_path, tmp_path / "gone"):
        done = compliance("eval", path)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "[truth_invalid]" in done.err


@pytest.mark.parametrize(
    "options",
    [
        ("--chart", "figures.png"),
        ("--chart", "gone/figures.svg"),
        ("--write-golden", "gone/golden.json"),
        ("--golden", "gone.json"),
        ("--profile", "unheard-of"),
        ("--mono",),
    ],
)
def test_options_that_cannot_be_used(options, compliance, place, tmp_path) -> None:
    """They are refused before the first call is treated."""
    done = compliance("eval", folder(tmp_path / "calls", json.dumps([CALL])), *options)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert place.kept() == []
