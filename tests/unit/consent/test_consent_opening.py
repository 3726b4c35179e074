"""Before a call: what must be said, and words that the verdict afterwards is satisfied with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations_with_replacement, product

import pytest

from compliance.consent import policy
from compliance.consent.document import document
from compliance.consent.jurisdiction import Whereabouts, declared
from compliance.consent.law import Disclosure, Extra, Law, Script, Wording
from compliance.consent.notice import Answer, Force, hear
from compliance.consent.opening import TRUE_ANSWER, Needs, Saying, Source, opening, spoken
from compliance.consent.requirements import Requirements, of_call
from compliance.consent.to_say import Again, Moment
from compliance.consent.verdict import judge
from compliance.records import AgentKind, Clue, Outcome, Party, PolicyRef, Recording, RecordingId, Role
from compliance.schemas.check import faults

DAY = date(2026, 11, 22)
LAW = policy.load(policy.packaged())
CODES = [*LAW.codes(), "unknown", "XX"]
GOES_ON = "I have a question about my order from last week, please."
YES = "Yes, that is fine."
NO = "No, I do not want that."


def _locate(number: str) -> Whereabouts:
    return Whereabouts(jurisdiction=number, evidence="area_code", is_weak=True)


def _parties(caller: str | None, business: str | None) -> tuple[Party, ...]:
    return (
        Party(role=Role.AGENT, number=business, channel=0, joined_ms=None),
        Party(role=Role.CALLER, number=caller, channel=1, joined_ms=None),
    )


def _found(
    caller: str | None,
    business: str | None,
    *,
    agent: AgentKind = AgentKind.AI,
    ask: bool = False,
    law: Law = LAW,
) -> Requirements:
    return of_call(
        _parties(caller, business),
        law,
        declared=(),
        agent=agent,
        day=DAY,
        explicit_consent=ask,
        locate=_locate,
    )


def _recording(caller: str, business: str, agent: AgentKind, roles: tuple[Role, ...]) -> Recording:
    return Recording(
        id=RecordingId("rec_0"),
        profile="default",
        agent_kind=agent,
        roles=roles,
        parties=_parties(caller, business),
        started_at_ms=None,
    )


SIDES = (Role.AGENT, Role.CALLER)


@pytest.mark.parametrize(
    ("agent", "ask"), [(AgentKind.AI, False), (AgentKind.AI, True), (AgentKind.HUMAN, False)]
)
def test_for_every_pair_of_places_the_script_is_satisfied(agent: AgentKind, ask: bool) -> None:
    """Said first, and followed by a caller who goes on, or says yes where asked, it makes the call lawful.

    And nothing is left over that a script could have met: no disclosure, no
    demand on the wording of the notice.
    """
    wrong = []
    for one, other in combinations_with_replacement(CODES, 2):
        found = _found(one, other, agent=agent, ask=ask)
        reply = YES if found.must_ask else GOES_ON
        call = spoken(found.opening.text, reply, roles=SIDES)
        verdict = judge(call, _recording(one, other, agent, SIDES), LAW, on_date=DAY, locate=_locate)
        owed = set(verdict.obligations) & {"ai_disclosure_missing", *_extra_words()}
        if verdict.outcome is not Outcome.SATISFIED or owed or verdict.objection:
            wrong.append((one, other, verdict.outcome, owed))

    assert wrong == []


def _extra_words() -> set[str]:
    """The obligations that a notice may leave unmet."""
    return {e.obligation for rules in LAW.rules.values() for rule in rules for e in rule.extras}


@pytest.mark.parametrize("reply", [NO, "Please do not record this."])
def test_a_caller_who_refuses_is_never_satisfied(reply: str) -> None:
    """The script does not talk anybody into consent: a refusal after it is one, under every rule."""
    satisfied = []
    for one, other in product(CODES, ["US-TX"]):
        found = _found(one, other, ask=True)
        if found.asked.rule.is_all_party:
            call = spoken(found.opening.text, reply, roles=SIDES)
            verdict = judge(
                call, _recording(one, other, AgentKind.AI, SIDES), LAW, on_date=DAY, locate=_locate
            )
            satisfied += [(one, other)] * (verdict.outcome is Outcome.SATISFIED)

    assert satisfied == []


ALL_NEEDS = [
    Needs(is_ai=is_ai, must_say_is=must_say_is, court=court, question=question)
    for is_ai, must_say_is, court, question in product([False, True], repeat=4)
]


@pytest.mark.parametrize("needs", ALL_NEEDS, ids=str)
@pytest.mark.parametrize("roles", [(Role.AGENT,), (Role.UNKNOWN,)], ids=["own channel", "mixed"])
def test_what_is_composed_is_heard_as_what_it_says_and_as_nothing_else(
    needs: Needs, roles: tuple[Role]
) -> None:
    """Each part by the ears of the verdict; the offer of a way out is not taken for an objection."""
    made = opening(needs, LAW.disclosure)
    heard = hear(spoken(made.text, roles=roles), LAW.disclosure)

    assert heard.notices[0].force is Force.IS
    assert bool(heard.ai_disclosures) is needs.is_ai
    assert heard.is_court_said is needs.court
    assert (heard.answer is not Answer.NOT_ASKED) is needs.question
    assert (made.question is not None) is needs.question
    assert (heard.objections, heard.stops, heard.answers) == ((), (), ())


@pytest.mark.parametrize("needs", ALL_NEEDS, ids=str)
def test_the_notice_for_late_joiners_says_as_much(needs: Needs) -> None:
    """Whoever comes later is told that the call is recorded, and by a machine that it is one."""
    heard = hear(spoken(opening(needs, LAW.disclosure).again), LAW.disclosure)

    assert [notice.force for notice in heard.notices] == [Force.IS]
    assert bool(heard.ai_disclosures) is needs.is_ai
    assert heard.is_court_said is needs.court
    assert heard.objections == ()


def test_the_true_answer_is_heard_as_one() -> None:
    """A machine that is asked says that it is one."""
    assert hear(spoken(TRUE_ANSWER), LAW.disclosure).ai_disclosures


def test_court_is_spoken_of_only_where_it_is_asked() -> None:
    """Wisconsin's sentence frightens callers of other states for nothing."""
    assert "court" in _found("US-WI", "US-TX").opening.text
    assert "court" in _found("US-TX", "US-WI").opening.text
    assert "court" not in _found("US-CA", "US-TX").opening.text


