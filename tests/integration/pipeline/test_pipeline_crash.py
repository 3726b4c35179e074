"""A decoder that dies of a recording, or a file that changes under it: held or refused, and others go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import dying
import pytest
from fakecall import USER
from sqlalchemy import select

from compliance.byhand import Order, process
from compliance.errors import MediaChanging
from compliance.parts import Parts
from compliance.pipeline import advance
from compliance.records import RecordingId, Stage, State
from compliance.redact.apart import Limits, probe_apart
from compliance.store import schema, work
from compliance.store.vault import Vault


def events(parts: Parts, recording_id: str) -> list[dict[str, Any]]:
    """A recording's events."""
    with parts.database.read() as connection:
        bodies = connection.execute(select(schema.audit_events.c.body)).scalars()
        found = [json.loads(each) for each in bodies]
    return [each for each in found if each["recording_id"] == recording_id]


def left(home: Path) -> list[str]:
    """What lies in scratch and outputs."""
    folders = (home / "scratch", home / "outputs")
    return [each.name for folder in folders for each in folder.rglob("*") if each.name != ".lock"]


@pytest.mark.parametrize("act", ["crashes", "hangs", "eats_memory"])
def test_a_recording_on_which_the_decoder_dies_is_held(
    act: str, parts: Parts, order: Callable[..., Order]
) -> None:
    """At the first try, by hand too; nothing half-written is left, and the same process treats the next."""
    limits = Limits(seconds=3 if act == "hangs" else 60, memory_mb=1024)
    poisoned = replace(parts, probe=partial(probe_apart, limits=limits, command=dying.command(act)))

    row = process(poisoned, order(kind="ogg"), USER)

    assert (row.state, row.stage, row.reasons) == (State.HELD, Stage.INTAKE, ("decoder_crashed",))
    told = {each["kind"]: each for each in events(parts, row.id)}
    assert told["stage.failed"]["reason"] == "decoder_crashed"
    assert told["stage.failed"]["fields"]["is_final"] is True
    assert told["recording.held"]["fields"]["reasons"] == ["decoder_crashed"]
    assert left(parts.home.path) == []
    with parts.database.read() as connection:
        assert work.due(connection, now_ms=parts.now_ms() + 10**9, resend_ms=0) == []
    assert advance(parts, row.id, Stage.INTAKE) is None
    assert process(parts, order(kind="ogg"), USER).state is State.RELEASED


def test_a_stage_that_takes_too_long_gives_its_lease_up(parts: Parts, order: Callable[..., Order]) -> None:
    """Its heartbeat ends, so that whoever watches sees that it hangs."""
    seen: list[str] = []

    def hang(recording_id: RecordingId, stage: Stage, done: float) -> None:
        deadline = time.monotonic() + 20
        while not done and not seen and time.monotonic() < deadline:
            time.sleep(0.1)
            with parts.database.read() as connection:
                seen.extend(work.lapsed(connection, parts.now_ms()))

    settings = parts.settings.model_copy(update={"lease_s": 1, "task_time_limit_s": 0})
    process(replace(parts, settings=settings, progress=hang), order(), USER, last=Stage.INTAKE)

    assert seen == [parts.owner]


@pytest.mark.parametrize("change", ["cut short", "overwritten", "appended to"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: str, parts: Parts, order: Callable[..., Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand, half of one recording and half of another would be neither; nothing of it is kept."""
    asked = order()
    put = Vault.put_stream

    def putting(vault: Vault, recording_id: str, name: str, chunks: Iterable[bytes]) -> str:
        return put(vault, recording_id, name, _changing(asked.path, change, chunks))

    monkeypatch.setattr(Vault, "put_stream", putting)
    with pytest.raises(MediaChanging):
        process(parts, asked, USER)

    with parts.database.read() as connection:
        assert connection.execute(select(schema.recordings.c.id)).all() == []
        bodies = connection.execute(select(schema.audit_events.c.body)).scalars()
        told = [json.loads(each) for each in bodies]
    assert [each["reason"] for each in told if each["kind"] == "file.rejected"] == ["media_changing"]
    assert [each for each in parts.home.vault.rglob("*") if each.is_file()] == []
    assert left(parts.home.path) == []


def _changing(path: Path, change: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a file, which is written to once the first of them was read."""
    for number, chunk in enumerate(chunks):
        if not number:
            with path.open("r+b") as file:
                file.seek(0, 2 if change == "appended to" else 0)
                file.truncate(len(chunk) // 2) if change == "cut short" else file.write(b"other")
        yield chunk
