"""Who was on the call: from the participants of a room to the parties of a recording."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance.intake import clues
from compliance.records import Clue, Party, Role

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_PEOPLE = frozenset({"sip", "standard", "connector", "bridge"})
AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One participant of a room, unsealed."""

    kind: str
    """LiveKit's kind in lower case."""
    joined_at_ms: int | None
    number: str | None = field(repr=False)
    trunk_number: str | None = field(repr=False)
    clues: tuple[Clue, ...] = ()
    """What their attributes tell of where they are."""


def e164(number: str | None) -> str | None:
    """The number in E.164, or None for what is not certainly one.

    Withheld numbers arrive as ``anonymous`` or an extension.  Without its plus a
    number is not read as one of North America: it may be anybody's national
    number, and an area code read wrongly could choose a milder law.
    """
    if number is None:
        return None
    bare = re.sub(r"[ ().-]", "", number)
    return bare if _E164.fullmatch(bare) else None


def parties_of(
    people: Sequence[Participant],
    *,
    roles: Sequence[Role],
    started_at_ms: int | None,
    business_number: str | None,
) -> tuple[Party, ...]:
    """The agent's side, and each person on the other; an unknown caller where nobody is known.

    LiveKit's webhooks come in any order and are not promised: an egress may end
    of which no participant was ever told.  The agent's number is the trunk's,
    the business's own, whoever placed the call; where the room had several
    trunks, each of their numbers counts.
    """
    others = [each for each in people if each.kind in _PEOPLE]
    callers = tuple(
        Party(
            role=Role.CALLER,
            number=e164(each.number),
            channel=_channel(roles, Role.CALLER),
            joined_ms=_since(started_at_ms, each.joined_at_ms),
            clues=each.clues,
        )
        for each in others
    )
    return (_agent(people, roles, started_at_ms, business_number), *(callers or (unknown_caller(roles),)))


def unknown_caller(roles: Sequence[Role]) -> Party:
    """A caller of whom nothing is known; the strictest law applies."""
    return Party(role=Role.CALLER, number=None, channel=_channel(roles, Role.CALLER), joined_ms=None)


def _agent(
    people: Sequence[Participant],
    roles: Sequence[Role],
    started_at_ms: int | None,
    business_number: str | None,
) -> Party:
    agents = [each for each in people if each.kind == AGENT]
    trunks = sorted({found for each in people if (found := e164(each.trunk_number)) is not None})
    joined = [each.joined_at_ms for each in agents if each.joined_at_ms]
    return Party(
        role=Role.AGENT,
        number=trunks[0] if trunks else business_number,
        channel=_channel(roles, Role.AGENT),
        joined_ms=_since(started_at_ms, min(joined, default=None)),
        clues=(
            *(Clue(evidence="number", value=each) for each in trunks[1:]),
            *(clue for each in agents for clue in each.clues),
        ),
    )


def _channel(roles: Sequence[Role], role: Role) -> int | None:
    return roles.index(role) if role in roles else None


def _since(started_at_ms: int | None, joined_at_ms: int | None) -> int | None:
    if started_at_ms is None or joined_at_ms is None:
        return None
    return joined_at_ms - started_at_ms


def to_json(parties: Iterable[Party]) -> list[dict[str, Any]]:
    """The parties as JSON, numbers and all, to be sealed."""
    return [
        {
            "role": each.role.value,
            "number": each.number,
            "channel": each.channel,
            "joined_ms": each.joined_ms,
            "clues": clues.to_json(each.clues),
        }
        for each in parties
    ]


def from_json(values: Iterable[dict[str, Any]]) -> tuple[Party, ...]:
    """The parties that ``to_json`` wrote, also before it wrote clues."""
    return tuple(
        Party(**{**each, "role": Role(each["role"]), "clues": clues.from_json(each.get("clues", ()))})
        for each in values
    )


def participant_from(kind: str | None, joined_at_ms: int | None, opened: bytes | None) -> Participant:
    """A participant from its row, the sealed part opened."""
    secret = json.loads(opened) if opened else {}
    return Participant(
        kind=kind or "",
        joined_at_ms=joined_at_ms,
        number=secret.get("number"),
        trunk_number=secret.get("trunk_number"),
        clues=clues.from_json(secret.get("clues", ())),
    )
