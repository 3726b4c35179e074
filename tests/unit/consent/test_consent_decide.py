"""From word-free facts to both outcomes: situations with their near misses, and what always holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.consent import policy
from compliance.consent.ai import disclosed
from compliance.consent.decide import decide
from compliance.consent.demand import demand
from compliance.consent.facts import Arrival, Facts, Line
from compliance.consent.law import AiRule, Confidence, When
from compliance.consent.notice import Answer, Force, Heard, HumanQuestion, Notice, Truth
from compliance.consent.recorded import recorded
from compliance.records import AgentKind, AiOutcome, ChannelSpan, Outcome, Place, Role, Verdict

LAW = policy.load(policy.packaged())
DAY = date(2026, 11, 27)
CODES = [*LAW.codes(), "unknown"]
AGENT, CALLER = 0, 1


def span(start_s: float, end_s: float, channel: int = CALLER) -> ChannelSpan:
    """A stretch given in seconds."""
    return ChannelSpan(channel=channel, start_ms=round(start_s * 1000), end_ms=round(end_s * 1000))


def notice(start_s: float, force: Force = Force.IS) -> Notice:
    """Two seconds of notice by the agent."""
    return Notice(span=span(start_s, start_s + 2, AGENT), force=force, role=Role.AGENT)


def heard(**more: Any) -> Heard:
    """Nothing heard, but for what is given."""
    nothing: dict[str, Any] = {
        "notices": (),
        "ai_disclosures": (),
        "answer": Answer.NOT_ASKED,
        "answers": (),
        "objections": (),
        "stops": (),
        "is_court_said": False,
    }
    return Heard(**{**nothing, **more})


def line(channel: int, role: Role, last_s: float | None, voiced_s: float = 20) -> Line:
    """A channel whose last word begins at a time; None: no word of it was read."""
    return Line(
        channel=channel,
        role=role,
        voiced_ms=round(voiced_s * 1000),
        last_ms=None if last_s is None else round(last_s * 1000),
        is_read=last_s is not None,
        hears=(),
    )


BOTH = (line(AGENT, Role.AGENT, 58), line(CALLER, Role.CALLER, 55))
WITHIN = Arrival(joined_ms=-500, substance_ms=10_000)


def places(*codes: str) -> tuple[Place, ...]:
    """The agent's place, then callers'."""
    roles = (Role.AGENT, *[Role.CALLER] * (len(codes) - 1))
    return tuple(
        Place(jurisdiction=code, role=role, evidence="area_code", is_weak=True)
        for code, role in zip(codes, roles, strict=True)
    )


def facts(*where: str, **more: Any) -> Facts:
    """A minute's call in which the caller comes to substance at ten seconds."""
    usual: dict[str, Any] = {
        "day": DAY,
        "agent_kind": AgentKind.HUMAN,
        "duration_ms": 60_000,
        "places": places(*(where or ("US-TX", "US-CA"))),
        "lines": BOTH,
        "arrivals": (WITHIN,),
        "substance_ms": 10_000,
        "last_word_ms": 58_500,
        "heard": heard(),
    }
    return Facts(**{**usual, **more})


def outcome(given: Facts) -> Outcome:
    """The outcome of the question of recording."""
    return decide(given, LAW).outcome


TOLD = heard(notices=(notice(2),))
MONO = (line(AGENT, Role.UNKNOWN, 58),)
SILENT = (BOTH[0], line(CALLER, Role.CALLER, None, voiced_s=0))
UNREAD = (BOTH[0], line(CALLER, Role.CALLER, None, voiced_s=12))
DEAF = (line(AGENT, Role.AGENT, None, voiced_s=12), BOTH[1])
NOBODY = (line(AGENT, Role.AGENT, None, voiced_s=0), line(CALLER, Role.CALLER, None, voiced_s=0))
LATER = Arrival(joined_ms=30_000, substance_ms=40_000)
UNTIMED = Arrival(joined_ms=None, substance_ms=10_000)

