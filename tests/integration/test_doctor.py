"""``compliance doctor`` says what is there, what is not, and how to get it."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from compliance.audit import keys as audit_keys
from compliance.cli.checks import Check, Standing, examine
from compliance.cli.doctor import doctor
from compliance.settings import Settings
from compliance.store.database import Database
from compliance.store.home import Home
from compliance.store.keys import deployment_key

DEAD = "127.0.0.1:9"
"""The discard port, where nothing listens."""


def checks(tmp_path: Path, **settings: object) -> dict[str, Check]:
    """What is found with these settings, by name."""
    chosen = Settings(home=tmp_path / "home", models=tmp_path / "models", **settings)
    return {check.name: check for check in examine(chosen)}


def test_a_fresh_machine_lacks_models_and_is_told_the_command(tmp_path: Path) -> None:
    """What is made at first use is a note; what a person must fetch is missing, with the command."""
    found = checks(tmp_path)

    assert found["model whisper-base"].standing is Standing.MISSING
    assert found["model whisper-base"].remedy == "compliance models pull whisper-base"
    assert {found[name].standing for name in ("home", "key", "database", "LiveKit keys")} == {Standing.NOTE}
    assert not (tmp_path / "home").exists()


def test_edges_that_were_fitted_to_another_speech_model_are_told(tmp_path: Path) -> None:
    """Cuts end where words of the base model end; with another one a profile should give figures."""
    assert checks(tmp_path)["edges of cuts"].standing is Standing.PRESENT

    other = checks(tmp_path, whisper_model="whisper-tiny.en")["edges of cuts"]

    assert other.standing is Standing.NOTE
    assert "whisper-tiny.en" in other.found
    assert "pads: {before_ms: 200, after_ms: 500}" in other.remedy


def test_a_home_that_is_in_use_is_described(tmp_path: Path) -> None:
    """The home's mode, the key's fingerprint and the database are shown, and not the key."""
    umask = os.umask(0o077)
    try:
        home = Home(tmp_path / "home")
    finally:
        os.umask(umask)
    key = deployment_key(home.keys)
    with closing(Database(f"sqlite:///{home.path / 'compliance.db'}")) as database:
        database.migrate()

    found = checks(tmp_path)

    assert {found[name].standing for name in ("home", "key", "database")} == {Standing.PRESENT}
    assert key.hex()[:16] not in found["key"].found


def test_the_key_of_the_log_is_told_by_its_fingerprint(tmp_path: Path) -> None:
    """The fingerprint that evidence is checked by, of the public key that lies here or as it is set."""
    folder = tmp_path / "home" / "keys"
    assert checks(tmp_path)["audit key"].standing is Standing.NOTE
    made = audit_keys.make(folder)
    audit_keys.publish(folder, made.verifier)

    found = checks(tmp_path)["audit key"]
    assert (found.standing, found.found) == (Standing.PRESENT, f"fingerprint {made.verifier.fingerprint}")
    assert "0" * 64 in checks(tmp_path, audit_fingerprint="0" * 64)["audit key"].found
    (folder / audit_keys.PUBLIC).write_text("no key")
    assert checks(tmp_path)["audit key"].standing is Standing.MISSING


def test_a_home_others_may_read_is_told(tmp_path: Path) -> None:
    """A home that is open to others is a fault, with the command that closes it."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o755)

    assert checks(tmp_path)["home"].remedy == f"chmod 700 {tmp_path / 'home'}"


def test_servers_that_do_not_answer_are_told_without_their_addresses(tmp_path: Path) -> None:
    """Database, broker and bucket are each missing by a stable word; no password is in what is said."""
    found = checks(
        tmp_path,
        database_url=f"postgresql+psycopg://u:hush@{DEAD}/db",
        broker_url=f"redis://:hush@{DEAD}/0",
        output_bucket="outputs",
        s3_endpoint=f"http://{DEAD}",
        s3_access_key="hush",
        s3_secret_key="hush",
    )

    words = [found[name].found for name in ("database", "broker", "bucket outputs")]
    assert words == ["PostgreSQL: database_unavailable", "broker_unavailable", "storage_unavailable"]
    assert "hush" not in repr(found)


def test_a_broker_that_answers_is_present(tmp_path: Path, valkey_url: str) -> None:
    """A real Valkey is found."""
    assert checks(tmp_path, broker_url=valkey_url)["broker"].standing is Standing.PRESENT


def test_the_exit_code_tells_whether_something_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With models missing it is 1, and the document says so too."""
    monkeypatch.setenv("COMPLIANCE_HOME", str(tmp_path))
    monkeypatch.setenv("COMPLIANCE_MODELS", str(tmp_path / "models"))
    app = typer.Typer()
    app.command()(doctor)

    result = CliRunner().invoke(app, ["--json"])

    assert result.exit_code == 1
    assert json.loads(result.output)["complete"] is False
    assert CliRunner().invoke(app, []).exit_code == 1
