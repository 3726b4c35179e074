"""``compliance process`` on the sample call in two files, beside the same call in one; real models."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from compliance.redact.media import decode
from compliance.schemas.check import faults

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "sample-call"
MODELS = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")
RATE = 48_000
SHARED = 0.9
"""So much of what is cut in the one is cut in the other."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How it ended, and where things are."""

    code: int
    err: str
    folder: Path
    paths: tuple[Path, ...]

    @property
    def manifest(self) -> dict[str, Any]:
        """Its manifest."""
        return dict(json.loads((self.folder / "manifest.json").read_text()))

    def cut(self, channel: int) -> np.ndarray[Any, Any]:
        """For each millisecond of the call whether a channel is cut."""
        flags = np.zeros(self.manifest["recording"]["duration_ms"], bool)
        for each in self.manifest["cuts"]:
            if each["channel"] in (None, channel):
                flags[each["start_ms"] : each["end_ms"]] = True
        return flags


def run(folder: Path, paths: tuple[Path, ...], *options: str) -> Run:
    """The command as a program of its own."""
    command = [sys.executable, "-m", "compliance.cli.main", "process", *map(str, paths)]
    given = ["--caller", "+14155550142", "--business", "+12125550199", "--out", str(folder / "out")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    environment = kept | {"COMPLIANCE_HOME": str(folder / "home"), "COMPLIANCE_MODELS": MODELS}
    done = subprocess.run(
        [*command, *given, *options], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280
    )
    return Run(code=done.returncode, err=done.stderr, folder=folder / "out", paths=paths)


def write(path: Path, voice: np.ndarray[Any, Any]) -> Path:
    """One voice on both channels, as Egress writes a participant's."""
    with av.open(str(path), "w", format="ogg") as output:
        stream = output.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = 128_000
        packed = np.ascontiguousarray(np.repeat(voice, 2)[None].astype(np.float32))
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def whole() -> np.ndarray[Any, Any]:
    """The sample call's samples."""
    return np.concatenate(list(decode(SAMPLE / "call.ogg")), axis=1)


@pytest.fixture(scope="module")
def later_ms() -> int:
    """When the caller's file begins: half a second before the caller is first heard."""
    told = json.loads((SAMPLE / "truth.json").read_text())[0]
    first_s = next(each["start"] for each in told["utterances"] if each["channel"] == "caller")
    return round(first_s * 1000) - 500


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The call as it is, a channel a speaker."""
    return run(tmp_path_factory.mktemp("one"), (SAMPLE / "call.ogg",))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, whole: np.ndarray[Any, Any], later_ms: int) -> Run:
    """The call as an egress of each participant would have left it."""
    folder = tmp_path_factory.mktemp("two")
    agent = write(folder / "agent.ogg", whole[0])
    caller = write(folder / "caller.ogg", whole[1, later_ms * RATE // 1000 :])
    return run(folder, (agent, caller), "--offset-ms", "0", "--offset-ms", str(later_ms))


def test_both_are_released(one: Run, two: Run) -> None:
    """Notice, consent and checks are the same for either."""
    assert (one.code, two.code) == (0, 0), one.err + two.err
    assert faults(two.manifest) == []
    assert two.manifest["consent"]["outcome"] == one.manifest["consent"]["outcome"] == "satisfied"
    assert [each["kept"] for each in two.manifest["unaltered"]] == ["packets", "packets"]


@pytest.mark.parametrize("channel", [0, 1])
def test_the_cuts_are_those_of_one_file(one: Run, two: Run, channel: int) -> None:
    """What is cut of a speaker in a file of their own is what is cut of their channel."""
    left, right = one.cut(channel), two.cut(channel)
    size = min(len(left), len(right))
    both = (left[:size] & right[:size]).sum()

    assert left.any()
    assert both >= SHARED * left[:size].sum()
    assert both >= SHARED * right[:size].sum()


def sensitive() -> Iterator[tuple[int, dict[str, Any]]]:
    """Every sensitive word with its channel; the last four digits of a card may stay."""
    for said in json.loads((SAMPLE / "truth.json").read_text())[0]["utterances"]:
        for span in said["spans"]:
            if not span.get("last_four_only"):
                for word in span["words"]:
                    yield ("agent", "caller").index(said["channel"]), word


def test_no_sensitive_word_is_open_in_either_file(two: Run, whole: np.ndarray[Any, Any]) -> None:
    """Each file by its own clock: where a sensitive word was, its samples are no longer the original's."""
    told = two.manifest
    for index, path in enumerate(two.paths):
        before, after = (
            np.concatenate(list(decode(each)), axis=1)
            for each in (path, two.folder / f"redacted-{index + 1}.ogg")
        )
        offset_ms = told["sources"][index]["offset_ms"]
        words = [word for channel, word in sensitive() if channel == index]
        assert words
        for word in words:
            start, end = (round(word[name] * RATE) - offset_ms * RATE // 1000 for name in ("start", "end"))
            for was, now in zip(before[:, start:end], after[:, start:end], strict=True):
                alike = abs(float(np.dot(was, now))) / (1e-9 + np.linalg.norm(was) * np.linalg.norm(now))
                assert alike < 0.3


@pytest.mark.parametrize("index", [0, 1])
def test_each_file_is_shown_to_be_unaltered(two: Run, index: int) -> None:
    """``compliance evidence compare`` takes the file by its digest, with its original and without."""
    redacted = str(two.folder / f"redacted-{index + 1}.ogg")
    manifest = str(two.folder / "manifest.json")
    for files in ([redacted, manifest], [str(two.paths[index]), redacted, manifest]):
        command = [sys.executable, "-m", "compliance.cli.main", "evidence", "compare", *files]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    wrong = [str(two.paths[1 - index]), redacted, manifest]
    command = [sys.executable, "-m", "compliance.cli.main", "evidence", "compare", *wrong]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60).returncode == 1
