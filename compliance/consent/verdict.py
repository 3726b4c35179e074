"""The verdict: from the places, the rules and what was said to an outcome, in sentences that can be checked.

Pure, so that a verdict can be replayed years later from the same conversation
and the same policy files.  Not legal advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.consent import phone, reasons
from compliance.consent.demand import Demand, demand
from compliance.consent.jurisdiction import Locate, places
from compliance.consent.law import Law
from compliance.consent.notice import Answer, Force, Heard, Notice, hear
from compliance.consent.substance import goes_on_after, substance_ms
from compliance.records import AgentKind, ChannelSpan, Conversation, Outcome, Place, Recording, Role, Verdict

_STOP_GRACE_MS = 10_000
"""Time to end the recording after an objection: an answer and a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was heard, and when it mattered."""

    heard: Heard
    substance_ms: int | None
    """From here on a notice is late; None where the caller said next to nothing."""
    has_words: bool
    late_joiner_ms: int | None
    """When the last of the other parties joined, where that is known."""
    last_word_ms: int

    def is_in_time(self, span: ChannelSpan) -> bool:
        """Whether something ended before the substance began."""
        return self.substance_ms is None or span.end_ms <= self.substance_ms


def judge(
    conversation: Conversation,
    recording: Recording,
    law: Law,
    *,
    on_date: date,
    declared: Sequence[Place] = (),
    locate: Locate = phone.locate,
) -> Verdict:
    """Whether the recording was lawful to make, under the strictest rule that may apply on that day."""
    where = places(recording.parties, locate, declared=declared)
    asked = demand(where, law, on_date=on_date)
    facts = _facts(conversation, recording, law)
    outcome, why = _outcome(conversation, facts, asked)
    heard = facts.heard
    return Verdict(
        outcome=outcome,
        rule="all-party" if asked.rule.is_all_party else "one-party",
        jurisdiction=asked.rule.code,
        citation=asked.rule.statutes,
        confidence=asked.rule.confidence.value,
        reasoning=(*reasons.of_law(asked), *reasons.of_speech(heard), why, *_afterwards(facts)),
        places=where,
        notice=tuple(each.span for each in heard.notices),
        ai_disclosure=heard.ai_disclosures,
        consent=heard.answers,
        objection=heard.objections,
        obligations=_obligations(recording, facts, asked),
        policies=asked.policies,
    )


def _facts(conversation: Conversation, recording: Recording, law: Law) -> Facts:
    joined = [p.joined_ms for p in recording.parties if p.role is not Role.AGENT and p.joined_ms is not None]
    return Facts(
        heard=hear(conversation, law.disclosure),
        substance_ms=substance_ms(conversation),
        has_words=bool(conversation.turns),
        late_joiner_ms=max(joined, default=None),
        last_word_ms=max((turn.end_ms for turn in conversation.turns), default=0),
    )


def _outcome(conversation: Conversation, facts: Facts, asked: Demand) -> tuple[Outcome, str]:
    """The outcome with the sentence that gives its ground.

    (1) An objection decides, whatever the rule.  (2) Under a one-party rule the
    business agrees for itself.  (3) Under an all-party rule everyone must have
    been told in time and have agreed, by word or by going on.
    """
    # (1) A recording that someone did not want is for a person to decide on, even where it is lawful.
    heard = facts.heard
    if heard.objections:
        return _objected(facts, heard.objections[0])
    # (2)
    if not asked.rule.is_all_party:
        return Outcome.SATISFIED, "One party's agreement is enough, and the business that records gives it."
    # (3)
    if heard.answer is Answer.NO:
        return Outcome.OBJECTED, "Asked for consent to the recording, the caller said no."
    if not facts.has_words:
        return Outcome.UNCERTAIN, "No speech could be read, so nobody can tell whether notice was given."
    if not heard.notices:
        return Outcome.MISSING, "All parties must agree, and no notice of recording was heard."
    return _noticed(conversation, facts, asked)


def _objected(facts: Facts, objection: ChannelSpan) -> tuple[Outcome, str]:
    """Withdrawn where the caller had let the recording go on first; else objected."""
    if facts.substance_ms is None or objection.start_ms <= facts.substance_ms:
        return Outcome.OBJECTED, "The caller objected to the recording before anything of substance was said."
    return Outcome.WITHDRAWN, "The caller objected to the recording after the talk had begun."


def _noticed(conversation: Conversation, facts: Facts, asked: Demand) -> tuple[Outcome, str]:
    """Under an all-party rule, what a notice that was heard is worth."""
    heard = facts.heard
    timely = [each for each in heard.notices if facts.is_in_time(each.span)]
    if not timely:
        return Outcome.LATE, "The notice came only after the caller had said something of substance."
    last_ms = max(each.span.start_ms for each in heard.notices)
    if facts.late_joiner_ms is not None and facts.late_joiner_ms > last_ms:
        return Outcome.UNCERTAIN, "A party joined after the last notice and cannot have heard it."
    if heard.answer is Answer.YES:
        return Outcome.SATISFIED, "Asked for consent to the recording, the caller said yes."
    if heard.answer is Answer.UNCLEAR:
        return Outcome.UNCERTAIN, "Asked for consent, the caller answered neither clearly yes nor clearly no."
    return _went_on(conversation, timely, facts, asked)


def _went_on(
    conversation: Conversation, timely: Sequence[Notice], facts: Facts, asked: Demand
) -> tuple[Outcome, str]:
    """Notice in time and no answer in words: what going on is worth."""
    told = [each for each in timely if each.force is not Force.ASKED]
    firm = [each for each in told if each.force is Force.IS]
    if not told:
        return Outcome.UNCERTAIN, "Permission to record was asked, and no answer was heard."
    if asked.needs_is and not firm:
        return Outcome.UNCERTAIN, (
            "The notice said only that the call may be recorded; the rule asks for a statement that it is."
        )
    if asked.needs_answer:
        return (
            Outcome.UNCERTAIN,
            "Notice was given, but the rule asks for a yes in words, and none was heard.",
        )
    notice = (firm or told)[0]
    if goes_on_after(conversation, notice.span.end_ms, facts.heard.objections):
        return Outcome.SATISFIED, (
            "Notice was given before anything of substance, and the caller went on, which counts as consent."
        )
    if asked.is_notice_enough:
        return Outcome.SATISFIED, "Notice was given in time, and under this rule the notice is enough."
    return Outcome.UNCERTAIN, "Notice was given, but the caller was not heard to go on after it."


def _is_recorded_on(facts: Facts) -> bool:
    """Whether talk is still recorded well after an objection: the recording itself is the proof."""
    objections = facts.heard.objections
    return bool(objections) and facts.last_word_ms > objections[0].end_ms + _STOP_GRACE_MS


def _afterwards(facts: Facts) -> tuple[str, ...]:
    """What followed an objection, in a sentence."""
    if not facts.heard.objections:
        return ()
    said = any(stop.start_ms >= facts.heard.objections[0].start_ms for stop in facts.heard.stops)
    answer = "The agent said that the recording was stopped" if said else "The agent was not heard to stop it"
    more = "speech is recorded" if _is_recorded_on(facts) else "no speech is recorded"
    return (f"{answer}; {more} more than ten seconds after the objection.",)


def _obligations(recording: Recording, facts: Facts, asked: Demand) -> tuple[str, ...]:
    """What still has to be done or looked into, in a fixed order."""
    heard = facts.heard
    found: list[str] = []
    if heard.notices and asked.keeps_notice:
        found.append("keep_notice_in_recording")
    if recording.agent_kind is AgentKind.AI and not heard.ai_disclosures:
        found.append("ai_disclosure_missing")
    if _is_recorded_on(facts):
        found.append("stop_recording_not_honoured")
    firm = any(each.force is Force.IS and facts.is_in_time(each.span) for each in heard.notices)
    for extra in asked.extras:
        is_met = firm and (extra.needs != "use-in-court" or heard.is_court_said)
        if not is_met:
            found.append(extra.obligation)
    return tuple(dict.fromkeys(found))
