"""``compliance demo``: from LiveKit's signed webhook to a redacted file, verdict and checked log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from compliance.schemas.check import faults

ROOT = Path(__file__).parents[2]
HELD = (
    "forged webhook", "participant_joined", "egress_started", "egress_ended", "webhook replayed",
    "read by HTTP", "released", "verification clean", "outputs as listed", "source destroyed",
    "audit log valid",
)  # fmt: skip


@pytest.mark.slow
def test_the_demo_holds_from_webhook_to_audit_log(tmp_path) -> None:
    """Everything held, the files are where it says, and nothing of the source is left."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    models = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")
    done = subprocess.run(
        [sys.executable, "-m", "compliance.cli.main", "demo"],
        cwd=ROOT, capture_output=True, text=True, timeout=280,
        env=kept | {"COMPLIANCE_HOME": str(tmp_path), "COMPLIANCE_MODELS": models, "COLUMNS": "200"},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    lines = [line.split("  ")[0] for line in done.stdout.splitlines() if " ok " in line]
    assert tuple(lines) == HELD
    (home,) = (tmp_path / "demo").iterdir()
    (folder,) = (home / "outputs").glob("rec_*")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert faults(manifest) == []
    assert manifest["release"]["decision"] == "released"
    assert manifest["recording"]["channels"] == [
        {"index": 0, "role": "agent"},
        {"index": 1, "role": "caller"},
    ]
    assert manifest["consent"]["jurisdiction"] == "US-CA"
    assert ElementTree.parse(folder / "timeline.svg").getroot().tag.endswith("svg")
    assert [path for path in (home / "bucket").rglob("*") if path.is_file()] == []
    assert "+1415" not in done.stdout
