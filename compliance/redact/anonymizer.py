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
    """Text in which each marked stretch reads ``[LABEL]``; text outside the marks is as it was.

    Each mark is a kind of its own to the library, which would else make one of
    two that stand side by side.
    """
    results = [RecognizerResult(str(n), mark.start, mark.end, 1.0) for n, mark in enumerate(marks)]
    operators = {
        str(n): OperatorConfig("replace", {"new_value": f"[{mark.label}]"}) for n, mark in enumerate(marks)
    }
    return str(_engine().anonymize(text, results, operators).text)
