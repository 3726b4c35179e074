"""``compliance models`` lists and checks weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compliance.cli.models import app
from compliance.errors import ArgumentInvalid
from compliance.models.catalogue import NEEDED, names


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with nothing in it."""
    monkeypatch.setenv("COMPLIANCE_MODELS", str(tmp_path))
    return tmp_path


def test_the_list_names_every_model_and_how_it_stands() -> None:
    """Every model of the catalogue is listed with its digest, and as missing where it is."""
    document = json.loads(CliRunner().invoke(app, ["list", "--json"]).output)

    assert document["schema"] == "compliance/models/1"
    assert [(m["name"], m["standing"]) for m in document["models"]] == [(name, "missing") for name in names()]


def test_verifying_fails_while_a_needed_model_is_missing() -> None:
    """The exit code is 1, and the file that is missing is named."""
    result = CliRunner().invoke(app, ["verify"])

    assert result.exit_code == 1
    assert "model.bin is missing" in result.output
    assert all(name in result.output for name in NEEDED)


def test_a_wrong_name_is_refused() -> None:
    """A model nobody knows is the caller's mistake."""
    assert isinstance(CliRunner().invoke(app, ["verify", "whisper-huge"]).exception, ArgumentInvalid)


def test_a_folder_is_asked_for_with_its_name() -> None:
    """`--from folder` without a folder is a mistake that is told."""
    assert isinstance(CliRunner().invoke(app, ["pull", "--from", "folder"]).exception, ArgumentInvalid)
