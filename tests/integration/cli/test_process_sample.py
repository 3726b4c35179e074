"""``compliance process`` on the sample call: one real run, looked at from every side."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from compliance.redact.media import decode, probe
from compliance.schemas.check import faults

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "sample-call"
MODELS = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")
CALLER, BUSINESS = "+14155550142", "+12125550199"
TEXTS = ("transcript.json", "transcript.txt", "transcript.vtt", "transcript.srt", "manifest.json")
MARGIN_MS = 120
"""How far a recogniser's word times may lie from the synthesiser's."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How it ended, and where things are."""

    code: int
    out: str
    err: str
    folder: Path
    home: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest that was printed."""
        return json.loads(self.out)

    def read(self, name: str) -> str:
        """One of its files."""
        return (self.folder / name).read_text()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command as a program of its own, once."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("out") / "new"
    command = [sys.executable, "-m", "compliance.cli.main", "process", str(SAMPLE / "call.ogg"), "--json"]
    options = ["--caller", CALLER, "--business", BUSINESS, "--agent", "ai", "--out", str(folder)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    environment = kept | {"COMPLIANCE_HOME": str(home), "COMPLIANCE_MODELS": MODELS}
    done = subprocess.run(
        command + options, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280
    )
    return Run(code=done.returncode, out=done.stdout, err=done.stderr, folder=folder, home=home)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    """What was said, and what of it is sensitive."""
    return json.loads((SAMPLE / "truth.json").read_text())[0]


def sensitive(truth: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every sensitive word with its channel; the last four digits of a card may stay (PCI DSS 3.4.1)."""
    for said in truth["utterances"]:
        for span in said["spans"]:
            if not span.get("last_four_only"):
                for word in span["words"]:
                    yield ("agent", "caller").index(said["channel"]), word


def names(truth: dict[str, Any]) -> set[str]:
    """The words of names and streets, lower case."""
    told = ("PERSON", "STREET_ADDRESS")
    spans = [span for said in truth["utterances"] for span in said["spans"] if span["label"] in told]
    words = {word.lower() for span in spans for word in re.findall(r"[A-Za-z]{5,}", span["text"])}
    return words - {"eighteen", "eighty", "street"}


def test_the_call_is_released(run) -> None:
    """Exit code 0, the manifest on stdout, and on stderr that is no terminal the log's new key alone."""
    assert run.code == 0
    assert re.fullmatch(r"The audit log is signed by a new key: [0-9a-f]{64}\n", run.err)
    release = run.manifest["release"]
    assert (release["decision"], release["reasons"], release["by"]) == ("released", [], "pipeline")
    assert set(release["searched"]) == {"redacted.ogg", *TEXTS[:-1], "audit events"}
    assert run.manifest["consent"]["outcome"] == "satisfied"
    assert run.manifest["verification"]["is_clean"] is True


def test_what_is_printed_is_what_is_written(run) -> None:
    """--json prints the manifest, and nothing but the manifest."""
    assert run.out == run.read("manifest.json")


def test_every_file_is_there_and_whole(run) -> None:
    """The six files, each with the digest the manifest gives, and no draft beside them."""
    listed = {each["file"]: each["sha256"] for each in run.manifest["outputs"]}
    found = {path.name for path in run.folder.iterdir()}

    assert found == {"redacted.ogg", *TEXTS}
    assert found - {"manifest.json"} == set(listed)
    assert all(digest(run.folder / name) == sha256 for name, sha256 in listed.items())


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["manifest.json", "transcript.json"])
def test_documents_keep_their_contracts(run, name) -> None:
    """What is written is what the schemas promise."""
    assert faults(json.loads(run.read(name))) == []


def test_no_sensitive_word_is_left_in_the_transcript(run, truth) -> None:
    """At the time of a sensitive word the transcript has a label or nothing."""
    turns = json.loads(run.read("transcript.json"))["turns"]
    read = [(turn["channel"], word) for turn in turns for word in turn["words"] if "text" in word]
    left = [
        f"{word['start']:.1f} s, channel {channel}"
        for channel, word in sensitive(truth)
        for where, each in read
        if where == channel
        and each["start_ms"] + MARGIN_MS < word["end"] * 1000
        and each["end_ms"] - MARGIN_MS > word["start"] * 1000
    ]

    assert left == []


