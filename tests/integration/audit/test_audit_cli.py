"""``compliance audit``: what an officer sees, and the exit codes that scripts rely on."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from compliance.audit import canonical, keys, log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.merkle import leaf_hash, verify_inclusion
from compliance.audit.opening import opened
from compliance.bootstrap import build
from compliance.cli.audit import app
from compliance.errors import ArgumentInvalid, CursorInvalid, DatabaseUnavailable, InputError
from compliance.schemas.check import faults
from compliance.settings import load

RECORDINGS = ["rec_" + digit * 32 for digit in "ab"]


def released(recording_id: str) -> AuditEvent:
    """A person's release of a recording."""
    return event(
        EventKind.PERSON_RELEASED,
        recording_id=recording_id,
        key="1",
        occurred_at_ms=1_700_000_000_000,
        actor=Actor(type="person", id="tok_officer", role="officer"),
        statement_sha256="cd" * 32,
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one sealed event for each of two recordings, besides the one of its key."""
    home = tmp_path / "home"
    monkeypatch.setenv("COMPLIANCE_HOME", str(home))
    parts = build(load())
    with parts.database.begin() as connection:
        for each in RECORDINGS:
            log.record(connection, released(each))
    opened(parts.database, home / "keys", owner="test", now_ms=0).seal(0)
    parts.database.close()
    return home


def run(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner().invoke(app, arguments)


def tamper(home: Path, statement: str) -> None:
    """Change the log as an administrator could."""
    with sqlite3.connect(home / "compliance.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()


def test_a_valid_log_ends_in_zero(home: Path) -> None:
    """Exit code 0, with how many events are covered."""
    result = run("verify")

    assert result.exit_code == 0
    assert "Valid: 3 events" in result.output


def test_an_altered_log_ends_in_one_and_names_the_event(home: Path) -> None:
    """Exit code 1, with the event in the table and in the document."""
    altered = released(RECORDINGS[1]).id
    tamper(home, f"UPDATE audit_events SET body = x'7b7d' WHERE id = '{altered}'")

    assert run("verify").exit_code == 1
    result = run("verify", "--json")
    report = json.loads(result.output)
    assert result.exit_code == 1
    assert (report["schema"], report["verdict"]) == ("compliance/audit-report/1", "invalid")
    assert {"bodies", "tree"} <= {each["check"] for each in report["checks"] if each["standing"] != "valid"}
    assert altered in {each["event_id"] for each in report["checks"]}


def test_a_log_without_checkpoints_cannot_be_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2, and no check is called valid."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path / "new"))

    result = run("verify", "--json")

    assert result.exit_code == 2
    assert json.loads(result.output)["verdict"] == "unchecked"
    assert json.loads(result.output)["checks"] == []


def test_a_key_that_cannot_be_read_ends_in_two(home: Path) -> None:
    """Exit code 2, with the reason on stderr."""
    (home / "keys" / "audit.pub").write_text("no key")

    result = run("verify")

    assert result.exit_code == 2
    assert "cannot be checked" in result.stderr


def listed(*arguments: str) -> dict[str, Any]:
    """The document of a question, which keeps its contract."""
    result = run("list", *arguments, "--json")
    assert result.exit_code == 0, result.exception
    document: dict[str, Any] = json.loads(result.output)
    assert faults(document) == []
    return document


def ids(document: dict[str, Any]) -> list[str]:
    """The ids of the events in a document."""
    return [each["event"]["id"] for each in document["events"]]


def told(home: Path, kind: str) -> list[dict[str, Any]]:
    """The events of a kind, read past the command."""
    with sqlite3.connect(home / "compliance.db") as connection:
        rows = connection.execute(
            "SELECT body FROM audit_events WHERE kind = ? ORDER BY seq", (kind,)
        ).fetchall()
    connection.close()
    return [json.loads(body) for (body,) in rows]


def test_the_log_is_checked_without_the_private_key(home: Path) -> None:
    """Whoever checks needs the public key only, or its fingerprint."""
    (home / "keys" / "audit.key").unlink()

    assert run("verify").exit_code == 0


def test_another_key_than_the_trusted_one_ends_in_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the fingerprint that is trusted is not the log's, nor leads to it, nothing is valid."""
    monkeypatch.setenv("COMPLIANCE_AUDIT_FINGERPRINT", "0" * 64)

    result = run("verify", "--json")

    assert result.exit_code == 1
    (failed,) = [each for each in json.loads(result.output)["checks"] if each["standing"] != "valid"]
    assert (failed["check"], failed["standing"]) == ("key", "invalid")


def test_a_log_whose_key_was_hidden_ends_in_one(home: Path) -> None:
    """Where a key is trusted and the log names none any more, it was altered."""
    tamper(home, "UPDATE audit_events SET kind = 'x.y' WHERE kind = 'key.created'")

    result = run("verify", "--json")

    assert result.exit_code == 1
    failed = {each["check"]: each["standing"] for each in json.loads(result.output)["checks"]}
    assert failed["key"] == failed["bodies"] == "invalid"


def test_events_are_listed_by_recording_and_kind(home: Path) -> None:
    """Filters narrow the list; the document holds the events as they were written."""
    found = listed("--recording", RECORDINGS[0])

    assert ids(found) == [released(RECORDINGS[0]).id]
    assert found["events"][0]["event"]["fields"] == {"statement_sha256": "cd" * 32}
    assert ids(listed("--kind", "recording.held")) == []
    assert len(ids(listed("--kind", "person."))) == 2
    assert len(ids(listed("--actor", "tok_officer", "--outcome", "success"))) == 2
    assert ids(listed("--until", "2023-11-14", "--kind", "person.released")) == []
    assert len(ids(listed("--object", "cd" * 32))) == 2


def test_pages_follow_each_other(home: Path) -> None:
    """`next` of one is `--cursor` of the following; what was read meanwhile is in neither."""
    first = listed("--kind", "person.", "--limit", "1")
    second = listed("--kind", "person.", "--limit", "1", "--cursor", first["next"])

    assert second["next"] is None
    assert second["size"] == first["size"]
    assert sorted(ids(first) + ids(second)) == sorted(released(each).id for each in RECORDINGS)
    assert isinstance(run("list", "--cursor", first["next"]).exception, CursorInvalid)


def test_every_question_and_export_is_on_record(home: Path) -> None:
    """By what was asked and how much came of it, never for what; and before anything is shown."""
    listed("--actor", "tok_officer", "--for", "investigation")
    assert run("list", "--recording", RECORDINGS[0], "--format", "csv").exit_code == 0

    [asked] = told(home, "access.list")
    [exported] = told(home, "access.export")
    assert asked["fields"] == {
        "object": "audit_events",
        "entries": 2,
        "filters": ["actor"],
        "purpose": "investigation",
        "size": 3,
    }
    assert exported["fields"]["format"] == "csv"
    assert (exported["fields"]["entries"], exported["fields"]["filters"]) == (1, ["recording"])
    assert exported["recording_id"] == RECORDINGS[0]
    assert "tok_officer" not in json.dumps([asked, exported])
    assert ids(listed("--purpose", "investigation")) == [asked["id"]]


def test_what_cannot_be_recorded_is_not_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the event cannot be committed, not a byte leaves."""

    def refuse(*_: object) -> None:
        raise DatabaseUnavailable("no answer")

    monkeypatch.setattr("compliance.cli.read_events.log.record", refuse)
    for arguments in (("list",), ("list", "--format", "ndjson"), ("show", released(RECORDINGS[0]).id)):
        result = run(*arguments)
        assert isinstance(result.exception, DatabaseUnavailable)
        assert result.stdout == ""


def test_lines_are_the_stored_bytes(home: Path) -> None:
    """NDJSON gives them to the byte, and CSV a row for each with its zone."""
    lines = run("list", "--kind", "person.", "--format", "ndjson").stdout_bytes.splitlines()
    rows = run("list", "--kind", "person.", "--format", "csv").stdout.splitlines()

    assert {leaf_hash(each) for each in lines} == {
        leaf_hash(canonical.encode(released(each))) for each in RECORDINGS
    }
    assert len(rows) == 3
    assert rows[0].startswith('"time (UTC)"')


def test_a_table_fits_a_hundred_columns(home: Path) -> None:
    """Time, kind, recording, actor and outcome of each, and how much of the log that is."""
    shown = CliRunner(env={"COLUMNS": "100"}).invoke(app, ["list"]).output

    assert all(len(line) <= 100 for line in shown.splitlines())
    assert "2023-11-14 22:13:20  person.released" in shown
    assert "tok_officer" in shown
    assert "3 shown, of a log of 3 sealed events" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kind", "recording.relaesed"),
        ("--since", "2026-12-01", "--until", "2026-11-01"),
        ("--actor", "4111111111111111"),
        ("--object", "Jane Roe"),
        ("--cursor", "+14155550142"),
        ("--follow", "--json"),
        ("--format", "csv", "--cursor", "x"),
    ],
)
def test_what_cannot_be_asked_is_refused(home: Path, arguments: tuple[str, ...]) -> None:
    """It ends with 2, is not on record as read, and what was given is not repeated."""
    result = run("list", *arguments)

    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 2
    assert not any(each in str(result.exception) for each in ("4111111111111111", "Jane Roe", "5550142"))
    assert told(home, "access.list") == []


def test_whoever_follows_sees_what_comes_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first of all, then each event once as it is sealed, until it is broken off."""
    parts = build(load())
    pauses = iter((released("rec_" + "c" * 32), released("rec_" + "d" * 32)))

    def pause(_: float) -> None:
        coming = next(pauses, None)
        if coming is None:
            raise KeyboardInterrupt
        with parts.database.begin() as connection:
            log.record(connection, coming)

    monkeypatch.setattr("compliance.cli.questions.time.sleep", pause)
    result = run("list", "--kind", "person.", "--follow", "--format", "ndjson")
    parts.database.close()

    assert [json.loads(each)["recording_id"][4] for each in result.stdout.splitlines()] in (
        list("abcd"),
        list("bacd"),
    )
    assert len(told(home, "access.list")) == 1


def test_one_event_is_shown_with_its_place(home: Path) -> None:
    """By its id or its number; an unknown one is refused, and the read is on record."""
    wanted = released(RECORDINGS[1]).id
    shown = json.loads(run("show", wanted, "--json").output)

    assert faults(shown) == []
    assert shown["event"]["recording_id"] == RECORDINGS[1]
    assert shown["proof"] is None
    assert json.loads(run("show", str(shown["leaf_index"]), "--json").output)["event"]["id"] == wanted
    assert wanted in run("show", wanted).output
    assert [each["fields"]["event_id"] for each in told(home, "access.read")] == [wanted] * 3
    for unknown in ("ev_none", "4111", "4111111111111111", "+14155550142"):
        refused = run("show", unknown).exception
        assert isinstance(refused, ArgumentInvalid)
        assert unknown not in str(refused)


def test_a_proof_leads_from_the_event_to_the_signed_checkpoint(home: Path, tmp_path: Path) -> None:
    """In the document, and as a file that others' tools read."""
    wanted, file = released(RECORDINGS[0]), tmp_path / "event.tlog-proof"
    shown = json.loads(run("show", wanted.id, "--tlog-proof", str(file), "--json").output)

    assert faults(shown) == []
    verifier = keys.held(home / "keys")[0].verifier
    checkpoint = verifier.checkpoint_of(shown["proof"]["checkpoint"])
    leaf = leaf_hash(canonical.encode(wanted))
    hashes = [bytes.fromhex(each) for each in shown["proof"]["hashes"]]
    assert verify_inclusion(leaf, shown["leaf_index"], checkpoint.size, hashes, checkpoint.root)
    head, _, note = file.read_text().partition("\n\n")
    assert head.splitlines()[:2] == ["c2sp.org/tlog-proof@v1", f"index {shown['leaf_index']}"]
    assert [base64.b64decode(each) for each in head.splitlines()[2:]] == hashes
    assert verifier.checkpoint_of(note) == checkpoint
    assert "Signed checkpoint" in run("show", wanted.id, "--proof").output


def test_an_event_hidden_from_questions_is_named(home: Path) -> None:
    """Exit code 0 where each event is found; 1 where one would be missed."""
    hidden = released(RECORDINGS[1]).id
    whole = run("index", "--check", "--json")
    assert (whole.exit_code, json.loads(whole.stdout)["verdict"]) == (0, "valid")
    assert "3 sealed events can be found" in run("index").stdout
    tamper(home, f"UPDATE audit_index SET actor = 'nobody' WHERE event_id = '{hidden}'")

    result = run("index", "--check", "--json")

    assert (result.exit_code, json.loads(result.stdout)["hidden"]) == (1, [hidden])
    assert hidden in run("index", "--check").stdout


def test_a_terminal_does_not_obey_what_an_altered_log_holds(home: Path) -> None:
    """Escape sequences in an altered row are shown, not sent."""
    tamper(home, "UPDATE audit_events SET kind = char(27) || '[2J'")

    for result in (run("list"), run("verify")):
        assert "\x1b[2J" not in result.output
