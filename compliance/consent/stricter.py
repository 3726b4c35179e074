"""Which of two rules asks for more.

A **partial order** on what a rule *asks for*, so that a customer's overlay can be
shown to tighten the law and never to loosen it.  Rule B is at least as strict as
rule A, A <= B, where B asks for all that A asks for, in every one of these respects:

1. parties: one party's agreement <= all parties' (a rule known from memory counts
   as all-party);
2. wording, under all-party: "may be recorded" <= only "is recorded";
3. agreement, under all-party: the notice alone <= going on after it <= a yes in words;
4. tone, under all-party: a tone alone is notice <= it is not;
5. place of the notice: anywhere <= inside the recording;
6. extras: each obligation of A is one of B's, and what meets it there meets it here
   (a firm notice <= a firm notice and a word about court).

Under a one-party rule nobody has to be told, so (2) to (4) ask for nothing.  What
is written for people (summary, statutes, penalties) asks for nothing either.

Two rules may each ask for something the other does not: then neither is the
stricter, and the change from one to the other loosens something.

It is reflexive and transitive, and rules that are each at least as strict as the
other ask for the same (antisymmetry, up to the words).  Every respect is monotone in
the verdict: what is satisfied under B is satisfied under A.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from compliance.consent.law import AiRule, Continuing, Rule, When, Wording

_AGREEMENT = {
    Continuing.NOTICE_IS_ENOUGH: 1,
    Continuing.CONSENT: 2,
    # Of a one-party rule known from memory, under which all must agree: going on is asked, as of any other.
    Continuing.NOT_NEEDED: 2,
    Continuing.NOT_ENOUGH: 3,
}
_NEEDS = {"notice-is": 1, "use-in-court": 2}
_WHEN = {When.NOT_ON_CALLS: 0, When.ON_REQUEST: 1, When.AT_START: 2}


class Change(StrEnum):
    """What the step from one rule to another does."""

    SAME = "same"
    """It asks for the same, whatever the words."""
    STRICTER = "stricter"
    LOOSER = "looser"
    UNLIKE = "unlike"
    """It asks for something more and for something less, and so loosens too."""

    @property
    def loosens(self) -> bool:
        """Whether something that was asked for no longer is."""
        return self in (Change.LOOSER, Change.UNLIKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a rule asks for, each respect as a number that grows with the demand."""

    parties: int
    wording: int
    agreement: int
    tone: int
    inside: int
    extras: frozenset[tuple[str, int]]

    def covers(self, other: Asks) -> bool:
        """Whether this asks for all that the other asks for."""
        mine = dict(self.extras)
        return (
            self.parties >= other.parties
            and self.wording >= other.wording
            and self.agreement >= other.agreement
            and self.tone >= other.tone
            and self.inside >= other.inside
            and all(mine.get(obligation, 0) >= needs for obligation, needs in other.extras)
        )


def asks(rule: Rule) -> Asks:
    """What a rule asks for; the numbers are explained at the top."""
    strict = rule.is_all_party
    extras: dict[str, int] = {}
    for each in rule.extras:
        extras[each.obligation] = max(extras.get(each.obligation, 0), _NEEDS[each.needs])
    return Asks(
        parties=int(strict),
        wording=int(strict and rule.wording is Wording.IS),
        agreement=_AGREEMENT[rule.continuing] if strict else 0,
        tone=int(strict and not rule.tone_is_notice),
        inside=int(rule.is_inside_recording),
        extras=frozenset(extras.items()),
    )


def change(old: Rule, new: Rule) -> Change:
    """What the step from one rule on recording to another does."""
    before, after = asks(old), asks(new)
    return _change(is_up=after.covers(before), is_down=before.covers(after))


def ai_change(old: AiRule | None, new: AiRule | None) -> Change:
    """What the step from one version of a law on AI disclosure to another does; None asks for nothing.

    Later in the order is what is asked earlier in the call (nothing, when asked,
    at the start), and what is not confined to some calls.
    """
    return _change(is_up=_ai_covers(new, old), is_down=_ai_covers(old, new))


def _change(*, is_up: bool, is_down: bool) -> Change:
    match is_up, is_down:
        case True, True:
            return Change.SAME
        case True, False:
            return Change.STRICTER
        case False, True:
            return Change.LOOSER
        case _:
            return Change.UNLIKE


def _ai_covers(mine: AiRule | None, other: AiRule | None) -> bool:
    """Whether mine asks for all that the other asks for."""
    if other is None or other.when is When.NOT_ON_CALLS:
        return True
    return (
        mine is not None
        and mine.jurisdiction == other.jurisdiction
        and _WHEN[mine.when] >= _WHEN[other.when]
        and mine.condition in (None, other.condition)
    )
