"""The shape of a policy file: what its keys are and which of them contradict each other.

Pydantic stands at this door only; inside, rules are the frozen values of ``law``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from compliance.consent.law import Confidence, Continuing, Kind, Wording


def _day(value: object) -> object:
    """Take ``2026-11-22`` and nothing looser: no times, no numbers."""
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("expected a date as YYYY-MM-DD")
    return date.fromisoformat(value)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_day)]


class Door(BaseModel):
    """Refuses keys it does not know, and never prints what it was given."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Effective(Door):
    """The days from and until which a version is in force; null is open."""

    since: Day | None = Field(alias="from")
    until: Day | None


class Notice(Door):
    """What a notice must say, and how."""

    wording: Wording
    inside_recording: StrictBool
    contents: Texts
    tone: Text


class Extra(Door):
    """A demand beyond the lawful making of the recording."""

    obligation: Annotated[str, StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$")]
    needs: Literal["notice-is", "use-in-court"]
    text: Text


class Penalties(Door):
    """What is at stake."""

    criminal: Text
    civil: Text


class Version(Door):
    """One rule in one period."""

    effective: Effective
    rule: Kind
    treat_as: Literal["one-party", "all-party"]
    condition: Text | None
    summary: Text
    notice: Notice
    continuing: Continuing
    extra: tuple[Extra, ...]
    statutes: Texts
    cases: tuple[Text, ...]
    penalties: Penalties
    cross_border: Text
    confidence: Confidence
    checked_on: Day
    unverified: tuple[Text, ...]
    sources: Texts

    @model_validator(mode="after")
    def _agrees(self) -> Version:
        """A mixed rule says on what it turns; a plain one is treated as what it is."""
        if (self.rule is Kind.MIXED) != (self.condition is not None):
            raise ValueError("a mixed rule, and only a mixed rule, has a condition")
        if self.rule is Kind.ALL_PARTY and self.treat_as != "all-party":
            raise ValueError("an all-party rule cannot be treated as one-party")
        if self.effective.since and self.effective.until and self.effective.until < self.effective.since:
            raise ValueError("effective ends before it begins")
        return self


class Jurisdiction(Door):
    """A file in ``consent/``."""

    schema_: Literal["compliance/consent-policy/1"] = Field(alias="schema")
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
    name: Text
    versions: Annotated[tuple[Version, ...], Field(min_length=1)]


class Script(Door):
    """A certified wording."""

    text: Text
    wording: Wording = Wording.IS


class AiRule(Door):
    """A law that asks a machine to say that it is one."""

    jurisdiction: Text
    citation: Text
    trigger: Text
    confidence: Confidence
    since: Day | None = Field(alias="from")


class Disclosure(Door):
    """The file ``disclosure.yaml``."""

    schema_: Literal["compliance/disclosure/1"] = Field(alias="schema")
    suggested: Text
    recording_scripts: tuple[Script, ...]
    ai_scripts: tuple[Script, ...]
    ai_rules: tuple[AiRule, ...]
