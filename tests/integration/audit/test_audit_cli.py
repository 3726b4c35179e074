"""``compliance audit``: what an officer sees, and the exit codes that scripts rely on."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from compliance.audit import log
from compliance.audit.events import Actor, AuditEvent, EventKind, event
from compliance.audit.opening import opened
from compliance.bootstrap import build
from compliance.cli.audit import app
from compliance.errors import ArgumentInvalid, AuditInvalid
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
    """A home with one sealed event for each of two recordings."""
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


def test_the_log_is_checked_without_the_private_key(home: Path) -> None:
    """Whoever checks needs the public key only, or its fingerprint."""
    (home / "keys" / "audit.key").unlink()

    assert run("verify").exit_code == 0


def test_another_key_than_the_trusted_one_ends_in_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the fingerprint that is trusted is not the log's, nor leads to it, nothing is valid."""
    monkeypatch.setenv("COMPLIANCE_AUDIT_FINGERPRINT", "0" * 64)

    assert isinstance(run("verify").exception, AuditInvalid)


def test_a_log_whose_key_was_hidden_ends_in_one(home: Path) -> None:
    """Where a key is trusted and the log names none any more, it was altered."""
    tamper(home, "UPDATE audit_events SET kind = 'x.y' WHERE kind = 'key.created'")

    assert isinstance(run("verify").exception, AuditInvalid)


def test_events_are_listed_by_recording_and_kind(home: Path) -> None:
    """Filters narrow the list; the document holds the events as they were written."""
    listed = json.loads(run("list", "--recording", RECORDINGS[0], "--json").output)

    assert [each["id"] for each in listed["events"]] == [released(RECORDINGS[0]).id]
    assert listed["events"][0]["fields"] == {"statement_sha256": "cd" * 32}
    assert json.loads(run("list", "--kind", "recording.held", "--json").output)["events"] == []
    assert len(json.loads(run("list", "--limit", "1", "--json").output)["events"]) == 1
    assert "person.released" in CliRunner(env={"COLUMNS": "200"}).invoke(app, ["list"]).output


def test_a_kind_that_does_not_exist_is_refused(home: Path) -> None:
    """A mistyped kind is told, rather than answered by an empty list."""
    assert isinstance(run("list", "--kind", "recording.relaesed").exception, ArgumentInvalid)


def test_one_event_is_shown_with_its_place(home: Path) -> None:
    """The event with its leaf; an unknown id is refused."""
    wanted = released(RECORDINGS[1]).id
    shown = json.loads(run("show", wanted, "--json").output)

    assert shown["event"]["recording_id"] == RECORDINGS[1]
    assert shown["leaf_index"] == 1
    assert wanted in run("show", wanted).output
    assert isinstance(run("show", "ev_none").exception, ArgumentInvalid)


def test_a_terminal_does_not_obey_what_an_altered_log_holds(home: Path) -> None:
    """Escape sequences in an altered row are shown, not sent."""
    tamper(home, "UPDATE audit_events SET kind = char(27) || '[2J'")

    for result in (run("list"), run("verify")):
        assert "\x1b[2J" not in result.output
