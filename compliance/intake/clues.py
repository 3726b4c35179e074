"""What a participant's attributes tell of where they are, picked out and not read.

Reading a place is the business of consent; intake only keeps what was told,
and keeps no attribute that nobody named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance.records import Clue

_HEADER = "sip.h."
"""How LiveKit names a SIP header that the trunk is told to pass on (``include_headers``)."""
_LONGEST = 256
"""Characters of a value that are kept; a place or a number is far shorter."""


def clues_of(attributes: Mapping[str, str], names: Sequence[str]) -> tuple[Clue, ...]:
    """The attributes of these names that are there, in the order of the names.

    Headers are told apart, since whoever places a call can write them.
    Attribute names are compared without regard to case, as header names are.
    """
    given = {name.lower(): value for name, value in attributes.items()}
    return tuple(
        Clue(
            evidence="sip_header" if name.lower().startswith(_HEADER) else "attribute",
            value=given[name.lower()].strip()[:_LONGEST],
        )
        for name in names
        if given.get(name.lower(), "").strip()
    )


def to_json(clues: Iterable[Clue]) -> list[dict[str, str]]:
    """Clues as JSON, values and all, to be sealed."""
    return [{"evidence": each.evidence, "value": each.value} for each in clues]


def from_json(values: Iterable[Mapping[str, Any]]) -> tuple[Clue, ...]:
    """The clues that ``to_json`` wrote."""
    return tuple(Clue(evidence=str(each["evidence"]), value=str(each["value"])) for each in values)
