"""A bundle of evidence: what is in it, that it is the same each time, and what is never handed over."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from authority import TestAuthority, served
from bundled import MATTER, Case, asked, events, judged, made
from fakecall import DIGITS, NAME, USER, VOCABULARY, FakeEngines, sound
from forger import FORGER, logged, packed, unpacked
from sqlalchemy import select

from compliance.audit import registry
from compliance.bootstrap import build, policies_folder
from compliance.byhand import Order, process
from compliance.embedded import Loop, seal
from compliance.errors import (
    ArgumentInvalid,
    EventUnsealed,
    RecordingUnknown,
    RecordingUnverified,
    SealBroken,
    SourceMissing,
    StateConflict,
)
from compliance.evidence import export as exporting
from compliance.evidence import verify_alone
from compliance.evidence.bag import Bag, pack
from compliance.evidence.verify_alone import INDEX, INVALID, STATEMENT, UNVERIFIED, VALID, check
from compliance.parts import Parts
from compliance.people import STATEMENTS, release_held
from compliance.pipeline import run_all
from compliance.records import RecordingId, Stage, State
from compliance.schemas.check import faults
from compliance.settings import load
from compliance.store import recordings, schema
from compliance.transcribe.fake import FakeRecogniser
from compliance.transcribe.heard import Heard, HeardWord
from compliance.transcribe.windows import Window

SCRIPT = Path(verify_alone.__file__)


def test_a_bundle_is_valid_under_the_custodians_key(case: Case) -> None:
    """With the fingerprint it is valid; without, it is consistent, and that has an exit code of its own."""
    fingerprint = case.done.key_fingerprint
    spoken = ":".join(fingerprint[n : n + 4].upper() for n in range(0, 64, 4))

    assert fingerprint == case.custodian.verifier.fingerprint
    assert judged(case, case.path, fingerprint).code == VALID
    assert judged(case, case.path, spoken).code == VALID
    assert judged(case, case.path, None).code == UNVERIFIED
    assert judged(case, case.path, FORGER.verifier.fingerprint).code == INVALID


def test_the_unpacked_folder_is_judged_too(case: Case, tmp_path: Path) -> None:
    """Whoever unpacked it can check the folder; a file more, a link or an altered one is seen there."""
    with zipfile.ZipFile(case.path) as file:
        file.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert judged(case, folder, case.done.key_fingerprint).code == VALID

    (folder / "log" / "notes").symlink_to("/etc/hostname")
    assert judged(case, folder, None).what == "log/notes"
    (folder / "log" / "notes").unlink()
    (folder / "log" / "notes").write_text("added")
    assert judged(case, folder, None).what == "log/notes"


def test_the_bag_holds_what_it_says(case: Case) -> None:
    """Released files, events, policies, both scripts and the words; and an index that keeps its contract."""
    files = case.files
    index = json.loads(files[INDEX])
    rows = list(csv.DictReader(io.StringIO(files["index.csv"].decode("utf-8-sig"))))
    manifests = [json.loads(files[f"data/{each}/manifest.json"]) for each in case.ids]

    assert faults(index) == []
    assert index == case.done.index
    assert [each["id"] for each in index["recordings"]] == list(case.ids)
    assert {each["path"] for each in rows} == {path for path in files if path.startswith("data/")} - {
        path for path in files if path.endswith(".tlog-proof")
    }
    for one, manifest in zip(index["recordings"], manifests, strict=True):
        assert {each["what"] for each in one["files"]} == {
            "recording", "manifest", "transcript", "transcript_text", "captions",
        }  # fmt: skip
        assert [each["kind"] for each in one["events"]][-1] == "export.read"
        assert one["unaltered"] == manifest["unaltered"]["kept"]
        for each in manifest["policies"]:
            body = files[f"data/policies/{each['file']}"]
            assert body == (policies_folder(case.parts.settings) / each["file"]).read_bytes()
    assert files["verify/verify.py"] == SCRIPT.read_bytes()
    assert files["verify/compare_alone.py"] == SCRIPT.with_name("compare_alone.py").read_bytes()
    assert MATTER in files["README.txt"].decode()


def test_every_event_of_a_recording_is_in_it_byte_for_byte(case: Case) -> None:
    """What the log holds of the recordings is what the bundle holds, in the log's order."""
    table = schema.audit_events
    with case.parts.database.read() as connection:
        rows = connection.execute(
            select(table.c.recording_id, table.c.body, table.c.kind).order_by(table.c.seq)
        )
        # Other exports of the same recordings, later than this one, are not for this bundle to hold.
        stored = [
            (str(one), bytes(body))
            for one, body, kind in rows
            if one in case.ids
            and (kind != "export.read" or json.loads(body)["fields"]["export_id"] == case.wanted.id)
        ]
    held = [
        (one["id"], case.files[each["path"]])
        for one in json.loads(case.files[INDEX])["recordings"]
        for each in one["events"]
    ]

    assert sorted(held) == sorted(stored)
    for one in case.ids:
        assert [body for each, body in held if each == one] == [body for each, body in stored if each == one]


