"""A run told to people."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console

from compliance.cli.summary import safe, show


def shown(manifest, files=()) -> str:
    """What is printed, wide and without colours."""
    console = Console(file=StringIO(), width=200)
    show(manifest, files, console)
    return console.file.getvalue()


def test_findings_are_counted_and_timed_by_kind(manifest) -> None:
    """Each kind with how often, how long, and how many are cut; the longest first."""
    lines = [line.split() for line in shown(manifest).splitlines()]

    assert ["CREDIT_CARD", "2", "2.5", "2"] in lines
    assert ["PERSON", "1", "0.5", "1"] in lines
    assert ["in", "all", "3", "3.0", "3"] in lines


def test_what_is_up_for_review_is_told(manifest) -> None:
    """It counts as cut, and its kinds are named; without any there is no such line."""
    assert "up for review" not in shown(manifest)
    manifest["findings"][0]["action"] = "review"
    text = shown(manifest)

    assert "1 up for review, cut until a person restores them" in text
    assert ["in", "all", "3", "3.0", "3"] in [line.split() for line in text.splitlines()]


def test_the_verdict_comes_with_its_rule_and_citation(manifest) -> None:
    """Whoever reads the verdict reads what it rests on."""
    text = shown(manifest)

    assert "satisfied · all-party rule of US-CA" in text
    assert "Cal. Penal Code § 632" in text
    assert "Notice was given in time." in text
    assert "AI disclosure: untrue · so: hold" in text


def test_a_hold_says_why_and_what_to_do(manifest) -> None:
    """Reasons stand with their sentences."""
    manifest["release"] = {"decision": "held", "reasons": ["consent_missing"]}
    text = shown(manifest)

    assert "consent_missing: The law that applies asks for notice or consent, and none was heard." in text
    assert "release or destroy" in text


def test_a_run_that_was_held_early_is_told_as_far_as_it_came(manifest) -> None:
    """Without verdict, verification and timings there is still a summary."""
    manifest |= {"consent": None, "verification": None, "findings": [], "cuts": [], "timings": {"total": 0}}
    manifest["recording"] |= {"duration_ms": None, "channels": []}
    manifest["release"] = {"decision": "held", "reasons": ["language_not_supported"]}

    assert "language_not_supported" in shown(manifest)


def test_nothing_from_outside_is_obeyed(manifest) -> None:
    """Neither a terminal's control characters nor rich's markup in a folder's name have an effect."""
    text = shown(manifest, [Path("/tmp/[red]call[/]\x1b[2J\u202egg/redacted.ogg")])

    assert "[red]call[/]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert safe("\x9b31m\r\n").plain == "\\x9b31m\\r\\n"
