"""Who was where: the places whose law may govern a call, with the evidence for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from compliance.consent.law import UNKNOWN
from compliance.records import Party, Place, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a number points, and how far that can be trusted."""

    jurisdiction: str
    evidence: str
    is_weak: bool


Locate = Callable[[str], Whereabouts]
"""From an E.164 number to its place; ``phone.locate`` outside tests."""


def places(parties: Iterable[Party], locate: Locate, *, declared: Sequence[Place] = ()) -> tuple[Place, ...]:
    """Every place that may count, both sides always among them.

    A side of which nothing was said is unknown, so that leaving a party out
    never loosens the verdict.  A place declared by the business stands in for
    one that is unknown, and beside one that a number shows; where the recorder
    runs is nobody's side and stands in for none.
    """
    told = {place.role for place in declared if place.role is not Role.UNKNOWN}
    shown = [_place(party, locate) for party in parties]
    kept = [place for place in shown if place.jurisdiction != UNKNOWN or place.role not in told]
    roles = {place.role for place in kept} | told
    absent = [_unknown(role, "not_given") for role in (Role.CALLER, Role.AGENT) if role not in roles]
    return tuple(dict.fromkeys([*kept, *declared, *absent]))


def _place(party: Party, locate: Locate) -> Place:
    if not party.number:
        return _unknown(party.role, "withheld")
    found = locate(party.number)
    return Place(
        jurisdiction=found.jurisdiction, role=party.role, evidence=found.evidence, is_weak=found.is_weak
    )


def _unknown(role: Role, evidence: str) -> Place:
    return Place(jurisdiction=UNKNOWN, role=role, evidence=evidence, is_weak=True)
