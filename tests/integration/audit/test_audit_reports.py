"""Reports of a log of some months: they say what the log says, are on record first, and tell no secret."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plausible
import pytest
from typer.testing import CliRunner

from compliance import embedded
from compliance.audit import keyring
from compliance.audit.events import Actor
from compliance.audit.reports.make import Name, Wanted
from compliance.audit.reports.values import Report
from compliance.audit.reports.written import document
from compliance.bootstrap import build
from compliance.cli.main import app
from compliance.errors import ArgumentInvalid
from compliance.keeping import erase
from compliance.keeping.disclosures import Basis, Disclosure, disclose
from compliance.keeping.reports import made
from compliance.parts import Parts
from compliance.schemas.check import faults
from compliance.settings import load
from compliance.store import checkpoints, events, payloads
from compliance.store.database import Database

NUMBER = "+14155550142"
OFFICER = Actor(type="person", id="t0000000a11ce", role="officer")
SECRETS = ("Bayview County", "12 Harbor Street", "a transcript of Quillon", "request of Vexley", NUMBER)
CALLS = 120


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A deployment whose log has some months of calls."""
    parts = build(load(home=tmp_path / "home"), seals=True)
    plausible.fill(parts.database, calls=CALLS, start_ms=parts.now_ms() - 200 * plausible.DAY_MS)
    embedded.seal(parts)
    embedded.seal(parts)
    yield parts
    parts.database.close()


def of(parts: Parts, name: Name, **more: Any) -> Report:
    """A report of everything so far."""
    with parts.database.read() as connection:
        return made(connection, parts, Wanted(name=name, from_ms=0, to_ms=parts.now_ms() + 1, **more))


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    """A table as dictionaries."""
    table = next(each for each in report.tables if each.name == name)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def figures(report: Report) -> dict[str, Any]:
    """Every figure by its name."""
    return {name: value for section in report.sections for name, value in section.figures}


def bodies(database: Database, kind: str) -> list[dict[str, Any]]:
    """The events of a kind, read past the report's own reading."""
    with database.read() as connection:
        return [json.loads(row.body) for row in events.page(connection, kind=kind, limit=100_000)]


def disclosed(parts: Parts, **more: Any) -> str:
    """A disclosure with everything that must not be told elsewhere."""
    given = {"disclosed_at_ms": parts.now_ms() - 1000, "basis": Basis.COURT, "number": NUMBER} | more
    recipient, address, description, purpose, _ = SECRETS
    return disclose(
        parts,
        Disclosure(recipient=recipient, address=address, description=description, purpose=purpose, **given),
        OFFICER,
    )


def run(parts: Parts, *arguments: str, code: int = 0) -> str:
    """A command over the deployment."""
    ran = CliRunner().invoke(app, list(arguments), env={"COMPLIANCE_HOME": str(parts.settings.home)})
    assert ran.exit_code == code, ran.output
    return ran.output


@pytest.mark.parametrize("name", list(Name))
def test_each_report_keeps_its_contract_and_rests_on_the_log(parts: Parts, name: Name) -> None:
    """Size, root and key are those of the newest checkpoint, and nothing is left unread."""
    report = of(parts, name)
    with parts.database.read() as connection:
        checkpoint, ring = checkpoints.latest(connection), keyring.read(connection)
    assert checkpoint is not None

    assert faults(document(report)) == []
    assert (report.basis.size, report.basis.root) == (checkpoint.size, checkpoint.root.hex())
    assert report.basis.key_fingerprint == ring.fingerprint != ""
    assert (report.basis.unsealed, report.basis.altered) == (0, 0)
    assert not [each for each in (*report.sections,) if "{" in "".join((each.rule, *each.notes))]


def test_consent_counts_what_the_log_has(parts: Parts) -> None:
    """Verdicts by month and place add up; what was lacking and refused is listed once each."""
    report = of(parts, Name.CONSENT)
    verdicts = Counter(each["fields"]["verdict"] for each in bodies(parts.database, "consent.evaluated"))
    table = rows(report, "verdicts")

    assert {word: sum(row[word] for row in table) for word in verdicts} == dict(verdicts)
    assert len(rows(report, "lacking")) == sum(verdicts[each] for each in ("missing", "late", "uncertain"))
    assert len(rows(report, "objections")) == verdicts["objected"] + verdicts["withdrawn"]
    released = {each["recording_id"] for each in bodies(parts.database, "recording.released")}
    for row in rows(report, "objections"):
        assert (row["honoured"] == "NO") == (row["recording"] in released)


def test_pci_counts_what_the_log_has(parts: Parts) -> None:
    """Kinds add up; of each recording with card data it is told when its original went."""
    report = of(parts, Name.PCI)
    counts: Counter[str] = Counter()
    for each in bodies(parts.database, "detection.run"):
        counts.update(each["fields"]["findings"])
    found = {row["kind"]: row["found"] for row in rows(report, "kinds")}

    assert found["card number"] == counts["CREDIT_CARD"] > 0
    assert found["verification code"] == counts["CARD_VERIFICATION_CODE"]
    gone = {each["recording_id"] for each in bodies(parts.database, "vault.destroyed")}
    gone |= {each["recording_id"] for each in bodies(parts.database, "source.deleted")}
    gone |= {each["recording_id"] for each in bodies(parts.database, "recording.destroyed")}
    for row in rows(report, "destroyed"):
        assert bool(row["original destroyed (UTC)"]) == (row["recording"] in gone)


