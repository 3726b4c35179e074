"""``compliance serve`` from start to stop: what the log tells of it, and where its last checkpoint is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.audit import canonical
from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.sink import NOTES, size_of
from compliance.errors import DatabaseUnavailable
from compliance.store import checkpoints, tree
from compliance.store.database import Database

ROOT = Path(__file__).parents[3]
PATIENCE_S = 60


@pytest.fixture
def served(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A service with a home of its own and a folder for its anchors."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "COMPLIANCE_HOME": str(tmp_path / "home"),
        "COMPLIANCE_ANCHORS": f"file://{tmp_path / 'anchors'}",
        "COMPLIANCE_ANCHOR_S": "3600",
    }
    command = [sys.executable, "-m", "compliance.cli.main", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    yield process
    process.kill()
    process.wait()


def kinds(path: Path) -> list[str]:
    """The kinds of the sealed events, in the order of the log; none before there is a log."""
    database = Database(f"sqlite:///{path}")
    try:
        with database.read() as connection:
            newest = checkpoints.latest(connection)
            rows = tree.leaves(connection, 0, newest.size) if newest else []
        return [str(canonical.decode(row.event.body)["kind"]) for row in rows if row.event]
    finally:
        database.close()


def is_sealed(path: Path) -> bool:
    """Whether anything is under a checkpoint yet."""
    try:
        return path.exists() and bool(kinds(path))
    except DatabaseUnavailable:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_what_is_written_last_is_sealed_and_anchored(
    served: subprocess.Popen[bytes], tmp_path: Path, told: signal.Signals
) -> None:
    """However it is told to stop, ``log.stopped`` is the last event, and a copy of its checkpoint is out."""
    path = tmp_path / "home" / "compliance.db"
    deadline = time.monotonic() + PATIENCE_S
    while not is_sealed(path) and time.monotonic() < deadline:
        time.sleep(0.2)

    served.send_signal(told)
    served.wait(PATIENCE_S)

    found = kinds(path)
    assert found[0] == "log.started"
    assert found[-1] == "log.stopped"
    assert {"log.heartbeat", "key.created"} <= set(found)
    (newest, *_) = (size_of(each.name) for each in FolderSink(tmp_path / "anchors").read(NOTES) or ())
    assert newest == len(found)