def test_a_person_is_not_made_to_say_that_it_is_a_machine() -> None:
    """Nor told how to answer whether it is."""
    found = _found("US-CA", "US-TX", agent=AgentKind.HUMAN)

    assert " AI " not in found.opening.text
    assert found.true_answer is None
    assert {each.says for each in found.to_say}.isdisjoint({Saying.AI_DISCLOSURE})


@pytest.mark.parametrize(
    ("caller", "ask", "must_ask"),
    [("US-CA", True, True), ("US-CA", False, False), ("US-TX", True, False), ("unknown", True, True)],
)
def test_a_yes_is_asked_for_where_all_must_agree_and_the_tenant_wants_it(
    caller: str, ask: bool, must_ask: bool
) -> None:
    """Where one party's agreement is enough there is nothing to ask."""
    found = _found(caller, "US-TX", ask=ask)

    assert found.must_ask is must_ask
    assert found.opening.text.endswith("?") is must_ask


@pytest.mark.parametrize(
    ("caller", "says", "is_required", "cited"),
    [
        ("US-CA", Saying.RECORDING_NOTICE, True, "Cal. Penal Code § 632"),
        ("US-WI", Saying.USE_IN_COURT, True, "Wis. Stat."),
        ("US-WI", Saying.RECORDING_NOTICE, True, "Wis. Stat."),
        ("US-TX", Saying.RECORDING_NOTICE, False, ""),
        ("US-CA", Saying.WAY_OUT, False, ""),
        ("US-CA", Saying.SERVICE_PROVIDER, False, ""),
    ],
)
def test_each_demand_names_its_law_or_is_called_prudence(
    caller: str, says: Saying, is_required: bool, cited: str
) -> None:
    """With citation and confidence; what no law asks for is not passed off as law."""
    [each] = [each for each in _found(caller, "US-TX").to_say if each.says is says]
    citations = " ".join(citation for ground in each.grounds for citation in ground.citation)

    assert (each.is_required, each.when) == (is_required, Moment.BEFORE_SUBSTANCE)
    assert each.again == tuple(Again)
    assert cited in citations
    assert bool(citations) is bool(cited)
    assert each.why


