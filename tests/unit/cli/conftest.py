"""A manifest as a run writes it, small."""

from __future__ import annotations

from typing import Any

import pytest

SHA = "ab" * 32


def span(channel: int, start_ms: int, end_ms: int) -> dict[str, int]:
    """A stretch of a channel."""
    return {"channel": channel, "start_ms": start_ms, "end_ms": end_ms}


def finding(number: int, entity: str, where: dict[str, int]) -> dict[str, Any]:
    """A finding that is cut."""
    told = {"score": 0.9, "detector": "digits", "why": "a run of sixteen digits", "action": "cut"}
    return {"id": f"f{number}", "source": 0, "entity": entity, **where, **told}


@pytest.fixture
def manifest() -> dict[str, Any]:
    """A released call of ten seconds: a card in two parts, a name, and a notice."""
    card, more, name = span(1, 4000, 6000), span(1, 6500, 7000), span(0, 8000, 8500)
    cut = {"source": 0, "method": "tone", "why": "findings"}
    return {
        "schema": "compliance/manifest/1",
        "recording": {
            "id": "rec_" + "0" * 32,
            "duration_ms": 10_000,
            "profile": "default",
            "channels": [{"index": 0, "role": "agent"}, {"index": 1, "role": "caller"}],
        },
        "sources": [
            {"index": 0, "sha256": SHA, "size_bytes": 1, "container": "ogg", "codec": "opus"}
            | {"rate": 48_000, "channels": 2, "duration_ms": 10_000}
        ],
        "outputs": [{"file": "redacted.ogg", "sha256": SHA}],
        "findings": [
            finding(1, "CREDIT_CARD", card),
            finding(2, "CREDIT_CARD", more),
            finding(3, "PERSON", name),
        ],
        "cuts": [
            cut | span(1, 3700, 7500) | {"findings": ["f1", "f2"]},
            cut | span(0, 7700, 9000) | {"findings": ["f3"]},
        ],
        "consent": {
            "outcome": "satisfied",
            "sentence": "Notice was given in time.",
            "ai": {"outcome": "untrue", "sentence": "It lied.", "duties": [], "questions": [], "answers": []},
            "acts": ["hold"],
            "rule": "all-party",
            "jurisdiction": "US-CA",
            "citation": ["Cal. Penal Code § 632"],
            "confidence": "verified",
            "reasoning": ["The caller is placed in US-CA."],
            "places": [
                {"jurisdiction": "US-CA", "role": "caller", "evidence": "area_code", "is_weak": True},
            ],
            "notice": [span(0, 500, 2000)],
            "ai_disclosure": [],
            "consent": [],
            "objection": [],
            "obligations": [],
            "policies": [{"file": "consent/us/ca.yaml", "sha256": SHA}],
        },
        "verification": {
            "is_clean": True,
            "passes": 1,
            "checks": ["duration", "samples_in_cuts", "samples_outside_cuts", "metadata", "relistened"],
            "relistened_ms": 6000,
            "residual": [],
        },
        "release": {"decision": "released", "reasons": []},
        "models": [{"name": "whisper-base", "sha256": SHA}],
        "policies": [{"file": "redaction/default.yaml", "sha256": SHA}],
        "timings": {"transcribe": 1.5, "total": 1.5, "rtf": 0.15},
    }