def test_the_same_request_gives_the_same_bytes(case: Case, tmp_path: Path) -> None:
    """Made again when the log has grown, a bundle is the same byte for byte; one event tells of it."""
    other = asked(case.parts, case.ids[0])
    made(case.parts, other, tmp_path / "other.zip")
    made(case.parts, case.wanted, tmp_path / "again.zip")

    assert (tmp_path / "again.zip").read_bytes() == case.raw
    told = [each["fields"]["export_id"] for each in events(case.parts, "export.created")]
    assert told.count(case.wanted.id) == told.count(other.id) == 1


def test_the_export_is_on_record_and_its_words_are_not(case: Case) -> None:
    """The log holds ids and digests; matter and purpose lie in the vault, with the salt of their digest."""
    (created,) = [
        e for e in events(case.parts, "export.created") if e["fields"]["export_id"] == case.wanted.id
    ]
    read = [e for e in events(case.parts, "export.read") if e["fields"]["export_id"] == case.wanted.id]
    fields, vault = created["fields"], case.parts.vault

    assert [each["recording_id"] for each in read] == list(case.ids) == fields["recordings"]
    assert fields["statement_sha256"] == read[0]["fields"]["statement_sha256"]
    assert vault.get(STATEMENTS, fields["statement_sha256"]) == case.files[STATEMENT]
    assert len(json.loads(case.files[STATEMENT])["salt"]) == 64
    assert created["actor"]["id"] == USER.id
    table = schema.audit_events
    with case.parts.database.read() as connection:
        bodies = b"".join(connection.execute(select(table.c.body)).scalars())
    assert not [word for word in ("Doe", "Larkspur", "production") if word.encode() in bodies]


def test_nothing_that_was_removed_is_in_a_bundle(case: Case) -> None:
    """No name of the call stands in any file but the recordings."""
    texts = {path: body for path, body in case.files.items() if not path.endswith((".wav", ".ogg"))}

    assert len(texts) == len(case.files) - len(case.ids)
    assert [
        (path, name) for path, body in texts.items() for name in NAME if name.encode() in body.lower()
    ] == []


def test_any_program_reads_the_zip(case: Case) -> None:
    """It is a plain ZIP of one folder with a sound bag in it."""
    with zipfile.ZipFile(case.path) as file:
        assert file.testzip() is None
        assert {name.partition("/")[0] for name in file.namelist()} == {case.wanted.id}
        assert file.namelist() == sorted(file.namelist())
        assert {each.compress_type for each in file.infolist()} == {zipfile.ZIP_STORED}


@pytest.fixture
def released(parts: Parts, order: Callable[..., Order]) -> RecordingId:
    """A released recording of a deployment of this test's own."""
    row = process(parts, order(), USER)
    assert row.state is State.RELEASED
    return row.id


