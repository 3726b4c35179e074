"""The requirements of a call as the JSON document ``compliance/consent-requirements/1``.

It holds places and rules, and none of the numbers that were asked about.
"""

from __future__ import annotations

from typing import Any

from compliance.consent.opening import Opening
from compliance.consent.requirements import Requirements
from compliance.consent.to_say import Ground, Requirement
from compliance.records import Place


def document(found: Requirements) -> dict[str, Any]:
    """The answer of ``POST /v1/consent/requirements`` and of ``compliance consent explain --json``."""
    asked = found.asked
    return {
        "schema": "compliance/consent-requirements/1",
        "date": found.day.isoformat(),
        "agent": found.agent.value,
        "places": [_place(place) for place, _ in asked.rules],
        "rule": "all-party" if asked.rule.is_all_party else "one-party",
        "jurisdiction": asked.rule.code,
        "citation": list(asked.rule.statutes),
        "confidence": asked.rule.confidence.value,
        "to_say": [_requirement(each) for each in found.to_say],
        "consent": _consent(found),
        "keep_notice_in_recording": asked.keeps_notice,
        "tone_is_notice": asked.tone_is_notice,
        "script": _script(found.opening),
        "if_asked_whether_machine": found.true_answer,
        "reasoning": list(found.reasoning),
        "policies": [{"file": ref.file, "sha256": ref.sha256} for ref in found.policies],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "jurisdiction": place.jurisdiction,
        "role": place.role.value,
        "evidence": place.evidence,
        "is_weak": place.is_weak,
    }


def _requirement(each: Requirement) -> dict[str, Any]:
    return {
        "says": each.says.value,
        "when": each.when.value,
        "again": [moment.value for moment in each.again],
        "is_required": each.is_required,
        "why": each.why,
        "grounds": [_ground(ground) for ground in each.grounds],
    }


def _ground(ground: Ground) -> dict[str, Any]:
    return {
        "jurisdiction": ground.jurisdiction,
        "citation": list(ground.citation),
        "confidence": ground.confidence.value,
    }


def _consent(found: Requirements) -> dict[str, bool]:
    """What agreement takes: nothing, notice alone, going on after it, or a yes."""
    is_all_party = found.asked.rule.is_all_party
    return {
        "all_parties_must_agree": is_all_party,
        "must_ask": found.must_ask,
        "going_on_is_consent": is_all_party and not found.must_ask,
        "notice_is_enough": is_all_party and found.asked.is_notice_enough and not found.must_ask,
    }


def _script(opening: Opening) -> dict[str, Any]:
    return {
        "text": opening.text,
        "question": opening.question,
        "again": opening.again,
        "parts": [
            {"says": [saying.value for saying in part.says], "text": part.text, "source": part.source.value}
            for part in opening.parts
        ],
    }
