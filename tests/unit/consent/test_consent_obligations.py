"""What follows from a verdict: which acts are ordered, what they take, and when they are refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_consent_decide import (
    AGENT,
    BOTH,
    CALLER,
    LATER,
    LAW,
    MONO,
    WITHIN,
    any_facts,
    facts,
    heard,
    line,
    notice,
    span,
)

from compliance.consent import ending, obligations_file, policy
from compliance.consent.decide import decide
from compliance.consent.facts import Facts
from compliance.consent.notice import Answer, Force
from compliance.consent.obligations import HOLDING, Orders
from compliance.errors import PolicyInvalid
from compliance.records import Act, AgentKind, AiOutcome, Outcome, Role

SHIPPED = obligations_file.load(policy.packaged())
BEFORE = (Act.CUT_BEFORE_NOTICE, Act.RELEASE)
AFTER = (Act.CUT_AFTER_OBJECTION, Act.RELEASE)


def orders(**acts: tuple[Act, ...]) -> Orders:
    """The defaults, but for the outcomes named."""
    return replace(HOLDING, recording={**HOLDING.recording, **{Outcome(k): v for k, v in acts.items()}})


EVERYONE = replace(orders(withdrawn=AFTER), silences_everyone=True)
MARKING = replace(HOLDING, one_party={Outcome.WITHDRAWN: (Act.KEEP_MARKED,)})
LATE = facts(heard=heard(notices=(notice(20),)))
WITHDRAWN = facts(heard=heard(notices=(notice(2),), objections=(span(30, 32),)))
OBJECTED = facts(heard=heard(notices=(notice(2),), objections=(span(5, 6),)))
REFUSED = facts(heard=heard(notices=(notice(2, Force.ASKED),), answer=Answer.NO))
LEAKY = replace(WITHDRAWN, lines=(replace(BOTH[0], hears=(CALLER,)), BOTH[1]))

ACTS: Sequence[tuple[str, Facts, Orders, tuple[Act, ...], list[tuple[int, int, int]]]] = [
    ("held by default", LATE, HOLDING, (Act.HOLD,), []),
    ("released", facts(heard=heard(notices=(notice(2),))), HOLDING, (Act.RELEASE,), []),
    # Before a late notice: up to it on its channel, to its end on the other.
    ("cut before", LATE, orders(late=BEFORE), BEFORE, [(0, 0, 20_000), (1, 0, 22_000)]),
    (
        "the greeting that says what it is stays",
        replace(LATE, heard=replace(LATE.heard, ai_disclosures=(span(1, 3, AGENT),))),
        orders(late=BEFORE),
        BEFORE,
        [(0, 0, 1_000), (0, 3_000, 20_000), (1, 0, 22_000)],
    ),
    (
        "but nobody went on after it",
        replace(LATE, lines=(BOTH[0], line(CALLER, Role.CALLER, 15))),
        orders(late=BEFORE),
        (Act.CUT_BEFORE_NOTICE, Act.HOLD),
        [(0, 0, 20_000), (1, 0, 22_000)],
    ),
    (
        "may be is no notice before which to cut, where is is asked",
        facts("US-TX", "US-WA", heard=heard(notices=(notice(20, Force.MAY),))),
        orders(late=BEFORE),
        (Act.HOLD,),
        [],
    ),
    (
        "the notice that a late joiner heard counts",
        replace(LATE, heard=heard(notices=(notice(20), notice(31))), arrivals=(WITHIN, LATER)),
        orders(late=BEFORE),
        BEFORE,
        [(0, 0, 20_000), (0, 22_000, 31_000), (1, 0, 33_000)],
    ),
    (
        "on one channel nobody can tell who goes on",
        replace(LATE, lines=MONO),
        orders(late=BEFORE),
        (Act.CUT_BEFORE_NOTICE, Act.HOLD),
        [(0, 0, 20_000)],
    ),
    # After an objection.
    ("cut after", WITHDRAWN, orders(withdrawn=AFTER), AFTER, [(1, 32_000, 60_000)]),
    ("everyone is cut", WITHDRAWN, EVERYONE, AFTER, [(0, 32_000, 60_000), (1, 32_000, 60_000)]),
    (
        "who leaks is cut there too",
        LEAKY,
        orders(withdrawn=AFTER),
        AFTER,
        [(0, 32_000, 60_000), (1, 32_000, 60_000)],
    ),
    (
        "one channel for everybody",
        replace(WITHDRAWN, lines=MONO, heard=replace(WITHDRAWN.heard, objections=(span(30, 32, AGENT),))),
        orders(withdrawn=AFTER),
        AFTER,
        [(0, 32_000, 60_000)],
    ),
    ("objected at once", OBJECTED, orders(objected=AFTER), AFTER, [(1, 6_000, 60_000)]),
    ("refused", REFUSED, orders(objected=AFTER), AFTER, [(1, 4_000, 60_000)]),
    (
        "refused, and told later all the same",
        replace(REFUSED, heard=replace(REFUSED.heard, notices=(notice(2, Force.ASKED), notice(30)))),
        orders(objected=AFTER),
        AFTER,
        [(1, 4_000, 60_000)],
    ),
    (
        "refused, and where it was asked is not known",
        facts(heard=heard(answer=Answer.NO)),
        orders(objected=AFTER),
        (Act.HOLD,),
        [],
    ),
    (
        "the first of two objections counts",
        replace(WITHDRAWN, heard=replace(WITHDRAWN.heard, objections=(span(30, 32), span(40, 42)))),
        orders(withdrawn=AFTER),
        AFTER,
        [(1, 32_000, 60_000)],
    ),
    (
        "agreed again: the yes stays, the rest goes all the same",
        replace(WITHDRAWN, heard=replace(WITHDRAWN.heard, answer=Answer.YES, answers=(span(40, 41),))),
        orders(withdrawn=AFTER),
        AFTER,
        [(1, 32_000, 40_000), (1, 41_000, 60_000)],
    ),
    (
        "what was before the objection nobody agreed to",
        replace(WITHDRAWN, heard=heard(objections=(span(30, 32),))),
        orders(withdrawn=AFTER),
        (Act.CUT_AFTER_OBJECTION, Act.HOLD),
        [(1, 32_000, 60_000)],
    ),
    (
        "a notice after the objection does not cover what was before",
        replace(WITHDRAWN, heard=heard(notices=(notice(40),), objections=(span(30, 32),))),
        orders(withdrawn=AFTER),
        (Act.CUT_AFTER_OBJECTION, Act.HOLD),
        [(1, 32_000, 60_000)],
    ),
    (
        "under a one-party rule it needs no notice",
        facts("US-TX", "US-TX", heard=heard(objections=(span(30, 32),))),
        orders(withdrawn=AFTER),
        AFTER,
        [(1, 32_000, 60_000)],
    ),
    # Marked, destroyed, and the machine's duty.
    (
        "marked under a one-party rule",
        facts("US-TX", "US-TX", heard=WITHDRAWN.heard),
        MARKING,
        (Act.KEEP_MARKED,),
        [],
    ),
    ("and not under another", WITHDRAWN, MARKING, (Act.HOLD,), []),
    ("destroyed", WITHDRAWN, orders(withdrawn=(Act.DESTROY,)), (Act.DESTROY,), []),
    (
        "a machine's silence holds what is lawful to record",
        facts(agent_kind=AgentKind.AI, heard=heard(notices=(notice(2),))),
        HOLDING,
        (Act.HOLD,),
        [],
    ),
    (
        "the stricter of two endings",
        replace(WITHDRAWN, agent_kind=AgentKind.AI),
        orders(withdrawn=(Act.DESTROY,)),
        (Act.DESTROY,),
        [],
    ),
]


@pytest.mark.parametrize(
    ("given_", "by", "acts", "cut"), [each[1:] for each in ACTS], ids=[each[0] for each in ACTS]
)
def test_a_verdict_has_its_acts(
    given_: Facts, by: Orders, acts: tuple[Act, ...], cut: list[tuple[int, int, int]]
) -> None:
    """The table of what is ordered, what is done, and which stretches go."""
    found = decide(given_, LAW, by)

    assert found.acts == acts
    assert [(each.channel, each.start_ms, each.end_ms) for each in found.cut] == cut


_endings = st.sampled_from([Act.RELEASE, Act.KEEP_MARKED, Act.HOLD, Act.DESTROY])
_cuts = st.lists(st.sampled_from([Act.CUT_BEFORE_NOTICE, Act.CUT_AFTER_OBJECTION]), unique=True)


@st.composite
def any_orders(draw: st.DrawFn) -> Orders:
    """Orders of any kind, also of those that a file could not give."""
    return Orders(
        recording={each: (*draw(_cuts), draw(_endings)) for each in Outcome},
        one_party={},
        ai={each: (draw(_endings),) for each in AiOutcome},
        silences_everyone=draw(st.booleans()),
        policy=None,
    )


@given(any_facts(), any_orders())
def test_no_cut_touches_what_is_protected(given_: Facts, by: Orders) -> None:
    """Whatever is ordered, the words of notice, disclosure and consent stay whole."""
    found = decide(given_, LAW, by)

    for cut in found.cut:
        for kept in found.protected:
            assert cut.channel != kept.channel or not cut.span.overlaps(kept.span)


@given(any_facts(), any_orders())
def test_a_release_after_cuts_never_lets_go_what_is_in_doubt(given_: Facts, by: Orders) -> None:
    """Where a cut was ordered and could not be placed, nothing is released."""
    found = decide(given_, LAW, by)
    wanted = by.of(found.outcome, is_all_party=found.rule == "all-party")[:-1]

    assert found.ending in (Act.HOLD, Act.DESTROY) or set(wanted) <= set(found.acts)


@given(any_facts())
def test_by_default_only_what_is_satisfied_is_released(given_: Facts) -> None:
    """Recording and disclosure both; and nothing is cut."""
    found = decide(given_, LAW, SHIPPED)
    is_fine = found.outcome is Outcome.SATISFIED and found.ai.outcome in ("satisfied", "not_required")

    assert found.acts == ((Act.RELEASE,) if is_fine else (Act.HOLD,))
    assert found.cut == ()
    assert bool(ending.held_for(found)) == (not is_fine)


def test_the_shipped_file_orders_the_defaults() -> None:
    """What the documentation promises is what the file says; and the verdict names the file."""
    assert replace(SHIPPED, policy=None) == HOLDING
    assert SHIPPED.policy in decide(facts(), LAW, SHIPPED).policies


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  late: hold\n", "  late: cut_before_notice\n", "20: cut_before_notice says what is cut"),
        ("  late: hold\n", "  late: [hold, cut_before_notice]\n", "20: cut_before_notice says what is cut"),
        ("  late: hold\n", "  late: [hold, release]\n", "20: only cuts"),
        ("  late: hold\n", "  late: [cut_before_notice, cut_before_notice, hold]\n", "20: only cuts"),
        ("  late: hold\n", "  late: [cut_before_notice, destroy]\n", "20: what is destroyed needs no cut"),
        ("  late: hold\n", "  late: [cut_after_objection, hold]\n", "20: nobody objected"),
        ("  missing: hold\n  late", "  missing: [cut_before_notice, hold]\n  late", "19: no notice"),
        ("  late: hold\n", "  late: [cut_before_notice, release]\n", "20: release loosens"),
        ("  late: hold\n", "  late: keep_marked\n", "20: keep_marked loosens"),
        ("  late: hold\n", "  late: []\n", "20: recording.late"),
        ("  late: hold\n", "  late: burn\n", "20: recording.late"),
        ("  late: hold\n", "  later: hold\n", "20: recording.later"),
        ("  late: hold\n", "", "17: nothing is ordered for late"),
        ("one_party: {}", "one_party: {withdrawn: keep_marked}", "26: keep_marked loosens"),
        ("  untrue: hold\n", "  untrue: release\n", "34: release loosens"),
        ("  untrue: hold\n", "  untrue: [cut_before_notice, hold]\n", "34: a cut is made"),
        ("  untrue: hold\n", "", "29: nothing is ordered for untrue"),
        ("after_objection: that_party", "after_objection: nobody", "38: after_objection"),
        ("loosened_by: null", "loosened_by: {name: A. Counsel}", "40: loosened_by"),
        ("loosened_by: null", "loosened_by: null\nwhen: now", "41: when"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    """What contradicts itself, is not understood, or loosens with nobody's name under it is refused."""
    text = (policy.packaged() / "obligations.yaml").read_text()
    assert old in text
    (tmp_path / "obligations.yaml").write_text(text.replace(old, new, 1))

    with pytest.raises(PolicyInvalid, match=f"obligations.yaml:{fault}"):
        obligations_file.load(tmp_path)


