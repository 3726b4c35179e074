"""Facts of legal weight: those heard held against those said, and the verdict against the one expected.

A fact is found if one of its kind was heard on its channel, and begins and ends within a
second of it.  A question whether a person speaks is found only if its answer was read rightly too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance.consent.notice import Heard, Truth
from compliance.evaluate.counts import Score
from compliance.evaluate.truth import Call, Fact, Mark
from compliance.records import ChannelSpan, Outcome

NEAR_MS = 1_000
"""Of its start and of its end."""
COUNTS_AS: Mapping[str, str] = {
    Outcome.LATE: "missing",
    Outcome.UNCERTAIN: "missing",
    Outcome.OBJECTED: "withdrawn",
}
"""A truth tells three verdicts apart: what comes too late or cannot be told is missing to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was heard in a call, and what followed."""

    marks: tuple[Mark, ...]
    outcome: str

    @property
    def consent(self) -> str:
        """The verdict in the words of a truth."""
        return COUNTS_AS.get(self.outcome, self.outcome)


def judged(heard: Heard, outcome: str) -> Judged:
    """What was heard, as marks."""
    spans: dict[Fact, Sequence[ChannelSpan]] = {
        Fact.NOTICE: [each.span for each in heard.notices],
        Fact.AI_DISCLOSURE: heard.ai_disclosures,
        Fact.CONSENT_ANSWER: heard.answers,
        Fact.OBJECTION: heard.objections,
    }
    marks = [_mark(fact, span) for fact, each in spans.items() for span in each]
    marks += [
        _mark(Fact.HUMAN_QUESTION, each.span, is_truthful=_TRUTHFUL.get(each.truth))
        for each in heard.human_questions
    ]
    return Judged(marks=tuple(marks), outcome=outcome)


_TRUTHFUL = {Truth.TRUE: True, Truth.FALSE: False}


def _mark(fact: Fact, span: ChannelSpan, *, is_truthful: bool | None = None) -> Mark:
    return Mark(
        fact=fact, channel=span.channel, interval=(span.start_ms, span.end_ms), is_truthful=is_truthful
    )


def score_legal(call: Call, found: Judged | None) -> Score:
    """The counts of a call whose truth tells of facts; of one that came to no verdict nothing is found."""
    if call.marks is None:
        return Score()
    heard = found.marks if found is not None else ()
    is_right = found is not None and found.consent == call.consent
    return Score(
        facts=len(call.marks),
        facts_found=sum(is_found for _, is_found in facts(call, found)),
        facts_heard=len(heard),
        facts_false=sum(not any(_meets(call, mark, each) for each in call.marks) for mark in heard),
        verdicts=int(call.consent is not None),
        verdicts_right=int(call.consent is not None and is_right),
    )


def facts(call: Call, found: Judged | None) -> Iterator[tuple[Fact, bool]]:
    """Every fact that was said, and whether it was found."""
    for mark in call.marks or ():
        heard = found.marks if found is not None else ()
        yield mark.fact, any(_finds(call, each, mark) for each in heard)


def _finds(call: Call, heard: Mark, said: Mark) -> bool:
    """Whether what was heard is the fact that was said, within a second at both ends."""
    near = all(abs(a - b) <= NEAR_MS for a, b in zip(heard.interval, said.interval, strict=True))
    is_read = said.is_truthful is None or said.is_truthful is heard.is_truthful
    return near and is_read and _is_of(call, heard, said)


def _meets(call: Call, heard: Mark, said: Mark) -> bool:
    """Whether what was heard lies about where such a fact was said."""
    start, end = said.interval
    is_near = heard.interval[0] < end + NEAR_MS and start - NEAR_MS < heard.interval[1]
    return is_near and _is_of(call, heard, said)


def _is_of(call: Call, heard: Mark, said: Mark) -> bool:
    """Of one kind, and on one channel; in a mono call both parties are on the same."""
    return heard.fact is said.fact and (call.is_mono or heard.channel == said.channel)
