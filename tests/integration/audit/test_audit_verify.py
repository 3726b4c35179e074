"""``compliance audit verify``: the quick check and the full one, sinks, exports, and what is remembered."""

from __future__ import annotations

import json
import secrets
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from compliance.audit import log
from compliance.audit.anchors.folder import FolderSink
from compliance.audit.anchors.sink import NOTES, name_of, size_of
from compliance.audit.checks.remembered import NAME
from compliance.audit.events import Actor, EventKind, event
from compliance.audit.note import Checkpoint, SeedSigner, sign
from compliance.bootstrap import build
from compliance.cli.audit import app
from compliance.errors import LogForked
from compliance.schemas.check import faults
from compliance.settings import load


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose log has thirty events, and whose checkpoints go into a folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("COMPLIANCE_HOME", str(home))
    monkeypatch.setenv("COMPLIANCE_ANCHORS", f"file://{tmp_path / 'anchors'}")
    grow(30)
    assert run("anchor").exit_code == 0
    return home


def grow(count: int) -> None:
    """Write so many events, each under a checkpoint of its own."""
    parts = build(load(), seals=True)
    assert parts.sequencer is not None
    for _ in range(count):
        told = event(
            EventKind.PERSON_RELEASED,
            recording_id="rec_" + "a" * 32,
            key=secrets.token_hex(8),
            occurred_at_ms=parts.now_ms(),
            actor=Actor(type="person", id="officer-1", role="officer"),
            statement_sha256="cd" * 32,
        )
        with parts.database.begin() as connection:
            log.record(connection, told)
        parts.sequencer.seal(parts.now_ms())
    parts.database.close()


def run(*arguments: str) -> Result:
    """The command's result."""
    return CliRunner().invoke(app, arguments)


