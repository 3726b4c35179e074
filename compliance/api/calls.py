"""A call about which is asked: the body of the request, read strictly, and what is found for it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError

from compliance.consent.jurisdiction import declared
from compliance.consent.law import Law
from compliance.consent.requirements import Requirements, of_call
from compliance.errors import ArgumentInvalid
from compliance.intake.clues import clues_of
from compliance.records import AgentKind, Clue, Party, Role
from compliance.settings import Settings

_CALLER, _TRUNK = "sip.phoneNumber", "sip.trunkPhoneNumber"


def _day(value: object) -> object:
    """Take ``2026-11-22`` and nothing looser."""
    if value is not None and (not isinstance(value, str) or len(value) != 10):
        raise ValueError("expected a date as YYYY-MM-DD")
    return None if value is None else date.fromisoformat(value)


def _attributes(value: object) -> object:
    """Names and texts; told as one fault, since a name may itself hold a number."""
    values = list(value.values()) if isinstance(value, dict) and len(value) <= 100 else [None]
    if not all(isinstance(each, str) and len(each) <= 4096 for each in values):
        raise ValueError("expected texts by name")
    return value


Text = Annotated[str, Field(max_length=256)]


class _Door(BaseModel):
    """Refuses keys it does not know, and never prints what it was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Side(_Door):
    """One party of the call, as far as it is known."""

    number: Text | None = Field(default=None, repr=False, description="E.164; null where it is withheld.")
    places: tuple[Text, ...] = Field(
        default=(), max_length=16, repr=False, description="Where the business says that they are (US-CA)."
    )
    attributes: Annotated[dict[str, str], BeforeValidator(_attributes)] = Field(
        default_factory=dict,
        repr=False,
        description="Attributes of LiveKit's participant; those that the settings name are read.",
    )


class Call(_Door):
    """A call about which is asked."""

    callers: tuple[Side, ...] = Field(
        default=(), max_length=32, description="Everyone who is not the business; none: an unknown caller."
    )
    business: Side = Field(
        default=Side(), description="The business's side; its number may come from settings."
    )
    agent: AgentKind | None = Field(default=None, description="ai or human; null: as the deployment is set.")
    day: Annotated[date | None, BeforeValidator(_day)] = Field(
        default=None, alias="date", description="The day of the call, YYYY-MM-DD; null: today (UTC)."
    )
    ask: StrictBool = Field(
        default=False,
        description="Ask for a yes where all parties must agree, even if the deployment does not.",
    )


def call_of(body: bytes) -> Call:
    """The body as a call.

    Raises:
        ArgumentInvalid: naming the fields at fault; a name that nobody knows is input too, and not told.
    """
    try:
        return Call.model_validate_json(body)
    except ValidationError as error:
        known = (each["loc"] for each in error.errors() if each["type"] != "extra_forbidden")
        named = sorted({".".join(str(part) for part in place) for place in known if place})
        raise ArgumentInvalid(f"not acceptable: {', '.join(named) or 'the body'}") from None


def found_for(call: Call, law: Law, settings: Settings, *, now_ms: int) -> Requirements:
    """The requirements of a call, what is not said of it taken from the settings."""
    names = settings.place_attributes
    return of_call(
        [*_callers(call.callers or (Side(),), names), *_business(call, settings)],
        law,
        declared=declared(
            business=settings.business_places, agent=settings.agent_place, recorder=settings.recorder_region
        ),
        agent=call.agent or AgentKind(settings.agent_kind),
        day=call.day or datetime.fromtimestamp(now_ms / 1000, UTC).date(),
        explicit_consent=call.ask or settings.explicit_consent,
    )


def _callers(sides: Iterable[Side], names: tuple[str, ...]) -> list[Party]:
    return [_party(Role.CALLER, side, side.number or side.attributes.get(_CALLER), names) for side in sides]


def _business(call: Call, settings: Settings) -> list[Party]:
    """The business by its own number, by every trunk of its callers, or by the settings."""
    trunks = {side.attributes[_TRUNK] for side in call.callers if side.attributes.get(_TRUNK)}
    given: list[str | None] = [call.business.number] if call.business.number else [*sorted(trunks)]
    return [
        _party(Role.AGENT, call.business, number, settings.place_attributes)
        for number in given or [settings.business_number]
    ]


def _party(role: Role, side: Side, number: str | None, names: tuple[str, ...]) -> Party:
    told = tuple(Clue(evidence="declared", value=place) for place in side.places)
    clues = (*told, *clues_of(side.attributes, names))
    return Party(role=role, number=number, channel=None, joined_ms=None, clues=clues)
