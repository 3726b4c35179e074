"""What follows from a verdict: released, held, destroyed, or cut first; as the policy orders it.

What is ordered is carried out by the pipeline.  A cut that cannot be placed, or
that leaves something nobody agreed to, holds the recording instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from compliance.consent.demand import Demand
from compliance.consent.facts import Facts
from compliance.consent.notice import Answer
from compliance.consent.placed import open_stretches, stretches
from compliance.consent.recorded import Ground, recorded
from compliance.records import Act, AiOutcome, AiVerdict, ChannelSpan, Outcome, PolicyRef

ENDINGS = (Act.RELEASE, Act.KEEP_MARKED, Act.HOLD, Act.DESTROY)
"""How a recording ends, the strictest last; of two orders the stricter is carried out."""
CUTS = (Act.CUT_BEFORE_NOTICE, Act.CUT_AFTER_OBJECTION)
Acts = tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the policy orders for each outcome: cuts, and last how the recording ends."""

    recording: Mapping[Outcome, Acts]
    one_party: Mapping[Outcome, Acts]
    """In place of ``recording`` where a one-party rule applies; only what differs."""
    ai: Mapping[AiOutcome, Acts]
    silences_everyone: bool
    """Whether a cut after an objection is made on every channel, and not only on the objector's."""
    policy: PolicyRef | None

    def of(self, outcome: Outcome, *, is_all_party: bool) -> Acts:
        """What is ordered for an outcome of the question of recording."""
        return (not is_all_party and self.one_party.get(outcome)) or self.recording[outcome]


HOLDING = Orders(
    recording={each: (Act.RELEASE if each is Outcome.SATISFIED else Act.HOLD,) for each in Outcome},
    one_party={},
    ai={
        each: (Act.RELEASE if each in (AiOutcome.SATISFIED, AiOutcome.NOT_REQUIRED) else Act.HOLD,)
        for each in AiOutcome
    },
    silences_everyone=False,
    policy=None,
)
"""Anything but satisfied is held, and nothing is cut for consent's sake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """What is done with one recording, and why."""

    acts: Acts
    cut: tuple[ChannelSpan, ...]
    reasoning: tuple[str, ...]


def ordered(ground: Ground, ai: AiVerdict, facts: Facts, asked: Demand, orders: Orders) -> Ordered:
    """What the policy orders for both outcomes: all cuts, and of two endings the stricter."""
    wanted = orders.of(ground.outcome, is_all_party=asked.rule.is_all_party)
    cuts, ending = wanted[:-1], max(wanted[-1], orders.ai[ai.outcome][-1], key=ENDINGS.index)
    made = {each: tuple(stretches(each, facts, asked, everyone=orders.silences_everyone)) for each in cuts}
    said = tuple(_SAID[each] for each in cuts if made[each])
    refusal = _refusal(ground, facts, asked, cuts, ending, is_placed=all(made.values()))
    if refusal is not None:
        ending, said = max(ending, Act.HOLD, key=ENDINGS.index), (*said, refusal)
    placed = tuple(each for each in CUTS if made.get(each))
    cut = open_stretches((span for each in placed for span in made[each]), facts)
    return Ordered(acts=(*placed, ending), cut=cut, reasoning=said)


_SAID = {
    Act.CUT_BEFORE_NOTICE: "As the policy orders, everything before the notice is cut.",
    Act.CUT_AFTER_OBJECTION: "As the policy orders, what was said after the objection is cut.",
}


def _refusal(
    ground: Ground, facts: Facts, asked: Demand, cuts: Acts, ending: Act, *, is_placed: bool
) -> str | None:
    """Why a recording may not end as ordered after its cuts; None if it may."""
    if not cuts or ending is Act.DESTROY:
        return None
    if not is_placed:
        return "Where the policy would cut cannot be told from the facts, so the recording is held."
    if ending is Act.RELEASE and not _is_lawful_rest(ground, facts, asked, cuts):
        return "What the cut leaves was not agreed to either, so the recording is held."
    return None


def _is_lawful_rest(ground: Ground, facts: Facts, asked: Demand, cuts: Acts) -> bool:
    """Whether what the cuts leave would itself be satisfied."""
    rest = facts
    if Act.CUT_AFTER_OBJECTION in cuts:
        rest = _until_objection(rest)
        if ground.outcome is Outcome.OBJECTED:
            # Nothing of substance is left but the notice and the objection to it.
            return not asked.rule.is_all_party or bool(rest.heard.notices)
    if Act.CUT_BEFORE_NOTICE in cuts:
        arrivals = tuple(replace(each, substance_ms=None) for each in rest.arrivals)
        rest = replace(rest, substance_ms=None, arrivals=arrivals)
    return recorded(rest, asked).outcome is Outcome.SATISFIED


def _until_objection(facts: Facts) -> Facts:
    """The facts as they stood when somebody objected."""
    heard = facts.heard
    until_ms = heard.objections[0].start_ms if heard.objections else facts.duration_ms
    answers = tuple(span for span in heard.answers if span.end_ms <= until_ms)
    is_void = heard.answer is Answer.NO or (heard.answer is Answer.YES and not answers)
    earlier = replace(
        heard,
        notices=tuple(each for each in heard.notices if each.span.end_ms <= until_ms),
        tones=tuple(span for span in heard.tones if span.start_ms < until_ms),
        answers=answers,
        answer=Answer.NOT_ASKED if is_void else heard.answer,
        objections=(),
    )
    return replace(facts, heard=earlier)
