"""What is worth knowing of policies in which no fault was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from compliance.consent.law import AiRule, Law, Rule


def notes(law: Law) -> Iterator[str]:
    """When the rules were last checked, what an overlay loosens, and days on which no version is in force."""
    every = _every(law)
    checked = [rule.checked_on for rule in every if rule.checked_on is not None]
    yield f"Compared with their sources from {min(checked)} to {max(checked)}."
    yield from (f"Loosened, with an approver named: {name}." for name in _loosened(every))
    for code, versions in sorted(law.rules.items()):
        for first, last in _gaps(versions):
            yield f"{code}: no version is in force from {first} to {last}, where the strictest rule counts."


def _every(law: Law) -> Sequence[Rule | AiRule]:
    return [*(rule for versions in law.rules.values() for rule in versions), *law.ai]


def _loosened(every: Sequence[Rule | AiRule]) -> Sequence[str]:
    return sorted({rule.policy.file for rule in every if rule.loosened_by is not None and rule.policy})


def _gaps(versions: Sequence[Rule]) -> Iterator[tuple[date, date]]:
    """First and last day of each stretch between two versions in which neither is in force."""
    for earlier, later in pairwise(versions):
        if earlier.effective_until is None or later.effective_from is None:
            continue
        first = earlier.effective_until + timedelta(days=1)
        if first < later.effective_from:
            yield first, later.effective_from - timedelta(days=1)
