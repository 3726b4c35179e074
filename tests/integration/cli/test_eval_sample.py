"""``compliance eval`` on the sample call: a real run beside the plain chain, and the gate after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from compliance.schemas.check import faults

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "sample-call"
MODELS = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")

pytestmark = pytest.mark.slow


def evaluated(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The command as a program of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    own = {"COMPLIANCE_HOME": str(folder / "home"), "COMPLIANCE_MODELS": MODELS, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "compliance.cli.main", "eval", str(SAMPLE), "--json", *options],
        cwd=folder,
        env=kept | own,
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where it runs."""
    return tmp_path_factory.mktemp("eval")


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    """What it prints of a whole run beside the plain chain; it draws a chart and records the figures."""
    done = evaluated(folder, "--baseline", "--chart", "chart.svg", "--write-golden", "golden.json")

    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def figures(told: dict[str, Any], system: int = 0) -> dict[str, dict[str, Any]]:
    """The figures of a cutter, by name."""
    return {each["name"]: each for each in told["systems"][system]["figures"]}


def test_the_document_keeps_its_contract(told) -> None:
    """Both cutters, one call each, with the models in use."""
    assert faults(told) == []
    assert [each["name"] for each in told["systems"]] == ["ours", "plain chain"]
    assert {each["name"] for each in told["models"]} == {
        *("whisper-base", "spacy-en", "rampart", "tagger", "edges", "consent-weigher"),
    }


def test_nothing_of_the_sample_leaks_and_the_plain_chain_leaks(told) -> None:
    """Every one of the 53 sensitive words is gone; of the chain's, more than half stay."""
    ours, plain = figures(told), figures(told, 1)

    assert (ours["leaked_words"]["part"], ours["leaked_words"]["whole"]) == (0, 53)
    assert (ours["open_cards"]["part"], ours["protected_cut_ms"]["part"], ours["held"]["part"]) == (0, 0, 0)
    assert plain["leaked_words"]["part"] > 26
    assert told["systems"][0]["calls"][0]["decision"] == "released"


def test_nothing_stays_behind(told, folder) -> None:
    """Neither recordings nor a database: the evaluation had a home of its own."""
    left = {path.name for path in (folder / "home").rglob("*") if path.is_file()}

    assert left <= {".lock"}
    assert (folder / "golden.json").stat().st_size > 0
    assert ElementTree.parse(folder / "chart.svg").getroot().tag.endswith("svg")


def test_the_gate_opens_for_the_same_and_not_for_worse(told, folder) -> None:
    """The same calls give the same figures; one that was better when recorded is named, and no other."""
    recorded = json.loads((folder / "golden.json").read_text())
    over = next(each for each in recorded["figures"] if each["name"] == "over_cut_ms")
    over["part"] -= 1
    (folder / "better.json").write_text(json.dumps(recorded))
    done = evaluated(folder, "--golden", "better.json")

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: worse than recorded: over_cut_ms {over['part'] + 1} ms")
    assert done.stderr.endswith("[figures_worse]\n")
    assert [each["name"] for each in json.loads(done.stdout)["golden"]["worse"]] == ["over_cut_ms"]


def test_figures_of_another_mode_are_not_compared(told, folder) -> None:
    """Nothing is run for them."""
    done = evaluated(folder, "--golden", "golden.json", "--no-verify")

    assert (done.returncode, done.stdout) == (2, "")
    assert "with verification" in done.stderr