def report(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and document of a check; the document keeps its contract."""
    result = run("verify", "--json", *arguments)
    document = json.loads(result.stdout)
    assert faults(document) == []
    return result.exit_code, document


def standings(document: dict[str, Any]) -> dict[str, str]:
    """What was found of each check that is not valid."""
    return {each["check"]: each["standing"] for each in document["checks"] if each["standing"] != "valid"}


def tamper(home: Path, *statements: str) -> None:
    """Change the log as an administrator could."""
    with sqlite3.connect(home / "compliance.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_the_first_check_is_full_and_the_next_goes_on_from_it(home: Path) -> None:
    """What was found valid is not computed again, unless --full asks for it."""
    first, size = report(), 31  # thirty, and that the key was made
    grow(5)
    second, full = report(), report("--full")

    assert [code for code, _ in (first, second, full)] == [0, 0, 0]
    assert [each["since"] for _, each in (first, second, full)] == [0, size, 0]
    assert [each["checkpoints"] for _, each in (first, second, full)] == [size - 1, 5, size + 4]
    assert second[1]["root"] == full[1]["root"]


def test_a_quick_check_that_finds_something_names_the_event(home: Path) -> None:
    """An event below the remembered checkpoint that is needed to go on: everything is checked then."""
    report()
    tamper(home, "UPDATE audit_events SET leaf_hash = zeroblob(32) WHERE seq = 31")
    grown = report()

    code, document = grown
    assert code == 1
    assert document["since"] == 0
    assert "bodies" in standings(document)


def test_a_log_cut_back_contradicts_what_is_remembered(home: Path) -> None:
    """Without any anchor, whoever checked before knows that there was more."""
    report("--anchors", "file:///nowhere/at/all")
    tamper(
        home,
        "DELETE FROM audit_leaves WHERE leaf_index >= 20",
        "DELETE FROM audit_events WHERE id NOT IN (SELECT event_id FROM audit_leaves)",
        "DELETE FROM audit_checkpoints WHERE size > 20",
        "DELETE FROM audit_pending",
        "DELETE FROM audit_anchors",
    )

    code, document = report("--anchors", "file:///nowhere/at/all")

    assert code == 1
    assert standings(document) == {"memory": "missing"}


def test_what_is_not_valid_is_not_remembered(home: Path) -> None:
    """A check that fails leaves the memory as it was."""
    tamper(home, "UPDATE audit_events SET occurred_at_ms = 1 WHERE seq = 5")

    assert report()[0] == 1
    assert not (home / NAME).exists()


def test_a_memory_of_another_log_is_told(home: Path) -> None:
    """A note that the log's key did not sign is not passed over in silence."""
    other = SeedSigner(name="compliance/audit", seed=bytes(32))
    text = Checkpoint(origin=other.name, size=3, root=bytes(32)).text
    (home / NAME).write_text(sign(text, other))

    code, document = report()

    assert code == 1
    assert standings(document) == {"key": "invalid"}


def test_the_named_key_decides(home: Path) -> None:
    """The right fingerprint is valid, in either case of letters; another is not, whatever else is."""
    fingerprint = report()[1]["key_fingerprint"]

    assert report("--key", fingerprint)[0] == 0
    assert report("--key", fingerprint.upper())[0] == 0
    code, document = report("--key", "0" * 64)
    assert code == 1
    assert standings(document) == {"key": "invalid"}


def sink(tmp_path: Path) -> FolderSink:
    """The folder of anchors."""
    return FolderSink(tmp_path / "anchors")


def test_a_sink_is_told_with_its_age_and_reach(home: Path, tmp_path: Path) -> None:
    """A folder is a copy and no witness, for people and for programs."""
    (told,) = report()[1]["sinks"]

    assert (told["reach"], told["standing"], told["size"], told["held"]) == ("copy", "valid", 31, 1)
    assert told["kept_at_ms"] > 1_700_000_000_000
    assert "copy, not a witness" in CliRunner(env={"COLUMNS": "200"}).invoke(app, ["verify"]).output


def test_an_anchor_of_another_history_is_invalid(home: Path, tmp_path: Path) -> None:
    """A checkpoint of our key that this log does not continue is a fork, and where it parts is named."""
    grow(3)
    seed = (home / "keys" / "audit.key").read_bytes()
    text = Checkpoint(origin="compliance/audit", size=33, root=bytes(32)).text
    ours = SeedSigner(name="compliance/audit", seed=seed)
    sink(tmp_path).put(name_of(33), sign(text, ours).encode())

    code, document = report()

    assert code == 1
    assert standings(document) == {"anchors": "invalid"}
    assert next(each for each in document["checks"] if each["check"] == "anchors")["leaf_index"] == 32


def test_an_anchor_larger_than_the_log_is_missing_events(home: Path) -> None:
    """What was anchored and is not there any more is missing."""
    tamper(
        home,
        "DELETE FROM audit_leaves WHERE leaf_index >= 20",
        "DELETE FROM audit_events WHERE id NOT IN (SELECT event_id FROM audit_leaves)",
        "DELETE FROM audit_checkpoints WHERE size > 20",
        "DELETE FROM audit_pending",
    )

    code, document = report()

    assert code == 1
    assert standings(document) == {"anchors": "missing"}


def test_a_sink_that_lost_what_it_took_is_told(home: Path, tmp_path: Path) -> None:
    """A folder that was emptied is not the same as one that never held anything."""
    for path in (tmp_path / "anchors" / NOTES).iterdir():
        path.unlink()

    code, document = report()

    assert code == 1
    assert standings(document) == {"anchors": "missing"}


def test_a_sink_that_does_not_answer_leaves_the_check_incomplete(home: Path) -> None:
    """Exit code 2: the log is not invalid, and not everything could be looked at."""
    code, document = report("--anchors", "s3://nowhere/log")

    assert code == 2
    assert standings(document) == {"anchors": "unchecked"}
    assert document["verdict"] == "unchecked"


@pytest.fixture(autouse=True)
def _no_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is not there, rather than Amazon's."""
    for name, value in {"ENDPOINT": "http://127.0.0.1:1", "ACCESS_KEY": "a", "SECRET_KEY": "b"}.items():
        monkeypatch.setenv(f"COMPLIANCE_ANCHOR_S3_{name}", value)


@pytest.fixture
def exported(home: Path, tmp_path: Path) -> Path:
    """The log as a folder, with the anchors beside it."""
    folder = tmp_path / "exported"
    assert run("export-tiles", str(folder)).exit_code == 0
    anchors = tmp_path / "anchors" / NOTES
    (folder / NOTES).mkdir()
    for path in anchors.iterdir():
        (folder / NOTES / path.name).write_bytes(path.read_bytes())
    return folder


def offline(folder: Path, *arguments: str) -> tuple[int, dict[str, str]]:
    """Check an export alone, with no database and no other sink."""
    code, document = report("--offline", str(folder), "--anchors", f"file://{folder}", *arguments)
    return code, standings(document)


def test_an_export_is_checked_without_a_database(
    home: Path, exported: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing of the deployment is, an export is valid under its fingerprint and under no other."""
    fingerprint = report()[1]["key_fingerprint"]
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path / "elsewhere"))

    assert offline(exported, "--key", fingerprint) == (0, {})
    assert offline(exported, "--key", "0" * 64) == (1, {"key": "invalid"})
    assert not (tmp_path / "elsewhere" / "compliance.db").exists()


def bundle(folder: Path) -> Path:
    """The file of the exported events."""
    (found,) = [path for path in (folder / "tile" / "entries").rglob("*") if path.is_file()]
    return found


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda data: data.replace(b"officer-1", b"officer-2", 1), id="edit"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut off"),
        pytest.param(lambda data: data[2 + int.from_bytes(data[:2], "big") :], id="drop the first"),
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda data: b"\xff\xff" + data, id="rubbish"),
    ],
)
def test_an_export_that_was_changed_is_not_valid(exported: Path, change: Any) -> None:
    """Any change of the events in the folder is seen."""
    path = bundle(exported)
    path.write_bytes(change(path.read_bytes()))

    result = run("verify", "--json", "--offline", str(exported), "--anchors", f"file://{exported}")

    assert result.exit_code in (1, 2)
    assert '"verdict": "valid"' not in result.stdout


def test_an_export_that_is_short_of_its_anchor_is_missing_events(home: Path, exported: Path) -> None:
    """An older export beside a newer anchor: what came between is not there."""
    grow(2)
    run("anchor")
    for path in (home.parent / "anchors" / NOTES).iterdir():
        (exported / NOTES / path.name).write_bytes(path.read_bytes())

    assert offline(exported) == (1, {"anchors": "missing"})


def test_a_log_that_begins_anew_under_its_old_key_is_not_signed(home: Path) -> None:
    """Whose database was lost, and whose key was not, has to say so before a second log is signed."""
    for path in home.glob("compliance.db*"):
        path.unlink()
    with pytest.raises(LogForked):
        grow(1)

    assert run("restored", "--reason", "the disk died", "--yes").exit_code == 0
    grow(1)

    code, document = report("--full")
    assert code == 0
    assert standings(document) == {"anchors": "gap"}


def test_restored_is_declared_once_and_for_all_to_see(home: Path, tmp_path: Path) -> None:
    """After a restore nothing is signed; once it is declared the log goes on, and every check tells."""
    assert report()[0] == 0
    cut = (
        "DELETE FROM audit_leaves WHERE leaf_index >= 20",
        "DELETE FROM audit_events WHERE id NOT IN (SELECT event_id FROM audit_leaves)",
        "DELETE FROM audit_checkpoints WHERE size > 20",
        "DELETE FROM audit_pending",
        "DELETE FROM audit_anchors",
    )
    with sqlite3.connect(home / "compliance.db") as connection:
        (keeps,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'audit_events_pending'"
        ).fetchone()
    connection.close()
    tamper(home, *cut, keeps)
    with pytest.raises(LogForked):
        grow(1)

    assert run("restored", "--reason", "the disk died", "--yes").exit_code == 0
    grow(1)

    code, document = report("--full")
    assert code == 0
    assert standings(document) == {"anchors": "gap", "memory": "gap"}
    (told,) = [each for each in document["checks"] if each["check"] == "anchors"]
    assert "20 to 31" in told["why"]
    assert told["event_id"].startswith("ev_")
    assert "the disk died" not in (home / "compliance.db").read_bytes().decode(errors="replace")
    assert [size_of(each.name) for each in sink(tmp_path).read(NOTES) or ()] == [31]
    assert standings(report("--full")[1]) == {"anchors": "gap"}
    assert run("restored", "--reason", "again", "--yes").exit_code != 0
