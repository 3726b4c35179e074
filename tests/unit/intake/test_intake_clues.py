"""What attributes tell of a place is picked out by name; what nobody named is not kept."""

from __future__ import annotations

import json

import pytest

from compliance.intake import clues, parties
from compliance.intake.parties import Participant, parties_of
from compliance.records import Clue, Party, Role

ATTRIBUTES = {
    "sip.phoneNumber": "+14155550142",
    "sip.h.p-asserted-identity": "<sip:+14155550142@carrier.example>",
    "sip.h.x-state": "TX",
    "compliance.place": " US-NV ",
    "account.name": "Ottoline Marsh",
    "compliance.empty": "  ",
}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("compliance.place",), [("attribute", "US-NV")]),
        (("sip.h.x-state", "compliance.place"), [("sip_header", "TX"), ("attribute", "US-NV")]),
        (("sip.h.X-State",), [("sip_header", "TX")]),  # header names have no case
        (("compliance.empty", "compliance.absent"), []),
        ((), []),
    ],
)
def test_only_attributes_that_are_named_are_kept(
    names: tuple[str, ...], found: list[tuple[str, str]]
) -> None:
    """In the order in which they are named, headers told apart from what the business's app says."""
    assert [(each.evidence, each.value) for each in clues.clues_of(ATTRIBUTES, names)] == found


def test_a_value_that_is_too_long_is_cut() -> None:
    """Nobody fills the database through a SIP header."""
    [clue] = clues.clues_of({"sip.h.x": "y" * 10_000}, ("sip.h.x",))

    assert len(clue.value) == 256


def test_parties_come_back_from_json_as_they_were() -> None:
    """Clues and all; and those that were sealed before there were clues."""
    clue = Clue(evidence="attribute", value="US-NV")
    party = Party(role=Role.CALLER, number="+14155550142", channel=1, joined_ms=0, clues=(clue,))
    plain = json.loads(json.dumps(parties.to_json([party])))
    older = {name: value for name, value in plain[0].items() if name != "clues"}

    assert parties.from_json(plain) == (party,)
    assert parties.from_json([older])[0].clues == ()


def _participant(kind: str, **told: object) -> Participant:
    known: dict[str, object] = {"joined_at_ms": None, "number": None, "trunk_number": None}
    return Participant(kind=kind, **(known | told))  # type: ignore[arg-type]


def _parties(*people: Participant) -> dict[Role, Party]:
    roles = (Role.AGENT, Role.CALLER)
    found = parties_of(people, roles=roles, started_at_ms=None, business_number="+12145550188")
    return {party.role: party for party in found}


def test_what_an_agent_tells_is_of_the_agents_side() -> None:
    """A caller's attributes are theirs, an agent's are the business's."""
    told = {side: Clue(evidence="attribute", value=side) for side in ("US-NV", "US-TX")}
    found = _parties(
        _participant("sip", clues=(told["US-NV"],)), _participant("agent", clues=(told["US-TX"],))
    )

    assert found[Role.CALLER].clues == (told["US-NV"],)
    assert found[Role.AGENT].clues == (told["US-TX"],)


def test_every_trunk_of_a_room_counts() -> None:
    """A call that came in by one number and was sent on by another touches the places of both."""
    found = _parties(
        _participant("sip", trunk_number="+14155550142"), _participant("sip", trunk_number="+12065550115")
    )

    assert found[Role.AGENT].number == "+12065550115"
    assert [(each.evidence, each.value) for each in found[Role.AGENT].clues] == [("number", "+14155550142")]


def test_a_room_without_a_trunk_has_the_number_that_is_set() -> None:
    """The business's own, as the deployment names it."""
    assert _parties(_participant("sip"))[Role.AGENT].number == "+12145550188"