def test_without_a_file_nothing_is_ordered(tmp_path: Path) -> None:
    """A folder without it is refused, rather than treated by a guess."""
    with pytest.raises(PolicyInvalid, match=r"obligations\.yaml: cannot be read"):
        obligations_file.load(tmp_path)


def test_a_name_under_it_lets_a_file_loosen(tmp_path: Path) -> None:
    """Who decided it, when and why stands in the file, whose digest is in every verdict."""
    text = (policy.packaged() / "obligations.yaml").read_text()
    loose = text.replace("  late: hold\n", "  late: [cut_before_notice, release]\n", 1).replace(
        "loosened_by: null",
        "loosened_by: {name: A. Counsel, role: general counsel, on: 2026-11-27, why: reviewed}",
    )
    (tmp_path / "obligations.yaml").write_text(loose)
    found = obligations_file.load(tmp_path)

    assert found.recording[Outcome.LATE] == BEFORE
    assert found.policy != SHIPPED.policy


@pytest.mark.parametrize(
    ("given_", "by", "held", "told"),
    [
        (LATE, HOLDING, ("consent_late",), ("consent_late",)),
        (replace(LATE, agent_kind=AgentKind.AI), HOLDING, ("consent_late", "ai_disclosure_missing"), None),
        (facts("US-TX", "US-TX"), orders(satisfied=(Act.HOLD,)), ("held_by_policy",), None),
        (LATE, orders(late=BEFORE), (), ("consent_cut", "consent_late")),
        (LATE, orders(late=(Act.KEEP_MARKED,)), (), ("kept_marked", "consent_late")),
        (facts("US-TX", "US-TX"), HOLDING, (), ()),
    ],
)
def test_the_words_of_an_ending(given_: Facts, by: Orders, held: Any, told: Any) -> None:
    """What holds it, or what is said of it when it is let go, in stable words."""
    found = decide(given_, LAW, by)

    assert ending.held_for(found) == held
    assert told is None or ending.let_go(found) == told
