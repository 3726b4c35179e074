"""The stages as a whole: each has its effect once, and what becomes of a recording is as the profile says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from fakecall import SECRETS, USER, sound

from compliance import artifacts
from compliance.byhand import Order, process
from compliance.errors import ArgumentInvalid, SealBroken, SourceMissing, StateConflict
from compliance.parts import Parts
from compliance.people import destroy_held, release_held, retry_held
from compliance.pipeline import advance
from compliance.records import Entity, RecordingId, Source, Stage, State
from compliance.redact import text
from compliance.release import OUTPUTS
from compliance.results import manifest_of
from compliance.store import events, recordings
from compliance.store.recordings import RecordingRow

WHY = "the caller asked for the porcupine's receipt"


def kinds(parts: Parts, recording_id: RecordingId) -> Counter[str]:
    """How often each kind of event tells of a recording."""
    with parts.database.read() as connection:
        return Counter(
            json.loads(bytes(each.body))["kind"] for each in events.of_recording(connection, recording_id)
        )


def now(parts: Parts, recording_id: RecordingId) -> RecordingRow:
    """The recording as it stands."""
    with parts.database.read() as connection:
        return recordings.get(connection, recording_id)


def manifest(parts: Parts, row: RecordingRow) -> dict[str, Any]:
    """Its manifest."""
    made = manifest_of(parts, row)
    assert made is not None
    return made


@pytest.fixture
def held(parts: Parts, order: Callable[..., Order]) -> Callable[[str], RecordingRow]:
    """A call without notice, held under a profile."""

    def make(profile: str) -> RecordingRow:
        samples = sound()
        samples[0] = 0
        return process(parts, order(profile=profile, samples=samples), USER)

    return make


def test_a_stage_delivered_again_changes_nothing(parts: Parts, order: Callable[..., Order]) -> None:
    """Five deliveries of every stage after the run leave the same bytes and not one event more."""
    row = process(parts, order(), USER)
    before = {name: b"".join(parts.outputs.open(name)) for name in parts.outputs.names(f"{row.id}/")}
    told = kinds(parts, row.id)
    for stage in [*Stage] * 5:
        assert advance(parts, row.id, stage) is None

    assert {name: b"".join(parts.outputs.open(name)) for name in parts.outputs.names(f"{row.id}/")} == before
    assert kinds(parts, row.id) == told
    assert now(parts, row.id) == row


def test_every_step_is_told_once(parts: Parts, order: Callable[..., Order]) -> None:
    """A run leaves one event for each of its steps."""
    told = kinds(parts, process(parts, order(), USER).id)

    assert told == dict.fromkeys(
        (
            "recording.received",
            "recording.ingested",
            "transcript.created",
            "detection.run",
            "consent.evaluated",
            "redaction.applied",
            "redaction.verified",
            "recording.released",
            "vault.destroyed",
        ),
        1,
    )


def test_the_same_file_gives_the_same_result(parts: Parts, order: Callable[..., Order]) -> None:
    """Two runs of one file by the same models and policies decide the same, and write the same sound."""
    given = order()
    one, other = (manifest(parts, process(parts, given, USER)) for _ in range(2))

    for name in ("sources", "findings", "cuts", "consent", "verification", "models", "policies"):
        assert one[name] == other[name]
    redacted = [
        [o["sha256"] for o in made["outputs"] if o["file"] == "redacted.wav"] for made in (one, other)
    ]
    assert redacted[0] == redacted[1] != []


def test_a_decision_names_all_it_used(parts: Parts, order: Callable[..., Order]) -> None:
    """The manifest names models and policy files by digest, and the log has the manifest's own."""
    row = process(parts, order(), USER)
    made = manifest(parts, row)

    assert {each["name"] for each in made["models"]} == {"fake"}
    files = {each["file"] for each in made["policies"]}
    assert "redaction/default.yaml" in files
    assert any(each.endswith("us/ca.yaml") for each in files)
    assert all(len(each["sha256"]) == 64 for each in made["policies"])


