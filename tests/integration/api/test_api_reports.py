"""Reports over HTTP: for officers and lawyers, on record first, whole in each form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plausible
import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from compliance import embedded
from compliance.api.app import create_app
from compliance.api.auth import TokenRole, issue
from compliance.api.service import api_parts
from compliance.bootstrap import build
from compliance.cli.token import created
from compliance.embedded import Worker
from compliance.errors import DatabaseUnavailable
from compliance.parts import Parts
from compliance.schemas.check import faults
from compliance.settings import load
from compliance.store import report_events


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A deployment with some calls in its log."""
    parts = build(load(home=tmp_path / "home", livekit_keys={"k": SecretStr("s" * 32)}), seals=True)
    plausible.fill(parts.database, calls=30, start_ms=parts.now_ms() - 100 * plausible.DAY_MS, days=90)
    embedded.seal(parts)
    yield parts
    parts.database.close()


@dataclass(frozen=True)
class Told:
    """What a test may look at."""

    parts: Parts

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The audit events of a kind."""
        with self.parts.database.read() as connection:
            return [json.loads(row.body) for row in report_events.of_kinds(connection, (kind,))]


@pytest.fixture
def told(parts: Parts) -> Told:
    """What a test may look at."""
    return Told(parts)


@pytest.fixture
def reporting(parts: Parts) -> Iterator[TestClient]:
    """The service over that deployment, by its own clock."""
    with TestClient(create_app(api_parts(parts, Worker(parts)))) as client:
        yield client


def header(world: Told, role: str) -> dict[str, str]:
    """A token that holds today."""
    issued = issue("tests", TokenRole(role), now_ms=world.parts.now_ms(), days=1)
    with world.parts.database.begin() as connection:
        created(connection, issued)
    return {"Authorization": f"Bearer {issued.token}"}


@pytest.mark.parametrize("name", ["consent", "pci", "hipaa", "ai-act"])
@pytest.mark.parametrize("form", ["json", "html"])
def test_a_report_is_on_record_by_its_digest(reporting: TestClient, told: Told, name: str, form: str) -> None:
    """What was sent is what the event has the digest of; the document keeps its contract."""
    answer = reporting.get(f"/v1/audit/reports/{name}?format={form}", headers=header(told, "officer"))
    (event,) = told.told("report.created")

    assert answer.status_code == 200
    assert event["fields"]["files"] == {f"{name}.{form}": hashlib.sha256(answer.content).hexdigest()}
    assert answer.headers["cache-control"] == "no-store"
    assert form == "html" or faults(answer.json()) == []


def test_csv_is_of_one_table(reporting: TestClient, told: Told) -> None:
    """The table is named; without one, and with a strange one, the answer says which there are."""
    place, who = "/v1/audit/reports/consent?format=csv", header(told, "legal")

    assert reporting.get(f"{place}&table=verdicts", headers=who).text.splitlines()[1].startswith('"month"')
    for query in (place, f"{place}&table=nothing"):
        answer = reporting.get(query, headers=who)
        assert answer.status_code == 422
        assert "verdicts" in answer.json()["message"]
    assert len(told.told("report.created")) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("strange", 422),
        ("consent?from=2026-13-01", 422),
        ("consent?from=2026-05-02&to=2026-05-01", 422),
        ("consent?recording=rec_00000000000000000000000000000000", 422),
        ("ai-act?recording=rec_00000000000000000000000000000000", 404),
        ("ai-act?recording=..", 422),
    ],
)
def test_what_no_report_can_be_of_is_refused(
    reporting: TestClient, told: Told, query: str, status: int
) -> None:
    """Unknown names, days that are none, periods that end before they begin; nothing is on record."""
    answer = reporting.get(f"/v1/audit/reports/{query}", headers=header(told, "officer"))

    assert answer.status_code == status
    assert told.told("report.created") == []


def test_it_is_not_for_everybody(reporting: TestClient, told: Told) -> None:
    """An engineer is refused, and so is nobody; the refusal is on record."""
    place = "/v1/audit/reports/consent"

    assert reporting.get(place).status_code == 401
    assert reporting.get(place, headers=header(told, "engineer")).status_code == 403
    assert told.told("report.created") == []
    assert {each["fields"]["object"] for each in told.told("access.denied")} >= {"report"}


def test_what_cannot_be_recorded_is_not_sent(
    reporting: TestClient, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its event no byte of a report leaves."""
    who = header(told, "officer")

    def refuse(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr("compliance.audit.log.record", refuse)
    answer = reporting.get("/v1/audit/reports/consent", headers=who)

    assert answer.status_code == 503
    assert "sections" not in answer.text
