"""Which rule speaks for a place on a day, and which laws on AI disclosure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from compliance.consent import policy
from compliance.consent.jurisdiction import Whereabouts
from compliance.consent.law import STRICTEST, Continuing, Law, When
from compliance.consent.verdict import judge
from compliance.errors import PolicyInvalid
from compliance.records import AgentKind, Conversation, Outcome, Party, Recording, RecordingId, Role

DAY = date(2026, 11, 22)
BEFORE_THE_AI_ACT = date(2026, 8, 1)


@pytest.fixture(scope="module")
def abroad(law: Law) -> Law:
    """A law with a country and a union in it, whatever the folder holds."""
    (rule,) = law.rules["US-CA"]
    made = {code: (replace(rule, code=code),) for code in ("CA", "EU", "DE")}
    return replace(
        law,
        rules={**made, "US": law.rules["US"]},
        members={"EU": frozenset({"DE", "PT"})},
        stand_ins=frozenset(),
    )


@pytest.mark.parametrize(
    ("code", "source"),
    [("CA", "CA"), ("CA-ON", "CA"), ("DE", "DE"), ("DE-BY", "DE"), ("US", "US"), ("EU", "EU")],
)
def test_a_province_takes_the_rule_of_its_country(abroad: Law, code: str, source: str) -> None:
    """A number tells the province, and the law is the country's."""
    assert abroad.rule(code, DAY).code == source


@pytest.mark.parametrize("code", ["US-ZZ", "PT", "unknown", "ZZ", "ZZ-CA"])
def test_what_no_file_speaks_for_gets_the_strictest_rule(abroad: Law, code: str) -> None:
    """A state takes nothing from the federal floor, a country nothing from a union that does not offer it."""
    assert abroad.rule(code, DAY) is STRICTEST


def test_a_union_stands_in_for_its_members_where_its_file_says_so(abroad: Law) -> None:
    """A member with a file of its own keeps it; who is no member gets nothing."""
    willing = replace(abroad, stand_ins=frozenset({"EU"}))

    assert [willing.rule(code, DAY).code for code in ("PT", "PT-11", "DE")] == ["EU", "EU", "DE"]
    assert willing.rule("CH", DAY) is STRICTEST


def test_a_day_that_no_version_covers_gets_the_strictest_rule(abroad: Law) -> None:
    """A gap in a file is not filled from another file."""
    (rule,) = abroad.rules["DE"]
    gap = replace(abroad, rules={**abroad.rules, "DE": (replace(rule, effective_from=DAY),)})

    assert gap.rule("DE", DAY).code == "DE"
    assert replace(gap, stand_ins=frozenset({"EU"})).rule("DE", BEFORE_THE_AI_ACT) is STRICTEST


def _ids(law: Law, *codes: str, day: date = DAY) -> set[str]:
    return {rule.id for rule in law.ai_rules(codes, day) if rule.when is not When.NOT_ON_CALLS}


def test_a_state_has_its_own_laws_on_ai_and_the_federal_ones(law: Law) -> None:
    """What holds for the whole country holds in each state; a neighbour's law does not."""
    assert _ids(law, "US-ME") == {"us-ftc-5", "us-me"}
    assert _ids(law, "US-OH") == {"us-ftc-5"}
    assert _ids(law, "US-ME", "US-TX") == {"us-ftc-5", "us-me", "us-tx"}
    assert _ids(law, "GB") == set()


@pytest.mark.parametrize("code", ["EU", "DE", "DE-BY", "PT", "NO"])
def test_the_ai_act_holds_for_every_member(abroad: Law, code: str) -> None:
    """A rule of its own on recording makes a country no less a member; before its day the act is silent."""
    union = replace(abroad, members={"EU": frozenset({"DE", "PT", "NO"})})

    assert _ids(union, code) == {"eu-ai-act-50-1"}
    assert _ids(union, code, day=BEFORE_THE_AI_ACT) == set()


def test_an_unknown_place_is_under_every_law_in_force(law: Law) -> None:
    """Not known is never looser than known."""
    everywhere = set(law.ai_rules(["unknown"], DAY))

    assert everywhere == {rule for rule in law.ai if rule.covers(DAY)}
    assert {"eu-ai-act-50-1", "us-me", "us-ut-regulated"} <= {rule.id for rule in everywhere}


