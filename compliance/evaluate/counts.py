"""What is counted of scored calls, so that several can be added up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The counts of one call, or of several added up."""

    calls: int = 0
    calls_leaking: int = 0
    words: int = 0
    """Sensitive words."""
    leaked: int = 0
    sensitive_ms: int = 0
    leaked_ms: int = 0
    """Of the sensitive words' time."""
    cards: int = 0
    open_cards: int = 0
    cut_ms: int = 0
    over_ms: int = 0
    other_ms: int = 0
    """Speech that is not sensitive."""
    harmless: int = 0
    harmless_cut: int = 0
    crosstalk_words: int = 0
    """The caller's sensitive words in calls where the caller is heard in the agent's channel too."""
    crosstalk_open: int = 0
    """Of them, those left audible in the agent's channel."""
    protected_ms: int = 0
    """Of the notice, the disclosure, an answer or an objection."""
    protected_cut_ms: int = 0
    facts: int = 0
    """Of legal weight, said in calls whose truth tells of them."""
    facts_found: int = 0
    facts_heard: int = 0
    facts_false: int = 0
    """Of those heard, the ones near which no such fact was said."""
    verdicts: int = 0
    """Calls for which one is expected."""
    verdicts_right: int = 0
    words_by_label: Counter[str] = field(default_factory=Counter)
    leaked_by_label: Counter[str] = field(default_factory=Counter)
    phrases_by_label: Counter[str] = field(default_factory=Counter)
    leaking_by_label: Counter[str] = field(default_factory=Counter)
    """Phrases of which a word leaks."""
    harmless_by_kind: Counter[str] = field(default_factory=Counter)
    harmless_cut_by_kind: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: Score) -> Score:
        """The counts of both taken together."""
        mine, theirs = self.counts(), other.counts()
        return Score(**{name: mine[name] + theirs[name] for name in mine})

    def counts(self) -> dict[str, Any]:
        """The counts by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}
