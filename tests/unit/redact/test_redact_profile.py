"""Redaction profiles: those that ship, and files that cannot be read."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.errors import ArgumentInvalid, PolicyInvalid
from compliance.records import Action, Entity, Method, Originals
from compliance.redact.profile import SENSITIVE_AUTHENTICATION_DATA, choose, load, made
from compliance.redact.treatment import Lines

SHIPPED = Path(__file__).resolve().parents[3] / "policies" / "redaction"
PCI = (SHIPPED / "pci.yaml").read_text()
PADS = next(line for line in PCI.splitlines() if line.startswith("pads:"))


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


def test_pads_are_fitted_or_given(folder: Path) -> None:
    """A profile takes what was fitted, or tells its own."""
    assert choose(load(SHIPPED), "pci").pads is None
    written(folder, PADS, "pads: {before_ms: 200, after_ms: 500}")
    pads = choose(load(folder), "pci").pads

    assert pads is not None
    assert (pads.before_ms, pads.after_ms) == (200, 500)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("originals: destroy", "originals: destroy\nmethodd: tone", "methodd"),
        (PADS, "pads: {before_ms: -1, after_ms: 0}", "pads.before_ms"),
        (PADS, "pads: {before_ms: soon, after_ms: 0}", "pads.before_ms"),
        (PADS, "pads: {before_ms: 0}", "pads.after_ms"),
        (PADS, "pads: wide", "pads: is neither 'fitted' nor before_ms and after_ms"),
        (PADS, "pads:", "pads: is neither 'fitted' nor before_ms and after_ms"),
        ("methods: {}", "methods: {CREDITCARD: tone}", "methods.CREDITCARD"),
        ("default: cut", "default: maybe", "entities.default"),
        ("originals: destroy", "originals: forget", "originals"),
        ("on_hold: write_redacted", "", "on_hold"),
        ("redaction-profile/1", "redaction-profile/9", "schema"),
        ("methods: {}", "methods: {CREDITCARD: tone}", "is no kind of finding; did you mean CREDIT_CARD?"),
        ("default: cut", "default: cut\n  CREDITCARD: cut", "did you mean CREDIT_CARD?"),
        ("default: cut", "default: cut\n  PIN: cut\n  PIN: keep", "stands twice"),
        ("default: cut", "default: cut\n  PERSON: keep_last_four", "keep_last_four is only for"),
        ("default: cut", "default: keep_last_four", "keep_last_four is only for"),
        ("default: cut", "default: cut\n  CREDIT_CARD: keep_first_three", "is only for ZIP_CODE"),
        (
            "methods: {}",
            "methods: {}\nthresholds: {PERSON: {cut: 0.3, review: 0.5}}",
            "review lies above cut",
        ),
        ("methods: {}", "methods: {}\nthresholds: {PERSON: {cut: 1.5}}", "thresholds.PERSON.cut"),
        ("methods: {}", "methods: {}\nthresholds: {PERSONS: {cut: 0.5}}", "did you mean PERSON?"),
        ("methods: {}", "methods: {}\nages_kept_to: 90", "ages_kept_to"),
        ("methods: {}", "methods: {}\nzips_withheld: ['36']", "zips_withheld.0"),
        ("methods: {}", "methods: {}\ncustom: [{name: X, pattern: '(a+)+$'}]", "repeats without end"),
        ("methods: {}", "methods: {}\ncustom: [{name: X, pattern: '(\\w+ ?)*b'}]", "custom.0.pattern: "),
        ("methods: {}", "methods: {}\ncustom: [{name: X, pattern: 'a('}]", "is no pattern"),
        ("methods: {}", "methods: {}\ncustom: [{name: X, pattern: 'a*'}]", "matches where nothing is said"),
        ("methods: {}", "methods: {}\ncustom: [{name: x, pattern: 'a'}]", "custom.0.name"),
        (
            "methods: {}",
            "methods: {}\ncustom: [{name: X, pattern: a, entity: BADGE}]",
            "is no kind of finding",
        ),
        ("methods: {}", "methods: {}\nwords: [{name: X, phrases: []}]", "words.0.phrases"),
        ("methods: {}", "methods: {}\nwords: [{name: X, phrases: ['..']}]", "words.0.phrases.0"),
        (
            "methods: {}",
            "methods: {}\ncustom: [{name: X, pattern: a}]\nwords: [{name: X, phrases: [ab]}]",
            "the name stands twice",
        ),
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
    written(folder, PADS, "pads:\n  before_ms: -1\n  after_ms: 0")
    line = 2 + PCI.splitlines().index(PADS)
    with pytest.raises(PolicyInvalid, match=rf"^own\.yaml, line {line}: "):
        load(folder)


def test_the_line_of_a_rule_is_its_own(folder: Path) -> None:
    """Of several rules the faulty one's line is named."""
    rules = "custom:\n  - {name: A, pattern: a}\n  - name: B\n    pattern: '(b*)*c'\n"
    (folder / "own.yaml").write_text(PCI + rules)
    line = 1 + (PCI + rules).splitlines().index("    pattern: '(b*)*c'")
    with pytest.raises(PolicyInvalid, match=rf"^own\.yaml, line {line}: custom\.1\.pattern: "):
        load(folder)


