"""A process's start and end are on record, and what changed since its last one."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakecall import FakeEngines
from pydantic import SecretStr
from sqlalchemy import select

from compliance import starting
from compliance.bootstrap import build, policies_folder
from compliance.errors import DatabaseUnavailable, ModelMissing
from compliance.parts import Parts
from compliance.records import ModelRef
from compliance.settings import load
from compliance.store import schema
from compliance.store.database import Database

SECRETS = {
    "s3_secret_key": SecretStr("hush-hush-0123456789"),
    "business_number": "+14155550142",
    "livekit_keys": {"APIkey": SecretStr("another-secret-0123456789")},
}


@pytest.fixture
def start(tmp_path: Path, engines: FakeEngines) -> Callable[..., Parts]:
    """Starts and ends a component of one deployment, with settings of its own; its parts."""

    def begin(component: str = "serve", **settings: Any) -> Parts:
        parts = replace(build(load(home=tmp_path / "home", **settings)), engines=engines)
        with starting.running(parts, component):
            pass
        parts.database.close()
        return parts

    return begin


def told(parts: Parts, kind: str) -> list[dict[str, Any]]:
    """The events of a kind."""
    database = Database(parts.settings.database)
    with database.read() as connection:
        rows = connection.execute(
            select(schema.audit_events.c.body)
            .where(schema.audit_events.c.kind == kind)
            .order_by(schema.audit_events.c.seq)
        )
        found = [json.loads(each) for each in rows.scalars()]
    database.close()
    return found


def test_a_start_and_an_end_are_told(start: Callable[..., Parts]) -> None:
    """Each with component and version, the end after the start."""
    parts = start()

    for kind in ("log.started", "log.stopped"):
        [event] = told(parts, kind)
        assert event["fields"]["component"] == event["actor"]["id"] == "serve"
    [verified] = told(parts, "model.verified")
    assert verified["fields"]["models"] == {ref.name: ref.sha256 for ref in parts.engines.refs}


def test_a_first_start_tells_what_there_is(start: Callable[..., Parts]) -> None:
    """Settings, policies and weights, by name and digest, as the first that is known."""
    parts = start()

    for kind, member in (
        ("config.changed", "settings"),
        ("policy.changed", "policies"),
        ("model.changed", "models"),
    ):
        [event] = told(parts, kind)
        assert event["fields"]["is_first"] is True
        assert event["fields"]["changed"] == sorted(event["fields"][member])
    assert "consent/us/ca.yaml" in told(parts, "policy.changed")[0]["fields"]["policies"]
    assert "lease_s" in told(parts, "config.changed")[0]["fields"]["settings"]


def test_a_start_like_the_last_changes_nothing(start: Callable[..., Parts]) -> None:
    """Of each component by itself."""
    for component in ("serve", "worker", "serve", "worker"):
        parts = start(component)

    assert [len(told(parts, f"{each}.changed")) for each in ("config", "policy", "model")] == [2, 2, 2]
    assert len(told(parts, "log.started")) == 4


def test_a_changed_setting_is_named_and_its_value_is_not(start: Callable[..., Parts]) -> None:
    """Old and new digests differ for it alone; no value is in the log, nor a digest that anybody can test."""
    start(**SECRETS)
    parts = start(**SECRETS | {"lease_s": 77, "business_number": "+14155550199"})

    first, second = told(parts, "config.changed")
    assert second["fields"]["changed"] == ["business_number", "lease_s"]
    assert second["fields"]["is_first"] is False
    was, now = first["fields"]["settings"], second["fields"]["settings"]
    assert {name for name in now if was[name] != now[name]} == {"business_number", "lease_s"}
    written = json.dumps([first, second])
    assert not any(each in written for each in ("5550142", "5550199", "hush", "another-secret", "APIkey"))


def test_a_changed_policy_is_named(start: Callable[..., Parts], tmp_path: Path) -> None:
    """Changed, added and removed files."""
    folder = tmp_path / "policies"
    shutil.copytree(policies_folder(load(home=tmp_path)), folder)
    start(policies=folder)
    with (folder / "consent/us/ca.yaml").open("a") as file:
        file.write("# a remark\n")
    (folder / "consent/us/az.yaml").unlink()

    parts = start(policies=folder)

    assert told(parts, "policy.changed")[-1]["fields"]["changed"] == [
        "consent/us/az.yaml",
        "consent/us/ca.yaml",
    ]


def test_changed_weights_are_named(
    start: Callable[..., Parts], engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their name, with the new digest."""
    start()
    new = ModelRef(name=engines.refs[0].name, sha256="ee" * 32)
    monkeypatch.setattr(type(engines), "refs", (new, *engines.refs[1:]))

    parts = start()

    event = told(parts, "model.changed")[-1]
    assert event["fields"]["changed"] == [new.name]
    assert event["fields"]["models"][new.name] == "ee" * 32


def test_weights_that_cannot_be_used_do_not_stop_a_start(
    start: Callable[..., Parts], engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on record that they were looked at, and what was wrong."""

    def missing(_: FakeEngines) -> None:
        raise ModelMissing("not there")

    monkeypatch.setattr(type(engines), "refs", property(missing))
    parts = start()

    [verified] = told(parts, "model.verified")
    assert (verified["outcome"], verified["reason"]) == ("failure", "model_missing")
    assert told(parts, "model.changed") == []


def test_what_cannot_be_recorded_does_not_begin(
    start: Callable[..., Parts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that cannot write its first event does no work."""

    def refuse(*_: object) -> None:
        raise DatabaseUnavailable("no answer")

    monkeypatch.setattr("compliance.starting.log.record", refuse)
    with pytest.raises(DatabaseUnavailable):
        start()


SERVE = "from compliance.cli.main import main; main()"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_told_to_stop_tells_of_it(tmp_path: Path, how: signal.Signals) -> None:
    """Its end is the last event, whichever way it is told."""
    environment = os.environ | {"COMPLIANCE_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--port", "0"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    port = next(int(found[1]) for line in process.stderr if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=60) as answer:
        assert answer.status == 200
    process.send_signal(how)
    process.communicate(timeout=60)

    database = Database(f"sqlite:///{tmp_path / 'home' / 'compliance.db'}")
    written = schema.audit_events.c
    with database.read() as connection:
        kinds = list(connection.execute(select(written.kind).order_by(written.seq)).scalars())
    database.close()
    assert kinds[-1] == "log.stopped"
