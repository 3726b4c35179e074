"""The verdict: from word-free facts and the law to an outcome, in sentences that can be checked.

Pure, so that a verdict can be replayed years later from the same facts and the
same policy files.  Not legal advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compliance.consent import grounds, reasons
from compliance.consent.ai import disclosed
from compliance.consent.demand import Demand, demand
from compliance.consent.facts import Facts
from compliance.consent.facts_file import digest
from compliance.consent.law import Law
from compliance.consent.notice import Force
from compliance.consent.obligations import HOLDING, Ordered, Orders, ordered
from compliance.consent.recorded import Ground, is_recorded_on, recorded
from compliance.records import AiOutcome, AiVerdict, PolicyRef, Verdict

OWED_FOR_AI = {
    AiOutcome.LATE: "ai_disclosure_late",
    AiOutcome.MISSING: "ai_disclosure_missing",
    AiOutcome.UNTRUE: "ai_disclosure_untrue",
    AiOutcome.UNCERTAIN: "ai_disclosure_uncertain",
}
"""What a verdict owes where a machine did not say in time that it is one."""


def decide(
    facts: Facts,
    law: Law,
    orders: Orders = HOLDING,
    *,
    on_date: date | None = None,
    facts_sha256: str | None = None,
) -> Verdict:
    """Whether the recording was lawful to make, and what is to be done with it.

    ``on_date`` judges by the law of another day than the call's.  ``facts_sha256``
    is the digest under which the facts are kept, where they are: a later version
    of this code may spell equal facts otherwise.
    """
    day = on_date or facts.day
    asked = demand(facts.places, law, on_date=day)
    ground, ai = recorded(facts, asked), disclosed(facts, asked.ai)
    done = ordered(ground, ai, facts, asked, orders)
    heard = facts.heard
    return Verdict(
        outcome=ground.outcome,
        sentence=ground.sentence,
        rule="all-party" if asked.rule.is_all_party else "one-party",
        jurisdiction=asked.rule.code,
        citation=asked.rule.statutes,
        confidence=asked.rule.confidence.value,
        policy=asked.rule.policy,
        day=day.isoformat(),
        ai=ai,
        reasoning=tuple(_reasoning(facts, asked, ground, ai, done)),
        places=facts.places,
        notice=tuple(each.span for each in heard.notices),
        tones=heard.tones,
        ai_disclosure=heard.ai_disclosures,
        consent=heard.answers,
        objection=heard.objections,
        obligations=tuple(dict.fromkeys(_owed(facts, asked, ai))),
        acts=done.acts,
        cut=done.cut,
        facts_sha256=facts_sha256 or digest(facts),
        policies=tuple(_policies(asked, orders)),
    )


def _reasoning(facts: Facts, asked: Demand, ground: Ground, ai: AiVerdict, done: Ordered) -> Iterator[str]:
    """From the places over what was heard to both outcomes, and to what is done."""
    yield from reasons.of_law(asked)
    yield from grounds.of_speech(facts, asked)
    yield ground.sentence
    yield from grounds.of_aftermath(facts)
    yield from grounds.of_ai(facts, ai)
    yield from done.reasoning


def _owed(facts: Facts, asked: Demand, ai: AiVerdict) -> Iterator[str]:
    """What still has to be done or looked into, in a fixed order."""
    heard = facts.heard
    if heard.notices and asked.keeps_notice:
        yield "keep_notice_in_recording"
    if ai.outcome in OWED_FOR_AI:
        yield OWED_FOR_AI[ai.outcome]
    if is_recorded_on(facts):
        yield "stop_recording_not_honoured"
    if heard.opt_outs:
        yield "do_not_contact"
    firm = any(each.force is Force.IS and facts.is_in_time(each.span) for each in heard.notices)
    for extra in asked.extras:
        if not (firm and (extra.needs != "use-in-court" or heard.is_court_said)):
            yield extra.obligation


def _policies(asked: Demand, orders: Orders) -> Iterator[PolicyRef]:
    """Every file that the verdict rests on, once."""
    yield from asked.policies
    if orders.policy is not None and orders.policy not in asked.policies:
        yield orders.policy
