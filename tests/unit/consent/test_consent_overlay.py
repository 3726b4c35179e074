"""A business's own policies may tighten the law, and loosen it only with a name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from compliance.consent import policy
from compliance.consent.law import STRICTEST, Law
from compliance.errors import PolicyInvalid

DAY = date(2026, 11, 22)
PACKAGED = policy.packaged()
APPROVAL = """loosened_by:
  name: Ottoline Marsh
  role: general counsel
  on: 2026-10-01
  why: outside counsel read the statute
"""

Lay = Callable[..., Path]


@pytest.fixture
def lay(tmp_path: Path) -> Lay:
    """Puts a packaged file, changed, into an overlay folder."""

    def made(name: str, *changes: tuple[str, str], to: str | None = None, approval: str = "") -> Path:
        text = (PACKAGED / name).read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "overlay" / (to or name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + approval)
        return tmp_path / "overlay"

    return made


ALL_PARTY = (
    ("treat_as: one-party", "treat_as: all-party"),
    ("continuing: not-needed", "continuing: consent"),
)
ONE_PARTY = (
    ("rule: all-party", "rule: one-party"),
    ("treat_as: all-party", "treat_as: one-party"),
    ("continuing: consent", "continuing: not-needed"),
)

ONE_OF_ONE = ONE_PARTY[1:]
"""Of a rule that is one-party by law and treated as all-party."""


def _laid(folder: Path) -> Law:
    return policy.load(PACKAGED, folder)


def test_a_tighter_rule_takes_the_place_of_the_packaged_one(lay: Lay) -> None:
    """And the verdict's reference says from where it came."""
    law = _laid(lay("consent/us/tx.yaml", *ALL_PARTY, to="consent/tx.yaml"))
    rule = law.rule("US-TX", DAY)

    assert rule.is_all_party
    assert rule.policy is not None
    assert rule.policy.file == "overlay/consent/tx.yaml"
    assert rule.loosened_by is None
    assert law.rule("US-CA", DAY) == policy.load(PACKAGED).rule("US-CA", DAY)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("consent/us/ca.yaml", ONE_PARTY),
        ("consent/us/ca.yaml", (("continuing: consent", "continuing: notice-is-enough"),)),
        ("consent/us/ca.yaml", (("tone_is_notice: false", "tone_is_notice: true"),)),
        ("consent/us/wa.yaml", (('wording: "is"', 'wording: "may"'),)),
        ("consent/us/wa.yaml", (("inside_recording: true", "inside_recording: false"),)),
        ("consent/us/wi.yaml", (("needs: use-in-court", "needs: notice-is"),)),
        ("consent/intl/de.yaml", (("until: null", "until: 2026-12-31"),)),
        ("consent/intl/es.yaml", (("confidence: memory", "confidence: secondary"), *ONE_OF_ONE)),
        ("consent/intl/eu.yaml", (("PT, ", ""),)),
        ("consent/intl/de.yaml", (("continuing: not-enough", "continuing: consent"),)),
        ("ai/us/tx.yaml", (("when: at-start", "when: on-request"),)),
        ("ai/us/tx.yaml", (("until: null", "until: 2027-01-01"),)),
        ("ai/us/tx.yaml", (('jurisdiction: "US-TX"', 'jurisdiction: "US-OK"'),)),
    ],
)
def test_a_looser_rule_is_refused_unless_somebody_answers_for_it(
    lay: Lay, name: str, changes: tuple[tuple[str, str], ...]
) -> None:
    """File and line are named; with an approver it holds, and every reference shows it."""
    with pytest.raises(PolicyInvalid, match=rf"^overlay/{name}:\d+: asks for less than what it replaces"):
        _laid(lay(name, *changes))

    law = _laid(lay(name, *changes, approval=APPROVAL))
    rules = [*(rule for versions in law.rules.values() for rule in versions), *law.ai]
    marked = [rule for rule in rules if rule.loosened_by is not None]

    assert {rule.policy.file for rule in marked if rule.policy} == {f"overlay-loosening/{name}"}
    assert {rule.loosened_by.role for rule in marked if rule.loosened_by} == {"general counsel"}


def test_who_approved_is_shown_to_those_who_ask_and_nowhere_else(lay: Lay) -> None:
    """A name is a person's: it stays out of reprs, and so out of logs."""
    rule = _laid(lay("consent/us/ca.yaml", *ONE_PARTY, approval=APPROVAL)).rule("US-CA", DAY)

    assert rule.loosened_by is not None
    assert rule.loosened_by.name == "Ottoline Marsh"
    assert "Marsh" not in repr(rule)


def test_an_approval_that_was_not_needed_marks_nothing(lay: Lay) -> None:
    """The mark says that less is asked, not that somebody signed."""
    rule = _laid(lay("consent/us/tx.yaml", *ALL_PARTY, approval=APPROVAL)).rule("US-TX", DAY)

    assert rule.loosened_by is None
    assert rule.policy is not None
    assert rule.policy.file == "overlay/consent/us/tx.yaml"