def test_the_notice_is_never_cut(parts: Parts, order: Callable[..., Order]) -> None:
    """No cut touches the span of the notice of recording, and its words stay in the transcript."""
    row = process(parts, order(), USER)
    made = manifest(parts, row)
    text = b"".join(parts.outputs.open(f"{row.id}/transcript.txt")).decode()

    assert made["consent"]["notice"]
    for notice in made["consent"]["notice"]:
        for cut in made["cuts"]:
            assert (
                cut["channel"] not in (None, notice["channel"])
                or cut["end_ms"] <= notice["start_ms"]
                or notice["end_ms"] <= cut["start_ms"]
            )
    assert "this call is recorded" in text


def test_everything_found_is_cut_and_marked(parts: Parts, order: Callable[..., Order]) -> None:
    """Each finding lies inside a cut that names it, and the transcript has one mark for it."""
    row = process(parts, order(), USER)
    made = manifest(parts, row)
    text = b"".join(parts.outputs.open(f"{row.id}/transcript.txt")).decode()

    assert {each["entity"] for each in made["findings"]} >= {"PERSON", "CREDIT_CARD"}
    for finding in made["findings"]:
        assert any(
            finding["id"] in cut["findings"]
            and cut["start_ms"] <= finding["start_ms"]
            and finding["end_ms"] <= cut["end_ms"]
            for cut in made["cuts"]
        )
    assert text.count(f"[{Entity.CREDIT_CARD}]") == 1
    assert not any(f" {word}" in text for word in SECRETS)


def test_nothing_is_left_in_the_vault(parts: Parts, order: Callable[..., Order]) -> None:
    """After a release the vault holds nothing of the recording: its key is destroyed."""
    row = process(parts, order(), USER)

    assert list(parts.vault.names(row.id)) == []


SAID = " ".join(SECRETS)


@pytest.mark.parametrize(
    ("writer", "faulty"),
    [
        ("replaced", lambda said, marks: said),
        ("plain", lambda turns: f"[00:00:01] Caller: {SAID}\n"),
        ("vtt", lambda turns: f"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Caller>{SAID}\n"),
        ("srt", lambda turns: f"1\n00:00:01,000 --> 00:00:02,000\nCaller: {SAID}\n"),
    ],
)
def test_a_file_that_says_what_was_removed_does_not_leave(
    parts: Parts,
    order: Callable[..., Order],
    monkeypatch: pytest.MonkeyPatch,
    writer: str,
    faulty: Callable[..., str],
) -> None:
    """Were the writing of a file at fault, the last look would hold the recording, and keep no text of it."""
    monkeypatch.setattr(text, writer, faulty)
    row = process(parts, order(), USER)

    assert (row.state, row.reasons) == (State.HELD, ("value_left",))
    assert list(parts.outputs.names(f"{row.id}/")) == []
    assert not [name for name in parts.vault.names(row.id) if name.startswith(f"{OUTPUTS}transcript")]
    assert manifest(parts, row)["release"]["searched"] == []


def test_where_both_sides_are_on_both_channels_nobody_is_the_agent(
    parts: Parts, order: Callable[..., Order]
) -> None:
    """An egress that mixed the call, asked for a side each or not, is found out by its sound."""
    samples = sound()
    samples[:] = samples.sum(axis=0)
    row = process(parts, order(samples=samples), USER)
    made = manifest(parts, row)

    assert made["sources"][0]["health"]["is_mix"]
    assert {each["role"] for each in made["recording"]["channels"]} == {"unknown"}


def test_pci_keeps_no_raw_words_of_a_held_call(parts: Parts, held: Callable[[str], RecordingRow]) -> None:
    """Held under pci, neither original nor raw words stay, not even encrypted (PCI DSS 3.3.1)."""
    row = held("pci")
    left = set(parts.vault.names(row.id))

    assert row.state is State.HELD
    assert artifacts.MEDIA in left
    assert all(name == artifacts.MEDIA or name.startswith(OUTPUTS) for name in left)


def test_a_held_call_waits_in_the_vault(parts: Parts, held: Callable[[str], RecordingRow]) -> None:
    """A held recording has its manifest, and nothing of it is among the outputs."""
    row = held("default")

    assert row.reasons == ("consent_missing", "ai_disclosure_missing")
    assert list(parts.outputs.names(f"{row.id}/")) == []
    release = manifest(parts, row)["release"]
    assert (release["decision"], release["reasons"], release["by"]) == ("held", list(row.reasons), None)
    assert "transcript.json" in release["searched"]


