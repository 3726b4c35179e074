"""Whose law governs a call between two places: what courts and statutes say, and how far it goes.

There is no settled answer, so the strictest law that may apply is applied.
Each ground is given only where it bears on the places at hand, with what it
does not say, and with how well it is known.  Not legal advice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from compliance.consent.law import UNKNOWN, Confidence
from compliance.records import Place, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A decision or a statute that bears on calls into or out of one place."""

    jurisdiction: str
    citation: str
    text: str
    confidence: Confidence


KEARNEY = Ground(
    jurisdiction="US-CA",
    citation="Kearney v. Salomon Smith Barney, Inc., 39 Cal. 4th 95 (2006)",
    text="California's all-party rule was held to govern calls between an office in Georgia and clients in "
    "California from then on; for damages on earlier calls Georgia's law was applied, so this is less than a "
    "rule that the strictest law always wins",
    confidence=Confidence.VERIFIED,
)
DITECH = Ground(
    jurisdiction="US-NV",
    citation="Ditech Financial LLC v. Buckles, 401 P.3d 215 (Nev. 2017)",
    text="Nevada's statute was held not to reach a recording made outside Nevada with equipment outside it; "
    "this points the other way, and is not relied on here to loosen anything",
    confidence=Confidence.VERIFIED,
)
WASHINGTON = Ground(
    jurisdiction="US-WA",
    citation="Wash. Rev. Code § 9.73.030(1)(a)",
    text="Washington's own text covers communications between points within or without the state",
    confidence=Confidence.VERIFIED,
)
GROUNDS = (KEARNEY, DITECH, WASHINGTON)


def grounds(places: Sequence[Place]) -> Iterator[str]:
    """For a call with more than one place: why the strictest rule is taken, and what bears on it."""
    found = {place.jurisdiction for place in places}
    if len(found) < 2:
        return
    yield _position(found)
    for ground in GROUNDS:
        if _bears(ground, places):
            yield f"{ground.citation}: {ground.text} ({ground.confidence})."


def _position(found: set[str]) -> str:
    """That taking the strictest is a choice of prudence."""
    named = [*sorted(found - {UNKNOWN}), *(["a place that is not known"] if UNKNOWN in found else [])]
    is_abroad = any(not code.startswith("US") for code in found - {UNKNOWN})
    unsettled = "Nothing settles" if is_abroad else "No federal rule says"
    return (
        f"The call may lie under the law of several places ({', '.join(named)}). {unsettled} whose law "
        "governs such a call and courts differ, so the strictest that may apply is taken: prudence, not "
        "settled law."
    )


def _bears(ground: Ground, places: Sequence[Place]) -> bool:
    """Whether a ground speaks of this call: its place is among the places.

    Ditech speaks only of one who records from outside Nevada, so it is silent
    where business and recorder are all there.
    """
    if ground.jurisdiction not in {place.jurisdiction for place in places}:
        return False
    recording = {place.jurisdiction for place in places if place.role is not Role.CALLER}
    return ground is not DITECH or recording != {ground.jurisdiction}
