"""A call in several files: one conversation to whoever reads it, and a file each to whoever has it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bundled import asked, made
from fakecall import RATE, SECRETS, USER, sound, write_ogg, write_wav
from pydantic import TypeAdapter
from test_pipeline_stages import kinds, manifest, now

from compliance.artifacts import is_media
from compliance.byhand import Order, process
from compliance.errors import MediaEmpty, StateConflict
from compliance.evidence import compare_alone
from compliance.parts import Parts
from compliance.people import destroy_held, release_held, retry_held
from compliance.pipeline import advance, run_all
from compliance.records import Cut, Role, Source, Stage, State, Unaltered
from compliance.redact.media import decode
from compliance.redact.recheck import recheck
from compliance.release import OUTPUTS
from compliance.results import copy_out
from compliance.schemas.check import faults
from compliance.store import recordings
from compliance.strands import SLACK_MS, of_file
from compliance.transcribe.windows import Samples

LATER_MS = 400
"""The caller's file begins so much after the agent's; before it nobody but the agent speaks."""


Split = Callable[..., Order]


@pytest.fixture
def split(tmp_path: Path, order: Callable[..., Order]) -> Split:
    """The call as two files of one voice each, as track egress would have recorded it."""

    def make(*, kind: str = "wav", samples: Samples | None = None, later_ms: int = LATER_MS) -> Order:
        rate = 48_000 if kind == "ogg" else RATE
        whole = sound(rate) if samples is None else samples
        voices = (whole[:1], whole[1:, later_ms * rate // 1000 :])
        paths = [tmp_path / f"{name}.{kind}" for name in ("agent", "caller")]
        for path, voice in zip(paths, voices, strict=True):
            if kind == "ogg":
                write_ogg(path, np.repeat(voice, 2, axis=0))  # Egress writes two channels of one voice
            else:
                write_wav(path, voice)
        offsets_ms = (60_000, 60_000 + later_ms)
        return replace(order(), path=paths[0], more=(paths[1],), offsets_ms=offsets_ms)

    return make


def files(parts: Parts, row: recordings.RecordingRow, folder: Path) -> dict[str, Path]:
    """What a run wrote, by name."""
    return {path.name: path for path in copy_out(parts, row, manifest(parts, row), folder)}


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_what_is_cut_is_what_is_cut_of_one_file(
    parts: Parts, order: Callable[..., Order], split: Split, kind: str
) -> None:
    """A question in one file is answered in the other: findings and cuts are those of the stereo call."""
    stereo = manifest(parts, process(parts, order(kind=kind), USER))
    row = process(parts, split(kind=kind), USER)
    several = manifest(parts, row)

    assert (row.state, row.roles) == (State.RELEASED, (Role.AGENT, Role.CALLER))
    for name in ("findings", "cuts"):
        own, other = ([each for each in made[name] if each["channel"] == 1] for made in (several, stereo))
        assert [each.get("entity", each.get("why")) for each in own] == [
            each.get("entity", each.get("why")) for each in other
        ]
        assert own
        for one, two in zip(own, other, strict=True):
            assert abs(one["start_ms"] - two["start_ms"]) <= 60
            assert abs(one["end_ms"] - two["end_ms"]) <= 60
    assert several["consent"]["outcome"] == stereo["consent"]["outcome"] == "satisfied"


def test_a_manifest_of_several_files_keeps_its_contract(parts: Parts, split: Split) -> None:
    """It says where each file begins and where each channel lies; a single file's manifest is as ever."""
    row = process(parts, split(), USER)
    made = manifest(parts, row)
    transcript = json.loads(b"".join(parts.outputs.open(f"{row.id}/transcript.json")))

    assert (made["schema"], transcript["schema"]) == ("compliance/manifest/2", "compliance/transcript/2")
    assert faults(made) == faults(transcript) == []
    assert [each["offset_ms"] for each in made["sources"]] == [0, LATER_MS]
    assert [(each["source"], each["source_channels"]) for each in made["recording"]["channels"]] == [
        (0, [0]),
        (1, [0]),
    ]
    assert made["recording"]["slack_ms"] == SLACK_MS
    assert [each["file"] for each in made["outputs"]][:2] == ["redacted-1.wav", "redacted-2.wav"]
    assert {each["source"] for each in made["findings"]} == {1}