class TestWaysOut:
    """A hold ends by a person, a reason and an event."""

    def test_release(self, parts: Parts, held: Callable[[str], RecordingRow]) -> None:
        """Released on a person's word, the redacted form is there, and the old reasons stay beside theirs."""
        row = held("default")
        release_held(parts, row.id, USER, WHY)
        after = now(parts, row.id)

        assert after.state is State.RELEASED
        release = manifest(parts, after)["release"]
        assert (release["decision"], release["by"]) == ("released", USER.id)
        assert release["reasons"] == ["released_by_person", "consent_missing", "ai_disclosure_missing"]
        assert kinds(parts, row.id)["person.released"] == kinds(parts, row.id)["recording.released"] == 1

    def test_destroy(self, parts: Parts, held: Callable[[str], RecordingRow]) -> None:
        """Destroyed, nothing is left but the log."""
        row = held("default")
        destroy_held(parts, row.id, USER, WHY)

        assert now(parts, row.id).state is State.DESTROYED
        assert list(parts.vault.names(row.id)) == list(parts.outputs.names(f"{row.id}/")) == []
        assert kinds(parts, row.id)["person.destroyed"] == kinds(parts, row.id)["recording.destroyed"] == 1

    def test_retry(self, parts: Parts, held: Callable[[str], RecordingRow]) -> None:
        """Tried again, every stage is due once more, and the log says who asked for it."""
        row = held("default")

        assert retry_held(parts, row.id, USER, WHY) is State.PROCESSING
        assert advance(parts, row.id, Stage.INTAKE) is Stage.TRANSCRIBE
        assert kinds(parts, row.id)["person.retried"] == 1

    def test_reasons_are_not_in_the_log(self, parts: Parts, held: Callable[[str], RecordingRow]) -> None:
        """A person's own words are kept by digest: they may tell what was said."""
        row = held("default")
        release_held(parts, row.id, USER, WHY)
        with parts.database.read() as connection:
            told = b"".join(bytes(each.body) for each in events.of_recording(connection, row.id))

        assert b"porcupine" not in told
        assert b"statement_sha256" in told

    @pytest.mark.parametrize("act", [release_held, destroy_held])
    def test_a_reason_must_be_given(
        self, parts: Parts, held: Callable[[str], RecordingRow], act: Callable[..., None]
    ) -> None:
        """Without a reason nothing is decided, and nothing changes."""
        row = held("default")
        with pytest.raises(ArgumentInvalid):
            act(parts, row.id, USER, "  ")

        assert now(parts, row.id).state is State.HELD

    def test_what_is_not_held_is_not_released(self, parts: Parts, order: Callable[..., Order]) -> None:
        """A released recording cannot be released or tried again."""
        row = process(parts, order(), USER)
        for act in (release_held, retry_held):
            with pytest.raises(StateConflict):
                act(parts, row.id, USER, WHY)


class TestArtifacts:
    """What one stage leaves for the next."""

    ID = RecordingId("rec_" + "7" * 32)
    SOURCE = Source(
        index=0,
        sha256="0" * 64,
        size_bytes=1,
        container="wav",
        codec="pcm",
        rate=1,
        channels=1,
        duration_ms=1,
    )

    def test_a_value_comes_back_as_it_was(self, parts: Parts) -> None:
        """A stage's value and its seconds are read as they were kept."""
        sha256 = artifacts.keep(parts.vault, self.ID, Stage.INTAKE, (self.SOURCE,), 1.5)

        assert artifacts.load(parts.vault, self.ID, Stage.INTAKE, sha256) == (1.5, (self.SOURCE,))

    def test_another_value_is_refused(self, parts: Parts) -> None:
        """A value that a worker wrote over after its stage was done is not used."""
        sha256 = artifacts.keep(parts.vault, self.ID, Stage.INTAKE, (self.SOURCE,), 1.5)
        artifacts.keep(parts.vault, self.ID, Stage.INTAKE, (self.SOURCE,), 1.6)

        with pytest.raises(SealBroken):
            artifacts.load(parts.vault, self.ID, Stage.INTAKE, sha256)

    def test_nothing_is_nothing(self, parts: Parts) -> None:
        """A stage that left nothing is told as such."""
        with pytest.raises(SourceMissing):
            artifacts.load(parts.vault, self.ID, Stage.DETECT, "0" * 64)
