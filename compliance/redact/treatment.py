"""What a profile does with a find: the action for its kind, and the scores from which it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance.records import Action, Entity
from compliance.redact.detect.document import Document, Found
from compliance.redact.detect.rules import Rule
from compliance.redact.speech.numbers import value


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Scores of a kind: from ``cut`` on the profile's action holds, from ``review`` on cut and reviewed."""

    cut: float = 0.0
    review: float = 0.0


EVERYTHING = Lines()
"""Without lines of its own a kind is treated whatever its score."""
_RANK = {
    Action.KEEP: 0,
    Action.KEEP_LAST_FOUR: 1,
    Action.KEEP_FIRST_THREE: 1,
    Action.REVIEW: 2,
    Action.CUT: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """The part of a profile that finding things needs."""

    actions: Mapping[Entity, Action]
    lines: Mapping[Entity, Lines] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    """The profile's own patterns and words."""
    ages_kept_to: int | None = None
    """Ages up to this one stay; unset: ages are treated like any kind."""

    def of(self, document: Document, found: Found) -> Action | None:
        """What is done with a find; None where its score lies below the review line."""
        if found.entity is Entity.AGE and self._is_kept_age(document, found):
            return Action.KEEP
        return self.action(found.entity, found.score)

    def action(self, entity: Entity, score: float) -> Action | None:
        """What is done with a kind at a score: below the cut line it is cut and reviewed, never kept."""
        action, lines = self.actions.get(entity, Action.CUT), self.lines.get(entity, EVERYTHING)
        if action is Action.KEEP:
            return action
        if score < lines.review:
            return None
        return Action.REVIEW if score < lines.cut else action

    def _is_kept_age(self, document: Document, found: Found) -> bool:
        """Whether an age may stay: one or two digits that were read plainly.  In doubt it does not."""
        digits = value([document.tokens[i] for i in document.own(found)])
        is_plain = digits.isascii() and len(digits) in (1, 2) and not digits.startswith("0")
        return self.ages_kept_to is not None and is_plain and int(digits) <= self.ages_kept_to


def rank(action: Action | None) -> int:
    """How much an action takes away; what takes more is never hidden by a longer find that takes less."""
    return -1 if action is None else _RANK[action]
