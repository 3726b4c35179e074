"""``compliance policy`` and ``compliance consent`` answer on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from compliance.cli import consent, policy
from compliance.consent.policy import packaged
from compliance.errors import ArgumentInvalid, PolicyInvalid
from compliance.schemas.check import faults

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPLIANCE_POLICIES", "COMPLIANCE_BUSINESS_NUMBER", "COMPLIANCE_EXPLICIT_CONSENT"):
        monkeypatch.delenv(name, raising=False)


def test_check_counts_what_it_read() -> None:
    """No news but a count is good news."""
    result = RUN.invoke(policy.app, ["check"])

    assert result.exit_code == 0
    assert "no fault found" in result.stdout
    assert "Without consent: hold." in result.stdout


def test_check_reads_the_obligations_too(tmp_path: Path) -> None:
    """What is done without consent is as much a policy as the law, and as strictly read."""
    folder = tmp_path / "policies"
    shutil.copytree(packaged(), folder)
    file = folder / "obligations.yaml"
    file.write_text(file.read_text().replace("  missing: hold\n  late", "  missing: release\n  late"))
    result = RUN.invoke(policy.app, ["check", "--policies", str(folder)])

    assert isinstance(result.exception, PolicyInvalid)
    assert str(result.exception).startswith("obligations.yaml:19: release loosens")


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


NUMBERS = ["--caller", "+14155550121", "--business", "+12145550188"]


def _explained(*arguments: str) -> dict[str, Any]:
    """What ``explain`` says as JSON, its contract kept."""
    result = RUN.invoke(consent.app, ["explain", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    assert faults(document) == []
    return document


def test_explain_says_which_rule_applies_without_repeating_the_numbers() -> None:
    """The strictest of both places, with its citation and a script."""
    document = _explained(*NUMBERS)

    assert (document["rule"], document["jurisdiction"]) == ("all-party", "US-CA")
    assert [place["jurisdiction"] for place in document["places"]] == ["US-TX", "US-CA"]
    assert document["consent"]["all_parties_must_agree"]
    assert "is being recorded" in document["script"]["text"]
    assert "5550121" not in json.dumps(document)


def test_explain_tells_people_what_to_say_and_why() -> None:
    """The script with its notice for late joiners, what each part is for, and the grounds."""
    shown = RUN.invoke(consent.app, ["explain", *NUMBERS, "--ask"], env={"COLUMNS": "300"}).stdout

    for told in ("is being recorded", "just joined", "clear yes", "Kearney", "§ 632", "way out (prudent)"):
        assert told in shown
    assert "5550121" not in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "withheld"),
        (["--caller", "+1415"], "malformed"),
        (["--caller", "+18005550143"], "toll_free"),
        (["--caller", "anonymous"], "withheld"),
    ],
)
def test_explain_takes_a_caller_who_cannot_be_placed_as_the_strictest(
    arguments: list[str], told: str
) -> None:
    """Leaving the caller out is not a way to a looser rule, and a slip of the pen is no error but unknown."""
    document = _explained("--business", "+12145550188", *arguments)

    assert (document["rule"], document["jurisdiction"]) == ("all-party", "unknown")
    assert told in {place["evidence"] for place in document["places"]}
    assert "counts as the strictest" in " ".join(document["reasoning"])


def test_explain_takes_the_word_of_the_business_for_a_caller_who_withholds_the_number() -> None:
    """And counts it beside a number that is there."""
    business = ["--business", "+12145550188", "--caller-place", "US-OH"]

    assert _explained(*business)["rule"] == "one-party"
    assert _explained(*business, "--caller", "+14155550121")["jurisdiction"] == "US-CA"


def test_explain_counts_every_caller() -> None:
    """The strictest of all of them."""
    several = ["--business", "+12145550188", "--caller", "+12145550121", "--caller", "+14155550121"]

    assert _explained(*several)["jurisdiction"] == "US-CA"


def test_explain_asks_a_machine_and_a_person_different_things() -> None:
    """Whoever is no machine has nothing to disclose."""
    machine, person = (_explained(*NUMBERS, "--agent", kind) for kind in ("ai", "human"))

    assert machine["if_asked_whether_machine"]
    assert person["if_asked_whether_machine"] is None
    assert "ai_disclosure" not in {each["says"] for each in person["to_say"]}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("COMPLIANCE_BUSINESS_PLACES", "US-WA,US-TX", {"US-WA", "US-TX"}),
        ("COMPLIANCE_AGENT_PLACE", "US-FL", {"US-FL"}),
        ("COMPLIANCE_RECORDER_REGION", "US-VA", {"US-VA"}),
    ],
)
def test_explain_counts_what_the_deployment_declares(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: set[str]
) -> None:
    """The places in the settings are places of every call."""
    monkeypatch.setenv(name, value)
    found = {place["jurisdiction"] for place in _explained("--caller", "+12145550121")["places"]}

    assert told <= found


def test_explain_goes_by_the_day(policies: Path) -> None:
    """On a day for which a file has no rule, the strictest holds."""
    file = policies / "consent/us/ca.yaml"
    file.write_text(file.read_text().replace("from: null", "from: 2026-01-01", 1))
    there = ["--caller", "+14155550121", "--business", "+14155550188", "--policies", str(policies)]

    assert _explained(*there, "--date", "2026-11-22")["jurisdiction"] == "US-CA"
    assert _explained(*there, "--date", "2025-11-22")["jurisdiction"] == "unknown"
