"""The page of leaks: which folders it scores, and what it tells of each."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np

from benchmarks.leaks import corpora, page
from compliance.evaluate.counts import Score
from compliance.evaluate.run import Measured, Scored


def folder(path: Path, *, channels: tuple[int, ...]) -> Path:
    """A folder of one call of a second, with a recording for each number of channels."""
    path.mkdir(parents=True)
    for count in channels:
        with wave.open(str(path / f"{count}.wav"), "wb") as file:
            file.setnchannels(count)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes((np.sin(np.arange(8000 * count)) * 9000).astype("<i2").tobytes())
    call = {"id": "a", "duration": 1.0, "files": [f"{count}.wav (a remark)" for count in channels]}
    (path / "truth.json").write_text(json.dumps([call | {"utterances": []}]))
    return path


def test_every_folder_with_a_truth_is_scored(tmp_path) -> None:
    """In folders of their own too; as one channel as well, where there are such recordings of all calls."""
    folder(tmp_path / "composite", channels=(2, 1))
    folder(tmp_path / "blind" / "r1", channels=(2,))
    folder(tmp_path / "digits", channels=(1,))
    found = dict(corpora(tmp_path))

    assert list(found) == ["the sample call", "blind/r1", "composite", "composite, mono", "digits"]
    assert [found[name].cases[0].path.name for name in list(found)[2:]] == ["2.wav", "1.wav", "1.wav"]
    assert next(iter(corpora(None)))[0] == "the sample call"


def test_a_run_is_a_line_with_its_labels_below() -> None:
    """Shares and intervals in brackets; what there is nothing of is a dash."""
    score = Score(calls=1, words=4, leaked=1, calls_leaking=1, over_ms=1500)
    score.words_by_label["PIN"], score.leaked_by_label["PIN"] = 4, 1
    call = Scored(id="a", duration_ms=1, seconds=1.0, score=score, decision=None, reasons=())
    told = page({"calls": [Measured(name="ours", decides=False, calls=(call,))]}, has_data=False)

    assert (
        "| calls | ours | 1 of 4 (25.0%; 0.6%–80.6%) | 1 of 1 (100.0%; 2.5%–100.0%) | – | – | 1.5 s |" in told
    )
    assert "| calls | ours | PIN 1/4 |" in told
    assert "Without DATA" in told
