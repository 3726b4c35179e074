"""Whatever write fails or dies: no recording is lost, nothing unverified is released, the log is whole."""

from __future__ import annotations

import hashlib
import io
import json
import wave
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken import Deployment, Faults
from sqlalchemy import select

from compliance.audit.keyring import trusted
from compliance.audit.verify import verify
from compliance.records import State
from compliance.store import schema

# A traceback that is thrown away holds generators and their files in one cycle; the collector may end the
# file, and tell of it, before the generator that would have closed it.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

STAGES = (
    "webhook.accepted",
    "recording.received",
    "recording.ingested",
    "transcript.created",
    "detection.run",
    "consent.evaluated",
    "redaction.applied",
    "redaction.verified",
)
ONCE = Counter(dict.fromkeys(STAGES, 1) | {"webhook.accepted": 3})
MODES = {"fails": (False, False), "fails_after": (True, False), "dies": (False, True)}
"""Dying after a write is dying before the next one."""


@pytest.fixture(scope="module")
def call() -> bytes:
    """Three seconds of noise as WAV: the fake recogniser hears its script in it."""
    noise = np.random.default_rng(7).normal(0, 0.1, 3 * 8_000)
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes((np.clip(noise, -1, 1) * 32_767).astype("<i2").tobytes())
    return data.getvalue()


def bodies(deployment: Deployment) -> list[dict[str, Any]]:
    """Every audit event."""
    with deployment.parts.database.read() as connection:
        return [json.loads(each) for each in connection.execute(select(schema.audit_events.c.body)).scalars()]


def check_log(deployment: Deployment) -> Counter[str]:
    """The log verifies and holds each stage's event once; how often each kind stands in it."""
    with deployment.parts.database.read() as connection:
        report = verify(connection, trusted(connection, None))
    kinds = Counter(each["kind"] for each in bodies(deployment))
    assert report.is_valid
    assert report.size > 0
    assert {kind: kinds[kind] for kind in STAGES} == ONCE
    return kinds


def check_released(deployment: Deployment) -> None:
    """What is out is what the log says; the source, its side file and the vault are gone."""
    row = deployment.row
    assert row is not None
    kinds = check_log(deployment)
    assert kinds["recording.released"] == kinds["source.deleted"] == kinds["vault.destroyed"] == 1
    assert kinds["recording.held"] == 0
    told = next(each for each in bodies(deployment) if each["kind"] == "recording.released")
    folder = deployment.parts.home.outputs / row.id
    assert {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()} == told[
        "fields"
    ]["outputs"]
    assert json.loads((folder / "manifest.json").read_text())["verification"]["is_clean"]
    assert not [each for each in (deployment.home / "bucket").rglob("*") if each.is_file()]
    assert deployment.parts.vault.names(row.id) == []
    deployment.parts.home.sweep()
    assert not [each for each in deployment.parts.home.runs.iterdir() if each.is_dir()]


def writes(folder: Path, call: bytes, **more: Any) -> int:
    """How many writes an undisturbed run makes."""
    deployment = Deployment(home=folder, **more)
    deployment.put_source(call)
    deployment.run()
    return deployment.faults.count


def test_an_undisturbed_run_releases(tmp_path: Path, call: bytes) -> None:
    """The recording is released, and every kind of write took part, or the tests below would show nothing."""
    deployment = Deployment(home=tmp_path)
    deployment.put_source(call)

    assert deployment.run().state is State.RELEASED
    check_released(deployment)
    assert set(deployment.faults.names) == {
        "commit",
        "vault.put",
        "vault.delete",
        "outputs.put",
        "source.delete",
    }


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_whichever_write_fails_the_recording_is_released_once(tmp_path: Path, call: bytes, mode: str) -> None:
    """Every write once: it fails, it works and nobody is told, or the process dies; it all ends the same."""
    is_after, is_kill = MODES[mode]
    total = writes(tmp_path / "whole", call)
    for at in range(1, total + 1):
        deployment = Deployment(
            home=tmp_path / str(at), faults=Faults(at=at, is_after=is_after, is_kill=is_kill)
        )
        deployment.put_source(call)

        assert deployment.run().state is State.RELEASED, f"write {at}: {deployment.faults.names[at - 1]}"
        check_released(deployment)
        deployment.parts.database.close()


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["default", "pci"])
def test_what_is_still_heard_is_never_released(tmp_path: Path, call: bytes, profile: str) -> None:
    """A recording in which digits are heard again is held whichever write fails, and nothing of it is out."""
    again = ("four", "five", "three", "nine", "one", "four", "eight", "eight")
    total = writes(tmp_path / "whole", call, again=again, profile=profile)
    for at in range(1, total + 1, 4):
        deployment = Deployment(
            home=tmp_path / str(at), again=again, profile=profile, faults=Faults(at=at, is_kill=True)
        )
        deployment.put_source(call)

        assert deployment.run().state is State.HELD
        kinds = Counter(each["kind"] for each in bodies(deployment))
        assert kinds["recording.held"] == 1
        assert kinds["recording.released"] == kinds["source.deleted"] == 0
        assert not list(deployment.parts.home.outputs.rglob("*"))
        assert all((deployment.home / "bucket" / name).is_file() for name in deployment.sources)
        names = set(deployment.parts.vault.names(deployment.run().id))
        assert ("source" in names) is (profile == "default")
        deployment.parts.database.close()


def test_a_store_that_stays_away_holds_the_recording(tmp_path: Path, call: bytes) -> None:
    """After the last try the recording is held with the reason; the source stays."""
    deployment = Deployment(home=tmp_path, faults=Faults(for_good=lambda name: name == "outputs.put"))
    deployment.put_source(call)
    row = deployment.run()

    assert (row.state, row.reasons) == (State.HELD, ("storage_unavailable",))
    assert (
        Counter(each["kind"] for each in bodies(deployment))["stage.failed"]
        == deployment.parts.settings.max_attempts
    )
    assert all((deployment.home / "bucket" / name).is_file() for name in deployment.sources)


def test_a_source_that_cannot_be_deleted_is_shown_until_it_is(tmp_path: Path, call: bytes) -> None:
    """The release stands, the debt is shown and told once a day, and is paid as soon as the store permits."""
    deployment = Deployment(home=tmp_path, faults=Faults(for_good=lambda name: name == "source.delete"))
    deployment.put_source(call)
    with pytest.raises(AssertionError, match="not brought to an end"):
        deployment.run(rounds=5)
    row = deployment.row
    assert row is not None
    assert (row.state, row.reasons) == (State.RELEASED, ("source_not_destroyed",))
    assert Counter(each["kind"] for each in bodies(deployment))["source.delete_refused"] == 1

    deployment.faults.for_good = lambda name: False
    deployment.look()

    check_released(deployment)


def test_a_stage_that_kills_every_worker_is_held(tmp_path: Path, call: bytes) -> None:
    """It is tried so many times and no more, or it would kill workers for ever."""
    deployment = Deployment(
        home=tmp_path, faults=Faults(is_kill=True, for_good=lambda name: name == "outputs.put")
    )
    deployment.put_source(call)
    row = deployment.run()

    assert (row.state, row.reasons) == (State.HELD, ("worker_died",))
