"""Calls cut and scored, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from compliance.evaluate.counts import Score
from compliance.evaluate.cutters import Cutter
from compliance.evaluate.folder import Case
from compliance.evaluate.legal import facts, score_legal
from compliance.evaluate.score import score
from compliance.evaluate.truth import Fact
from compliance.records import Decision

Told = Callable[[Cutter, Case], None]
CONSENT = ("consent_", "ai_disclosure_", "held_by_policy")
"""With these begin the reasons of a hold that law or policy ask for, whatever was found and cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One call, scored."""

    id: str
    duration_ms: int
    seconds: float
    """Taken to make the cuts."""
    score: Score
    decision: Decision | None
    reasons: tuple[str, ...]
    facts: tuple[tuple[Fact, bool], ...] = ()
    """Every fact of legal weight that was said, and whether it was found."""
    expected: str | None = None
    """The verdict that the truth expects."""
    outcome: str | None = None
    """The verdict that came out; None where nothing judges."""

    @property
    def is_held_by_us(self) -> bool:
        """Whether detection or verification held it; to hold every call would serve nobody."""
        return any(not each.startswith(CONSENT) for each in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All calls, as one cutter made them."""

    name: str
    decides: bool
    calls: tuple[Scored, ...]

    @property
    def total(self) -> Score:
        """The counts of all calls together."""
        return sum((each.score for each in self.calls), start=Score())

    @property
    def seconds(self) -> float:
        """Taken for all of them."""
        return sum(each.seconds for each in self.calls)

    @property
    def duration_ms(self) -> int:
        """The length of all of them."""
        return sum(each.duration_ms for each in self.calls)


def measure(cutter: Cutter, cases: Iterable[Case], told: Told = lambda cutter, case: None) -> Measured:
    """Every call cut and scored; ``told`` hears of each that is about to begin."""
    return Measured(
        name=cutter.name,
        decides=cutter.decides,
        calls=tuple(_scored(cutter, case, told) for case in cases),
    )


def _scored(cutter: Cutter, case: Case, told: Told) -> Scored:
    told(cutter, case)
    began = time.perf_counter()
    made = cutter.cut(case)
    return Scored(
        id=case.call.id,
        duration_ms=case.call.duration_ms,
        seconds=time.perf_counter() - began,
        score=score(case.call, made.cuts) + score_legal(case.call, made.judged),
        facts=tuple(facts(case.call, made.judged)),
        expected=case.call.consent,
        outcome=None if made.judged is None else made.judged.outcome,
        decision=made.decision,
        reasons=made.reasons,
    )