SITUATIONS: Sequence[tuple[str, Facts, Outcome]] = [
    ("told in time, went on", facts(heard=TOLD), Outcome.SATISFIED),
    ("told a word too late", facts(heard=heard(notices=(notice(8.001),))), Outcome.LATE),
    ("told just in time", facts(heard=heard(notices=(notice(8),))), Outcome.SATISFIED),
    ("nothing said", facts(), Outcome.MISSING),
    # A notice while the other side is silent.
    (
        "nobody was heard, nor known to be there",
        facts(heard=TOLD, lines=SILENT, arrivals=()),
        Outcome.UNCERTAIN,
    ),
    ("there, but never heard", facts(heard=TOLD, lines=SILENT), Outcome.UNCERTAIN),
    (
        "notice is enough, and they are known to be there",
        facts("US-TX", "US-WA", heard=TOLD, lines=SILENT),
        Outcome.SATISFIED,
    ),
    (
        "notice is enough, but nobody is known to be there",
        facts("US-TX", "US-WA", heard=TOLD, lines=SILENT, arrivals=(UNTIMED,)),
        Outcome.UNCERTAIN,
    ),
    (
        "notice is enough, and they had spoken before",
        facts(
            "US-TX", "US-WA", heard=TOLD, lines=(BOTH[0], line(CALLER, Role.CALLER, 1)), arrivals=(UNTIMED,)
        ),
        Outcome.SATISFIED,
    ),
    # Who joins in the middle.
    ("joined after the notice", facts(heard=TOLD, arrivals=(WITHIN, LATER)), Outcome.UNCERTAIN),
    (
        "joined later and was told too",
        facts(heard=heard(notices=(notice(2), notice(31))), arrivals=(WITHIN, LATER)),
        Outcome.SATISFIED,
    ),
    (
        "joined later and was told after the talk went on",
        facts(heard=heard(notices=(notice(2), notice(45))), arrivals=(WITHIN, LATER)),
        Outcome.UNCERTAIN,
    ),
    (
        "joined while the notice was under way",
        facts(heard=heard(notices=(notice(2),)), arrivals=(Arrival(joined_ms=2_500, substance_ms=10_000),)),
        Outcome.UNCERTAIN,
    ),
    (
        "two others, nobody knows since when",
        facts(heard=TOLD, arrivals=(UNTIMED, UNTIMED)),
        Outcome.UNCERTAIN,
    ),
    ("one other, nobody knows since when", facts(heard=TOLD, arrivals=(UNTIMED,)), Outcome.SATISFIED),
    (
        "somebody was brought in after the notice",
        facts(heard=heard(notices=(notice(2),), transfers=(span(30, 32, AGENT),))),
        Outcome.UNCERTAIN,
    ),
    (
        "somebody was brought in and was told",
        facts(heard=heard(notices=(notice(2), notice(33)), transfers=(span(30, 32, AGENT),))),
        Outcome.SATISFIED,
    ),
    (
        "passed on, and the recording ended",
        facts(heard=heard(notices=(notice(2),), transfers=(span(47, 49, AGENT),))),
        Outcome.SATISFIED,
    ),
    (
        "brought in where one party is enough",
        facts("US-TX", "US-TX", heard=heard(transfers=(span(30, 32, AGENT),))),
        Outcome.SATISFIED,
    ),
    # One channel for everybody.
    ("mono, the talk came to substance", facts(heard=TOLD, lines=MONO), Outcome.SATISFIED),
    (
        "mono, what follows may be the same speaker",
        facts(heard=TOLD, lines=MONO, substance_ms=None),
        Outcome.UNCERTAIN,
    ),
    # What cannot be read.
    ("no words at all", facts(lines=NOBODY), Outcome.UNCERTAIN),
    ("the other side could not be read", facts(heard=TOLD, lines=UNREAD), Outcome.UNCERTAIN),
    (
        "notice is enough, but an objection may be missed",
        facts("US-TX", "US-WA", heard=TOLD, lines=UNREAD),
        Outcome.UNCERTAIN,
    ),
    ("one party, but an objection may be missed", facts("US-TX", "US-TX", lines=UNREAD), Outcome.UNCERTAIN),
    ("one party, nobody on the other side", facts("US-TX", "US-TX", lines=SILENT), Outcome.SATISFIED),
    ("our own voice could not be read", facts(lines=DEAF), Outcome.UNCERTAIN),
    ("no channel of ours", facts(heard=TOLD, lines=(BOTH[1],)), Outcome.UNCERTAIN),
    ("no channel of theirs", facts(heard=TOLD, lines=(BOTH[0],)), Outcome.UNCERTAIN),
    # Asked and answered.
    (
        "asked in time, yes",
        facts(heard=heard(notices=(notice(2, Force.ASKED),), answer=Answer.YES, answers=(span(5, 6),))),
        Outcome.SATISFIED,
    ),
    ("asked, no answer", facts(heard=heard(notices=(notice(2, Force.ASKED),))), Outcome.UNCERTAIN),
    (
        "asked, hesitant",
        facts(heard=heard(notices=(notice(2, Force.ASKED),), answer=Answer.UNCLEAR)),
        Outcome.UNCERTAIN,
    ),
    (
        "told, then asked, hesitant",
        facts(heard=heard(notices=(notice(2),), answer=Answer.UNCLEAR)),
        Outcome.UNCERTAIN,
    ),
    ("asked, no", facts(heard=heard(notices=(notice(2),), answer=Answer.NO)), Outcome.OBJECTED),
    (
        "a no counts under a one-party rule too",
        facts("US-TX", "US-TX", heard=heard(notices=(notice(2),), answer=Answer.NO)),
        Outcome.OBJECTED,
    ),
    # "May be" and "is".
    (
        "may be, where is is asked",
        facts("US-TX", "US-WA", heard=heard(notices=(notice(2, Force.MAY),))),
        Outcome.UNCERTAIN,
    ),
    ("may be, where it is enough", facts(heard=heard(notices=(notice(2, Force.MAY),))), Outcome.SATISFIED),
    (
        "may be in time, is too late",
        facts("US-TX", "US-WA", heard=heard(notices=(notice(2, Force.MAY), notice(30)))),
        Outcome.UNCERTAIN,
    ),
    # Objections.
    (
        "objected at once",
        facts(heard=heard(notices=(notice(2),), objections=(span(5, 6),))),
        Outcome.OBJECTED,
    ),
    (
        "objected later",
        facts(heard=heard(notices=(notice(2),), objections=(span(20, 21),))),
        Outcome.WITHDRAWN,
    ),
    (
        "objected, then agreed again",
        facts(
            heard=heard(
                notices=(notice(2), notice(25, Force.ASKED)),
                objections=(span(20, 21),),
                answer=Answer.YES,
                answers=(span(28, 29),),
            )
        ),
        Outcome.WITHDRAWN,
    ),
    (
        "agreed, then objected",
        facts(
            heard=heard(
                notices=(notice(2, Force.ASKED),),
                answer=Answer.YES,
                answers=(span(5, 6),),
                objections=(span(40, 41),),
            )
        ),
        Outcome.WITHDRAWN,
    ),
    # Tones.
    ("a tone where no rule admits it", facts(heard=heard(tones=(span(1, 50, AGENT),))), Outcome.MISSING),
]


