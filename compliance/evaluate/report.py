"""A run's figures as JSON, schema compliance/eval/1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.evaluate.figures import Figure, figures, recall
from compliance.evaluate.golden import Terms, Worse
from compliance.evaluate.intervals import CONFIDENCE
from compliance.evaluate.run import Measured, Scored
from compliance.manifest import plain
from compliance.records import ModelRef, PolicyRef

SCHEMA = "compliance/eval/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was scored, how, and what came out."""

    name: str
    """Of the folder."""
    terms: Terms
    systems: tuple[Measured, ...]
    """Ours first."""
    models: tuple[ModelRef, ...]
    policy: PolicyRef
    worse: tuple[Worse, ...] | None = None
    """Figures worse than the recorded ones; None where none were given."""

    @property
    def ours(self) -> Measured:
        """What our pipeline made."""
        return self.systems[0]


def document(report: Report) -> dict[str, Any]:
    """All of it."""
    return {
        "schema": SCHEMA,
        "name": report.name,
        "truth_sha256": report.terms.truth_sha256,
        "profile": report.terms.profile,
        "verified": report.terms.verified,
        "mono": report.terms.mono,
        "confidence": CONFIDENCE,
        "duration_ms": report.ours.duration_ms,
        "systems": [_system(each) for each in report.systems],
        "golden": _golden(report.worse),
        "models": plain(report.models),
        "policies": [plain(report.policy)],
    }


def _system(measured: Measured) -> dict[str, Any]:
    total = measured.total
    return {
        "name": measured.name,
        "seconds": round(measured.seconds, 3),
        "rtf": round(measured.seconds * 1000 / max(1, measured.duration_ms), 4),
        "figures": [_figure(each) for each in figures(measured)],
        "recall": [
            {**_binomial("label", each), "phrases": total.phrases_by_label[each.name],
             "phrases_leaking": total.leaking_by_label[each.name]}
            for each in recall(total)
        ],
        "harmless": [
            {"kind": kind, "count": count, "cut": total.harmless_cut_by_kind[kind]}
            for kind, count in sorted(total.harmless_by_kind.items())
        ],
        "calls": [_call(each) for each in measured.calls],
    }  # fmt: skip


def _figure(figure: Figure) -> dict[str, Any]:
    unit = {"unit": "ms" if figure.is_time else "count", "better": "more" if figure.is_good else "less"}
    return _binomial("name", figure) | unit


def _binomial(key: str, figure: Figure) -> dict[str, Any]:
    low, high = figure.interval or (None, None)
    return {
        key: figure.name,
        "part": figure.part,
        "whole": figure.whole,
        "share": _rounded(figure.share),
        "low": _rounded(low),
        "high": _rounded(high),
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _call(scored: Scored) -> dict[str, Any]:
    counts = scored.score
    return {
        "id": scored.id,
        "duration_ms": scored.duration_ms,
        "seconds": round(scored.seconds, 3),
        "decision": None if scored.decision is None else str(scored.decision),
        "reasons": list(scored.reasons),
        "words": counts.words,
        "leaked_words": counts.leaked,
        "leaked_ms": counts.leaked_ms,
        "cards": counts.cards,
        "open_cards": counts.open_cards,
        "over_cut_ms": counts.over_ms,
        "cut_ms": counts.cut_ms,
        "harmless_cut": counts.harmless_cut,
        "crosstalk_open": counts.crosstalk_open,
        "protected_cut_ms": counts.protected_cut_ms,
        "facts": [{"fact": str(fact), "found": is_found} for fact, is_found in scored.facts],
        "expected": scored.expected,
        "outcome": scored.outcome,
        "leaked": [{"label": name, "words": n} for name, n in sorted(counts.leaked_by_label.items()) if n],
    }


def _golden(worse: Iterable[Worse] | None) -> dict[str, Any] | None:
    found: Sequence[Worse] | None = None if worse is None else list(worse)
    return None if found is None else {"is_kept": not found, "worse": plain(list(found))}