def test_two_files_of_one_name_are_refused(folder: Path) -> None:
    """Which of two profiles a name means must not hang on the order of files."""
    (folder / "one.yaml").write_text(PCI)
    (folder / "two.yaml").write_text(PCI)
    with pytest.raises(PolicyInvalid, match=r"^two\.yaml, line 1: one\.yaml is named pci too"):
        load(folder)


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00",
        b"\x00",
        b"a: 2024-13-45",
        b"? {a: b}\n: c",
        b"!!int ''",
        b"=: =",
        b"[" * 5_000,
        b"a: &a [*a]",
        b"a: &a {b: *a}\n<<: *a",
        b"!!python/object/apply:os.system [ls]",
        b"-",
        b"",
        b"x" * 1_000_001,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_odd_bytes_are_refused(body: bytes) -> None:
    """Whatever PyYAML stumbles over is a fault of the file, with a line."""
    with pytest.raises(PolicyInvalid, match=r"^own\.yaml, line \d+: "):
        made("own.yaml", body)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    """Arbitrary bytes are a profile or a fault of the file."""
    with pytest.raises(PolicyInvalid, match=r"^own\.yaml, line \d+: "):
        made("own.yaml", body)


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.dates()
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain, inner, max_size=3), max_leaves=6
)


@settings(deadline=None)
@given(
    st.sampled_from([*sorted(yaml.safe_load(PCI)), "thresholds", "custom", "words", "ages_kept_to"]), values
)
def test_no_value_raises_anything_else(key: str, value: object) -> None:
    """A profile with an arbitrary value under one of its keys is read, or is at fault."""
    body = yaml.safe_dump({**yaml.safe_load(PCI), key: value}).encode()
    with suppress(PolicyInvalid):
        made("own.yaml", body)


numbers = st.sampled_from((Entity.CREDIT_CARD, Entity.US_SSN, Entity.PHONE_NUMBER))
actions = st.dictionaries(
    st.sampled_from(list(Entity)), st.sampled_from((Action.CUT, Action.KEEP, Action.REVIEW))
)
scores = st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted)


@settings(deadline=None)
@given(actions, st.dictionaries(numbers, st.just(Action.KEEP_LAST_FOUR)), st.dictionaries(numbers, scores))
def test_what_is_written_is_read(
    some: dict[Entity, Action], others: dict[Entity, Action], lines: dict[Entity, list[float]]
) -> None:
    """Actions and thresholds come back as they were written, and every other kind has the default's."""
    given_ = {"default": "review"} | {str(k): str(v) for k, v in (some | others).items()}
    thresholds = {str(k): {"review": low, "cut": high} for k, (low, high) in lines.items()}
    body = yaml.safe_dump(yaml.safe_load(PCI) | {"entities": given_, "thresholds": thresholds})
    treatment = made("own.yaml", body.encode()).treatment

    assert treatment.actions == dict.fromkeys(Entity, Action.REVIEW) | some | others
    assert treatment.lines == dict.fromkeys(Entity, Lines()) | {
        k: Lines(review=low, cut=high) for k, (low, high) in lines.items()
    }


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
    with pytest.raises(
        ArgumentInvalid, match="there are: default, gdpr, hipaa-safe-harbor, numbers-only, pci"
    ):
        choose(load(SHIPPED), "pcy")
