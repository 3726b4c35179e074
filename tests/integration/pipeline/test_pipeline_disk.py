"""A disk that fills at any point of the way: nothing half-written, and released once there is room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
"""Where a user may have a disk of their own, without being root."""
DISKS = {
    "home:1000": (),  # too small for a database
    "home:2000": (),
    "home:3400": ("redact",),
    "scratch:1000": (),
    "vault:1000": (),
    "vault:2000": ("redact",),
    "outputs:700": ("release",),
    "outputs:1400": ("release",),
    "home:16000": None,  # large enough
}
"""Disks by their size in KB, and the stage at which a call of 1.4 MB is held on it, if it was taken in."""


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["sh", "-c", "mount -t tmpfs tmpfs /tmp"]
    return subprocess.run([*UNSHARE, *probe], capture_output=True, check=False).returncode == 0


def _runs(base: Path, call: Path) -> list[dict[str, Any]]:
    """What became of the call on each disk."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMPLIANCE_")}
    done = subprocess.run(
        [*UNSHARE, sys.executable, HERE / "smalldisk.py", base, call, *DISKS],
        env=kept | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
@pytest.mark.skipif(not _may_mount(), reason="no disk of one's own without being root here")
def test_a_disk_that_fills_leaves_nothing_half_written(order: Any, tmp_path: Path) -> None:
    """Whatever found no room, the state says so, what is there is whole, and nothing of it is out."""
    for each, stages in zip(_runs(tmp_path, order().path), DISKS.values(), strict=True):
        assert each["scratch"] == {}, each
        held = [(state, stage, *reasons) for _, state, stage, *reasons in each["rows"]]
        if stages is None:
            assert [state for state, *_ in held] == ["released"]
            assert {Path(name).name for name in each["outputs"]} >= {"manifest.json", "redacted.wav"}
        else:
            assert held == [("held", stage, "disk_full") for stage in stages], each
            assert each["outputs"] == {}, each
            assert stages or each["error"] in ("disk_full", "database_unavailable"), each
        assert [state for _, state, *_ in each["after"]] == ["released"] * len(held), each
