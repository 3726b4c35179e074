"""``compliance process`` where the policy on consent orders that the recording be destroyed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from compliance.schemas.check import faults

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "sample-call"

pytestmark = pytest.mark.slow


def test_what_was_destroyed_is_told_and_nothing_is_written(compliance, place, tmp_path, monkeypatch) -> None:
    """Exit code 4, the verdict in full, and no file anywhere; the one that was given is untouched."""
    policies = shutil.copytree(ROOT / "policies", tmp_path / "policies")
    file = policies / "obligations.yaml"
    file.write_text(
        file.read_text().replace("  satisfied: release\n  missing", "  satisfied: destroy\n  missing")
    )
    monkeypatch.setenv("COMPLIANCE_POLICIES", str(policies))
    before = (SAMPLE / "call.ogg").read_bytes()
    done = compliance(
        "process", SAMPLE / "call.ogg", "--caller", "+14155550142", "--business", "+12125550199", "--json"
    )
    made = json.loads(done.out)

    assert done.code == 4
    assert faults(made) == []
    assert made["release"]["decision"] == "destroyed"
    assert (made["consent"]["outcome"], made["consent"]["acts"]) == ("satisfied", ["destroy"])
    assert made["outputs"] == []
    assert place.kept() == []
    assert (SAMPLE / "call.ogg").read_bytes() == before
