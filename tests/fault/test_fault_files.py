"""A call in several files, whatever write fails or dies: released once, every file of it, or not at all."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from broken import FIXTURES, KEY, SECRET, Deployment, Faults
from test_fault_pipeline import MODES, check_released

from compliance.intake.livekit import sign
from compliance.intake.receive import receive
from compliance.parts import Parts
from compliance.records import State
from compliance.store import recordings

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

NAMES = ("calls/agent.ogg", "calls/caller.ogg")
APART_MS = 250


def ended() -> dict[str, Any]:
    """The end of an egress that left two files, each with a start of its own."""
    body: dict[str, Any] = json.loads((FIXTURES / "ended_complete.json").read_bytes())
    info = body["egressInfo"]
    [told] = info["fileResults"]
    starts_ns = [int(told["startedAt"]) + n * APART_MS * 1_000_000 for n in range(2)]
    info["fileResults"] = [
        told | {"filename": name, "startedAt": str(ns)} for name, ns in zip(NAMES, starts_ns, strict=True)
    ]
    return body


class Two(Deployment):
    """A machine to which such an egress comes."""

    @property
    def sources(self) -> tuple[str, ...]:  # type: ignore[override]  # one more
        """The names of the files and of their side file."""
        return (*NAMES, f"calls/{ended()['egressInfo']['egressId']}.json")

    def put(self) -> None:
        """Put the files where the webhook will say: noise as WAV, the voices of two."""
        self.put_source(b"")
        for seed, name in enumerate(NAMES, 7):
            (self.home / "bucket" / name).write_bytes(noise(seed))

    def _post(self, name: str) -> None:
        if name != "ended_complete":
            super()._post(name)
            return
        body = json.dumps(ended()).encode()
        receive(body, sign(body, KEY, SECRET), self.parts.intake, now_ms=self.now_ms)


class OneRoom(Two):
    """A machine that gathers egresses by room, to which two of one room come."""

    IDS = ("EG_agentTrack01", "EG_callerTrack1")

    @cached_property
    def parts(self) -> Parts:
        """The parts, told to gather."""
        parts = super().parts
        return replace(parts, intake=replace(parts.intake, gathers_rooms=True))

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the files and of their side files."""
        return (*NAMES, *(f"calls/{each}.json" for each in self.IDS))

    def _post(self, name: str) -> None:
        if name == "caller_joined":
            Deployment._post(self, name)
        for body in self._bodies(name):
            raw = json.dumps(body).encode()
            receive(raw, sign(raw, KEY, SECRET), self.parts.intake, now_ms=self.now_ms)

    def _bodies(self, name: str) -> Iterator[dict[str, Any]]:
        """What LiveKit tells of either egress, and at last of the room."""
        whole = ended()
        room = whole["room"]
        for number, each in enumerate(self.IDS if name != "caller_joined" else ()):
            info = {name: value for name, value in whole["egressInfo"].items() if name != "roomComposite"}
            info |= {"egressId": each, "track": {"trackId": f"TR_{each}"}}
            info |= {"fileResults": [info["fileResults"][number]]}
            event = "egress_ended" if name == "ended_complete" else "egress_started"
            yield {**whole, "event": event, "egressInfo": info, "id": f"EV_{each}{event}"}
        if name == "ended_complete":
            yield {"event": "room_finished", "room": room, "id": "EV_over01", "createdAt": whole["createdAt"]}


def noise(seed: int) -> bytes:
    """Three seconds in which the fake recogniser hears its script."""
    samples = np.random.default_rng(seed).normal(0, 0.1, 3 * 8_000)
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return data.getvalue()


def ran(home: Path, faults: Faults | None = None) -> Two:
    """A deployment that has brought the call to an end."""
    deployment = Two(home=home, faults=faults or Faults())
    deployment.put()
    deployment.run()
    return deployment


def test_an_undisturbed_run_releases_every_file(tmp_path: Path) -> None:
    """All that was recorded is redacted and out, and every original and side file is destroyed."""
    deployment = ran(tmp_path)
    row = deployment.row

    assert row is not None
    assert (row.state, len(row.roles)) == (State.RELEASED, 2)
    check_released(deployment)
    folder = deployment.parts.home.outputs / row.id
    assert {each.name for each in folder.iterdir()} >= {"redacted-1.wav", "redacted-2.wav"}
    made = json.loads((folder / "manifest.json").read_text())
    assert [each["offset_ms"] for each in made["sources"]] == [0, APART_MS]
    assert {each["source"] for each in made["cuts"]} == {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_whichever_write_fails_the_call_is_released_once(tmp_path: Path, mode: str) -> None:
    """Every seventh write: it fails, it works unknown to us, or the process dies; it all ends the same."""
    is_after, is_kill = MODES[mode]
    total = ran(tmp_path / "whole").faults.count
    for at in range(1, total + 1, 7):
        deployment = ran(tmp_path / str(at), Faults(at=at, is_after=is_after, is_kill=is_kill))

        assert deployment.row is not None
        assert deployment.row.state is State.RELEASED, f"write {at}: {deployment.faults.names[at - 1]}"
        check_released(deployment)
        deployment.parts.database.close()


@pytest.mark.parametrize("at", [0, 20, 40])
def test_the_egresses_of_a_room_are_released_together(tmp_path: Path, at: int) -> None:
    """From signed webhooks to two redacted files, also if a process dies on the way."""
    deployment = OneRoom(home=tmp_path, faults=Faults(at=at, is_kill=True))
    deployment.put()
    row = deployment.run()

    assert (row.state, row.egress_id, len(row.roles)) == (State.RELEASED, None, 2)
    names = {each.name for each in (deployment.parts.home.outputs / row.id).iterdir()}
    assert names >= {"redacted-1.wav", "redacted-2.wav", "manifest.json"}
    assert not [each for each in (tmp_path / "bucket").rglob("*") if each.is_file()]
    assert deployment.parts.vault.names(row.id) == []
    with deployment.parts.database.read() as connection:
        assert len(recordings.page(connection)) == 1


def test_a_missing_file_holds_the_whole_call(tmp_path: Path) -> None:
    """Nothing of it leaves, and the reason names the file."""
    deployment = Two(home=tmp_path)
    deployment.put()
    (tmp_path / "bucket" / NAMES[1]).unlink()
    row = deployment.run()

    assert (row.state, row.reasons) == (State.HELD, ("source_missing", "file_2"))
    assert not list(deployment.parts.home.outputs.rglob("*"))
    assert (tmp_path / "bucket" / NAMES[0]).is_file()