@pytest.mark.parametrize(
    ("given", "expected"), [each[1:] for each in SITUATIONS], ids=[s[0] for s in SITUATIONS]
)
def test_a_situation_gets_its_outcome(given: Facts, expected: Outcome) -> None:
    """The table of situations, each beside its near misses."""
    assert outcome(given) is expected


@pytest.mark.parametrize(
    ("tones", "expected"),
    [
        ((span(1, 50, AGENT),), Outcome.SATISFIED),
        ((span(12, 50, AGENT),), Outcome.LATE),
        ((span(1, 13.5, AGENT),), Outcome.SATISFIED),
        ((span(1, 13, AGENT),), Outcome.MISSING),
        ((span(1, 2, AGENT), span(40, 50, AGENT)), Outcome.SATISFIED),
        ((span(1, 2, AGENT), span(50, 55, AGENT)), Outcome.LATE),
        ((span(1, 50, AGENT), span(5, 8, CALLER)), Outcome.SATISFIED),
        ((), Outcome.MISSING),
    ],
)
def test_a_tone_counts_where_every_rule_admits_it(tones: tuple[ChannelSpan, ...], expected: Outcome) -> None:
    """By when it is first heard, if it is kept up until the last word: three beats may be missing."""
    given = facts(heard=heard(tones=tones))
    asked = replace(demand(given.places, LAW, on_date=DAY), tone_is_notice=True)

    assert recorded(given, asked).outcome is expected