def put(parts: Parts, recording_id: RecordingId, state: State) -> None:
    """Put a recording into a state."""
    with parts.database.begin() as connection:
        recordings.move(connection, recording_id, state=state, stage=Stage.RELEASE, reasons=(), now_ms=0)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (State.HELD, "is held for a person"),
        (State.DESTROYED, "was destroyed"),
        (State.ABSENT, "never came"),
        (State.PROCESSING, "wait until it is released"),
    ],
)
def test_only_released_recordings_are_handed_over(
    parts: Parts, released: RecordingId, tmp_path: Path, state: State, why: str
) -> None:
    """One that is held, destroyed or not done is refused, with the reason; nothing is read or written."""
    put(parts, released, state)

    with pytest.raises(StateConflict, match=why):
        made(parts, asked(parts, released), tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
    assert events(parts, "export.read") == events(parts, "export.created") == []


def test_one_that_is_destroyed_meanwhile_is_not_handed_over(
    parts: Parts, released: RecordingId, tmp_path: Path
) -> None:
    """Destroyed after it was read and before the seal: no seal, no file; that it was read stays on record."""
    seals = []

    def sealing() -> None:
        seal(parts)
        seals.append(1)
        if len(seals) == 1:
            put(parts, released, State.DESTROYED)

    with pytest.raises(StateConflict, match="was destroyed"):
        made(parts, asked(parts, released), tmp_path / "out.zip", seal=sealing)
    assert not list(tmp_path.glob("*out.zip*"))
    assert len(events(parts, "export.read")) == 1
    assert events(parts, "export.created") == []


def test_what_is_not_what_was_released_is_not_handed_over(
    parts: Parts, released: RecordingId, tmp_path: Path
) -> None:
    """A file that was altered among the outputs, or is gone, is named."""
    name = f"{released}/transcript.txt"
    parts.outputs.put_bytes(name, b"altered", content_type="text/plain")
    with pytest.raises(SealBroken, match=r"transcript\.txt"):
        made(parts, asked(parts, released), tmp_path / "out.zip")
    parts.outputs.delete(name)
    with pytest.raises(SourceMissing, match=r"transcript\.txt"):
        made(parts, asked(parts, released), tmp_path / "out.zip")
    assert not list(tmp_path.glob("*out.zip*"))
    assert list(parts.home.runs.glob("run-*")) == []


class Haunted(FakeRecogniser):
    """Hears a card number wherever it listens."""

    def read(self, windows: Sequence[Window]) -> list[Heard]:
        """The same digits in every window."""
        return [
            Heard(words=tuple(self._digits(each.length_ms)), language="en", language_probability=1.0)
            for each in windows
        ]

    def _digits(self, length_ms: int) -> list[HeardWord]:
        step = length_ms // 16
        return [
            HeardWord(start_ms=n * step, end_ms=(n + 1) * step, confidence=0.9, text=DIGITS[n % 10])
            for n in range(16)
        ]


def test_what_was_not_found_clean_is_not_handed_over(
    parts: Parts, order: Callable[..., Order], engines: FakeEngines, tmp_path: Path
) -> None:
    """A recording that a person released in spite of what was heard again goes to nobody else."""
    row = process(parts, order(), USER, last=Stage.REDACT)
    engines.recogniser = Haunted(VOCABULARY)
    run_all(parts, row.id, Stage.VERIFY)
    release_held(parts, row.id, USER, "nobody was heard")

    with pytest.raises(RecordingUnverified, match="not found clean"):
        made(parts, asked(parts, row.id), tmp_path / "out.zip")
    assert not list(tmp_path.glob("*out.zip*"))


def test_what_a_person_released_says_so(parts: Parts, order: Callable[..., Order], tmp_path: Path) -> None:
    """Of a call that a person released the bundle tells why it was held, and not what they wrote."""
    samples = sound()
    samples[0] = 0
    row = process(parts, order(samples=samples), USER)
    release_held(parts, row.id, USER, "the porcupine was my own")
    done = made(parts, asked(parts, row.id), tmp_path / "out.zip")
    files = unpacked(tmp_path / "out.zip")
    (one,) = done.index["recordings"]

    assert one["release_reasons"][:2] == ["released_by_person", "consent_missing"]
    assert {"recording.held", "person.released"} <= {each["kind"] for each in one["events"]}
    assert "released_by_person, consent_missing" in files["README.txt"].decode()
    assert [path for path, body in files.items() if b"my own" in body] == []
    assert check(tmp_path / "out.zip", done.key_fingerprint).code == VALID


def test_without_a_checkpoint_there_is_no_bundle(
    parts: Parts, released: RecordingId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody seals the log in time, nothing is handed over."""
    monkeypatch.setattr(exporting, "PATIENCE_S", 0.0)

    with pytest.raises(EventUnsealed):
        made(parts, asked(parts, released), tmp_path / "out.zip", seal=lambda: None)
    assert not list(tmp_path.glob("*out.zip*"))


def test_another_process_may_seal(parts: Parts, released: RecordingId, tmp_path: Path) -> None:
    """Where the key is not this process's, the export waits for whoever has it."""
    sequencer = Loop("sealing", lambda: seal(parts), 0.05)
    sequencer.start()
    try:
        done = made(parts, asked(parts, released), tmp_path / "out.zip", seal=lambda: None)
    finally:
        sequencer.end()
        sequencer.join()

    assert check(tmp_path / "out.zip", done.key_fingerprint).code == VALID


@pytest.mark.slow
def test_it_is_the_same_on_postgresql(
    tmp_path: Path, order: Callable[..., Order], postgres_database: str
) -> None:
    """A bundle from PostgreSQL is valid, and the same each time."""
    settings = load(home=tmp_path / "home", database_url=postgres_database)
    parts = replace(build(settings, seals=True), engines=FakeEngines())
    row = process(parts, order(), USER)
    wanted = asked(parts, row.id)
    done = made(parts, wanted, tmp_path / "out.zip")
    made(parts, wanted, tmp_path / "again.zip")
    parts.database.close()

    assert check(tmp_path / "out.zip", done.key_fingerprint).code == VALID
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "out.zip").read_bytes()


def test_a_policy_that_has_changed_is_told_as_gone(
    parts: Parts, released: RecordingId, tmp_path: Path
) -> None:
    """The file of today is not passed off as the one that was used; README and index say so."""
    policies = tmp_path / "policies"
    shutil.copytree(policies_folder(parts.settings), policies)
    with (policies / "disclosure.yaml").open("a") as file:
        file.write("# changed\n")
    done = made(parts, asked(parts, released), tmp_path / "out.zip", policies=policies)
    files = unpacked(tmp_path / "out.zip")

    assert [each["file"] for each in done.index["policies"] if each["path"] is None] == ["disclosure.yaml"]
    assert "disclosure.yaml" in files["README.txt"].decode()
    assert "data/policies/disclosure.yaml" not in files
    assert check(tmp_path / "out.zip", done.key_fingerprint).code == VALID


def test_nothing_is_written_over(parts: Parts, released: RecordingId, tmp_path: Path) -> None:
    """A file of that name stays as it is, a folder must be there, and else nothing is on record."""
    (tmp_path / "out.zip").write_bytes(b"mine")

    with pytest.raises(ArgumentInvalid, match="is there already"):
        made(parts, asked(parts, released), tmp_path / "out.zip")
    with pytest.raises(ArgumentInvalid, match="no folder"):
        made(parts, asked(parts, released), tmp_path / "nowhere" / "out.zip")
    assert (tmp_path / "out.zip").read_bytes() == b"mine"
    assert events(parts, "export.read") == []


def test_an_unknown_recording_is_refused(parts: Parts, tmp_path: Path) -> None:
    """There is no bundle of what is not there."""
    with pytest.raises(RecordingUnknown):
        made(parts, asked(parts, RecordingId("rec_" + "0" * 32)), tmp_path / "out.zip")


def test_the_registry_admits_lists_of_recordings_only() -> None:
    """The event of an export has no room for a name or a number beside the ids."""
    field = registry.kinds()["export.created"].fields["recordings"]

    assert field.admits(["rec_" + "0" * 32])
    assert not field.admits(["Jane Doe"])
    assert not field.admits(["4111111111111111"])


def test_memory_stays_flat(tmp_path: Path) -> None:
    """A large recording goes through in pieces, in and out."""
    bag, piece = Bag(folder=tmp_path / "bag"), bytes(1024 * 1024)
    tracemalloc.start()
    bag.add("data/rec_x/redacted.wav", (piece for _ in range(64)))
    pack(bag, tmp_path / "out.zip", base="exp_x", created_at_ms=1_700_000_000_000)
    with (tmp_path / "out.zip").open("rb") as file:
        read = verify_alone.bag_of_zip(file)
        read.measure()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read.sha256 == bag.sha256
    assert peak < 8 * 1024 * 1024


def test_what_others_hold_of_the_log_is_in_it(tmp_path: Path, order: Callable[..., Order]) -> None:
    """Anchors are told of; time stamps are there with what they are over, and openssl believes them."""
    authority = TestAuthority()
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "elsewhere").mkdir()
    with served(authority) as url:
        settings = load(
            home=tmp_path / "home",
            timestamp_url=url,
            timestamp_certificates=tmp_path / "ca.pem",
            anchors=((tmp_path / "elsewhere").as_uri(),),
        )
        parts = replace(build(settings, seals=True), engines=FakeEngines())
        row = process(parts, order(), USER)
        seal(parts)
        parts.keeper.anchor()
        parts.keeper.stamp()
    later = replace(asked(parts, row.id), created_at_ms=parts.now_ms() + 60_000)
    done = made(parts, later, tmp_path / "out.zip")
    parts.database.close()
    report = check(tmp_path / "out.zip", done.key_fingerprint)
    with zipfile.ZipFile(tmp_path / "out.zip") as file:
        file.extractall(tmp_path)
    (folder,) = (tmp_path / later.id / "log" / "timestamps").iterdir()
    command = ["openssl", "ts", "-verify", "-in", "token.tsr", "-data", "checkpoint", "-CAfile"]
    believed = subprocess.run(
        [*command, str(tmp_path / "ca.pem")], cwd=folder, capture_output=True, text=True, timeout=60
    )

    assert faults(done.index) == []
    assert (report.code, report.timestamps) == (VALID, 1)
    assert [each["size"] for each in done.index["anchors"]] == [int(folder.name)]
    assert "Verification: OK" in believed.stdout + believed.stderr
    anew = packed(logged(unpacked(tmp_path / "out.zip"), FORGER), tmp_path / "anew.zip")
    refused = check(anew).refused
    assert refused is not None
    assert refused.what == f"log/timestamps/{folder.name}/checkpoint", (
        "a log made anew cannot keep the stamps"
    )
    assert "openssl ts -verify" in (tmp_path / later.id / "README.txt").read_text()
