"""Before a call: what must be said, when and why, and words that meet it all.

From the same places, rules and ears as the verdict afterwards, so that an agent
who follows the advice is judged to have been lawful.  Not legal advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.consent import phone, reasons
from compliance.consent.demand import Demand, demand
from compliance.consent.jurisdiction import Locate, places
from compliance.consent.law import Disclosure, Law
from compliance.consent.opening import TRUE_ANSWER, Needs, Opening, opening
from compliance.consent.to_say import Requirement, to_say
from compliance.records import AgentKind, Party, Place, PolicyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """All that is to be known before a call."""

    asked: Demand
    day: date
    agent: AgentKind
    to_say: tuple[Requirement, ...]
    opening: Opening

    @property
    def must_ask(self) -> bool:
        """Whether consent is asked for; once it is, a yes is needed to go on recording."""
        return self.opening.question is not None

    @property
    def true_answer(self) -> str | None:
        """What to answer when asked whether one is a machine; None for a person, who needs no advice."""
        return TRUE_ANSWER if self.agent is AgentKind.AI else None

    @property
    def policies(self) -> tuple[PolicyRef, ...]:
        """The policy files that bear on it; for a person, none about machines."""
        about_machines = {rule.policy for rule in self.asked.ai} if self.agent is AgentKind.HUMAN else set()
        return tuple(ref for ref in self.asked.policies if ref not in about_machines)

    @property
    def reasoning(self) -> tuple[str, ...]:
        """The grounds in plain sentences."""
        ai = reasons.of_ai(self.asked) if self.agent is AgentKind.AI else ()
        return (*reasons.of_law(self.asked), *ai)


def of_call(
    parties: Sequence[Party],
    law: Law,
    *,
    declared: Sequence[Place],
    agent: AgentKind,
    day: date,
    explicit_consent: bool,
    locate: Locate = phone.locate,
) -> Requirements:
    """What a call between these parties, on a day, asks of the one who opens it."""
    asked = demand(places(parties, locate, declared=declared), law, on_date=day)
    return requirements(asked, law.disclosure, agent=agent, day=day, explicit_consent=explicit_consent)


def requirements(
    asked: Demand, disclosure: Disclosure, *, agent: AgentKind, day: date, explicit_consent: bool
) -> Requirements:
    """What the demands on a call come to for the one who opens it.

    Consent is asked for where a rule takes nothing but a yes, and where all
    parties must agree and the tenant wants more than a caller who hears the
    notice and goes on.
    """
    needs = Needs(
        is_ai=agent is AgentKind.AI,
        must_say_is=asked.needs_is or any(extra.needs == "notice-is" for extra in asked.extras),
        court=any(extra.needs == "use-in-court" for extra in asked.extras),
        question=asked.needs_answer or (asked.rule.is_all_party and explicit_consent),
    )
    words = opening(needs, disclosure)
    return Requirements(
        asked=asked,
        day=day,
        agent=agent,
        to_say=tuple(to_say(asked, needs, is_asking=words.question is not None)),
        opening=words,
    )