def test_without_a_rule_in_force_the_strictest_reading_is_applied_and_said() -> None:
    """A date for which no version of the rule is there never makes a silent satisfied."""
    rules = {
        **LAW.rules,
        "US-TX": tuple(replace(r, effective_from=date(2030, 1, 1)) for r in LAW.rules["US-TX"]),
    }
    verdict = decide(facts("US-TX", "US-TX"), replace(LAW, rules=rules))

    assert (verdict.outcome, verdict.rule) == (Outcome.MISSING, "all-party")
    assert "There is no policy in force for US-TX, so all parties must agree there." in verdict.reasoning


def test_consent_after_an_objection_is_told_and_heals_nothing() -> None:
    """What was recorded in between was recorded against the caller's word."""
    given = next(each for name, each, _ in SITUATIONS if name == "objected, then agreed again")

    assert any("Asked anew, the caller agreed at 0:28.0" in each for each in decide(given, LAW).reasoning)


def rule(when: When, jurisdiction: str = "US-ZZ") -> AiRule:
    """A law on AI disclosure."""
    return AiRule(
        jurisdiction=jurisdiction,
        citation="§ 1",
        trigger="always",
        confidence=Confidence.VERIFIED,
        effective_from=None,
        when=when,
    )


START, ASKED, ELSEWHERE = rule(When.AT_START), rule(When.ON_REQUEST), rule(When.NOT_ON_CALLS)
EARLY, LATE = span(1, 3, AGENT), span(20, 22, AGENT)


def asks(truth: Truth, start_s: float = 30) -> HumanQuestion:
    """The question whether a person speaks, and what was made of it."""
    answer = None if truth is Truth.NONE else span(start_s + 2, start_s + 4, AGENT)
    return HumanQuestion(span=span(start_s, start_s + 1), truth=truth, answer=answer)


AI_SITUATIONS: Sequence[tuple[str, tuple[AiRule, ...], dict[str, Any], AiOutcome]] = [
    ("no law asks", (), {}, AiOutcome.NOT_REQUIRED),
    ("a law that asks nothing of calls", (ELSEWHERE,), {}, AiOutcome.NOT_REQUIRED),
    ("said at the start", (START,), {"ai_disclosures": (EARLY,)}, AiOutcome.SATISFIED),
    ("said late", (START,), {"ai_disclosures": (LATE,)}, AiOutcome.LATE),
    ("said at the start, and again", (START,), {"ai_disclosures": (EARLY, LATE)}, AiOutcome.SATISFIED),
    ("not said", (START,), {}, AiOutcome.MISSING),
    ("nobody asked", (ASKED,), {}, AiOutcome.NOT_REQUIRED),
    ("asked, true", (ASKED,), {"human_questions": (asks(Truth.TRUE),)}, AiOutcome.SATISFIED),
    ("asked, a lie", (ASKED,), {"human_questions": (asks(Truth.FALSE),)}, AiOutcome.UNTRUE),
    ("asked, a lie, and no law asks", (), {"human_questions": (asks(Truth.FALSE),)}, AiOutcome.UNTRUE),
    ("asked, evaded", (ASKED,), {"human_questions": (asks(Truth.EVADED),)}, AiOutcome.UNCERTAIN),
    ("asked, no answer", (ASKED,), {"human_questions": (asks(Truth.NONE),)}, AiOutcome.MISSING),
    (
        "asked, no answer, but told before",
        (ASKED,),
        {"human_questions": (asks(Truth.NONE),), "ai_disclosures": (EARLY,)},
        AiOutcome.UNCERTAIN,
    ),
    (
        "asked twice, once a lie",
        (ASKED,),
        {"human_questions": (asks(Truth.TRUE), asks(Truth.FALSE, 40))},
        AiOutcome.UNTRUE,
    ),
    (
        "told at the start, and lied later",
        (START,),
        {"ai_disclosures": (EARLY,), "human_questions": (asks(Truth.FALSE),)},
        AiOutcome.UNTRUE,
    ),
    (
        "true when asked is late for a law that asks at the start",
        (START, ASKED),
        {"ai_disclosures": (LATE,), "human_questions": (asks(Truth.TRUE, 18),)},
        AiOutcome.LATE,
    ),
]