def test_the_trace_of_one_call_is_whole(parts: Parts) -> None:
    """Every event of the recording, in the log's order, with the models by digest."""
    recording = bodies(parts.database, "detection.run")[3]["recording_id"]
    report = of(parts, Name.AI_ACT, recording_id=recording)
    trace = rows(report, "trace")
    with parts.database.read() as connection:
        kinds = [each.kind for each in events.of_recording(connection, recording)]

    assert [row["event"] for row in trace] == kinds
    assert "whisper-base 5f5f5f5f5f5f" in trace[kinds.index("detection.run")]["models and policies"]


def test_monitoring_goes_by_models_and_weeks(parts: Parts) -> None:
    """Each run counts in its week under the models that ran."""
    table = rows(of(parts, Name.AI_ACT), "performance")

    assert sum(row["calls"] for row in table) == CALLS
    assert len({row["models"] for row in table}) == 2


def test_transparency_tells_the_share(parts: Parts) -> None:
    """Share and exceptions are those of the verdicts."""
    report = of(parts, Name.AI_ACT)
    told = [each["fields"] for each in bodies(parts.database, "consent.evaluated")]
    missing = sum("ai_disclosure_missing" in each.get("obligations", ()) for each in told)
    given = sum(bool(each.get("ai_disclosure")) for each in told)

    assert len(rows(report, "exceptions")) == missing
    assert figures(report)["Share in which it was said"] == f"{100 * given / (given + missing):.1f} %"


def test_an_altered_event_is_left_out_and_counted(parts: Parts) -> None:
    """Bytes that are no longer the ones that were written are not repeated as if they were."""
    before = figures(of(parts, Name.CONSENT))["Recordings judged"]
    altered = bodies(parts.database, "consent.evaluated")[0]["id"]
    with parts.database.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_events_no_update")
        connection.exec_driver_sql(
            "UPDATE audit_events SET body = CAST(replace(CAST(body AS TEXT), 'success', 'failure') AS BLOB)"
            " WHERE id = ?",
            (altered,),
        )
    after = of(parts, Name.CONSENT)

    assert after.basis.altered == 1
    assert figures(after)["Recordings judged"] == before - 1


def test_what_no_checkpoint_covers_is_not_in_it(parts: Parts) -> None:
    """An event that is not sealed yet is counted as missing, and nothing else."""
    disclosed(parts)
    report = of(parts, Name.HIPAA)

    assert report.basis.unsealed == 1
    assert rows(report, "disclosures") == []


class TestAccounting:
    """Disclosures to an individual's accounting (45 CFR 164.528)."""

    def test_it_has_the_four_fields(self, parts: Parts) -> None:
        """Date, recipient with address, description, purpose; of one person alone if asked for."""
        disclosed(parts)
        disclosed(parts, number="+14155550143")
        disclosed(parts, basis=Basis.TREATMENT)
        embedded.seal(parts)
        whole = of(parts, Name.HIPAA)
        row = rows(whole, "disclosures")[0]

        assert len(rows(whole, "disclosures")) == 2, "treatment needs no accounting"
        assert (
            tuple(row[each] for each in ("recipient", "address", "what was disclosed", "purpose"))
            == SECRETS[:4]
        )
        out = run(parts, "audit", "report", "hipaa", "--person", NUMBER, "--json")
        (table,) = json.loads(out)["sections"][0]["tables"]
        assert len(table["rows"]) == 1
        assert json.loads(out)["basis"]["filters"] == ["one individual"]

    def test_erased_it_still_counts(self, parts: Parts) -> None:
        """After a person's erasure the disclosure stands in the accounting, sealed, erased."""
        disclosed(parts)
        erase.erase_person(parts, NUMBER, OFFICER, "their wish", despite_duties=True)
        embedded.seal(parts)
        (row,) = rows(of(parts, Name.HIPAA), "disclosures")

        assert row["recipient"] == row["purpose"] == payloads.ERASED
        assert "individual_unknown" not in run(parts, "audit", "verify")

    @pytest.mark.parametrize(
        "more",
        [{"number": None}, {"recipient": " "}, {"description": ""}, {"purpose": ""}],
    )
    def test_one_that_could_not_be_accounted_for_is_refused(self, more: dict[str, Any]) -> None:
        """It needs a person or a recording, a recipient, a description and a purpose."""
        given = {"recipient": "a", "address": "", "description": "b", "purpose": "c", "number": NUMBER} | more
        with pytest.raises(ArgumentInvalid):
            Disclosure(disclosed_at_ms=0, basis=Basis.COURT, **given)