@pytest.mark.parametrize("name", TEXTS)
def test_no_name_and_no_number_is_left_in_any_text(run, truth, name) -> None:
    """Names, the street, the card, the telephone number: gone from every file, however they are written."""
    text = run.read(name)
    prose = " ".join(re.findall(r'"text": "([^"]*)"', text)) if name.endswith(".json") else text
    prose = re.sub(r"^\d+$|.*-->.*|^\[[\d:]+\]", "", prose, flags=re.MULTILINE)

    assert not [each for each in names(truth) if each in text.lower()]
    assert truth["entities"]["card"]["value"] not in re.sub(r"\D", "", prose)
    assert CALLER[2:] not in re.sub(r"\D", "", prose)


def test_nothing_that_was_said_is_in_the_log(run, truth) -> None:
    """Audit events hold ids, digests, counts and words of ours; no name, no number of the call."""
    command = [sys.executable, "-m", "compliance.cli.main", "audit", "list", "--json"]
    environment = os.environ | {"COMPLIANCE_HOME": str(run.home), "COMPLIANCE_MODELS": MODELS}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    told = [each["event"] for each in json.loads(done.stdout)["events"]]

    assert {"recording.received", "transcript.created", "recording.released"} <= {e["kind"] for e in told}
    assert not [each for each in names(truth) if each in done.stdout.lower()]
    assert not [
        each for each in (CALLER, BUSINESS, truth["entities"]["card"]["value"]) if each in done.stdout
    ]


def test_no_number_stands_in_clear_at_home(run, truth) -> None:
    """Neither database nor vault nor outputs hold the telephone numbers or the card."""
    secrets = [each.encode() for each in (CALLER[1:], BUSINESS[1:], truth["entities"]["card"]["value"])]
    files = [path for path in run.home.rglob("*") if path.is_file()]

    assert len(files) > 5
    assert not [path.name for path in files for each in secrets if each in path.read_bytes()]


def test_the_log_is_sealed_and_valid(run) -> None:
    """Every event of the run lies under a signed checkpoint when the command ends."""
    command = [sys.executable, "-m", "compliance.cli.main", "audit", "verify", "--json"]
    environment = os.environ | {"COMPLIANCE_HOME": str(run.home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    report = json.loads(done.stdout)

    assert (done.returncode, report["verdict"], report["unsealed"]) == (0, "valid", 0)


def test_the_length_is_the_same_to_the_sample(run) -> None:
    """Redaction takes no time away: as many samples, of as many channels, at the same rate."""
    before, after = (probe(path) for path in (SAMPLE / "call.ogg", run.folder / "redacted.ogg"))

    assert (before.duration_ms, before.rate, before.channels, before.codec) == (
        after.duration_ms, after.rate, after.channels, after.codec,
    )  # fmt: skip
    assert samples(SAMPLE / "call.ogg") == samples(run.folder / "redacted.ogg")


def samples(path: Path) -> int:
    """How many samples decode from a file."""
    return sum(block.shape[1] for block in decode(path))


def test_the_working_copies_are_gone(run) -> None:
    """After the release nothing of the recording is left in the vault or in scratch; the user's file is."""
    left = [path for folder in ("vault", "scratch") for path in (run.home / folder).rglob("*")]

    assert [path for path in left if path.is_file() and path.name != ".lock"] == []
    assert (SAMPLE / "call.ogg").is_file()


def evidence(run, *files: Path) -> subprocess.CompletedProcess[str]:
    """What ``compliance evidence compare`` says of some files and the run's manifest."""
    command = [sys.executable, "-m", "compliance.cli.main", "evidence", "compare", "--json"]
    command += [*map(str, files), str(run.folder / "manifest.json")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_manifest_proves_that_nothing_else_was_touched(run) -> None:
    """With the original at hand, and from the redacted recording alone, it comes to the same."""
    redacted = run.folder / "redacted.ogg"

    for files in ([SAMPLE / "call.ogg", redacted], [redacted]):
        done = evidence(run, *files)
        found = json.loads(done.stdout)
        assert (done.returncode, found["result"], faults(found)) == (0, "unaltered", [])
        assert 0 < found["changed"] < found["leaves"]


def test_what_is_not_the_redacted_recording_proves_nothing(run) -> None:
    """The original in its place is told with a time; a manifest of nothing is refused."""
    done = evidence(run, SAMPLE / "call.ogg", SAMPLE / "call.ogg")
    found = json.loads(done.stdout)

    assert (done.returncode, found["result"], faults(found)) == (1, "differs", [])
    assert {"not_changed", "redacted_root"} == {each["fault"] for each in found["deviations"]}
    assert evidence(run).returncode == 2
    assert "media_unreadable" in evidence(run, SAMPLE / "truth.json").stderr