@pytest.mark.parametrize(
    ("rules", "said", "expected"), [each[1:] for each in AI_SITUATIONS], ids=[s[0] for s in AI_SITUATIONS]
)
def test_ai_disclosure_is_judged_by_the_laws_that_ask_it(
    rules: tuple[AiRule, ...], said: dict[str, Any], expected: AiOutcome
) -> None:
    """By each law, whether it asks at the start or upon a question; the worst counts."""
    assert disclosed(facts(agent_kind=AgentKind.AI, heard=heard(**said)), rules).outcome is expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"agent_kind": AgentKind.HUMAN}, AiOutcome.NOT_REQUIRED),
        ({"lines": DEAF}, AiOutcome.UNCERTAIN),
        ({"lines": (BOTH[1],)}, AiOutcome.UNCERTAIN),
        ({"lines": NOBODY}, AiOutcome.UNCERTAIN),
        ({"heard": heard(ai_disclosures=(EARLY,)), "arrivals": (WITHIN, LATER)}, AiOutcome.UNCERTAIN),
        (
            {"heard": heard(ai_disclosures=(EARLY, span(31, 33, AGENT))), "arrivals": (WITHIN, LATER)},
            AiOutcome.SATISFIED,
        ),
    ],
)
def test_ai_disclosure_that_cannot_be_heard_is_not_asserted(
    more: dict[str, Any], expected: AiOutcome
) -> None:
    """Who could not be heard, or who joined after it, leaves the question open; a person owes none."""
    assert disclosed(facts(**{"agent_kind": AgentKind.AI, **more}), (START,)).outcome is expected


def test_the_two_questions_are_apart() -> None:
    """Recording may be lawful where the machine's silence is not, and the other way round."""
    silent = decide(facts("US-TX", "US-TX", agent_kind=AgentKind.AI), LAW)
    open_ = decide(facts(agent_kind=AgentKind.AI, heard=heard(ai_disclosures=(EARLY,))), LAW)

    assert (silent.outcome, silent.ai.outcome) == (Outcome.SATISFIED, AiOutcome.MISSING)
    assert (open_.outcome, open_.ai.outcome) == (Outcome.MISSING, AiOutcome.SATISFIED)
    assert "ai_disclosure_missing" in silent.obligations
    assert all(duty.citation and duty.jurisdiction for duty in silent.ai.duties)


def test_a_request_not_to_be_called_again_is_owed() -> None:
    """Whatever the verdict, the wish is carried on."""
    assert "do_not_contact" in decide(facts(heard=heard(opt_outs=(span(50, 51),))), LAW).obligations
    assert "do_not_contact" not in decide(facts(), LAW).obligations


RANK = {
    Outcome.SATISFIED: 0,
    Outcome.UNCERTAIN: 1,
    Outcome.LATE: 2,
    Outcome.MISSING: 3,
    Outcome.OBJECTED: 4,
    Outcome.WITHDRAWN: 4,
}
AI_RANK = {
    each: rank
    for rank, each in enumerate(("not_required", "satisfied", "uncertain", "late", "missing", "untrue"))
}

_moment = st.integers(0, 58_000)


