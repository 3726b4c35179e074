"""From what was said and where to a verdict with its grounds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance.consent import policy
from compliance.consent.jurisdiction import Whereabouts
from compliance.consent.law import Continuing, Law
from compliance.consent.verdict import judge
from compliance.records import (
    AgentKind,
    Channel,
    Conversation,
    Outcome,
    Party,
    Recording,
    RecordingId,
    Role,
    Turn,
    Verdict,
    Word,
)

DAY = date(2026, 11, 22)
LAW = policy.load(policy.packaged())
PLACES = [*LAW.codes(), "unknown"]

HELLO = "A: Tidewater Garden Supply, this is Nova, an automated assistant."
NOTICE = "A: This call is being recorded."
MAY = "A: This call may be recorded."
SHORT = "C: Hi there."
LONG = "C: I ordered six bags of potting mix and they have never arrived at my house."
COURT = "A: This call is recorded and may be used in court."
MORE = "A: I can look into that for you."
DIGITS = "C: It's four five four six."
MIXED = "?: Sure. My account is four five four six."
OBJECTION = "C: Please don't record this."


def _locate(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def _recording(
    caller: str | None = "US-CA",
    business: str | None = "US-TX",
    *,
    agent: AgentKind = AgentKind.HUMAN,
    joined_ms: int | None = None,
) -> Recording:
    return Recording(
        id=RecordingId("rec_0"),
        profile="default",
        agent_kind=agent,
        roles=(Role.AGENT, Role.CALLER),
        parties=(
            Party(role=Role.AGENT, number=business, channel=0, joined_ms=None),
            Party(role=Role.CALLER, number=caller, channel=1, joined_ms=joined_ms),
        ),
        started_at_ms=None,
    )


def _judged(conversation: Conversation, law: Law, **recording: Any) -> Verdict:
    return judge(conversation, _recording(**recording), law, on_date=DAY, locate=_locate)


@pytest.mark.parametrize(
    ("caller", "business", "lines", "outcome"),
    [
        # One party's agreement is enough, noticed or not.
        ("US-TX", "US-OH", [HELLO, LONG], Outcome.SATISFIED),
        ("US-OR", "US-TX", [HELLO, LONG], Outcome.SATISFIED),
        # All must agree: notice before the substance, then going on.
        ("US-CA", "US-TX", [NOTICE, LONG], Outcome.SATISFIED),
        ("US-TX", "US-CA", [NOTICE, LONG], Outcome.SATISFIED),
        ("US-CA", "US-TX", [HELLO, SHORT, NOTICE, LONG], Outcome.SATISFIED),
        ("US-CA", "US-TX", [MAY, LONG], Outcome.SATISFIED),
        ("US-CA", "US-TX", [HELLO, LONG], Outcome.MISSING),
        ("US-CA", "US-TX", [HELLO, LONG, NOTICE, SHORT], Outcome.LATE),
        ("US-CA", "US-TX", [HELLO, DIGITS, NOTICE, LONG], Outcome.LATE),
        ("US-CA", "US-TX", [NOTICE], Outcome.UNCERTAIN),
        ("US-CA", "US-TX", [HELLO, SHORT, NOTICE], Outcome.UNCERTAIN),
        ("US-CA", "US-TX", [], Outcome.UNCERTAIN),
        # Many short answers come to substance too.
        ("US-CA", "US-TX", [HELLO, *["C: It is the red one, please.", MORE] * 5, NOTICE, LONG], Outcome.LATE),
        # Washington and Montana: the announcement itself is enough; Washington's must say "is".
        ("US-WA", "US-TX", ["C: Hi there.", NOTICE], Outcome.SATISFIED),
        ("US-MT", "US-TX", ["C: Hi there.", NOTICE], Outcome.SATISFIED),
        ("US-MT", "US-CA", ["C: Hi there.", NOTICE], Outcome.UNCERTAIN),
        # But not where nobody was heard or known to be there.
        ("US-WA", "US-TX", [NOTICE], Outcome.UNCERTAIN),
        ("US-MT", "US-TX", [NOTICE], Outcome.UNCERTAIN),
        ("US-WA", "US-TX", [MAY, LONG], Outcome.UNCERTAIN),
        ("US-MT", "US-TX", [MAY, LONG], Outcome.SATISFIED),
        # Mixed rules, read carefully.
        ("US-CT", "US-TX", [HELLO, LONG], Outcome.MISSING),
        ("US-MI", "US-TX", [HELLO, LONG], Outcome.MISSING),
        ("US-DE", "US-TX", [HELLO, LONG], Outcome.MISSING),
        ("US-NV", "US-TX", [HELLO, LONG], Outcome.MISSING),
        # Unknown counts as the strictest.
        (None, "US-TX", [HELLO, LONG], Outcome.MISSING),
        ("US-TX", None, [HELLO, LONG], Outcome.MISSING),
        ("US-ZZ", "US-TX", [HELLO, LONG], Outcome.MISSING),
        (None, "US-TX", [NOTICE, LONG], Outcome.SATISFIED),
        # Asked and answered.
        ("US-CA", "US-TX", ["A: May I record this call?", "C: Yes, go ahead.", LONG], Outcome.SATISFIED),
        ("US-CA", "US-TX", ["A: May I record this call?", "C: No.", LONG], Outcome.OBJECTED),
        ("US-CA", "US-TX", ["A: May I record this call?", "C: I guess so.", LONG], Outcome.UNCERTAIN),
        ("US-CA", "US-TX", ["A: May I record this call?", LONG], Outcome.UNCERTAIN),
        ("US-CA", "US-TX", [HELLO, LONG, "A: May I record this call?", "C: Yes."], Outcome.LATE),
        # An objection decides, whatever the rule.
        ("US-CA", "US-TX", [NOTICE, OBJECTION, MORE, LONG], Outcome.OBJECTED),
        ("US-CA", "US-TX", [NOTICE, LONG, MORE, OBJECTION], Outcome.WITHDRAWN),
        ("US-TX", "US-OH", [HELLO, LONG, MORE, OBJECTION], Outcome.WITHDRAWN),
        # Nobody told apart on one channel.
        (None, "US-TX", ["?: This call is being recorded.", "?: I have a question."], Outcome.UNCERTAIN),
        (None, "US-TX", ["?: This call is being recorded.", MIXED], Outcome.SATISFIED),
        (None, "US-TX", ["?: Hello, my account is four five four six."], Outcome.MISSING),
        (None, "US-TX", ["?: My account is four five four six.", "?: This call is recorded."], Outcome.LATE),
    ],
)
def test_a_call_gets_its_verdict(
    say: Any, law: Law, caller: str | None, business: str | None, lines: list[str], outcome: Outcome
) -> None:
    """The table of what was said, where, and what follows."""
    assert _judged(say(*lines), law, caller=caller, business=business).outcome is outcome


def test_a_verdict_names_rule_citation_and_the_files_it_used(say: Any, law: Law) -> None:
    """So that it can be checked, and replayed years later."""
    verdict = _judged(say(NOTICE, LONG), law)

    assert (verdict.rule, verdict.jurisdiction, verdict.confidence) == ("all-party", "US-CA", "verified")
    assert "Cal. Penal Code § 632" in verdict.citation
    assert [ref.file for ref in verdict.policies if not ref.file.startswith("ai/")] == [
        "consent/us/tx.yaml",
        "consent/us/ca.yaml",
        "disclosure.yaml",
    ]
    assert all(len(ref.sha256) == 64 for ref in verdict.policies)
    assert verdict.policy == verdict.policies[1]
    assert len(verdict.notice) == 1
    assert any("California" in sentence and "§ 632.7" in sentence for sentence in verdict.reasoning)


def test_the_same_inputs_give_the_same_verdict(say: Any, law: Law) -> None:
    """A verdict hangs on nothing but its inputs."""
    assert _judged(say(NOTICE, LONG), law) == _judged(say(NOTICE, LONG), policy.load(policy.packaged()))


def test_a_verdict_holds_no_number_and_no_words(say: Any, law: Law) -> None:
    """It is shown, logged and kept, so it must not tell what was said or by whom."""
    call = say(NOTICE, "C: I am Ottoline Marsh and I would like to order potting mix.")
    recording = _recording(caller="+14155550121", business="+12145550188")

    text = repr(judge(call, recording, law, on_date=DAY))

    assert not any(told in text for told in ("5550121", "5550188", "Ottoline", "potting"))


def test_an_ai_agent_that_does_not_say_so_is_noted(say: Any, law: Law) -> None:
    """AI disclosure is an obligation of its own, apart from consent to recording."""
    silent = _judged(say("A: This is Nova. This call is recorded.", LONG), law, agent=AgentKind.AI)
    open_ = _judged(say(HELLO, NOTICE, LONG), law, agent=AgentKind.AI)
    human = _judged(say(NOTICE, LONG), law, agent=AgentKind.HUMAN)

    assert "ai_disclosure_missing" in silent.obligations
    assert "ai_disclosure_missing" not in open_.obligations
    assert len(open_.ai_disclosure) == 1
    assert "ai_disclosure_missing" not in human.obligations


def test_recording_on_after_an_objection_is_noted(say: Any, law: Law) -> None:
    """Whatever the agent said, speech recorded later shows that the recording went on."""
    stopped = _judged(say(NOTICE, OBJECTION, "A: I have turned it off."), law)
    ignored = _judged(say(NOTICE, OBJECTION, "A: I have turned it off.", LONG, MORE, LONG, MORE), law)

    assert "stop_recording_not_honoured" not in stopped.obligations
    assert "stop_recording_not_honoured" in ignored.obligations


@pytest.mark.parametrize(
    ("place", "lines", "obligation", "is_owed"),
    [
        ("US-WA", [NOTICE, LONG], "keep_notice_in_recording", True),
        ("US-CT", [NOTICE, LONG], "keep_notice_in_recording", True),
        ("US-CA", [NOTICE, LONG], "keep_notice_in_recording", False),
        ("US-WI", [NOTICE, LONG], "not_usable_in_civil_case", True),
        (
            "US-WI",
            [COURT, LONG],
            "not_usable_in_civil_case",
            False,
        ),
        ("US-VA", [NOTICE, LONG], "not_usable_in_civil_case", False),
        ("US-VA", [MAY, LONG], "not_usable_in_civil_case", True),
        ("US-VA", [HELLO, LONG, NOTICE], "not_usable_in_civil_case", True),
    ],
)
def test_demands_beyond_lawful_recording_are_obligations(
    say: Any, law: Law, place: str, lines: list[str], obligation: str, is_owed: bool
) -> None:
    """Some states ask more for the recording to be kept or used; the verdict carries what is not met."""
    verdict = _judged(say(*lines), law, caller=place, business="US-TX")

    assert (obligation in verdict.obligations) is is_owed


def test_who_joins_after_the_notice_has_not_heard_it(say: Any, law: Law) -> None:
    """A late joiner needs a notice of their own."""
    assert _judged(say(NOTICE, LONG), law, joined_ms=5_000).outcome is Outcome.UNCERTAIN
    assert _judged(say(NOTICE, LONG), law, joined_ms=-500).outcome is Outcome.SATISFIED


def _said(*lines: tuple[int, str]) -> Conversation:
    """As the fixture ``say``, for properties, which cannot use one."""
    turns: list[Turn] = []
    now = 0
    for channel, text in lines:
        words = []
        for word in text.split():
            words.append(Word(start_ms=now, end_ms=now + 250, channel=channel, confidence=0.9, text=word))
            now += 300
        turns.append(Turn(channel=channel, words=tuple(words)))
    channels = tuple(
        Channel(index=place, role=role, language="en", language_probability=1.0, voiced=())
        for place, role in enumerate((Role.AGENT, Role.CALLER))
    )
    return Conversation(duration_ms=now, channels=channels, turns=tuple(turns))


QUESTION = "I have a question about my order from last week, please."
CALLS = [
    _said((0, "This call is being recorded."), (1, QUESTION)),
    _said((0, "This call may be recorded."), (1, QUESTION)),
    _said((0, "This call is being recorded.")),
    _said((0, "How can I help?"), (1, QUESTION)),
    _said((0, "May I record this call?"), (1, "Yes."), (1, QUESTION)),
]


def _is_satisfied(call: Conversation, *where: str) -> bool:
    parties = tuple(
        Party(role=role, number=w, channel=None, joined_ms=None)
        for role, w in zip(_ROLES, where, strict=False)
    )
    recording = Recording(
        id=RecordingId("rec_0"),
        profile="default",
        agent_kind=AgentKind.HUMAN,
        roles=(Role.AGENT, Role.CALLER),
        parties=parties,
        started_at_ms=None,
    )
    return judge(call, recording, LAW, on_date=DAY, locate=_locate).outcome is Outcome.SATISFIED


_ROLES = (Role.AGENT, Role.CALLER, Role.CALLER)
_PLACE = st.sampled_from(PLACES)
_CALL = st.sampled_from(CALLS)


@given(_CALL, _PLACE, _PLACE, _PLACE)
def test_another_party_never_loosens_a_verdict(call: Conversation, one: str, two: str, three: str) -> None:
    """What is not lawful between two is not made lawful by a third."""
    assert _is_satisfied(call, one, two) or not _is_satisfied(call, one, two, three)


@given(_CALL, _PLACE, _PLACE)
def test_the_stricter_of_two_places_holds(call: Conversation, one: str, two: str) -> None:
    """A call between two states is lawful only where it would be within each."""
    assert _is_satisfied(call, one, two) == (_is_satisfied(call, one, one) and _is_satisfied(call, two, two))


@given(_CALL, _PLACE, _PLACE)
def test_unknown_is_never_looser_than_known(call: Conversation, one: str, two: str) -> None:
    """Withholding where one is gains nothing for the one who records.

    But where only a yes in words is agreement (Germany): a caller who withholds
    the number is held to what the strictest state asks, not to that.
    """
    assume(LAW.rule(two, DAY).continuing is not Continuing.NOT_ENOUGH)
    assert _is_satisfied(call, one, two) or not _is_satisfied(call, one, "unknown")
