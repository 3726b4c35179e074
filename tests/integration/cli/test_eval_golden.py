"""The golden calls: what leaks on them and what is cut in vain, against the recorded figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden"
MODELS = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")
SLACK = 1.5
"""Recognition differs a little from processor to processor, and so does the time that is cut."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The figures of a run, by name."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    home = tmp_path_factory.mktemp("golden") / "home"
    own = {"COMPLIANCE_HOME": str(home), "COMPLIANCE_MODELS": MODELS, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "compliance.cli.main", "eval", str(GOLDEN), "--no-verify", "--json"]
    done = subprocess.run(command, env=kept | own, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    return {each["name"]: each for each in json.loads(done.stdout)["systems"][0]["figures"]}


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    """The recorded ones."""
    told = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))
    return {each["name"]: each for each in told["figures"]}


@pytest.mark.parametrize("name", ["leaked_words", "calls_leaking", "open_cards", "protected_cut_ms"])
def test_nothing_leaks_that_did_not(reached: dict[str, Any], recorded: dict[str, Any], name: str) -> None:
    """Words, calls, cards and the notice: no figure is worse than the recorded one."""
    assert reached[name]["whole"] == recorded[name]["whole"]
    assert reached[name]["part"] <= recorded[name]["part"]


@pytest.mark.parametrize("name", ["over_cut_ms", "harmless_cut"])
def test_little_more_is_cut_in_vain(reached: dict[str, Any], recorded: dict[str, Any], name: str) -> None:
    """Other speech and harmless numbers go about as little as recorded."""
    assert reached[name]["part"] <= SLACK * recorded[name]["part"] + 1
