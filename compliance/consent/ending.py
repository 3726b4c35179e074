"""How a recording ends by its verdict, as the stable words that state, manifest and log carry."""

from __future__ import annotations

from compliance.records import Act, AiOutcome, Outcome, Verdict

MARKED = "kept_marked"
"""Released although consent was not satisfied, as the policy orders; the reasons beside it say in what."""
CUT = "consent_cut"
"""Released with everything cut that was recorded without consent."""
BY_POLICY = "held_by_policy"
"""Held although nothing is wrong with it, as the policy orders."""
_AI_FINE = (AiOutcome.SATISFIED, AiOutcome.NOT_REQUIRED)


def held_for(verdict: Verdict) -> tuple[str, ...]:
    """What of the verdict holds a recording, as the policy orders; empty if nothing does."""
    is_held = verdict.ending is Act.HOLD
    return (marks(verdict) or (BY_POLICY,)) if is_held else ()


def marks(verdict: Verdict) -> tuple[str, ...]:
    """What is not satisfied, of the recording and of the machine's disclosure."""
    found = [
        (verdict.outcome is not Outcome.SATISFIED, f"consent_{verdict.outcome}"),
        (verdict.ai.outcome not in _AI_FINE, f"ai_disclosure_{verdict.ai.outcome}"),
    ]
    return tuple(mark for is_so, mark in found if is_so)


def let_go(verdict: Verdict) -> tuple[str, ...]:
    """What is said of a recording that the policy releases all the same; empty where all is satisfied."""
    if verdict.ending is Act.KEEP_MARKED:
        return (MARKED, *marks(verdict))
    return (CUT, *marks(verdict)) if verdict.cut else marks(verdict)
