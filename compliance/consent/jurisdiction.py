"""Who was where: the places whose law may govern a call, with the evidence for each.

Each party has a set of places, since evidence can contradict itself; all of
them count.  Only what the business itself says of a party stands in for a place
that is not known; what a stranger can write, such as a SIP header, adds a place
and removes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from compliance.consent import written
from compliance.consent.law import UNKNOWN
from compliance.records import Clue, Party, Place, Role

_ORDER = {Role.AGENT: 0, Role.CALLER: 1, Role.UNKNOWN: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a number points, and how far that can be trusted."""

    jurisdiction: str
    evidence: str
    is_weak: bool


Locate = Callable[[str], Whereabouts]
"""From an E.164 number to its place; ``phone.locate`` outside tests."""


def places(parties: Iterable[Party], locate: Locate, *, declared: Sequence[Place] = ()) -> tuple[Place, ...]:
    """Every place that may count, both sides always among them, in an order of their own.

    A side of which nothing was said is unknown, so that leaving a party out
    never loosens the verdict.  A place declared by the business stands in for
    one that is unknown, and beside one that a number shows; where the recorder
    runs is nobody's side and stands in for none.
    """
    told = {place.role for place in declared if _is_told(place)}
    shown = [place for party in parties for place in _of(party, locate, is_declared=party.role in told)]
    roles = {place.role for place in shown} | told
    absent = [_unknown(role, "not_given") for role in (Role.CALLER, Role.AGENT) if role not in roles]
    return tuple(sorted({*shown, *declared, *absent}, key=_order))


def declared(
    *,
    business: Iterable[str] = (),
    agent: str | None = None,
    caller: Iterable[str] = (),
    recorder: str | None = None,
) -> tuple[Place, ...]:
    """Places that the deployment or a request declares, as they were written there.

    The recorder is on nobody's side.  What cannot be read is unknown, and counts.
    """
    ours = [*business, *([agent] if agent else ())]
    return (
        *(_declared(code, Role.AGENT) for text in ours for code in written.codes(text)),
        *(_declared(code, Role.CALLER) for text in caller for code in written.codes(text)),
        *(
            Place(jurisdiction=code, role=Role.UNKNOWN, evidence="recorder_region", is_weak=code == UNKNOWN)
            for code in (written.codes(recorder) if recorder else ())
        ),
    )


def _of(party: Party, locate: Locate, *, is_declared: bool) -> Iterator[Place]:
    """The places of one party: by the number, and by everything else that was told."""
    clues = [place for clue in party.clues for place in _read(clue, party.role, locate)]
    number = _by_number(party, locate)
    if number.jurisdiction != UNKNOWN or not (is_declared or any(_is_told(place) for place in clues)):
        yield number
    yield from clues


def _by_number(party: Party, locate: Locate) -> Place:
    if not party.number:
        return _unknown(party.role, "withheld")
    return _placed(locate(party.number), party.role)


def _read(clue: Clue, role: Role, locate: Locate) -> Iterator[Place]:
    """What a clue says: places by name, or those of the numbers in it; unknown where it says neither."""
    found = written.numbers(clue.value)
    if clue.evidence == "number":
        yield from (_placed(locate(number), role) for number in found or (clue.value,))
        return
    codes = [locate(number).jurisdiction for number in found] or written.codes(clue.value)
    is_header = clue.evidence == "sip_header"
    for code in codes:
        is_weak = is_header or bool(found) or code == UNKNOWN
        yield Place(jurisdiction=code, role=role, evidence=clue.evidence, is_weak=is_weak)


def _is_told(place: Place) -> bool:
    """Whether somebody of ours says where a side is, so that the number need not."""
    return place.role is not Role.UNKNOWN and place.jurisdiction != UNKNOWN and not place.is_weak


def _placed(found: Whereabouts, role: Role) -> Place:
    return Place(jurisdiction=found.jurisdiction, role=role, evidence=found.evidence, is_weak=found.is_weak)


def _declared(code: str, role: Role) -> Place:
    return Place(jurisdiction=code, role=role, evidence="declared", is_weak=code == UNKNOWN)


def _unknown(role: Role, evidence: str) -> Place:
    return Place(jurisdiction=UNKNOWN, role=role, evidence=evidence, is_weak=True)


def _order(place: Place) -> tuple[int, str, str, bool]:
    """By side, place and evidence, so that a verdict does not hang on who was named first."""
    return (_ORDER[place.role], place.jurisdiction, place.evidence, place.is_weak)
