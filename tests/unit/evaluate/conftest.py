"""A report of two calls by two cutters, made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from compliance.evaluate.counts import Score
from compliance.evaluate.golden import Terms
from compliance.evaluate.report import Report
from compliance.evaluate.run import Measured, Scored
from compliance.records import Decision, ModelRef, PolicyRef

TERMS = Terms(truth_sha256="ab" * 32, profile="default", verified=True, mono=False)


def counts(leaked: int = 1, over_ms: int = 500) -> Score:
    """A call of ten digits and two names, of which so many digits leak."""
    return Score(
        calls=1,
        calls_leaking=int(leaked > 0),
        words=12,
        leaked=leaked,
        sensitive_ms=6000,
        leaked_ms=500 * leaked,
        cards=1,
        cut_ms=8000,
        over_ms=over_ms,
        other_ms=30_000,
        harmless=4,
        harmless_cut=1,
        protected_ms=3000,
        words_by_label=Counter(CREDIT_CARD=10, PERSON=2),
        leaked_by_label=Counter(CREDIT_CARD=leaked),
        phrases_by_label=Counter(CREDIT_CARD=1, PERSON=1),
        leaking_by_label=Counter(CREDIT_CARD=int(leaked > 0)),
        harmless_by_kind=Counter(price=4),
        harmless_cut_by_kind=Counter(price=1),
    )


def measured(name: str = "ours", *, leaked: int = 1, over_ms: int = 500) -> Measured:
    """Two calls, one of them held."""
    decides = name == "ours"
    held = ("consent_missing", "residual_found") if decides else ()
    released = Decision.RELEASED if decides else None
    first = Scored(
        id="one",
        duration_ms=60_000,
        seconds=9.0,
        score=counts(leaked, over_ms),
        decision=released,
        reasons=(),
    )
    second = Scored(
        id="two",
        duration_ms=60_000,
        seconds=9.0,
        score=counts(0),
        decision=Decision.HELD if decides else None,
        reasons=held,
    )
    return Measured(name=name, decides=decides, calls=(first, second))


@pytest.fixture
def run() -> Callable[..., Measured]:
    """Makes up a run."""
    return measured


@pytest.fixture
def report() -> Report:
    """Ours beside the plain chain."""
    return Report(
        name="some-calls",
        terms=TERMS,
        systems=(measured(), measured("plain chain", leaked=9, over_ms=4000)),
        models=(ModelRef(name="whisper-base", sha256="cd" * 32),),
        policy=PolicyRef(file="redaction/default.yaml", sha256="ef" * 32),
    )