@pytest.mark.parametrize(
    ("day", "citation"),
    [
        (date(2024, 4, 30), None),
        (date(2024, 5, 1), "Utah S.B. 149 (2024)"),
        (date(2025, 5, 6), "Utah S.B. 149 (2024)"),
        (date(2025, 5, 7), "Utah Code §§ 13-75-103, 13-75-104"),
    ],
)
def test_the_version_of_an_ai_law_is_chosen_by_the_day(law: Law, day: date, citation: str | None) -> None:
    """A call is judged by the text that was in force when it was made."""
    found = [rule.citation for rule in law.ai_rules(["US-UT"], day) if rule.id == "us-ut-ask"]

    assert found == ([citation] if citation else [])


def test_an_ai_law_carries_the_file_it_came_from(law: Law) -> None:
    """So that a verdict on disclosure can be replayed too."""
    assert {rule.policy.file for rule in law.ai if rule.policy} == {
        path.relative_to(policy.packaged()).as_posix() for path in (policy.packaged() / "ai").rglob("*.yaml")
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    when: at-start", "    when: sometimes", "when"),
        ("    when: at-start", "    wenn: at-start", "wenn"),
        ('    citation: "10 M.R.S. § 1500-DD"', '    citation: ""', "citation"),
        ("id: us-me", "id: Maine", "id"),
        ("      from: 2025-09-24", "      from: September", "YYYY-MM-DD"),
    ],
)
def test_a_fault_in_an_ai_law_is_refused_with_file_and_line(
    policies: Path, old: str, new: str, said: str
) -> None:
    """The same door as for the rules on recording."""
    file = policies / "ai/us/me.yaml"
    text = file.read_text()
    assert text.count(old + "\n") == 1
    file.write_text(text.replace(old + "\n", new + "\n"))

    with pytest.raises(PolicyInvalid, match=r"^ai/us/me\.yaml:\d+: ") as caught:
        policy.load(policies)

    assert said in str(caught.value)


def test_an_ai_law_in_two_files_is_refused(policies: Path) -> None:
    """Ids name a law; two of one name would hide each other."""
    (policies / "ai/us/again.yaml").write_bytes((policies / "ai/us/me.yaml").read_bytes())

    with pytest.raises(PolicyInvalid, match=r"me\.yaml:2: us-me has a file already"):
        policy.load(policies)


def test_a_folder_without_laws_on_ai_is_refused(policies: Path) -> None:
    """No file is not the same as no law."""
    (policies / "ai/us/me.yaml").unlink()

    with pytest.raises(PolicyInvalid, match="ai: no policy files"):
        policy.load(policies)


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        (["A: This call is being recorded.", "C: I have a question."], Outcome.UNCERTAIN),
        (["A: May I record this call?", "C: Yes."], Outcome.SATISFIED),
        (["C: I have a question."], Outcome.MISSING),
    ],
)
def test_where_going_on_proves_nothing_a_yes_is_needed(
    abroad: Law, say: Any, lines: list[str], outcome: Outcome
) -> None:
    """A rule may ask for agreement in words; silence and going on are left to a person."""
    (rule,) = abroad.rules["DE"]
    strict = replace(rule, continuing=Continuing.NOT_ENOUGH)
    law = replace(abroad, rules={**abroad.rules, "DE": (strict,)})

    assert _between("DE", "US", say(*lines), law) is outcome
    assert _between("US", "DE", say(*lines), law) is outcome


def _between(caller: str, business: str, call: Conversation, law: Law) -> Outcome:
    parties = tuple(
        Party(role=role, number=place, channel=None, joined_ms=None)
        for role, place in ((Role.CALLER, caller), (Role.AGENT, business))
    )
    recording = Recording(
        id=RecordingId("rec_0"),
        profile="default",
        agent_kind=AgentKind.HUMAN,
        roles=(Role.AGENT, Role.CALLER),
        parties=parties,
        started_at_ms=None,
    )
    located = partial(Whereabouts, evidence="declared", is_weak=False)
    return judge(call, recording, law, on_date=DAY, locate=lambda place: located(jurisdiction=place)).outcome
