"""From a file to evidence: process, export, and a check on a machine that has nothing of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "sample-call"
MODELS = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")
MATTER, PURPOSE = "Doe v. Larkspur", "production to the other side"

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home, and where commands are run."""

    home: Path
    here: Path

    def compliance(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
        return subprocess.run(
            [sys.executable, "-m", "compliance.cli.main", *arguments],
            cwd=self.here, capture_output=True, text=True, timeout=280,
            env=kept | {
                "COMPLIANCE_HOME": str(self.home), "COMPLIANCE_MODELS": MODELS,
                "COLUMNS": "200", "PYTHONPATH": str(ROOT),
            },
        )  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The sample call processed, and exported into ``bundle.zip``."""
    place = Place(home=tmp_path_factory.mktemp("home"), here=tmp_path_factory.mktemp("here"))
    options = ["--caller", "+14155550142", "--business", "+12125550199", "--agent", "ai", "--json"]
    done = place.compliance("process", str(SAMPLE / "call.ogg"), *options)
    assert done.returncode == 0, done.stderr
    recording = json.loads(done.stdout)["recording"]["id"]
    words = ["--matter", MATTER, "--purpose", PURPOSE]
    done = place.compliance("evidence", "export", recording, *words, "-o", "bundle.zip")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Larkspur" not in done.stdout
    return place


@pytest.fixture(scope="module")
def fingerprint(place: Place) -> str:
    """The key's fingerprint, as the custodian reads it."""
    return str(json.loads(place.compliance("audit", "verify", "--json").stdout)["key_fingerprint"])


def alone(folder: Path, *arguments: str) -> tuple[int, str]:
    """verify.py as a bare Python runs it."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, env={},
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_others_can_check_it_with_nothing_of_ours(place: Place, fingerprint: str, tmp_path: Path) -> None:
    """A bare folder with ZIP and verify.py is enough: valid, unverified or invalid, as the key has it."""
    shutil.copy(place.here / "bundle.zip", tmp_path)
    with zipfile.ZipFile(tmp_path / "bundle.zip") as file:
        script = next(name for name in file.namelist() if name.endswith("verify/verify.py"))
        (tmp_path / "verify.py").write_bytes(file.read(script))

    code, said = alone(tmp_path, "bundle.zip", "--key", fingerprint)
    assert (code, said.partition(":")[0]) == (0, "VALID")
    code, said = alone(tmp_path, "bundle.zip")
    assert (code, said.partition(":")[0]) == (3, "CONSISTENT, SIGNER UNVERIFIED")
    code, said = alone(tmp_path, "bundle.zip", "--key", "0" * 64)
    assert (code, said.partition(" ")[0]) == (1, "INVALID")
    assert {each.name for each in tmp_path.iterdir()} == {"bundle.zip", "verify.py"}


def test_the_command_says_the_same(place: Place, fingerprint: str) -> None:
    """``compliance evidence verify`` ends as verify.py does; a wrong key or file is bad input."""
    assert place.compliance("evidence", "verify", "bundle.zip", "--key", fingerprint).returncode == 0
    assert place.compliance("evidence", "verify", "bundle.zip").returncode == 3
    assert place.compliance("evidence", "verify", "bundle.zip", "--key", "ab" * 32).returncode == 1
    assert place.compliance("evidence", "verify", "bundle.zip", "--key", "ab").returncode == 2
    assert place.compliance("evidence", "verify", "none.zip").returncode == 2


def test_the_bundle_proves_that_nothing_else_was_touched(place: Place, tmp_path: Path) -> None:
    """compare_alone.py of the bundle, on the bundle's own files, finds the original's packets."""
    with zipfile.ZipFile(place.here / "bundle.zip") as file:
        file.extractall(tmp_path)
    (script,) = tmp_path.glob("*/verify/compare_alone.py")
    (sound,) = tmp_path.glob("*/data/rec_*/redacted.ogg")
    done = subprocess.run(
        [sys.executable, str(script), str(sound), str(sound.with_name("manifest.json"))],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout


def secrets() -> Iterator[str]:
    """Every sensitive word of the call, and each sensitive value as it would be written."""
    truth = json.loads((SAMPLE / "truth.json").read_text())[0]
    yield from (each["value"] for each in truth["entities"].values())
    yield from (truth["caller_number"], truth["agent_number"])
    for said in truth["utterances"]:
        for span in said["spans"]:
            if not span.get("last_four_only"):
                yield span["text"]


def test_nothing_that_is_sensitive_is_in_it(place: Place) -> None:
    """No planted value of the call stands in any file of the bundle but the sound, in digits or in words."""
    planted = [re.sub(r"\W+", " ", each).strip().lower() for each in secrets()]
    with zipfile.ZipFile(place.here / "bundle.zip") as file:
        texts = {name: file.read(name).decode() for name in file.namelist() if not name.endswith(".ogg")}
        assert len(texts) == len(file.namelist()) - 1

    plain = {name: re.sub(r"\W+", " ", text).lower() for name, text in texts.items()}
    assert len(planted) > 5
    assert [(name, each) for name, text in plain.items() for each in planted if f" {each} " in text] == []
