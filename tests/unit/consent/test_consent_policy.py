"""Policy files are read strictly, and a fault is named with its file and line."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from compliance.consent import policy
from compliance.consent.law import STRICTEST, Law
from compliance.errors import PolicyInvalid

DAY = date(2026, 11, 22)


def test_a_rule_carries_the_digest_of_the_very_file_it_came_from(law: Law) -> None:
    """The digest in a verdict is that of the bytes that were read."""
    ref = law.rule("US-CA", DAY).policy

    assert ref is not None
    data = (policy.packaged() / ref.file).read_bytes()
    assert (ref.file, ref.sha256) == ("consent/us/ca.yaml", hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    continuing: consent", "    continueing: consent", "continueing"),
        ("    confidence: verified", "    confidence: certain", "confidence"),
        ("    checked_on: 2026-11-22", "    checked_on: 2026-13-22", "checked_on"),
        ("    checked_on: 2026-11-22", "    checked_on: yesterday", "YYYY-MM-DD"),
        ("    rule: all-party", "    rule: two-party", "rule"),
        ("    treat_as: all-party", "    treat_as: one-party", "cannot be treated as one-party"),
        ("    continuing: consent", "    continuing: not-needed", "continuing: not-needed belongs"),
        ("      tone_is_notice: false", "      tone_is_notice: 0", "tone_is_notice"),
        ("      until: null", "      until: 2026-02-30", "until"),
        (
            "      from: null\n      until: null",
            "      from: 2026-01-02\n      until: 2026-01-01",
            "until: it ends",
        ),
        ('name: "California"', 'name: "California"\nmembers: [Nevada]', "members"),
        ("    condition: null", "    condition: sometimes", "condition"),
        ("      inside_recording: false", "      inside_recording: 'no'", "inside_recording"),
        ('code: "US-CA"', 'code: "California"', "code"),
        ('name: "California"', 'name: ""', "name"),
        ("    continuing: consent", "    continuing: consent\n    continuing: not-needed", "twice"),
        ("    rule: all-party", "    rule: [all-party", "expected"),
        ("      from: null", "      from: 2030-01-01\n      to: null", "to"),
    ],
)
def test_a_fault_is_refused_with_file_and_line(policies: Path, old: str, new: str, said: str) -> None:
    """A misspelt key, a wrong word, a bad date, a key given twice: file, line and key are named."""
    file = policies / "consent/us/ca.yaml"
    text = file.read_text()
    assert text.count(old + "\n") == 1
    file.write_text(text.replace(old + "\n", new + "\n"))

    with pytest.raises(PolicyInvalid, match=r"^consent/us/ca\.yaml:\d+: ") as caught:
        policy.load(policies)

    assert said in str(caught.value)
    named = int(str(caught.value).split(":")[1])
    at = text.splitlines().index(old.splitlines()[0]) + 1
    assert at <= named <= at + 1


def test_the_line_named_is_the_line_at_fault(policies: Path) -> None:
    """For an unknown key the line is exact."""
    file = policies / "consent/us/ca.yaml"
    lines = file.read_text().splitlines()
    place = lines.index("    confidence: verified")
    lines.insert(place, "    confidense: verified")
    file.write_text("\n".join(lines))

    with pytest.raises(PolicyInvalid, match=rf"ca\.yaml:{place + 1}: .*confidense"):
        policy.load(policies)


def test_yaml_guesses_no_truth_from_a_word(policies: Path) -> None:
    """Norway's code is no falsehood, and only true and false are truths."""
    file = policies / "consent/us/ca.yaml"
    text = file.read_text()
    file.write_text(text.replace('name: "California"', "name: NO\nmembers: [NO]"))

    assert policy.load(policies).members == {"US-CA": frozenset({"NO"})}

    file.write_text(text.replace("tone_is_notice: false", "tone_is_notice: off"))
    with pytest.raises(PolicyInvalid, match="tone_is_notice"):
        policy.load(policies)


def test_a_missing_citation_is_refused(policies: Path) -> None:
    """A rule without statutes is no rule."""
    file = policies / "consent/us/ca.yaml"
    kept, _, rest = file.read_text().partition("    statutes:\n")
    file.write_text(kept + "    statutes: []\n" + rest[rest.index("    cases:") :])

    with pytest.raises(PolicyInvalid, match="statutes"):
        policy.load(policies)


def test_the_same_jurisdiction_in_two_files_is_refused(policies: Path) -> None:
    """Which of the two would hold is not for the order of files to decide."""
    file = policies / "consent/us/ca.yaml"
    (policies / "consent/us/cal.yaml").write_bytes(file.read_bytes())

    with pytest.raises(PolicyInvalid, match=r"cal\.yaml:2: US-CA has a file already"):
        policy.load(policies)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"- 1\n",
        b"a: &x\n  b: *y\n",
        b"a: &x [1]\nb: *x\n",
        b"&x [*x]\n",
        b"? [a]\n: b\n",
        b"? {a: b}\n: c\n",
        b"a: !!python/name:os.system\n",
        b"a: 1\n---\nb: 2\n",
    ],
)
def test_what_is_no_policy_at_all_is_refused(policies: Path, data: bytes) -> None:
    """An empty file, bytes that are no text, a list, anchors, keys that are no words, tags, two documents."""
    (policies / "consent/us/ca.yaml").write_bytes(data)

    with pytest.raises(PolicyInvalid, match=r"ca\.yaml:\d+: "):
        policy.load(policies)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """No policies is not the same as no law."""
    with pytest.raises(PolicyInvalid, match="no policy files"):
        policy.load(tmp_path)


def _two_versions(policies: Path, until: str) -> None:
    file = policies / "consent/us/ca.yaml"
    head, _, version = file.read_text().partition("versions:\n")
    older = version.replace("until: null", f"until: {until}").replace(
        "confidence: verified", "confidence: secondary"
    )
    newer = version.replace("from: null", "from: 2026-01-01")
    file.write_text(f"{head}versions:\n{older}{newer}")


def test_the_version_in_force_on_the_day_of_the_call_is_taken(policies: Path) -> None:
    """Versions of one rule stand side by side; the call's date chooses."""
    _two_versions(policies, "2025-12-31")
    law = policy.load(policies)

    assert law.rule("US-CA", date(2025, 12, 31)).confidence == "secondary"
    assert law.rule("US-CA", date(2026, 1, 1)).confidence == "verified"


def test_two_versions_for_one_day_are_refused(policies: Path) -> None:
    """Two rules in force at once would make the verdict a matter of order."""
    _two_versions(policies, "2026-01-01")

    with pytest.raises(PolicyInvalid, match="two versions"):
        policy.load(policies)


@pytest.mark.parametrize("code", ["unknown", "US-ZZ", "US-AS", "CH"])
def test_a_place_without_a_file_gets_the_strictest_rule(law: Law, code: str) -> None:
    """Not known is never looser than known."""
    assert law.rule(code, DAY) is STRICTEST
    assert STRICTEST.is_all_party