def test_a_machine_answers_truly_whenever_it_is_asked() -> None:
    """Beside the disclosure at the start, which is no excuse for a lie later."""
    whens = {each.when for each in _found("US-UT", "US-TX").to_say if each.says is Saying.AI_DISCLOSURE}

    assert whens == {Moment.BEFORE_SUBSTANCE, Moment.WHEN_ASKED}


def test_files_about_machines_are_named_for_machines_only() -> None:
    """What was used is told, and nothing else."""
    ref = PolicyRef(file="ai/us/ftc-5.yaml", sha256="0" * 64)
    [first, *_] = _found("US-CA", "US-TX").asked.ai
    for agent in AgentKind:
        found = _found("US-CA", "US-TX", agent=agent)
        asked = replace(found.asked, ai=(replace(first, policy=ref),), policies=(*found.asked.policies, ref))
        assert (ref in replace(found, asked=asked).policies) is (agent is AgentKind.AI)


CERTIFIED = "Please be advised that this call is recorded by Larkspur Freight."
MILD = "This call may be recorded for quality purposes."
WHOLE = "You are speaking with the automated assistant of Larkspur. This call is recorded."
OURS_AI = "I am Larkspur's virtual assistant."
ASKING = "This call is recorded. Do you consent to this call being recorded?"


def _disclosure(*notices: str, ai: tuple[str, ...] = ()) -> Disclosure:
    return Disclosure(
        recording_scripts=tuple(
            Script(text=text, wording=Wording.MAY if text == MILD else Wording.IS) for text in notices
        ),
        ai_scripts=tuple(Script(text=text) for text in ai),
    )


def _sources(needs: Needs, disclosure: Disclosure) -> Iterator[tuple[str, Source]]:
    return ((part.text, part.source) for part in opening(needs, disclosure).parts)


HUMAN = Needs(is_ai=False, must_say_is=True, court=False, question=False)
MACHINE = replace(HUMAN, is_ai=True)


@pytest.mark.parametrize(
    ("needs", "disclosure", "texts"),
    [
        # The tenant's words where they do, and nothing of ours beside them.
        (HUMAN, _disclosure(CERTIFIED), [CERTIFIED]),
        (replace(HUMAN, must_say_is=False), _disclosure(MILD), [MILD]),
        # What is missing is added: the tenant's where there is one, else ours.
        (MACHINE, _disclosure(CERTIFIED, ai=(OURS_AI,)), [OURS_AI, CERTIFIED]),
        (MACHINE, _disclosure(CERTIFIED), ["Hello, I am an AI assistant, not a human.", CERTIFIED]),
        (
            replace(HUMAN, court=True),
            _disclosure(CERTIFIED),
            [CERTIFIED, "The recording may be used in court."],
        ),
        (
            replace(HUMAN, question=True),
            _disclosure(CERTIFIED),
            [CERTIFIED, "Do you agree to being recorded?"],
        ),
        # One that says it all is taken whole, and before one that says less.
        (MACHINE, _disclosure(WHOLE, ai=(OURS_AI,)), [WHOLE]),
        (MACHINE, _disclosure(CERTIFIED, WHOLE), [WHOLE]),
        (replace(HUMAN, question=True), _disclosure(ASKING), [ASKING]),
    ],
)
def test_the_tenants_certified_wording_is_preferred(
    needs: Needs, disclosure: Disclosure, texts: list[str]
) -> None:
    """Lawyers agreed on it; whatever the law asks beyond it is added."""
    assert [text for text, _ in _sources(needs, disclosure)] == texts