@st.composite
def _spans(draw: st.DrawFn, channel: int, most: int = 3) -> tuple[ChannelSpan, ...]:
    starts = sorted(draw(st.lists(_moment, max_size=most)))
    return tuple(
        ChannelSpan(channel=channel, start_ms=s, end_ms=s + draw(st.integers(0, 4_000))) for s in starts
    )


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Facts of any call, however odd; what was heard was heard on a channel that could be read."""
    lines = draw(st.sampled_from([BOTH, MONO, SILENT, UNREAD, DEAF, NOBODY, (BOTH[0],), (BOTH[1],)]))
    ours = [each.channel for each in lines if each.is_read and each.role is not Role.CALLER]
    theirs = [each.channel for each in lines if each.is_read and each.role is not Role.AGENT]
    by_us = _spans(ours[0]) if ours else st.just(())
    by_them = _spans(theirs[0]) if theirs else st.just(())
    moments, forces = st.none() | _moment, st.sampled_from(list(Force))
    arrival = st.builds(Arrival, joined_ms=st.none() | st.integers(-9_000, 58_000), substance_ms=moments)
    return facts(
        draw(st.sampled_from(CODES)),
        draw(st.sampled_from(CODES)),
        agent_kind=draw(st.sampled_from(list(AgentKind))),
        lines=lines,
        arrivals=tuple(draw(st.lists(arrival, max_size=3))),
        substance_ms=draw(moments),
        heard=heard(
            notices=tuple(Notice(span=s, force=draw(forces), role=Role.AGENT) for s in draw(by_us)),
            ai_disclosures=draw(by_us),
            answer=draw(st.sampled_from(list(Answer))) if theirs else Answer.NOT_ASKED,
            answers=draw(by_them),
            objections=draw(by_them),
            human_questions=tuple(
                HumanQuestion(span=s, truth=draw(st.sampled_from(list(Truth))), answer=None)
                for s in draw(by_them)
            ),
            tones=draw(_spans(AGENT, 1)),
            transfers=draw(by_us),
        ),
    )


def verdict(given: Facts) -> Verdict:
    """The verdict by the shipped policies."""
    return decide(given, LAW)


@given(any_facts().filter(lambda each: each.theirs), _moment)
def test_an_objection_never_improves_an_outcome(given_: Facts, at_ms: int) -> None:
    """Whatever else was said, another objection makes nothing better."""
    more = ChannelSpan(channel=CALLER, start_ms=at_ms, end_ms=at_ms + 1_000)
    objections = tuple(sorted((*given_.heard.objections, more), key=lambda each: each.start_ms))
    worse = replace(given_, heard=replace(given_.heard, objections=objections))

    assert RANK[outcome(worse)] >= RANK[outcome(given_)]


@given(any_facts(), st.integers(0, 2))
def test_deleting_a_notice_never_improves_an_outcome(given_: Facts, which: int) -> None:
    """A notice that was not heard helps nobody."""
    notices = given_.heard.notices
    rest = replace(given_, heard=replace(given_.heard, notices=notices[:which] + notices[which + 1 :]))

    assert RANK[outcome(rest)] >= RANK[outcome(given_)]


@given(any_facts())
def test_deleting_ai_disclosure_never_improves_its_outcome(given_: Facts) -> None:
    """What a machine did not say of itself satisfies no law."""
    rest = replace(given_, heard=replace(given_.heard, ai_disclosures=()))

    assert AI_RANK[verdict(rest).ai.outcome] >= AI_RANK[verdict(given_).ai.outcome]


@given(any_facts(), st.sampled_from(CODES))
def test_another_place_never_improves_an_outcome(given_: Facts, code: str) -> None:
    """Each place brings its rule; none takes another's away."""
    wider = replace(given_, places=(*given_.places, *places("US-TX", code)[1:]))
    is_satisfied = outcome(given_) is Outcome.SATISFIED

    assert is_satisfied or outcome(wider) is not Outcome.SATISFIED


@given(any_facts())
def test_satisfied_under_an_all_party_rule_rests_on_a_notice(given_: Facts) -> None:
    """Consent is never asserted that was not observed: in words, or by a tone where a statute admits one."""
    found = verdict(given_)
    is_asserted = found.outcome is Outcome.SATISFIED and found.rule == "all-party"
    is_told = found.notice or (found.jurisdiction == "US-CT" and found.tones)

    assert not is_asserted or (is_told and not found.objection)
