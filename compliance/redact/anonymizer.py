"""Text with its marked stretches replaced; the edge to presidio-anonymizer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

logging.getLogger("presidio-anonymizer").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A stretch of text, half-open, and the label that is put in its place."""

    start: int
    end: int
    label: str


@cache
def _engine() -> AnonymizerEngine:
    """One engine a process; it holds no state between calls."""
    return AnonymizerEngine()  # type: ignore[no-untyped-call]


def replaced(text: str, marks: Sequence[Mark]) -> str:
    """Text in which each marked stretch reads ``[LABEL]``; text outside the marks is as it was."""
    results = [RecognizerResult(entity_type=m.label, start=m.start, end=m.end, score=1.0) for m in marks]
    operators = {m.label: OperatorConfig("replace", {"new_value": f"[{m.label}]"}) for m in marks}
    return str(_engine().anonymize(text, results, operators).text)
