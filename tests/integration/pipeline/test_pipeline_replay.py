"""A verdict is judged anew when recording and words are gone: the same bytes, a difference, or a refusal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakecall import USER, sound
from sqlalchemy import update

from compliance.byhand import Order, process
from compliance.cli.main import main
from compliance.consent import policy
from compliance.consent.obligations import HOLDING
from compliance.parts import Parts
from compliance.people import destroy_held, retry_held
from compliance.pipeline import run_all
from compliance.records import Act, AgentKind, Outcome
from compliance.schemas.check import faults
from compliance.store import events
from compliance.store.recordings import RecordingRow
from compliance.store.schema import consent_facts

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def compliance(parts: Parts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command over the same home; its exit code and what it wrote."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(parts.settings.home))
    monkeypatch.delenv("COMPLIANCE_POLICIES", raising=False)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["compliance", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run


@pytest.fixture
def call(parts: Parts, order: Callable[..., Order]) -> Callable[..., RecordingRow]:
    """Processes the call of tones, its agent a person; released, or destroyed without its notice."""

    def made(*, noticed: bool = True) -> RecordingRow:
        samples = sound()
        samples[0] *= noticed
        row = process(parts, replace(order(samples=samples), agent_kind=AgentKind.HUMAN), USER)
        if not noticed:
            destroy_held(parts, row.id, USER, "nobody was told")
        return row

    return made


@pytest.fixture
def stern(tmp_path: Path) -> Path:
    """The shipped policies, but for what is done where nothing was said: the recording is destroyed."""
    folder = tmp_path / "policies"
    shutil.copytree(policy.packaged(), folder)
    file = folder / "obligations.yaml"
    text = file.read_text()
    file.write_text(text.replace("  missing: hold\n  late", "  missing: destroy\n  late"))
    assert file.read_text() != text
    return folder


def kinds(parts: Parts, kind: str) -> list[dict[str, Any]]:
    """The fields of every event of a kind."""
    with parts.database.read() as connection:
        return [json.loads(bytes(each.body))["fields"] for each in events.page(connection, kind=kind)]


@pytest.mark.parametrize("noticed", [True, False])
def test_the_same_inputs_give_the_same_verdict(
    parts: Parts, call: Callable[..., RecordingRow], compliance: Run, noticed: bool
) -> None:
    """Byte for byte, of a released recording and of one that a person destroyed; and it is on record."""
    row = call(noticed=noticed)
    code, out, _ = compliance("consent", "replay", row.id, "--json")
    made = json.loads(out)

    assert code == 0
    assert faults(made) == []
    assert made["is_equal"] is True
    assert (made["was"], made["differences"]) == (made["now"], [])
    assert list(parts.vault.names(row.id)) == []
    (told,) = kinds(parts, "consent.replayed")
    assert (told["is_equal"], told["verdict_sha256"]) == (True, made["verdict_sha256"])
    assert "The same verdict" in compliance("consent", "replay", row.id)[1]


def test_another_policy_shows_its_difference(
    call: Callable[..., RecordingRow], compliance: Run, stern: Path
) -> None:
    """With other policies exit code 1, and field by field what would be different."""
    row = call(noticed=False)
    code, out, _ = compliance("consent", "replay", row.id, "--policies", stern, "--json")
    made = json.loads(out)
    shown = compliance("consent", "replay", row.id, "--policies", stern)[1].replace("\n", " ")

    assert code == 1
    assert faults(made) == []
    assert {each["field"] for each in made["differences"]} == {"acts", "policies"}
    assert made["now"]["acts"] == ["destroy"]
    assert "hold" in shown
    assert "obligations.yaml is another file than the verdict was judged by" in shown


def test_another_day_is_another_law(call: Callable[..., RecordingRow], compliance: Run) -> None:
    """As of another day the law of that day is applied, and the facts stay the same."""
    row = call()
    code, out, _ = compliance("consent", "replay", row.id, "--as-of", "2020-01-31", "--json")
    made = json.loads(out)

    assert code == 1
    assert (made["as_of"], made["now"]["day"]) == ("2020-01-31", "2020-01-31")
    assert made["now"]["facts_sha256"] == made["was"]["facts_sha256"]


@pytest.mark.parametrize("column", ["facts", "verdict"])
def test_what_was_altered_is_refused(
    parts: Parts, call: Callable[..., RecordingRow], compliance: Run, column: str
) -> None:
    """Facts and verdict are held against the digests in the log, not against those beside them."""
    row = call(noticed=False)
    with parts.database.begin() as connection:
        body = connection.execute(consent_facts.select()).one()._mapping[column]
        altered = bytes(body).replace(b'"role":"agent"', b'"role":"caller"').replace(b"missing", b"satisfied")
        assert altered != body
        connection.execute(update(consent_facts).values(**{column: altered}))
    code, out, err = compliance("consent", "replay", row.id, "--json")

    assert (code, out) == (1, "")
    assert "[facts_altered]" in err
    code, out, err = compliance("consent", "impact", "--policies", policy.packaged(), "--json")
    made = json.loads(out)
    assert code == 1
    assert faults(made) == []
    assert (made["refused"], made["changes"][0]["refused"]) == (1, "facts_altered")


def test_a_recording_that_was_never_judged(compliance: Run) -> None:
    """Of a recording without a verdict there is nothing to replay, which is bad input."""
    code, _, err = compliance("consent", "replay", "rec_" + "0" * 32)

    assert code == 2
    assert "[facts_missing]" in err


def test_impact_lists_the_calls_that_would_change(
    parts: Parts, call: Callable[..., RecordingRow], compliance: Run, stern: Path
) -> None:
    """Each stored call whose outcome, or what is done upon it, would be another; the others are counted."""
    kept, gone = call(), call(noticed=False)
    code, out, _ = compliance("consent", "impact", "--policies", stern, "--json")
    made = json.loads(out)

    assert code == 0
    assert faults(made) == []
    assert (made["calls"], made["changed"], made["refused"]) == (2, 1, 0)
    (change,) = made["changes"]
    assert change["recording"] == gone.id != kept.id
    assert {"field": "acts", "was": ["hold"], "now": ["destroy"]} in change["differences"]
    (told,) = kinds(parts, "consent.impact_listed")
    assert (told["calls"], told["changed"]) == (2, 1)
    assert "obligations.yaml" in told["policies"]


def test_impact_of_the_same_policies_is_none(call: Callable[..., RecordingRow], compliance: Run) -> None:
    """Tried against the policies in force nothing changes."""
    call()
    code, out, _ = compliance("consent", "impact", "--policies", policy.packaged())

    assert code == 0
    assert out.splitlines() == ["0 of 1 calls would change."]


def test_a_retry_is_judged_by_itself(parts: Parts, order: Callable[..., Order], compliance: Run) -> None:
    """The newest verdict is the one that is replayed; the facts of the older one stay."""
    samples = sound()
    samples[0] = 0
    row = process(parts, replace(order(samples=samples), agent_kind=AgentKind.HUMAN), USER)
    marking = {**HOLDING.recording, Outcome.MISSING: (Act.KEEP_MARKED,)}
    other = replace(parts, orders=replace(parts.orders, recording=marking))
    retry_held(other, row.id, USER, "by the new policy")
    run_all(other, row.id)
    code, out, _ = compliance("consent", "replay", row.id, "--json")

    with parts.database.read() as connection:
        assert len(connection.execute(consent_facts.select()).all()) == 2
    assert code == 1
    assert (json.loads(out)["was"]["acts"], json.loads(out)["now"]["acts"]) == (["keep_marked"], ["hold"])