def test_an_overlay_may_tighten_from_a_day_on(lay: Lay) -> None:
    """A version for the future may tighten, while the one of today stays as it is."""
    text = (PACKAGED / "consent/us/tx.yaml").read_text()
    head, _, version = text.partition("versions:\n")
    later = version.replace("from: null", "from: 2027-01-01")
    for old, new in ALL_PARTY:
        later = later.replace(old, new)
    folder = lay("consent/us/tx.yaml")
    (folder / "consent/us/tx.yaml").write_text(
        f"{head}versions:\n{version.replace('until: null', 'until: 2026-12-31')}{later}"
    )

    law = _laid(folder)

    assert not law.rule("US-TX", date(2026, 12, 31)).is_all_party
    assert law.rule("US-TX", date(2027, 1, 1)).is_all_party


def test_a_place_without_a_packaged_file_is_held_to_what_it_had(lay: Lay) -> None:
    """A new file for Switzerland stands against the strictest rule, one for Ontario against Canada's."""
    swiss = (('code: "DE"', 'code: "CH"'),)
    ontario = (('code: "CA"', 'code: "CA-ON"'), ("confidence: memory", "confidence: verified"))
    looser = (*ontario, *ONE_OF_ONE)

    law = _laid(lay("consent/intl/de.yaml", *swiss, to="consent/ch.yaml"))
    assert (law.rule("CH", DAY).code, law.rule("CH-ZH", DAY).code) == ("CH", "CH")

    assert (
        _laid(lay("consent/intl/ca.yaml", *ontario, to="consent/on.yaml")).rule("CA-ON", DAY).code == "CA-ON"
    )
    with pytest.raises(PolicyInvalid, match=r"on\.yaml:\d+: asks for less .*CA-ON"):
        _laid(lay("consent/intl/ca.yaml", *looser, to="consent/on.yaml"))


def test_files_of_an_overlay_are_held_to_the_packaged_law_and_not_to_each_other(lay: Lay) -> None:
    """To loosen Canada with a name does not loosen Ontario without one."""
    looser = (("confidence: memory", "confidence: verified"), *ONE_OF_ONE)
    lay("consent/intl/ca.yaml", *looser, approval=APPROVAL)
    folder = lay("consent/intl/ca.yaml", *looser, ('code: "CA"', 'code: "CA-ON"'), to="consent/intl/on.yaml")

    with pytest.raises(PolicyInvalid, match=r"on\.yaml:\d+: asks for less"):
        _laid(folder)


def test_a_law_on_ai_of_ones_own_is_added(lay: Lay) -> None:
    """House rules may ask for more than any legislature."""
    changes = (("id: us-me", "id: house-ohio"), ('jurisdiction: "US-ME"', 'jurisdiction: "US-OH"'))
    law = _laid(lay("ai/us/me.yaml", *changes, to="ai/house.yaml"))

    assert "house-ohio" in {rule.id for rule in law.ai_rules(["US-OH"], DAY)}
    assert [rule.id for rule in law.ai] == sorted(rule.id for rule in law.ai)


@pytest.mark.parametrize("name", ["tx.yaml", "consents/us/tx.yaml", "redaction/tx.yaml", "consent/us/tx.yml"])
def test_what_would_not_be_read_is_refused(lay: Lay, name: str) -> None:
    """A tightening in the wrong folder would be missed by nobody."""
    with pytest.raises(PolicyInvalid, match=rf"{Path(name).name}: "):
        _laid(lay("consent/us/tx.yaml", *ALL_PARTY, to=name))


@pytest.mark.parametrize("name", ["consent/Miss Marsh.yaml", "consent/TX.yaml", "consent/tä.yaml"])
def test_a_file_is_named_so_that_an_event_can_carry_it(lay: Lay, name: str) -> None:
    """The name goes into verdicts and events, which have no room for a sentence."""
    with pytest.raises(PolicyInvalid, match=r"named like us/ca\.yaml"):
        _laid(lay("consent/us/tx.yaml", *ALL_PARTY, to=name))


def test_an_empty_or_missing_overlay_is_refused(tmp_path: Path) -> None:
    """Whoever sets it means something by it."""
    with pytest.raises(PolicyInvalid, match="no such folder"):
        _laid(tmp_path / "nowhere")
    with pytest.raises(PolicyInvalid, match="holds no policy files"):
        _laid(tmp_path)


def test_a_fault_in_an_overlay_is_named_with_file_and_line(lay: Lay) -> None:
    """The same door as for every policy."""
    with pytest.raises(PolicyInvalid, match=r"^overlay/consent/us/tx\.yaml:\d+: .*treat_ass"):
        _laid(lay("consent/us/tx.yaml", ("treat_as", "treat_ass")))
    with pytest.raises(PolicyInvalid, match=r"^overlay/consent/us/tx\.yaml:\d+: loosened_by"):
        _laid(lay("consent/us/tx.yaml", *ALL_PARTY, approval="loosened_by: counsel\n"))


def test_the_law_itself_carries_no_approval(policies: Path) -> None:
    """Nothing is replaced there, so nothing can be loosened."""
    file = policies / "consent/us/ca.yaml"
    file.write_text(file.read_text() + APPROVAL)

    with pytest.raises(PolicyInvalid, match=r"ca\.yaml:\d+: only a file of an overlay loosens another"):
        policy.load(policies)


def test_a_union_that_no_longer_stands_in_leaves_its_members_with_the_strictest(lay: Lay) -> None:
    """No file is no looser than the union's, so this needs no approver."""
    law = _laid(lay("consent/intl/eu.yaml", ("stands_in_for_members: true", "stands_in_for_members: false")))

    assert law.rule("PT", DAY) is STRICTEST
