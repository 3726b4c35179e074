"""``compliance policy`` and ``compliance consent`` answer on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from compliance.cli import consent, policy
from compliance.errors import ArgumentInvalid, PolicyInvalid

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPLIANCE_POLICIES", "COMPLIANCE_BUSINESS_NUMBER"):
        monkeypatch.delenv(name, raising=False)


def test_check_counts_what_it_read() -> None:
    """No news but a count is good news."""
    result = RUN.invoke(policy.app, ["check"])

    assert result.exit_code == 0
    assert "no fault found" in result.stdout


def test_check_refuses_a_spoilt_folder(policies: Path) -> None:
    """The fault is raised with file and line; the command's frame prints it and exits with 2."""
    (policies / "consent/us/ca.yaml").write_text("code: 1\n")

    result = RUN.invoke(policy.app, ["check", "--policies", str(policies)])

    assert isinstance(result.exception, PolicyInvalid)
    assert result.exception.exit_code == 2


@pytest.mark.parametrize("code", ["CA", "us-ca", "US-CA"])
def test_show_gives_the_rule_with_what_is_not_verified(code: str) -> None:
    """A reader sees how far the entry can be trusted."""
    document = json.loads(RUN.invoke(policy.app, ["show", code, "--json"]).stdout)

    (rule,) = document["rules"]
    assert document["schema"] == "compliance/policy/1"
    assert (rule["code"], rule["rule"], rule["checked_on"]) == ("US-CA", "all-party", "2026-11-22")
    assert rule["unverified"]
    assert "California" in RUN.invoke(policy.app, ["show", code]).stdout


def test_show_says_that_an_unknown_place_counts_as_all_party() -> None:
    """No file is not the same as no rule."""
    result = RUN.invoke(policy.app, ["show", "ZZ"])

    assert isinstance(result.exception, ArgumentInvalid)
    assert "all-party" in str(result.exception)


def test_the_table_has_every_jurisdiction() -> None:
    """One line for each file."""
    document = json.loads(RUN.invoke(policy.app, ["table", "--json"]).stdout)

    codes = [rule["code"] for rule in document["rules"]]
    assert {"US", "US-CA", "US-WI"} <= set(codes)
    shown = RUN.invoke(policy.app, ["table"], env={"COLUMNS": "200"}).stdout
    assert all(code in shown for code in codes)


def test_explain_says_which_rule_applies_without_repeating_the_numbers() -> None:
    """The strictest of both places, with its citation and a script."""
    numbers = ["--caller", "+14155550121", "--business", "+12145550188"]
    result = RUN.invoke(consent.app, ["explain", *numbers, "--json"])
    document = json.loads(result.stdout)

    assert (document["rule"], document["jurisdiction"]) == ("all-party", "US-CA")
    assert [place["jurisdiction"] for place in document["places"]] == ["US-TX", "US-CA"]
    assert document["notice_needed"]
    assert "being recorded" in document["script"]
    assert "5550121" not in result.stdout
    assert "California" in RUN.invoke(consent.app, ["explain", *numbers], env={"COLUMNS": "200"}).stdout


def test_explain_takes_a_withheld_number_as_the_strictest() -> None:
    """Leaving the caller out is not a way to a looser rule."""
    result = RUN.invoke(consent.app, ["explain", "--business", "+12145550188", "--json"])

    assert json.loads(result.stdout)["rule"] == "all-party"
