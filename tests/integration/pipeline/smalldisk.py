"""A call processed on disks that are too small; run as a program where one may mount.

python smalldisk.py BASE CALL FOLDER:KB …      a folder of the home of so many KB; "home" is all of it
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[2]))

from conftest import told  # the folder's own, beside this file
from fakecall import USER, FakeEngines

from compliance import byhand, people
from compliance.bootstrap import build
from compliance.errors import ComplianceError
from compliance.parts import Parts
from compliance.pipeline import run_all
from compliance.settings import load
from compliance.store import recordings

AMPLE = "size=64m"


def mount(folder: Path, *options: str) -> None:
    """A disk in memory, or its size changed."""
    folder.mkdir(exist_ok=True, mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder], check=True)


def rows(parts: Parts) -> list[list[str]]:
    """Every recording: id, state, stage, reasons."""
    with parts.database.read() as connection:
        return [[row.id, str(row.state), str(row.stage), *row.reasons] for row in recordings.page(connection)]


def left(folder: Path) -> dict[str, str]:
    """The files in a folder, with their digests."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def tried(home: Path, small: Path, call: Path) -> dict[str, Any]:
    """What became of the call, what lay where, and what became of it once there was room."""
    parts = replace(build(load(home=home), seals=True), engines=FakeEngines())
    said: dict[str, Any] = {"error": None}
    try:
        byhand.process(parts, told(call), USER)
    except ComplianceError as error:
        said["error"] = error.reason
    said |= {"rows": rows(parts), "scratch": left(home / "scratch"), "outputs": left(home / "outputs")}
    for recording_id, *_ in said["rows"]:
        for name in parts.vault.names(recording_id):
            parts.vault.get(recording_id, name)  # raises where it is not whole
    mount(small, "remount", AMPLE)
    for recording_id, state, *_ in said["rows"]:
        if state == "held":
            people.retry_held(parts, recording_id, USER)
        run_all(parts, recording_id)
    said["after"] = rows(parts)
    parts.database.close()
    return said


def on_disk(base: Path, call: Path, name: str, size_kb: str) -> dict[str, Any]:
    """The same on a disk of its own."""
    home = base / f"{name}-{size_kb}"
    mount(home, AMPLE if name != "home" else f"size={size_kb}k")
    small = home if name == "home" else home / name
    if name != "home":
        mount(small, f"size={size_kb}k")
    try:
        return tried(home, small, call)
    except ComplianceError as error:
        return {"error": error.reason, "rows": [], "after": [], "scratch": {}, "outputs": {}}


if __name__ == "__main__":
    for each in sys.argv[3:]:
        outcome = on_disk(Path(sys.argv[1]), Path(sys.argv[2]), *each.split(":"))
        print(json.dumps(outcome | {"disk": each}), flush=True)