def test_no_secret_stands_in_clear(parts: Parts, tmp_path: Path) -> None:
    """What was disclosed to whom is in no event and no file of the home folder, and a number in no report."""
    disclosed(parts)
    run(parts, "audit", "review", "--sign-off", "--reason", SECRETS[2])
    run(parts, "audit", "incident", "open", "--category", "death", "--reason", SECRETS[3])
    for name in Name:
        run(parts, "audit", "report", name, "-o", str(tmp_path / "out"))
    kept = [path.read_bytes() for path in parts.settings.home.rglob("*") if path.is_file()]
    reports = [path.read_bytes() for path in (tmp_path / "out").iterdir()]

    assert len(reports) > 20
    assert [secret for secret in SECRETS for each in kept if secret.encode() in each] == []
    assert [each for each in reports if NUMBER.encode() in each or NUMBER[1:].encode() in each] == []


def test_a_report_is_on_record_with_its_digests(parts: Parts, tmp_path: Path) -> None:
    """Every file that was written is in the event by its digest, with the log's size and root."""
    run(parts, "audit", "report", "pci", "-o", str(tmp_path / "out"))
    (event,) = bodies(parts.database, "report.created")
    written = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "out").iterdir()
    }
    made_ = json.loads((tmp_path / "out" / "pci.json").read_text())

    assert event["fields"]["files"] == written
    assert event["fields"]["size"] == made_["basis"]["size"]
    assert event["fields"]["root_sha256"] == made_["basis"]["root"]


def test_what_cannot_be_recorded_is_not_written(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the event cannot be kept, no file of the report is there."""

    def refuse(*_: object) -> None:
        raise ArgumentInvalid("no")

    monkeypatch.setattr("compliance.audit.log.record", refuse)
    ran = CliRunner().invoke(
        app,
        ["audit", "report", "pci", "-o", str(tmp_path / "out")],
        env={"COMPLIANCE_HOME": str(parts.settings.home)},
    )

    assert ran.exit_code != 0
    assert list((tmp_path / "out").glob("*")) == []


def test_html_csv_and_json_tell_the_same(parts: Parts, tmp_path: Path) -> None:
    """A table has the same rows in its CSV as in the document, and the page shows each recording of it."""
    run(parts, "audit", "report", "consent", "-o", str(tmp_path))
    page = (tmp_path / "consent.html").read_text()
    told = json.loads((tmp_path / "consent.json").read_text())
    for table in (each for section in told["sections"] for each in section["tables"]):
        text = (tmp_path / f"consent.{table['name']}.csv").read_text()
        read = list(csv.reader(io.StringIO(text)))[2:]
        assert [len(row) for row in read] == [len(row) for row in table["rows"]]
        assert [row[1] for row in read] == [str(row[1]) for row in table["rows"]]
        assert all(str(row[1]) in page for row in table["rows"])


class TestReviews:
    """A review is signed off by a person, for the log that they had."""

    def test_it_is_in_the_reports(self, parts: Parts) -> None:
        """HIPAA's and PCI's alike."""
        run(parts, "audit", "review", "--sign-off", "--reason", "looked", "--finding", "follow_up")

        for name in (Name.HIPAA, Name.PCI):
            (row,) = rows(of(parts, name), "reviews")
            assert row["finding"] == "follow_up"

    def test_without_a_signature_nothing_is_on_record(self, parts: Parts) -> None:
        """The option must be said, and the words too."""
        ran = CliRunner().invoke(
            app, ["audit", "review", "--reason", "x"], env={"COMPLIANCE_HOME": str(parts.settings.home)}
        )

        assert ran.exit_code != 0
        assert bodies(parts.database, "log.reviewed") == []


class TestIncidents:
    """Deadlines are computed from the moment of awareness, and every step is an event."""

    def test_from_open_to_closed(self, parts: Parts) -> None:
        """Opened, updated, reported in time, closed; then it can no longer be touched."""
        run(parts, "audit", "incident", "open", "--category", "serious", "--reason", "x")
        (opened,) = bodies(parts.database, "incident.opened")
        name, fields = opened["fields"]["incident_id"], opened["fields"]
        assert fields["deadline_at_ms"] - fields["aware_at_ms"] == 15 * plausible.DAY_MS
        run(parts, "audit", "incident", "update", name, "--reason", "y")
        run(parts, "audit", "incident", "report", name, "--authority", "bnetza", "--reason", "z")
        run(parts, "audit", "incident", "close", name, "--reason", "done")
        (row,) = rows(of(parts, Name.AI_ACT), "incidents")

        assert (row["stands"], row["updates"]) == ("reported in time, closed", 1)
        ran = CliRunner().invoke(
            app,
            ["audit", "incident", "update", name, "--reason", "late"],
            env={"COMPLIANCE_HOME": str(parts.settings.home)},
        )
        assert type(ran.exception).__name__ == "IncidentUnknown"

    def test_one_that_is_overdue_ends_with_1(self, parts: Parts) -> None:
        """A list with an overdue report is a failure, for whatever watches it."""
        old = ("--aware", "2020-01-01T00:00:00Z")
        run(parts, "audit", "incident", "open", "--category", "death", "--reason", "x", *old)
        out = run(parts, "audit", "incident", "list", "--json", code=1)

        assert json.loads(out)["incidents"][0]["is_overdue"] is True
