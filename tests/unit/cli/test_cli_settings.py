"""``compliance settings`` tells everything but secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from compliance.cli.settings import page, settings, variable
from compliance.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def app() -> typer.Typer:
    """The command on its own."""
    app = typer.Typer()
    app.command()(settings)
    return app


def test_the_page_of_settings_is_current() -> None:
    """docs/settings.md is what `python -m compliance.cli.settings` writes."""
    assert (ROOT / "docs/settings.md").read_text() == page()


def test_every_setting_has_a_meaning() -> None:
    """No setting goes without a sentence."""
    assert all((field.description or "").endswith(".") for field in Settings.model_fields.values())


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_no_secret_is_printed(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """Keys are named, their secrets are not; an address that may hold a password is not shown."""
    secrets = {
        "LIVEKIT_KEYS": "devkey:hush-livekit",
        "DATABASE_URL": "postgresql+psycopg://u:hush-database@host/db",
        "BROKER_URL": "redis://:hush-broker@host/0",
        "S3_ACCESS_KEY": "hush-access",
        "S3_SECRET_KEY": "hush-secret",
        "BUSINESS_NUMBER": "+12025550123",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)

    output = CliRunner().invoke(app, arguments).output

    assert "hush" not in output
    assert "2025550123" not in output
    assert "devkey" in output


def test_each_value_says_where_it_comes_from(app: typer.Typer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value from the environment is told from a default, in a document of a named version."""
    monkeypatch.setenv("COMPLIANCE_THREADS", "2")
    monkeypatch.delenv("COMPLIANCE_BATCH_SIZE", raising=False)

    document = json.loads(CliRunner().invoke(app, ["--json"]).output)

    rows = {row["variable"]: (row["value"], row["from"]) for row in document["settings"]}
    assert document["schema"] == "compliance/settings/1"
    assert set(rows) == {variable(name) for name in Settings.model_fields}
    assert rows["COMPLIANCE_THREADS"] == ("2", "environment")
    assert rows["COMPLIANCE_BATCH_SIZE"] == ("4", "default")