def test_two_channels_of_one_voice_are_one(parts: Parts, split: Split) -> None:
    """Egress writes two channels whatever it records: the voice is read once, and cut on both."""
    told = manifest(parts, process(parts, split(kind="ogg"), USER))

    assert faults(told) == []
    assert [each["source_channels"] for each in told["recording"]["channels"]] == [[0, 1], [0, 1]]


def test_nothing_of_a_cut_is_left_in_either_file(parts: Parts, split: Split, tmp_path: Path) -> None:
    """In each file, in its own time, what lies in a cut is none of the original's samples."""
    order = split()
    row = process(parts, order, USER)
    made = manifest(parts, row)
    out = files(parts, row, tmp_path / "out")
    for index, path in enumerate(order.paths):
        before, after = (
            np.concatenate(list(decode(each)), axis=1) for each in (path, out[f"redacted-{index + 1}.wav"])
        )
        offset_ms = made["sources"][index]["offset_ms"]
        is_cut = np.zeros(before.shape[1], bool)
        for cut in (each for each in made["cuts"] if each["source"] == index):
            start, end = (ms - offset_ms for ms in (cut["start_ms"], cut["end_ms"]))
            is_cut[start * RATE // 1000 : end * RATE // 1000] = True

        assert is_cut.any()
        assert np.array_equal(before[:, ~is_cut], after[:, ~is_cut])
        assert abs(np.dot(before[0, is_cut], after[0, is_cut])) <= 0.05 * np.sum(before[0, is_cut] ** 2)
    said = (tmp_path / "out" / "transcript.txt").read_text()
    assert not any(f" {word}" in said for word in SECRETS)


@pytest.mark.parametrize("kind", ["wav", "ogg"])
def test_each_file_shows_that_nothing_else_was_touched(
    parts: Parts, split: Split, tmp_path: Path, kind: str
) -> None:
    """The proof of each holds with its original and without, by our code and by the lone script."""
    order = split(kind=kind)
    row = process(parts, order, USER)
    made = manifest(parts, row)
    out = files(parts, row, tmp_path / "out")
    sources = TypeAdapter(tuple[Source, ...]).validate_python(made["sources"])
    cuts = TypeAdapter(tuple[Cut, ...]).validate_python(made["cuts"])
    for index, path in enumerate(order.paths):
        redacted = out[f"redacted-{index + 1}.{kind}"]
        told = TypeAdapter(Unaltered).validate_python(made["unaltered"][index])

        assert recheck(told, of_file(cuts, sources, index), redacted, path) == ()
        assert recheck(told, of_file(cuts, sources, 1 - index), redacted, path) != ()
        ran = compare([path, redacted, out["manifest.json"]])
        assert ran.returncode == 0, ran.stdout + ran.stderr


def compare(paths: list[Path]) -> subprocess.CompletedProcess[str]:
    """What the script says that knows nothing of our package."""
    script = [sys.executable, "-I", compare_alone.__file__, *map(str, paths)]
    return subprocess.run(script, capture_output=True, text=True, timeout=60)


def test_a_bundle_of_evidence_has_every_file(parts: Parts, split: Split, tmp_path: Path) -> None:
    """Each redacted file, the digest of each original, and what can be shown of the least of them."""
    row = process(parts, split(kind="ogg"), USER)
    done = made(parts, asked(parts, row.id), tmp_path / "bundle.zip")
    [told] = done.index["recordings"]

    assert faults(done.index) == []
    assert told["source_sha256"] == [each["sha256"] for each in manifest(parts, row)["sources"]]
    assert told["unaltered"] == "packets"
    names = {each["path"].rpartition("/")[2]: each["what"] for each in told["files"]}
    assert names["redacted-1.ogg"] == names["redacted-2.ogg"] == "recording"


def test_a_stage_delivered_again_changes_nothing(parts: Parts, split: Split) -> None:
    """Every stage delivered again after the run leaves the same bytes and not one event more."""
    row = process(parts, split(), USER)
    before = {name: b"".join(parts.outputs.open(name)) for name in parts.outputs.names(f"{row.id}/")}
    told = kinds(parts, row.id)
    for stage in [*Stage] * 2:
        assert advance(parts, row.id, stage) is None

    assert {name: b"".join(parts.outputs.open(name)) for name in parts.outputs.names(f"{row.id}/")} == before
    assert kinds(parts, row.id) == told
    assert told["recording.ingested"] == told["redaction.verified"] == told["recording.released"] == 1
    assert list(parts.vault.names(row.id)) == []


def test_a_file_that_a_dead_worker_left_half_done_is_made_anew(parts: Parts, split: Split) -> None:
    """Verification finds the second file altered, as after a death in its second pass, and repairs it."""
    order = split()
    row = process(parts, order, USER, last=Stage.REDACT)
    parts.vault.put(row.id, "redacted-2", b"half a file")
    run_all(parts, row.id, Stage.VERIFY)

    assert now(parts, row.id).state is State.RELEASED
    assert manifest(parts, now(parts, row.id))["verification"]["is_clean"]


class TestOneFileFails:
    """If one of its files cannot be treated, the whole call waits or is refused, and it is said which."""

    @pytest.mark.parametrize("broken", [0, 1])
    def test_by_hand_it_is_refused(self, parts: Parts, split: Split, broken: int) -> None:
        """A file that breaks off is named by its number, and nothing of the call is kept."""
        order = split()
        path = order.paths[broken]
        path.write_bytes(path.read_bytes()[:1_000])
        row = process(parts, order, USER)

        assert (row.state, row.reasons) == (State.ABSENT, ("media_truncated", f"file_{broken + 1}"))
        assert list(parts.outputs.names(f"{row.id}/")) == list(parts.vault.names(row.id)) == []

    def test_an_empty_one_is_not_taken_in(self, parts: Parts, split: Split) -> None:
        """Nor is the other then."""
        order = split()
        order.more[0].write_bytes(b"")
        with pytest.raises(MediaEmpty) as raised:
            process(parts, order, USER)

        assert raised.value.file == 2

    def test_the_same_file_twice_is_held(self, parts: Parts, split: Split) -> None:
        """Two recordings of one voice are no conversation: which is to be read cannot be told."""
        order = split()
        row = process(parts, replace(order, more=(order.path,), offsets_ms=()), USER)

        assert (row.state, row.reasons) == (State.HELD, ("files_alike",))

    def test_too_many_channels_are_refused(self, parts: Parts, split: Split) -> None:
        """Nine voices cannot be told apart."""
        order = split()
        row = process(parts, replace(order, more=order.more * 8, offsets_ms=()), USER)

        assert (row.state, row.reasons) == (State.ABSENT, ("too_many_channels",))


class TestHeld:
    """A hold of a call in several files has the ways out that others have."""

    @pytest.fixture
    def held(self, parts: Parts, split: Split) -> recordings.RecordingRow:
        """A call without a notice."""
        samples = sound()
        samples[0, : 8 * RATE] = 0.001 * np.random.default_rng(7).normal(size=8 * RATE)
        row = process(parts, split(samples=samples), USER)
        assert (row.state, row.reasons[0]) == (State.HELD, "consent_missing")
        return row

    def test_release(self, parts: Parts, held: recordings.RecordingRow) -> None:
        """Every file is released."""
        release_held(parts, held.id, USER, "as agreed")
        names = {name.rpartition("/")[2] for name in parts.outputs.names(f"{held.id}/")}

        assert {"redacted-1.wav", "redacted-2.wav", "manifest.json"} <= names

    def test_retry(self, parts: Parts, held: recordings.RecordingRow) -> None:
        """Tried again it takes all of its files, and not if one is gone."""
        parts.vault.delete(held.id, "source-2")
        with pytest.raises(StateConflict):
            retry_held(parts, held.id, USER, "again")

    def test_retried_it_ends_the_same(self, parts: Parts, held: recordings.RecordingRow) -> None:
        """With all files there, the same comes of it."""
        assert retry_held(parts, held.id, USER, "again") is State.PROCESSING
        run_all(parts, held.id)

        assert now(parts, held.id).reasons == held.reasons

    def test_destroy(self, parts: Parts, held: recordings.RecordingRow) -> None:
        """Nothing is left of any file."""
        destroy_held(parts, held.id, USER, "as agreed")

        assert list(parts.vault.names(held.id)) == list(parts.outputs.names(f"{held.id}/")) == []


def test_pci_keeps_no_original_of_a_held_call(parts: Parts, split: Split) -> None:
    """Of any of its files (PCI DSS 3.3.1)."""
    samples = sound()
    samples[0, : 8 * RATE] = 0.001 * np.random.default_rng(7).normal(size=8 * RATE)
    row = process(parts, replace(split(samples=samples), profile="pci"), USER)
    left: list[Any] = list(parts.vault.names(row.id))

    assert row.state is State.HELD
    assert {"redacted", "redacted-2"} <= set(left)
    assert all(is_media(name) or name.startswith(OUTPUTS) for name in left)
