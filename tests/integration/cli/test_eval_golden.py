"""The golden calls: no figure may be worse than the one recorded for this version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden"
MODELS = os.environ.get("COMPLIANCE_MODELS") or str(ROOT / ".models")

pytestmark = pytest.mark.slow


def test_no_figure_on_the_golden_calls_is_worse_than_recorded(tmp_path: Path) -> None:
    """The gate that a team puts before a deploy, put before ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    own = {"COMPLIANCE_HOME": str(tmp_path / "home"), "COMPLIANCE_MODELS": MODELS, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "compliance.cli.main", "eval", str(GOLDEN), "--no-verify"]
    done = subprocess.run(
        [*command, "--golden", str(GOLDEN / "golden.json")],
        env=kept | own,
        capture_output=True,
        text=True,
        timeout=280,
    )

    assert done.returncode == 0, done.stdout + done.stderr
