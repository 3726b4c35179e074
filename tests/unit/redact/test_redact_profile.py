"""Redaction profiles: those that ship, and files that cannot be read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from compliance.errors import ArgumentInvalid, PolicyInvalid
from compliance.records import Action, Entity, Method, Originals
from compliance.redact.profile import SENSITIVE_AUTHENTICATION_DATA, choose, load

SHIPPED = Path(__file__).resolve().parents[3] / "policies" / "redaction"
PCI = (SHIPPED / "pci.yaml").read_text()


def test_every_kind_of_finding_has_its_action_and_method() -> None:
    """A profile says of every kind there is what is done with it; a kind that is new to it is cut."""
    for profile in load(SHIPPED).values():
        assert set(profile.actions) == set(profile.methods) == set(Entity)


def test_codes_and_pins_are_always_cut() -> None:
    """No shipped profile keeps a security code, a PIN or a card number."""
    for profile in load(SHIPPED).values():
        for entity in (*SENSITIVE_AUTHENTICATION_DATA, Entity.CREDIT_CARD):
            assert profile.actions[entity] is Action.CUT


def test_pci_keeps_no_authentication_data_and_destroys_originals() -> None:
    """Under pci a held recording keeps no code or PIN, and the original is destroyed (PCI DSS 3.3.1)."""
    profile = choose(load(SHIPPED), "pci")

    assert not profile.keeps_authentication_data
    assert profile.originals is Originals.DESTROY


def test_a_profile_is_known_by_its_digest() -> None:
    """A profile names its file and the SHA-256 of its bytes, so that a decision can be replayed."""
    profile = choose(load(SHIPPED), "pci")

    assert profile.ref.file == "redaction/pci.yaml"
    assert profile.ref.sha256 == hashlib.sha256(PCI.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for one profile."""
    return tmp_path


def written(folder: Path, old: str, new: str) -> Path:
    """The pci profile with one place changed."""
    assert old in PCI
    (folder / "own.yaml").write_text(PCI.replace(old, new, 1))
    return folder


def test_a_kind_can_be_treated_by_itself(folder: Path) -> None:
    """A kind that is named has its own action or method, and the others keep the default's."""
    written(folder, "methods: {}", "methods: {CREDIT_CARD: silence}")
    profile = choose(load(folder), "pci")

    assert profile.methods[Entity.CREDIT_CARD] is Method.SILENCE
    assert profile.methods[Entity.PERSON] is Method.TONE


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("originals: destroy", "originals: destroy\nmethodd: tone", "methodd"),
        ("before_ms: 400", "before_ms: -1", "pads.before_ms"),
        ("before_ms: 400", "before_ms: soon", "pads.before_ms"),
        ("methods: {}", "methods: {CREDITCARD: tone}", "methods.CREDITCARD"),
        ("default: cut", "default: maybe", "entities.default"),
        ("originals: destroy", "originals: forget", "originals"),
        ("on_hold: write_redacted", "", "on_hold"),
        ("redaction-profile/1", "redaction-profile/9", "schema"),
    ],
)
def test_a_fault_is_named_with_file_and_line(folder: Path, old: str, new: str, told: str) -> None:
    """An unknown key, a bad value or a missing one is refused, with file and line."""
    written(folder, old, new)
    with pytest.raises(PolicyInvalid, match=r"^own\.yaml, line (\d+): ") as caught:
        load(folder)

    assert told in str(caught.value)


def test_the_line_is_the_one_at_fault(folder: Path) -> None:
    """The line named is the one on which the faulty key stands."""
    written(folder, "before_ms: 400", "before_ms: -1")
    line = 1 + PCI.splitlines().index("  before_ms: 400")
    with pytest.raises(PolicyInvalid, match=rf"^own\.yaml, line {line}: "):
        load(folder)


def test_what_is_no_yaml_is_refused_with_its_line(folder: Path) -> None:
    """A file that is no YAML at all is refused with the line where it stops to be."""
    (folder / "own.yaml").write_text(PCI + "\n- [\n")
    with pytest.raises(PolicyInvalid, match=r"^own\.yaml, line \d+: "):
        load(folder)


def test_an_empty_folder_is_refused(folder: Path) -> None:
    """Without any profile nothing can be decided."""
    with pytest.raises(PolicyInvalid, match="no redaction profiles"):
        load(folder)


def test_an_unknown_name_lists_those_there_are() -> None:
    """Whoever names a profile that is not there is told those that are."""
    with pytest.raises(ArgumentInvalid, match="there are: default, hipaa, pci"):
        choose(load(SHIPPED), "pcy")