@pytest.mark.parametrize("disclosure", [_disclosure(MILD), _disclosure()])
def test_a_certified_wording_that_says_too_little_is_not_taken(disclosure: Disclosure) -> None:
    """One that says "may be" does not do where "is" is asked."""
    assert {source for _, source in _sources(HUMAN, disclosure)} == {Source.COMPOSED}
    assert "is being recorded" in opening(HUMAN, disclosure).text


def test_a_certified_question_is_a_question() -> None:
    """Where the tenant's own words ask, an answer is waited for, even if no rule asks for it."""
    law = replace(LAW, disclosure=_disclosure(ASKING))

    found = _found("US-CA", "US-TX", law=law, agent=AgentKind.HUMAN)

    assert found.must_ask
    assert found.opening.question == ASKING
    [asked] = [each for each in found.to_say if each.says is Saying.CONSENT_QUESTION]
    assert not asked.is_required


@pytest.mark.parametrize("notices", [(), (CERTIFIED,), (MILD,), (WHOLE, CERTIFIED)])
def test_with_any_wordings_every_place_is_satisfied(notices: tuple[str, ...]) -> None:
    """What is said is put to the same judge, whoever wrote it."""
    law = replace(LAW, disclosure=_disclosure(*notices, ai=(OURS_AI,)))
    wrong = []
    for code in CODES:
        found = _found(code, "US-TX", law=law)
        call = spoken(found.opening.text, YES if found.must_ask else GOES_ON, roles=SIDES)
        verdict = judge(
            call, _recording(code, "US-TX", AgentKind.AI, SIDES), law, on_date=DAY, locate=_locate
        )
        wrong += [code] * (verdict.outcome is not Outcome.SATISFIED)

    assert wrong == []


@pytest.mark.parametrize("agent", list(AgentKind))
@pytest.mark.parametrize("ask", [False, True])
@pytest.mark.parametrize("caller", ["US-CA", "US-WI", "US-TX", "unknown", "XX", None])
def test_the_document_keeps_its_contract(agent: AgentKind, ask: bool, caller: str | None) -> None:
    """Whatever is asked about."""
    assert faults(document(_found(caller, "US-TX", agent=agent, ask=ask))) == []


def test_the_document_holds_no_number_and_no_name() -> None:
    """It is shown and may be kept by whoever asked; numbers that went in do not come out."""
    clue = Clue(evidence="sip_header", value='"Ottoline Marsh" <sip:+14155550121@carrier.example>')
    parties = [
        Party(role=Role.CALLER, number="+12125550142", channel=None, joined_ms=None, clues=(clue,)),
        Party(role=Role.AGENT, number="+12145550188", channel=None, joined_ms=None),
    ]
    told = of_call(
        parties, LAW, declared=declared(recorder="US-VA"), agent=AgentKind.AI, day=DAY, explicit_consent=True
    )
    text = str(document(told))

    assert "US-CA" in text  # the header was read
    assert not any(each in text for each in ("5550121", "5550142", "5550188", "Ottoline"))


def test_an_extra_demand_for_a_firm_notice_is_met_by_a_certified_one_only_if_it_is_firm() -> None:
    """A rule that wants "is" for the use of the recording is not content with "may be"."""
    extra = Extra(obligation="not_usable", needs="notice-is", text="Said firmly.")
    [rule] = [replace(each, extras=(extra,)) for each in LAW.rules["US-TX"]]
    law = replace(LAW, rules={**LAW.rules, "US-TX": (rule,)}, disclosure=_disclosure(MILD))

    assert "may be" not in _found("US-TX", "US-TX", law=law).opening.text
    assert "may be" in _found("US-OH", "US-OH", law=law).opening.text
